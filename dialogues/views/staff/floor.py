"""What comes from the phones in the hall: looked at, masked, shown, put among those to be asked, or refused with a reason."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.database import db
from app.headers import unkept
from app.permissions import Permission
from dialogues import hall, places, queries, rules
from dialogues.forms.questions import TogetherForm
from dialogues.forms.seats import ModerateAnswerForm, ModerateForm, RefuseSeatForm
from dialogues.models import Question, Session
from dialogues.operations import screening, seats, written
from dialogues.rules import IN_THE_HALL, SHOWN, Origin, QuestionState
from dialogues.views.staff.pages import UNPROCESSABLE, add_room, attempt, bp, load, load_to_prepare, press, step, to_room
from feedback import masking
from feedback.views.staff.publishing import FOUND

ROOM = "dialogue_staff.floor"
add_room(ROOM, _l("Từ điện thoại"), "during", 3)


@bp.context_processor
def _counts() -> dict[str, Any]:
    return {"seats_waiting": hall.waiting}


def _asked(session: Session) -> list[Question]:
    """Return what was asked in the hall, from a seat or on the floor, as it came."""
    query = db.select(Question).where(Question.session_id == session.id, Question.origin.in_(IN_THE_HALL))
    return list(
        db.session.scalars(query.options(joinedload(Question.like), joinedload(Question.feedback)).order_by(Question.asked_at, Question.id))
    )


@bp.get("/<code>/tu-dien-thoai")
@requires(Permission.DIALOGUE_READ)
def floor(code: str) -> Any:
    """Show what waits to be looked at, and what is shown."""
    return _page(load(code))


def _page(session: Session, failed: Any = None, one: Question | None = None) -> Any:
    every = _asked(session)
    moderates = rules.may_prepare(current_user.reach, queries.standing_of(session)) and session.status in seats.SHOWN_IN
    waiting = [each for each in every if each.origin == Origin.SEAT and each.state == QuestionState.WAITING]
    hidden = [each for each in every if each.state in SHOWN and not hall.is_shown(each)]
    shown = [each for each in every if hall.is_shown(each)]
    response = make_response(
        render_template(
            "dialogues/staff/floor.html",
            session_=session,
            moderates=moderates,
            waiting=[_row(each, failed, one) for each in waiting],
            hidden=[_row(each, failed, one) for each in hidden],
            shown=[_answer_row(each, failed, one) for each in shown],
            away=[each for each in every if each.origin == Origin.SEAT and each.state in {QuestionState.REFUSED, QuestionState.TURNED}],
            screened=moderates and session.status in rules.SCREENED_IN,
            is_owed=written.is_owed,
            place_on_wall=places.shown,
            failed=failed,
        ),
        UNPROCESSABLE if failed is not None else 200,
    )
    return unkept(response)  # what is not masked yet


def _row(question: Question, failed: Any, one: Question | None) -> dict[str, Any]:
    """Return a question with its form; the one that was refused with what was typed."""
    form = (
        failed if question is one else ModerateForm(formdata=None, prefix=_prefix(question), data={"text": masking.masked(question.text)})
    )
    return {"one": question, "form": form, "found": _found(question.text)}


def _answer_row(question: Question, failed: Any, one: Question | None) -> dict[str, Any]:
    if question.answer_kind is None or not question.answer or question.shown_at is None:
        return {"one": question, "form": None, "found": []}
    data = {"text": question.public_answer or masking.masked(question.answer)}
    form = failed if question is one else ModerateAnswerForm(formdata=None, prefix=_prefix(question), data=data)
    return {"one": question, "form": form, "found": _found(question.answer)}


def _found(text: str) -> list[tuple[Any, str]]:
    return list(dict.fromkeys((FOUND[each.kind], each.text) for each in masking.find(text)))


def _prefix(question: Question) -> str:
    return f"q{question.id}-"


def _question(session: Session, uid: uuid.UUID) -> Question:
    question = db.session.scalar(db.select(Question).where(Question.session_id == session.id, Question.uid == uid))
    if question is None or question.origin not in IN_THE_HALL:
        abort(404)
    return question


@bp.post("/<code>/tu-dien-thoai/<uuid:uid>/hien")
@requires(Permission.DIALOGUE_PREPARE)
def show_from_floor(code: str, uid: uuid.UUID) -> Any:
    """Show the masked copy that was read; by one of the buttons it is put among those to be asked, too."""
    session = load_to_prepare(code)
    question = _question(session, uid)
    form, for_the_day = ModerateForm(prefix=_prefix(question)), request.form.get("viec") == "hang"

    def do() -> None:
        by: dict[str, Any] = {"actor": current_user, "now": clock.now()}
        if question.state == QuestionState.WAITING or (for_the_day and not question.for_the_day):
            seats.accept(question, form.text.data or "", for_the_day=for_the_day, **by)
        else:
            seats.show(question, form.text.data or "", **by)

    if form.validate_on_submit() and attempt(form, do):
        return to_room(
            session, ROOM, _("Đã hiện và xếp vào danh sách hỏi tại buổi.") if for_the_day else _("Đã hiện trên màn hình và điện thoại.")
        )
    return _page(session, form, question)


@bp.post("/<code>/tu-dien-thoai/<uuid:uid>/tra-loi")
@requires(Permission.DIALOGUE_PREPARE)
def show_answer_from_floor(code: str, uid: uuid.UUID) -> Any:
    """Show the masked answer below a question that is shown."""
    session = load_to_prepare(code)
    question = _question(session, uid)
    form = ModerateAnswerForm(prefix=_prefix(question))
    if form.validate_on_submit() and attempt(
        form, lambda: seats.show_answer(question, form.text.data or "", actor=current_user, now=clock.now())
    ):
        return to_room(session, ROOM, _("Đã hiện câu trả lời."))
    return _page(session, form, question)


@bp.post("/<code>/tu-dien-thoai/<uuid:uid>/go")
@requires(Permission.DIALOGUE_PREPARE)
def hide_from_floor(code: str, uid: uuid.UUID) -> Response:
    """Take a question off the screen."""
    session = load_to_prepare(code)
    question = _question(session, uid)
    return press(session, lambda: seats.hide(question, actor=current_user, now=clock.now()), done=_("Đã gỡ câu hỏi."), back=ROOM)


@bp.post("/<code>/tu-dien-thoai/<uuid:uid>/van-ban")
@requires(Permission.DIALOGUE_PREPARE)
def answer_seat_in_writing(code: str, uid: uuid.UUID) -> Response:
    """Let it be answered in writing."""
    session = load_to_prepare(code)
    question = _question(session, uid)
    done = _("Đã chuyển sang trả lời bằng văn bản, có mã và hạn.")
    return press(session, lambda: seats.answer_in_writing(question, actor=current_user, now=clock.now()), done=done, back=ROOM)


@bp.route("/<code>/tu-dien-thoai/<uuid:uid>/khong-nhan", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def refuse_seat(code: str, uid: uuid.UUID) -> Any:
    """Leave a question out, for a reason that its asker reads."""
    session, form = load_to_prepare(code), RefuseSeatForm()
    question = _question(session, uid)

    def do() -> None:
        why = form.why.data or ""
        told = _("Câu hỏi này không đưa vào buổi đối thoại %(code)s. Lý do: %(why)s", code=session.code, why=why)
        screening.refuse(session, [question], why=why, told=told, actor=current_user, now=clock.now())

    return step(
        session,
        form,
        do,
        back=ROOM,
        done=_("Đã ghi lý do, người hỏi đọc được trên điện thoại."),
        title=_("Không đưa vào buổi đối thoại"),
        submit=_("Không đưa vào"),
        intro=[_("Khi kết thúc buổi, câu này vẫn thành một ý kiến có mã, có hạn và trả lời bằng văn bản.")],
        quotes=[question.text],
        danger=True,
    )


@bp.route("/<code>/tu-dien-thoai/<uuid:uid>/gop", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def seat_like_another(code: str, uid: uuid.UUID) -> Any:
    """Let a question be answered together with another of the same content."""
    session, form = load_to_prepare(code), TogetherForm()
    question = _question(session, uid)
    others = [each for each in session.questions if each.state == QuestionState.ACCEPTED and each is not question]
    form.offer(others)

    def do() -> None:
        with_ = next(each for each in others if each.id == form.other.id_chosen)
        screening.put_together(session, [question], with_, actor=current_user, now=clock.now())

    return step(
        session,
        form,
        do,
        back=ROOM,
        done=_("Đã gộp."),
        title=_("Gộp với câu hỏi cùng nội dung"),
        submit=_("Gộp"),
        quotes=[question.text],
    )


@bp.get("/<code>/tu-dien-thoai.json")
@requires(Permission.DIALOGUE_READ)
def floor_news(code: str) -> Response:
    """Say how many questions wait now, while somebody is busy with those on the page."""
    session = load(code)
    number = hall.waiting(session)
    words = ngettext("%(num)d câu chờ xem.", "%(num)d câu chờ xem.", number)
    link = render_template("dialogues/staff/_floor_news.html", words=words, url=url_for(ROOM, code=session.code))
    response = jsonify(now=clock.now().isoformat(), regions={"news": link})
    return unkept(response)
