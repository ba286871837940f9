"""Whoever was there reads the minutes and says what they have wrong: `/doi-thoai/<code>/gop-y-bien-ban`.

They come by the link of their seat or invitation, or with the code from the door and the telephone they gave.
"""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app import clock, csrf
from app.access import public
from app.database import db
from app.headers import unkept
from app.limits import guessed_wrong, guessing
from dialogues import words
from dialogues.forms.minutes import CorrectionForm
from dialogues.models import Attendance, Invitation, Registration, Session
from dialogues.operations import minutes
from dialogues.views.citizen.coming import opened
from dialogues.views.citizen.sessions import load

bp = Blueprint("dialogues_minutes", "dialogues", url_prefix="/doi-thoai", template_folder="templates")

UNPROCESSABLE = 422


def init_app(app: Flask) -> None:
    """Register the page."""
    app.register_blueprint(bp)
    csrf.exempt(bp)  # the form checks its token itself, so that a lost session costs one more press and never what was typed


def _by_link(session: Session) -> Attendance | None:
    """Return the presence of whoever opened the link of their seat or invitation in this browser, and came."""
    row = opened(Registration, session.code) or opened(Invitation, session.code)
    return minutes.present_as(row) if row is not None else None


def _knows_itself() -> bool:
    return _by_link(load((request.view_args or {})["code"])) is not None


@bp.get("/<code>/gop-y-bien-ban")
@public
def correct(code: str) -> Response:
    """Show the minutes to whoever opened their link; ask everybody else for the code from the door."""
    session, form = load(code), CorrectionForm(formdata=None)
    return _show(session, form, present=_by_link(session))


@bp.post("/<code>/gop-y-bien-ban")
@public
@guessing("60 per hour", exempt_when=_knows_itself)
def send_correction(code: str) -> Response:
    """Show the minutes to whoever was there; take what they say is wrong, and show what became of it. A second press adds nothing."""
    session, form, there = load(code), CorrectionForm(), None
    if (there := _by_link(session)) is not None:
        form.code.validators = []
    fine = form.validate_on_submit()
    if there is None and form.code.data:
        there = minutes.present_with(session, form.code.data, form.phone.data or "")
        if there is None:
            guessed_wrong()
            form.code.errors = [_("Không có ai vào cửa bằng mã và số điện thoại này. So lại với phiếu đăng ký hoặc giấy mời")]
            form.text.errors = []
            return _show(session, form, UNPROCESSABLE)
    only_reads = not minutes.takes_corrections(session, clock.now()) or ("text" not in request.form and not form.form_errors)
    if there is not None and only_reads:
        form.code.errors, form.text.errors = [], []
        return _show(session, form, present=there)
    if not fine or not there:
        return _show(session, form, UNPROCESSABLE, present=there)
    try:
        minutes.propose_correction(session, there, form.text.data or "", now=clock.now())
    except (minutes.CorrectionsClosed, minutes.EnoughSaid):
        db.session.rollback()
        form.form_errors.append(_("Đã gửi đủ số lần góp ý. Còn chỗ chưa đúng thì báo trực tiếp %(unit)s.", unit=session.unit.name))
        return _show(session, form, UNPROCESSABLE, present=there)
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
    return unkept(page, status)  # the minutes name people
