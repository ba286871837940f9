"""What was said in the hall is written down: who asked what, how each question was answered, and the chair's conclusion."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

from app.access import require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.database import db, lock
from dialogues import queries, rules
from dialogues.models import Question, Session
from dialogues.rules import RAISED, AnswerKind, Origin, QuestionState, Status


class AlreadyPromised(Exception):
    """A unit has the question in hand: the answer by the chair comes too late."""


@dataclass(frozen=True)
class Answer:
    """What a question got."""

    kind: AnswerKind
    text: str = ""
    by: str = ""  # name and title of the delegate who answered
    rejected: bool = False
    wants: str = ""  # what the asker wants instead


@dataclass(frozen=True)
class Asked:
    """A question from the floor, as the secretary wrote it down."""

    text: str
    asker: str = ""
    phone: str = ""
    comes_from: str = ""
    hall_id: int | None = None
    uid: uuid.UUID = field(default_factory=uuid.uuid4)  # of the form: sent twice, written down once


def require_recording(session: Session, actor: User) -> None:
    """:raise NotAllowed: unless *actor* prepares *session*. :raise IllegalTransition: before it begins and once it is concluded."""
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    if session.status not in rules.RECORDED_IN:
        raise IllegalTransition(Status(session.status), Status.HELD)


def raised(session: Session) -> list[Question]:
    """Return what was put in the hall, in the order of speaking: each needs its answer."""
    return [question for question in session.questions if question.state in RAISED and question.for_the_day]


def add_question(session: Session, asked: Asked, *, actor: User, now: dt.datetime) -> Question:
    """Write down a question that was put on the floor; the same one again is the same. :raise NotAllowed: :raise IllegalTransition:"""
    require_recording(session, actor)
    known = db.session.scalar(db.select(Question).where(Question.uid == asked.uid))
    if known is not None and known.session_id == session.id:
        return known
    question = Question(
        uid=asked.uid if known is None else uuid.uuid4(),
        session=session,
        origin=Origin.FLOOR,
        state=QuestionState.ACCEPTED,
        for_the_day=True,
        position=max((each.position for each in session.questions), default=0) + 1,
        text=asked.text,
        comes_from=asked.comes_from,
        hall_id=asked.hall_id,
        asked_at=now,
    )
    question.asker, question.phone = asked.asker or None, asked.phone or None
    db.session.add(question)
    record(actor, "session.question_added", session, at=now, question_id=_id(question))
    return question


def record_answer(question: Question, answer: Answer, *, actor: User, now: dt.datetime) -> None:
    """Write down how *question* was answered. :raise AlreadyPromised: :raise NotAllowed: :raise IllegalTransition:"""
    require_recording(question.session, actor)
    if question.promised_on is not None and answer.kind != question.answer_kind:
        raise AlreadyPromised
    question.answer_kind, question.answer, question.answered_at = answer.kind, answer.text, question.answered_at or now
    question.answered_by = answer.by if answer.kind == AnswerKind.BY_DELEGATE else ""
    question.rejected, question.rejected_wants = answer.rejected, answer.wants if answer.rejected else ""
    record(actor, "session.question_answered", question.session, at=now, question_id=question.id, kind=answer.kind)


def write_conclusion(session: Session, text: str, *, actor: User, now: dt.datetime) -> None:
    """Write down the chair's conclusion as a whole. :raise NotAllowed: :raise IllegalTransition:"""
    require_recording(session, actor)
    session.conclusion = text
    record(actor, "session.changed", session, at=now, changed=["conclusion"])


def _id(question: Question) -> int:
    db.session.flush()
    return question.id
