"""What the staff's pages of oversight share: the blueprint, the rooms, the step one may take, the page that is one form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app import navigation
from app.access import NotAllowed, signed_in
from app.assignments.rules import IllegalTransition
from app.database import db

bp = Blueprint("oversight", "oversight", url_prefix="/can-bo", template_folder="templates")

UNPROCESSABLE = 422
#: The rooms, as tabs below the bar: who may use which follows from its permissions.
MENU = "oversight"
TOO_LATE = _l("Việc này vừa được người khác làm hoặc đã sang bước sau. Trang dưới đây là tình trạng lúc này.")

#: Every refusal of an operation, as the sentence that says what to do; each room adds its own.
REFUSALS: dict[type[Exception], Any] = {}


@bp.get("/theo-doi")
@signed_in
def first_room() -> Response:
    """Lead to the first room that this person may use."""
    rooms = navigation.entries(MENU)
    if not rooms:
        abort(403)
    return redirect(url_for(rooms[0].endpoint))


def attempt(form: Any, do: Callable[[], Any]) -> bool:
    """Run the operation *do* and commit. Refused, its sentence stands at the form, nothing is stored and False returned.

    :raise IllegalTransition: :raise NotAllowed: when somebody else was faster.
    """
    try:
        do()
        db.session.commit()
    except tuple(REFUSALS) as refusal:
        db.session.rollback()
        form.form_errors.append(str(REFUSALS[type(refusal)]) % vars(refusal))
    except (IllegalTransition, NotAllowed):
        db.session.rollback()
        raise
    else:
        return True
    return False


def one_form(form: FlaskForm, do: Callable[[], Any], *, done: Any, back: str, **page: Any) -> Any:
    """Show *form*, or run *do* and go back to the address *back*, where *done* is said. *page* is what `page_of` takes."""
    if form.validate_on_submit():
        try:
            if attempt(form, do):
                flash(str(done() if callable(done) else done), "ok")
                return redirect(back, 303)
        except (IllegalTransition, NotAllowed):
            flash(str(TOO_LATE), "warn")
            return redirect(back, 303)
    return page_of(form, back=back, **page)


def press(do: Callable[[], Any], *, done: Any, back: str) -> Response:
    """Do one thing by the press of a button, and go back to the address *back*, where *done* is said, or why it was refused."""
    button = FlaskForm()
    if not button.validate_on_submit():
        abort(400)
    try:
        if attempt(button, do):
            flash(str(done), "ok")
        else:
            flash(" ".join(button.form_errors), "warn")
    except (IllegalTransition, NotAllowed):
        flash(str(TOO_LATE), "warn")
    return redirect(back, 303)


def page_of(form: FlaskForm, *, title: Any, submit: Any, template: str = "oversight/staff/one_form.html", **more: Any) -> tuple[str, int]:
    """Return the page that is *form*, 422 where it was refused; *more* is named in the template one_form.html of the core."""
    first = getattr(form, "field_order", ())
    fields = sorted(form, key=lambda field: first.index(field.short_name) if field.short_name in first else len(first))
    body = render_template(template, form=form, fields=fields, title=title, submit=submit, **more)
    return body, UNPROCESSABLE if form.errors or form.form_errors else 200
