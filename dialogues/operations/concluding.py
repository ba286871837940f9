"""What was said in the hall is written down: who asked what, how each question was answered, and the chair's conclusion."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from app.access import require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.database import db, lock
from dialogues import queries, rules
from dialogues.live import Event
from dialogues.models import Question, Session
from dialogues.operations import recording
from dialogues.rules import AnswerKind, EventKind, Status


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


def add_question(session: Session, asked: Asked, *, actor: User, now: dt.datetime) -> Question:
    """Write down a question that was put on the floor; the same one again is the same. :raise NotAllowed: :raise IllegalTransition:"""
    require_recording(session, actor)
    known = db.session.scalar(db.select(Question).where(Question.uid == asked.uid))
    if known is not None and known.session_id == session.id:
        return known
    subject = asked.uid if known is None else uuid.uuid4()
    hall = next((str(hall.uid) for hall in session.halls if hall.id == asked.hall_id), "")
    facts = {"text": asked.text, "name": asked.asker, "comes_from": asked.comes_from, "phone": asked.phone, "hall": hall}
    recording.say(session, Event(uuid.uuid4(), EventKind.ASKED, subject, now, facts=facts), actor=actor, now=now)
    question = db.session.scalars(db.select(Question).where(Question.uid == subject)).one()
    record(actor, "session.question_added", session, at=now, question_id=question.id)
    return question


def record_answer(question: Question, answer: Answer, *, actor: User, now: dt.datetime) -> None:
    """Write down how *question* was answered. :raise AlreadyPromised: :raise NotAllowed: :raise IllegalTransition:"""
    require_recording(question.session, actor)
    if question.promised_on is not None and answer.kind != question.answer_kind:
        raise AlreadyPromised
    said: dict[EventKind, dict[str, Any]] = {EventKind.ANSWERED: {"kind": answer.kind, "by": answer.by, "text": answer.text}}
    wants = answer.wants if answer.rejected else ""
    if (answer.rejected, wants) != (question.rejected, question.rejected_wants):
        said[EventKind.REJECTED] = {"wants": wants, "taken_back": not answer.rejected}
    recording.replace(question, said, actor=actor, now=now)
    record(actor, "session.question_answered", question.session, at=now, question_id=question.id, kind=answer.kind)


def write_conclusion(session: Session, text: str, *, actor: User, now: dt.datetime) -> None:
    """Write down the chair's conclusion as a whole. :raise NotAllowed: :raise IllegalTransition:"""
    require_recording(session, actor)
    session.conclusion = text
    record(actor, "session.changed", session, at=now, changed=["conclusion"])
