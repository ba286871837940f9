"""Questions from the seats: taken by phone, looked at before anybody reads them, shown masked."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from app import crypto
from app.access import SENDER, require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.database import NfcText, db, lock
from dialogues import hall, queries, rules
from dialogues.models import Question, Session
from dialogues.operations import screening, written
from dialogues.operations.asking import QuestionsClosed
from dialogues.rules import SHOWN, Origin, QuestionState, Status
from feedback.operations.intake import TokenReused
from feedback.operations.publishing import ConsentMissing

#: More than anybody can look at during one session: somebody plays with it.
MOST_WAITING = 500

#: As long as the hall is there to read it.
SHOWN_IN = frozenset({Status.READY, Status.IN_SESSION, Status.HELD})


class SeatsFull(Exception):
    """So many questions wait to be looked at that no more are taken for a while."""


@dataclass(frozen=True)
class SeatQuestion:
    """A question as it was typed in the hall; name and number may be left out."""

    text: str
    token: str  # of the form: the same one is the same question
    name: str = ""
    phone: str = ""
    comes_from: str = ""
    hall_id: int | None = None


def ask(session: Session, asked: SeatQuestion, *, now: dt.datetime) -> Question:
    """Take in a question from a seat; it waits to be looked at. The same token again returns the same and adds nothing.

    :raise QuestionsClosed: :raise SeatsFull: :raise TokenReused: when the token came with other words before.
    """
    lock(session)  # the same press twice waits here for the first
    uid = uuid.UUID(crypto.blind_index(f"seat:{asked.token}")[:32])
    known = db.session.scalar(db.select(Question).where(Question.uid == uid))
    if known is not None:
        if known.session_id != session.id or (known.text and known.text != NfcText().process_bind_param(asked.text, None)):
            raise TokenReused
        return known
    if not hall.takes_from_seats(session, now):
        raise QuestionsClosed
    if hall.waiting(session) >= MOST_WAITING:
        raise SeatsFull
    question = Question(
        uid=uid,
        session=session,
        origin=Origin.SEAT,
        state=QuestionState.WAITING,
        comes_from=asked.comes_from,
        hall_id=asked.hall_id,
        text=asked.text,
        asked_at=now,
    )
    question.asker, question.phone = asked.name or None, asked.phone or None
    db.session.add(question)
    record(SENDER, "question.asked", question, at=now, session_id=session.id, feedback_id=None, origin=Origin.SEAT)
    return question


def accept(question: Question, text: str, *, for_the_day: bool, actor: User, now: dt.datetime) -> None:
    """Take a question from a seat, show its masked copy *text*, and put it among those to be asked if it is *for_the_day*.

    What screening.choose() raises.
    """
    session = question.session
    screening.accept(session, [question], actor=actor, now=now)
    if for_the_day:
        screening.choose(session, [question], for_the_day=True, actor=actor, now=now)
    show(question, text, actor=actor, now=now)


def show(question: Question, text: str, *, actor: User, now: dt.datetime) -> None:
    """Put the masked copy *text*, which *actor* has read, on the screen and the phones.

    :raise NotAllowed: :raise IllegalTransition: nobody is in the hall. :raise NotTaken: :raise ConsentMissing:
    """
    _moderate(question, actor)
    if question.state not in SHOWN:
        raise screening.NotTaken
    if question.feedback is not None and not question.feedback.publish_consent:
        raise ConsentMissing
    question.public_text, question.shown_at = text, now
    record(actor, "question.published", question, at=now)


def show_answer(question: Question, text: str, *, actor: User, now: dt.datetime) -> None:
    """Put the masked answer *text* below a question that is shown. :raise NotAllowed: :raise IllegalTransition: :raise NotTaken:"""
    _moderate(question, actor)
    if question.shown_at is None or question.answer_kind is None:
        raise screening.NotTaken
    question.public_answer = text
    record(actor, "question.published", question, at=now)


def hide(question: Question, *, actor: User, now: dt.datetime) -> None:
    """Take a question off the screen and the phones, and off the public page. :raise NotAllowed: :raise IllegalTransition:"""
    _moderate(question, actor)
    question.public_text = question.public_answer = question.shown_at = None
    record(actor, "question.unpublished", question, at=now)


def answer_in_writing(question: Question, *, actor: User, now: dt.datetime) -> None:
    """Let a question from a seat be answered in writing, not in the hall. :raise NotAllowed: :raise IllegalTransition: :raise NotTaken:"""
    _moderate(question, actor)
    if question.for_the_day or not written.is_owed(question):
        raise screening.NotTaken
    written.owe(question, now=now)


def _moderate(question: Question, actor: User) -> None:
    session = question.session
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    if session.status not in SHOWN_IN:
        raise IllegalTransition(Status(session.status), Status.HELD)
