"""What was said in the hall, question by question, and the chair's conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock
from app.access import requires
from app.assignments.chips import chip_of
from app.assignments.rules import State
from app.calendar.queries import work_calendar
from app.permissions import Permission
from app.units.models import Unit
from dialogues import queries, rules
from dialogues.forms.concluding import AnswerForm, ConclusionForm, FloorForm
from dialogues.models import Question, Session
from dialogues.operations import concluding, promises
from dialogues.rules import DEFERRED
from dialogues.views.staff import askers
from dialogues.views.staff.pages import MENDED_IN, REFUSALS, TOO_LATE, add_room, bp, load, load_to_prepare, step, to_room
from feedback.models import FeedbackAssignment
from feedback.rules import Channel
from feedback.words import assignment_state

ROOM = "dialogue_staff.conclusion"
add_room(ROOM, _l("Trả lời, kết luận"), "after", 1)
MENDED_IN |= {"questions_without_answer": ROOM, "deferred_without_promise": ROOM}
REFUSALS |= {
    concluding.AlreadyPromised: _l("Câu hỏi này đã giao đơn vị trả lời nên không đổi cách trả lời được nữa."),
}


def load_to_record(code: str) -> Session:
    """Return the session for whoever writes down what was said; back to the room where it is too early or too late."""
    session = load_to_prepare(code)
    if session.status not in rules.RECORDED_IN:
        abort(to_room(session, ROOM, TOO_LATE, "warn"))
    return session


def question_of(session: Session, question_id: int) -> Question:
    """Return the question that was put, or chosen and not put; 404 where there is none."""
    found = next((each for each in (*queries.raised(session), *queries.not_put(session)) if each.id == question_id), None)
    if found is None:
        abort(404)
    return found


@bp.get("/<code>/ket-luan")
@requires(Permission.DIALOGUE_READ)
def conclusion(code: str) -> str:
    """Show what was asked and answered, what was given out, and the conclusion."""
    session = load(code)
    may_prepare = rules.may_prepare(current_user.reach, queries.standing_of(session))
    may_record = may_prepare and session.status in rules.RECORDED_IN
    names = askers.names(session) if may_record else None  # later they stand in the minutes, where each look is recorded
    today, calendar, units = clock.today(), work_calendar(), queries.read_promises(session)
    return render_template(
        "dialogues/staff/conclusion.html",
        session_=session,
        not_put=queries.not_put(session) if may_record else [],
        questions=[_shown(question) | {"helps": _helps(question.supporting_ids, units)} for question in queries.raised(session)],
        given=[
            {
                "row": row,
                "chip": chip_of(row, today=today, calendar=calendar),
                "state": assignment_state(row),
                "helps": _helps(row.supporting_ids, units),
                "forwarding": promises.is_forwarding(row),
            }
            for row in session.promises
            if row.state != State.CANCELLED
        ],
        may_record=may_record,
        came_late=queries.late(session) if may_record else 0,
        names=names,
        may_hand_slips=may_prepare,
        too_early=session.status in rules.EDITABLE,
    )


def _duty(question: Question) -> FeedbackAssignment | None:
    if question.feedback is None:
        return None
    return next((each for each in reversed(question.feedback.assignments) if each.duty == "answer"), None)


def unit_of(question: Question) -> Unit | None:
    """Return the unit that owes the answer, or gave it."""
    duty = _duty(question)
    return duty.unit if duty is not None else None


def _shown(question: Question) -> dict[str, Any]:
    duty = _duty(question)
    return {
        "question": question,
        "waits": queries.waits_for_promise(question),
        "unit": duty.unit if duty else None,
        "state": assignment_state(duty) if duty else None,
        "slip": question.feedback is not None and question.feedback.channel == Channel.FLOOR,
    }


def _helps(ids: list[int] | None, units: Mapping[int, Unit]) -> list[str]:
    return [units[id_].short_name for id_ in ids or []]


@bp.route("/<code>/cau-hoi/<int:question_id>/tra-loi", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def record_answer(code: str, question_id: int) -> Any:
    """Write down how a question was answered."""
    session = load_to_record(code)
    question = question_of(session, question_id)
    form = AnswerForm(
        data={
            "kind": question.answer_kind,
            "by": question.answered_by,
            "text": question.answer,
            "rejected": question.rejected,
            "wants": question.rejected_wants,
        }
    )

    def done() -> str:
        return _("Đã ghi. Câu hỏi để lại: giao đơn vị trả lời, có hạn.") if question.answer_kind in DEFERRED else _("Đã ghi.")

    return step(
        session,
        form,
        lambda: concluding.record_answer(question, form.answer, actor=current_user, now=clock.now()),
        done=done,
        back=ROOM,
        title=_("Ghi câu trả lời"),
        submit=_("Ghi xong"),
        intro=[question.text],
    )


@bp.route("/<code>/cau-hoi-tai-cho", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def add_floor_question(code: str) -> Any:
    """Write down a question that was put on the floor."""
    session, form = load_to_record(code), FloorForm()
    form.hall.choices = [SelectChoice("", _("Hội trường chính")), *(SelectChoice(str(hall.id), hall.name) for hall in session.halls)]
    return step(
        session,
        form,
        lambda: concluding.add_question(session, form.asked, actor=current_user, now=clock.now()),
        done=_("Đã ghi câu hỏi. Ghi tiếp câu trả lời."),
        back=ROOM,
        title=_("Ghi câu hỏi tại chỗ"),
        submit=_("Ghi câu hỏi"),
    )


@bp.route("/<code>/ket-luan/loi-ket-luan", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def write_conclusion(code: str) -> Any:
    """Write down the chair's conclusion as a whole."""
    session = load_to_record(code)
    form = ConclusionForm(data={"text": session.conclusion})
    return step(
        session,
        form,
        lambda: concluding.write_conclusion(session, form.text.data or "", actor=current_user, now=clock.now()),
        done=_("Đã ghi kết luận."),
        back=ROOM,
        title=_("Ghi kết luận của chủ trì"),
        submit=_("Ghi kết luận"),
    )
