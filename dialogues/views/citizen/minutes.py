"""Whoever was there reads the minutes with the code from the door, and says what they have wrong: `/doi-thoai/<code>/gop-y-bien-ban`."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, csrf
from app.access import public
from app.database import db
from app.limits import limiter
from dialogues import words
from dialogues.forms.minutes import CorrectionForm
from dialogues.models import Attendance, Session
from dialogues.operations import minutes
from dialogues.views.citizen.sessions import load

bp = Blueprint("dialogues_minutes", "dialogues", url_prefix="/doi-thoai", template_folder="templates")

UNPROCESSABLE = 422
# It counts wrong codes only: a whole hall may sit behind one address.
_wrong_codes = limiter.limit("60 per hour")


def init_app(app: Flask) -> None:
    """Register the page."""
    app.register_blueprint(bp)
    csrf.exempt(bp)  # the form checks its token itself, so that a lost session costs one more press and never what was typed


@bp.get("/<code>/gop-y-bien-ban")
@public
def correct(code: str) -> Response:
    """Ask for the code from the door."""
    return _show(load(code), CorrectionForm(formdata=None))


@bp.post("/<code>/gop-y-bien-ban")
@public
def send_correction(code: str) -> Response:
    """Show the minutes to whoever was there; take what they say is wrong, and show what became of it. A second press adds nothing."""
    session, form = load(code), CorrectionForm()
    fine = form.validate_on_submit()
    there = minutes.present_with(session, form.code.data) if form.code.data else None
    if there is not None and not minutes.takes_corrections(session, clock.now()):
        form.code.errors, form.text.errors = [], []
        return _show(session, form, present=there)
    if form.code.data and not there:
        with _wrong_codes:
            form.code.errors = [_("Không có ai vào cửa bằng mã này. So lại với phiếu đăng ký hoặc giấy mời")]
        form.text.errors = []
        return _show(session, form, UNPROCESSABLE)
    if "text" not in request.form and there and not form.form_errors:
        form.text.errors = []
        return _show(session, form, present=there)
    if not fine or not there:
        return _show(session, form, UNPROCESSABLE, present=there)
    try:
        minutes.propose_correction(session, form.code.data or "", form.text.data or "", token=form.token.data or "", now=clock.now())
    except (minutes.CorrectionsClosed, minutes.NotPresent):
        db.session.rollback()
        return _show(session, form)
    db.session.commit()
    flash(_("Đã nhận góp ý. %(unit)s xem và trả lời nhận hay không, kèm lý do.", unit=session.unit.name), "ok")
    return redirect(url_for("dialogues_sessions.show", code=session.code), 303)


def _show(session: Session, form: CorrectionForm, status: int = 200, *, present: Attendance | None = None) -> Response:
    page = render_template(
        "dialogues/citizen/correct_minutes.html",
        session_=session,
        form=form,
        open=minutes.takes_corrections(session, clock.now()),
        text=session.minutes[-1].text if present and session.minutes else "",
        present=present,
        corrections=minutes.corrections_by(session, present) if present else [],
        states=words.CORRECTION_STATES,
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"  # the minutes name people
    return response
