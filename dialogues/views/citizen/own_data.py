"""What is held of whoever opened the link of a seat or of an invitation: read, taken along, erased. `/doi-thoai/<code>/thong-tin`."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app import clock, csrf
from app.access import public
from app.database import db, writing_first
from app.files import send_made
from app.headers import unkept
from dialogues import held
from dialogues.models import Invitation, Registration
from dialogues.operations import leaving
from dialogues.operations.registering import RegisteringOver
from dialogues.views.citizen.coming import UNPROCESSABLE, opened
from feedback.forms.tracking import ConfirmForm

bp = Blueprint("dialogues_own", "dialogues", url_prefix="/doi-thoai", template_folder="templates")


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
    csrf.exempt(bp)  # the form checks its token itself, as those about a seat do


@bp.route("/<code>/thong-tin", methods=["GET", "POST"])
@public
def own_data(code: str) -> Any:
    """Show it; a press erases it."""
    row, form = _opened(code), ConfirmForm()
    if row is None:
        return render_template("dialogues/citizen/no_link.html"), 404
    if form.validate_on_submit():
        try:
            leaving.erase(row, now=clock.now())
            db.session.commit()
        except RegisteringOver:
            db.session.rollback()
            form.form_errors.append(_("Buổi đối thoại đang diễn ra. Xóa được khi buổi kết thúc."))
        else:
            flash(_("Đã xóa."), "ok")
            return redirect(url_for(".own_data", code=row.session.code), 303)
    page = render_template(
        "dialogues/citizen/own_data.html",
        session_=row.session,
        form=form,
        rows=[{"key": held.CALLED[name], "value": fact} for name, fact in held.facts(row).items()],
        held=leaving.is_held(row),
        seat=isinstance(row, Registration),
        over=leaving.is_over(row.session, clock.now()),
    )
    return unkept(page, UNPROCESSABLE if form.failed or form.form_errors else 200)


@bp.get("/<code>/thong-tin.json")
@public
def take_data(code: str) -> Any:
    """Hand it out as a file to take elsewhere; that it was taken is recorded."""
    row = _opened(code)
    if row is None:
        return render_template("dialogues/citizen/no_link.html"), 404
    with writing_first():
        leaving.taken_along(row, now=clock.now())
    made = json.dumps(held.facts(row), ensure_ascii=False, indent=2)
    return send_made(made.encode(), "application/json; charset=utf-8", f"thong-tin-{row.session.code}.json")


def _opened(code: str) -> Registration | Invitation | None:
    return opened(Registration, code) or opened(Invitation, code)
