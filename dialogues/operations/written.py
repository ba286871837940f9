"""What was asked from a seat and not answered in the hall becomes an item: it gets its code, its clock and its written answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from app.access import SENDER
from dialogues.models import Question, Session
from dialogues.operations.promises import receipt_token
from dialogues.rules import DEFERRED, GONE, Origin
from feedback.models import Feedback
from feedback.operations import intake
from feedback.operations.intake import PersonData, Submission
from feedback.rules import Channel, Kind, SenderType


def is_owed(question: Question) -> bool:
    """Say whether *question* came from a seat and nobody has answered it, nor promised its asker an answer."""
    if question.origin != Origin.SEAT or question.feedback_id is not None or question.state in GONE:
        return False
    if question.like is not None:  # answered together with another: in the hall, or each asker by themselves
        return question.like.answer_kind is None or question.like.answer_kind in DEFERRED
    return question.answer_kind is None


def owe(question: Question, *, now: dt.datetime, public: bool = True) -> Feedback:
    """Make *question* an item as if it had been sent beforehand: who left a number is told its code, all others are answered in public."""
    if question.feedback is not None:
        return question.feedback
    receipt = intake.submit(replace(submission_of(question, now=now), publish_consent=public), actor=SENDER, now=now)
    assert receipt.feedback is not None  # no denunciation
    question.feedback = receipt.feedback
    return receipt.feedback


def submission_of(question: Question, *, kind: str = Kind.QUESTION, now: dt.datetime) -> Submission:
    """Return *question* as what was submitted."""
    name, phone = question.asker or "", question.phone or ""
    return Submission(
        kind=kind,
        body=question.text,
        token=receipt_token(question),
        channel=Channel.WEB,
        sender_type=SenderType.PERSON if name else SenderType.ANONYMOUS,
        people=(PersonData(name=name, phone=phone),) if name or phone else (),
        place_id=question.session.place_id,
        place_text=question.comes_from,
        field_id=question.session.field_id,
        # Whoever asks from a seat reads before that it is shown to everybody without the name.
        publish_consent=True,
        received_at=min(question.asked_at, now),
        to_unit_id=question.session.unit_id,
    )


def owe_the_rest(session: Session, *, now: dt.datetime) -> int:
    """Make items of all that was asked from the seats of *session* and is still open; return how many."""
    rest = [question for question in session.questions if is_owed(question)]
    for question in rest:
        owe(question, now=now)
    return len(rest)
