"""Asking before a session, without an account: `/doi-thoai/<code>/hoi`; and saying that one wants to know it, too."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app import clock, csrf, locale, opening, proof
from app.access import SENDER, public
from app.database import db
from app.limits import PROVED, limiter
from dialogues import seen
from dialogues.forms.asking import AskForm
from dialogues.models import Question, Session
from dialogues.operations import asking
from dialogues.views.citizen.device import device, remember
from dialogues.views.citizen.sessions import load
from feedback.forms.staff import PressForm
from feedback.operations import intake
from feedback.views.citizen.sending import RECEIPT

bp = Blueprint("dialogues_asking", "dialogues", url_prefix="/doi-thoai")

UNPROCESSABLE = 422

#: Each refusal of a question, and the field that can mend it.
REFUSALS: dict[type[Exception], tuple[str, Any]] = {
    asking.EarlierUnknown: ("earlier_code", _l("Mã tra cứu hoặc mã bí mật không đúng. Không có thì bỏ trống, câu hỏi vẫn được nhận")),
    intake.ContactMissing: ("phone", _l("Ghi họ tên và ít nhất một cách để trả lời: điện thoại hoặc e-mail")),
    intake.TokenReused: ("body", _l("Biểu mẫu này đã gửi một câu hỏi khác. Mở lại trang để hỏi câu mới")),
}


def init_app(app: Flask) -> None:
    """Register the pages, and say which of them take what people send."""
    app.register_blueprint(bp)
    proof.asks_at(app, "dialogues_asking.ask")
    csrf.exempt(bp)  # each form checks its token itself, so that a lost session costs one more press and never what was typed
    opening.takes_new(app, "dialogues_asking.ask", "dialogue_staff.enter_question")


@bp.route("/<code>/hoi", methods=["GET", "POST"])
@public
@limiter.limit(PROVED, methods=["POST"])
def ask(code: str) -> Any:
    """Show the form; take the question in and go to its receipt. A second press finds the same."""
    about, form = load(code), AskForm()
    if form.validate_on_submit():
        asked = form.asked(about.code, locale=locale() or "vi")
        try:
            taken = asking.ask(about, asked, actor=SENDER, now=clock.now())
        except asking.QuestionsClosed:
            db.session.rollback()
        except tuple(REFUSALS) as refusal:
            db.session.rollback()
            field, sentence = REFUSALS[type(refusal)]
            form.fail(field, sentence)
        else:
            db.session.commit()
            return _received(about, taken, asked.submission.token)
    wrong = form.failed or bool(form.form_errors)
    page = render_template(
        "dialogues/citizen/ask.html",
        session_=about,
        form=form,
        takes=seen.takes_questions(about, clock.now()),
        stands=seen.day_stands(about),
    )
    return page, UNPROCESSABLE if wrong else 200


def _received(about: Session, taken: asking.Taken, token: str) -> Response:
    if taken.receipt is not None:
        session[RECEIPT] = token
        flash(_("Câu hỏi đã vào danh sách của buổi đối thoại. Không được chọn để hỏi tại buổi thì vẫn có trả lời bằng văn bản."), "ok")
        return redirect(url_for("sending.receipt"), 303)
    flash(_("Đã nhận câu hỏi, ghi tiếp vào ý kiến đã gửi trước. Theo dõi bằng hai mã đang có."), "ok")
    return redirect(url_for("dialogues_sessions.show", code=about.code), 303)


@bp.post("/<code>/cau-hoi/<uuid:uid>/ung-ho")
@public
@limiter.limit("1200 per hour")  # a whole hall has one network
def support(code: str, uid: uuid.UUID) -> Response:
    """Count this device once for a question that is public."""
    about = load(code)
    question = db.session.scalar(db.select(Question).where(Question.session_id == about.id, Question.uid == uid))
    if question is None or not seen.is_shown(question):
        abort(404)
    return count_support(question, redirect(url_for("dialogues_sessions.show", code=about.code, _anchor=f"c-{uid}"), 303))


def count_support(question: Question, answer: Response) -> Response:
    """Count this device once for *question*, and give *answer*; where it cannot be counted, say why."""
    if not PressForm().validate_on_submit():
        flash(_("Trang để lâu nên máy đã quên phiên làm việc. Bấm nút một lần nữa."), "warn")
        return answer
    id_ = device()
    try:
        asking.support(question, id_, now=clock.now())
    except asking.NotShown:
        db.session.rollback()
        flash(_("Buổi đối thoại đã xong."), "warn")
        return answer
    db.session.commit()
    if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":  # the script of the hall's page says so on the button
        flash(_("Đã ghi: cũng muốn biết."), "ok")
    return remember(answer, id_)
