"""What those present thought of a session: `/doi-thoai/<code>/danh-gia`, once a device, for two weeks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app import clock, csrf, opening
from app.access import public
from app.database import db
from app.limits import limiter
from dialogues import hall as halls
from dialogues.forms.seats import EvaluationForm
from dialogues.operations import evaluating
from dialogues.views.citizen.device import device, remember
from dialogues.views.citizen.sessions import load

bp = Blueprint("dialogues_evaluating", "dialogues", url_prefix="/doi-thoai", template_folder="templates")

UNPROCESSABLE = 422


def init_app(app: Flask) -> None:
    """Register the page."""
    app.register_blueprint(bp)
    csrf.exempt(bp)  # the form checks its token itself, so that a lost session costs one more press and never what was typed
    opening.takes_new(app, "dialogues_evaluating.evaluate")


@bp.route("/<code>/danh-gia", methods=["GET", "POST"])
@public
@limiter.limit("1200 per hour", methods=["POST"])  # a whole hall has one network
def evaluate(code: str) -> Any:
    """Ask for three marks; say so where it is too early, too late or done."""
    session, form, id_ = load(code), EvaluationForm(), device()
    if form.validate_on_submit():
        try:
            evaluating.evaluate(session, form.marks, device=id_, now=clock.now())
        except (evaluating.EvaluationClosed, evaluating.EvaluatedBefore):
            db.session.rollback()
        else:
            db.session.commit()
            flash(_("Đã ghi đánh giá. %(unit)s đọc để lần sau làm tốt hơn.", unit=session.unit.name), "ok")
            return remember(redirect(url_for("dialogues_sessions.show", code=session.code), 303), id_)
    wrong = form.failed or bool(form.form_errors)
    page = render_template(
        "dialogues/citizen/evaluate.html",
        session_=session,
        form=form,
        open=halls.takes_evaluations(session, clock.now()),
        until=session.held_at + halls.EVALUATED_FOR if session.held_at else None,
        known=evaluating.is_known(session, id_),
    )
    return page, UNPROCESSABLE if wrong else 200
