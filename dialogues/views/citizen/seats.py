"""The phones in the hall: `/doi-thoai/<code>/tai-cho`. What is on, what was asked, and asking from one's seat."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import Blueprint, Flask, abort, current_app, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from app import clock, csrf, opening
from app.access import public
from app.database import db
from app.headers import unkept
from app.limits import limiter
from dialogues import hall as halls
from dialogues import words
from dialogues.desk_state import on_floor
from dialogues.forms.seats import SeatForm
from dialogues.models import Question, Session
from dialogues.operations import asking, promises, seats
from dialogues.views.citizen.asking import count_support
from dialogues.views.citizen.device import device, remember
from dialogues.views.citizen.live import SEAT, poll, remember_hall, remembered_hall
from dialogues.views.citizen.sessions import load
from feedback.operations import intake
from feedback.views.citizen.sending import RECEIPT

bp = Blueprint("dialogues_seats", "dialogues", url_prefix="/doi-thoai", template_folder="templates")

UNPROCESSABLE = 422
ASKED = "da-hoi"  # cookie: which questions came from this phone, signed
ASKED_FOR = dt.timedelta(days=60)
ASKED_MOST = 20

REFUSALS: dict[type[Exception], Any] = {
    intake.TokenReused: _l("Biểu mẫu này đã gửi một câu hỏi khác. Mở lại trang để hỏi câu mới"),
    seats.SeatsFull: _l("Đang có quá nhiều câu hỏi chờ xem. Đợi ít phút rồi bấm gửi lại, hoặc giơ tay hỏi trực tiếp"),
}


def init_app(app: Flask) -> None:
    """Register the pages, and say which of them takes what people send."""
    app.register_blueprint(bp)
    csrf.exempt(bp)  # each form checks its token itself, so that a lost session costs one more press and never what was typed
    opening.takes_new(app, "dialogues_seats.ask")


@bp.get("/<code>/tai-cho")
@public
def seat(code: str) -> Response:
    """Show what is on now and what was asked; lead to asking."""
    about, now = load(code), clock.now()
    page = render_template(
        "dialogues/citizen/seat_live.html",
        session_=about,
        live=halls.live(about, on_floor(about)),
        takes=halls.takes_from_seats(about, now),
        evaluates=halls.takes_evaluations(about, now),
        own=_own(about),
        hall=remembered_hall(about) if len(about.halls) > 1 else None,
        poll=poll(about, SEAT),
        words=words,
    )
    return remember_hall(make_response(page))


@bp.get("/<code>/tai-cho/cua-toi")
@public
def own(code: str) -> Response:
    """Show what became of the questions of this phone, as a fragment."""
    about = load(code)
    return unkept(render_template("dialogues/citizen/_own_questions.html", session_=about, own=_own(about), words=words))


def _device() -> str:
    return f"seat {device()}"


@bp.route("/<code>/tai-cho/hoi", methods=["GET", "POST"])
@public
@limiter.limit("600 per hour", methods=["POST"])  # a whole hall has one network
@limiter.limit("12 per hour", key_func=_device, methods=["POST"])
def ask(code: str) -> Any:
    """Show the form; take the question in, to be looked at before anybody reads it."""
    about = load(code)
    form = SeatForm(halls=about.halls)
    if form.hall is not None and request.method == "GET" and (here := remembered_hall(about)) is not None:
        form.hall.data = str(here.uid)
    if form.validate_on_submit():
        try:
            question = seats.ask(about, form.asked(about.code), now=clock.now())
        except asking.QuestionsClosed:
            db.session.rollback()
        except tuple(REFUSALS) as refusal:
            db.session.rollback()
            form.fail("body", REFUSALS[type(refusal)])
        else:
            uid = question.uid
            db.session.commit()
            flash(_("Đã nhận câu hỏi. Thư ký xem trước rồi mới hiện."), "ok")
            answer = redirect(url_for(".seat", code=about.code), 303)
            return remember(_remember_question(answer, uid), device())
    wrong = form.failed or bool(form.form_errors)
    page = render_template(
        "dialogues/citizen/ask_from_seat.html", session_=about, form=form, takes=halls.takes_from_seats(about, clock.now())
    )
    return page, UNPROCESSABLE if wrong else 200


@bp.post("/<code>/tai-cho/ung-ho")
@public
@limiter.limit("3000 per hour")  # a whole hall has one network
def support(code: str) -> Response:
    """Count this device once for a question that is shown."""
    about = load(code)
    question = _question(about, request.form.get("cau", ""))
    if question is None or not halls.is_shown(question):
        abort(404)
    return count_support(question, redirect(url_for(".seat", code=about.code), 303))


@bp.get("/<code>/tai-cho/bien-nhan/<uuid:uid>")
@public
def receipt(code: str, uid: uuid.UUID) -> Response:
    """Open the receipt of a question of this phone that is answered in writing."""
    question = next((each for each in _own(load(code)) if each.uid == uid and each.feedback is not None), None)
    if question is None:
        abort(404)
    session[RECEIPT] = promises.receipt_token(question)
    return redirect(url_for("sending.receipt"), 303)


def _question(about: Session, uid: str) -> Question | None:
    try:
        wanted = uuid.UUID(uid)
    except ValueError:
        return None
    return db.session.scalar(db.select(Question).where(Question.session_id == about.id, Question.uid == wanted))


# --- which questions came from this phone -------------------------------------------------------------------------------


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="asked-from-seat")


def _asked() -> list[str]:
    try:
        return list(_signer().loads(request.cookies.get(ASKED, "")))
    except BadSignature:
        return []


def _remember_question(answer: Response, uid: uuid.UUID) -> Response:
    uids = [*(each for each in _asked() if each != uid.hex), uid.hex][-ASKED_MOST:]
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(
        ASKED, str(_signer().dumps(uids)), max_age=ASKED_FOR, path=bp.url_prefix, httponly=True, samesite="Lax", secure=secure
    )
    return answer


def _own(about: Session) -> list[Question]:
    """Return the questions of *about* that came from this phone, as they were asked."""
    uids = [uuid.UUID(each) for each in _asked()]
    if not uids:
        return []
    query = db.select(Question).where(Question.session_id == about.id, Question.uid.in_(uids)).order_by(Question.asked_at, Question.id)
    return list(db.session.scalars(query))
