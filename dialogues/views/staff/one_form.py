"""A page that is one form about something that is no session: a plan, a reception day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, redirect, render_template
from flask_wtf import FlaskForm

from app.access import NotAllowed
from app.assignments.rules import IllegalTransition
from dialogues.views.staff.pages import TOO_LATE, UNPROCESSABLE, attempt


def one_form(
    form: FlaskForm,
    do: Callable[[], Any],
    *,
    title: Any,
    submit: Any,
    done: Any,
    back: str,
    crumb: Any,
    intro: Sequence[Any] = (),
    danger: bool = False,
) -> Any:
    """Show *form*, or run *do* and go back to the address *back*, where *done* is said. *crumb* is what *back* is called."""
    if form.validate_on_submit():
        try:
            if attempt(form, do):
                flash(str(done), "ok")
                return redirect(back, 303)
        except (IllegalTransition, NotAllowed):
            flash(str(TOO_LATE), "warn")
            return redirect(back, 303)
    first = getattr(form, "field_order", ())
    fields = sorted(form, key=lambda field: first.index(field.short_name) if field.short_name in first else len(first))
    body = render_template(
        "dialogues/staff/one_form.html",
        form=form,
        fields=fields,
        title=title,
        submit=submit,
        back=back,
        crumb=crumb,
        intro=intro,
        danger=danger,
    )
    return body, UNPROCESSABLE if form.errors or form.form_errors else 200
