"""A question is asked before the day: it is an item with code, clock and written answer, and stands on the session's list as well."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError

from app import crypto
from app.access import Actor
from app.audit import record
from app.database import NfcText, db, lock
from dialogues import rules, seen
from dialogues.models import Question, Session, Support
from dialogues.rules import Origin
from feedback import codes
from feedback import queries as items
from feedback import rules as item_rules
from feedback.models import Feedback, ReceiptKey
from feedback.operations import intake, sender
from feedback.operations.intake import ContactMissing, Receipt, Submission, TokenReused


class QuestionsClosed(Exception):
    """The time for asking beforehand is over: in the hall one may still ask."""


class EarlierUnknown(Exception):
    """No item has that code, or the key is not its own."""


class NotShown(Exception):
    """Nobody can support what is not public, or when the session is over."""


@dataclass(frozen=True)
class Asked:
    """A question as it came: what its item is made of, from where its asker comes, and the item it goes on from."""

    submission: Submission
    origin: Origin
    comes_from: str = ""
    earlier_code: str = ""
    earlier_key: str = ""


@dataclass(frozen=True)
class Taken:
    """The question on the session's list; the receipt of its item, None where it went on with an item that had one."""

    question: Question
    receipt: Receipt | None


def ask(session: Session, asked: Asked, *, actor: Actor, now: dt.datetime) -> Taken:
    """Take in a question for *session*; the same token again returns the same and adds nothing.

    Who holds the key of an earlier item that is still open goes on with that item: one matter, one clock. Otherwise the question
    is an item of its own, given to the unit that holds the session, and may name the earlier one.

    :raise QuestionsClosed: :raise EarlierUnknown: :raise ContactMissing: :raise TokenReused:
    """
    lock(session)  # the same press twice waits here for the first
    uid = uuid.UUID(crypto.blind_index(f"question:{asked.submission.token}")[:32])
    known = db.session.scalar(db.select(Question).where(Question.uid == uid))
    if known is not None:
        if known.text and known.text != NfcText().process_bind_param(asked.submission.body, None):
            raise TokenReused
        return Taken(known, intake.receipt_of(asked.submission.token, now=now))
    if not seen.takes_questions(session, now):
        raise QuestionsClosed
    # An answer by a day is promised to who can be answered; who gives no name may send an item, or ask in the hall.
    if not any(person.name and (person.phone or person.email or person.address) for person in asked.submission.people):
        raise ContactMissing
    earlier, key = _earlier(asked)
    origin, receipt = asked.origin, None
    if earlier is not None and key is not None and _goes_on(earlier, key, session):
        sender.add(earlier, key, asked.submission.body, (), now=now)
        item, origin = earlier, Origin.FEEDBACK
    else:
        repeated = earlier.id if earlier is not None else None
        receipt = intake.submit(
            replace(
                asked.submission,
                kind=item_rules.Kind.QUESTION,
                place_id=session.place_id,
                field_id=session.field_id,
                to_unit_id=session.unit_id,
                repeat_of_id=repeated,
            ),
            actor=actor,
            now=now,
        )
        assert receipt.feedback is not None
        item = receipt.feedback
    question = Question(
        uid=uid,
        session=session,
        feedback=item,
        origin=origin,
        state=rules.QuestionState.WAITING,
        comes_from=asked.comes_from,
        text=asked.submission.body,
        asked_at=asked.submission.received_at or now,
    )
    db.session.add(question)
    record(actor, "question.asked", question, at=now, session_id=session.id, feedback_id=item.id, origin=origin)
    return Taken(question, receipt)


def _earlier(asked: Asked) -> tuple[Feedback | None, ReceiptKey | None]:
    """Return the item that was named, and its key where that was given. A code alone says nothing that everyone may not look up."""
    if not asked.earlier_code and not asked.earlier_key:
        return None, None
    try:
        item = items.by_code(codes.read_code(asked.earlier_code))
    except codes.CodeInvalid as error:
        raise EarlierUnknown from error
    key = items.key_of(item, asked.earlier_key) if item is not None and asked.earlier_key else None
    if item is None or (asked.earlier_key and key is None):
        raise EarlierUnknown
    return item, key


def _goes_on(item: Feedback, key: ReceiptKey, session: Session) -> bool:
    """Say whether a question goes on with *item*: it is still owed an answer, and does not stand on this session's list already."""
    listed = db.select(Question.id).where(Question.session_id == session.id, Question.feedback_id == item.id)
    return key.may_act and item.status in item_rules.OPEN and db.session.scalar(listed) is None


def support(question: Question, device: str, *, now: dt.datetime) -> None:
    """Let somebody else say that they want to know it, too: once a device, of which only a digest stays. :raise NotShown:"""
    if not (seen.is_shown(question) and seen.takes_support(question.session)):
        raise NotShown
    digest = seen.support_digest(question, device)
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(Support(question=question, device_digest=digest, at=now))
