"""What the sender does with code and key: answer, add, withdraw, rate, reopen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from app import clock as time
from app import settings
from app.access import SENDER, SYSTEM
from app.assignments import operations as promises
from app.audit import entries_about, record
from app.database import db, lock
from app.files import StoredFile
from feedback import rules
from feedback.models import Attachment, Feedback, FeedbackAssignment, Message, MessageKind, Rating, ReceiptKey
from feedback.operations import clocks, desk, merging, reopening, telling
from feedback.rules import Status


class KeyOnlyReads(Exception):
    """A signer who is no representative follows the item; the representative acts."""


class TooLate(Exception):
    """The item has moved on: this cannot be done any more."""


class AlreadyRated(Exception):
    """This answer has its rating."""


class ReopenedBefore(Exception):
    """An item is reopened once by its sender."""


#: What else an item stands in that its sender withdraws; domains above bring it. Their rows are locked before the item, as everywhere.
withdrawn_elsewhere: list[Callable[..., None]] = []


def _act(feedback: Feedback, key: ReceiptKey) -> None:
    if not key.may_act:
        raise KeyOnlyReads
    lock(feedback)


def within_rating_days(feedback: Feedback, today: dt.date) -> bool:
    """Say whether the answer may still be rated or the item reopened."""
    return feedback.answered_at is not None and today <= rating_ends_on(feedback.answered_at)


def rating_ends_on(answered_at: dt.datetime) -> dt.date:
    """Return the last day on which an answer may be rated."""
    return time.local_date(answered_at) + dt.timedelta(days=settings.get("rating_days"))


def add(feedback: Feedback, key: ReceiptKey, text: str, files: Sequence[StoredFile], *, now: dt.datetime) -> Message:
    """Add a note or a paper; an open question is answered by it, and what stood runs on. :raise TooLate:"""
    _act(feedback, key)
    if not rules.sender_may_add(Status(feedback.status)):
        raise TooLate
    question = feedback.open_question
    message = Message(kind=MessageKind.ANSWER if question else MessageKind.ADDITION, body=text, at=now)
    feedback.messages.append(message)
    db.session.flush()
    for file in files:
        feedback.attachments.append(Attachment(file=file, message_id=message.id))
    if question is not None:
        question.answered_at = now
        clocks.resume(feedback, actor=SENDER, now=now)
        record(SENDER, "feedback.question_answered", feedback, at=now, message_id=message.id)
    else:
        record(SENDER, "feedback.added", feedback, at=now, message_id=message.id)
    telling.sender_wrote(feedback, message, now=now)
    return message


def withdraw(feedback: Feedback, key: ReceiptKey, *, now: dt.datetime) -> None:
    """Withdraw it before an answer: nothing is owed any more, what was late stays late. :raise TooLate:"""
    if key.may_act and rules.sender_may_withdraw(Status(feedback.status)):
        for leaves in withdrawn_elsewhere:
            leaves(feedback, now=now)
    merging.lock_together(feedback, *feedback.merged)
    _act(feedback, key)
    if not rules.sender_may_withdraw(Status(feedback.status)):
        raise TooLate
    rules.check(Status(feedback.status), Status.WITHDRAWN)
    feedback.status, feedback.closed_at = Status.WITHDRAWN, now
    for item in list(feedback.merged):  # what others asked is still to be answered
        merging.let_go(item, feedback, actor=SENDER, now=now)
    if feedback.open_answer is not None:
        telling.withdrawn(feedback, feedback.open_answer, now=now)
        promises.cancel(feedback.open_answer, why="withdrawn", actor=SENDER, now=now)
    desk.discard_papers(feedback, actor=SENDER, now=now)
    desk.end_question(feedback, now=now)
    clocks.cancel_rest(feedback, actor=SENDER, now=now)
    desk.end_desk_holding(feedback, now=now)
    record(SENDER, "feedback.withdrawn", feedback, at=now)


def rate(feedback: Feedback, key: ReceiptKey, *, score: int, why: str, now: dt.datetime) -> Rating:
    """Say what the answer is worth, once a round. :raise AlreadyRated: :raise TooLate:"""
    _act(feedback, key)
    answered = feedback.merged_into or feedback
    if any(rating.round == answered.round for rating in feedback.ratings):
        raise AlreadyRated
    within = within_rating_days(answered, time.local_date(now))
    if not rules.sender_may_rate(Status(answered.status), rated_round=None, round_=answered.round, within=within):
        raise TooLate
    rating = Rating(round=answered.round, score=score, why=why, at=now)
    feedback.ratings.append(rating)
    record(SENDER, "feedback.rated", feedback, at=now, score=score)
    telling.rated(answered, rating, now=now)
    return rating


def reopened_before(feedback: Feedback) -> bool:
    """Say whether the sender has used their one reopening. What a superior opened again, after a look on the spot, is not theirs."""
    return feedback.round > 1 and any(entry.action == "feedback.reopened" for entry in entries_about(feedback))


def reopen(feedback: Feedback, key: ReceiptKey, reason: str, *, now: dt.datetime) -> FeedbackAssignment | None:
    """Open an answered item again, once, with a reason: a new round with a new clock, with another handler.

    Earlier lateness stays. It goes to whoever leads the unit and had no part in the answer, else to nobody yet; where the
    unit that answered is no more and nobody took its place, or is what the item complains of, the desk has it (and None
    is returned). :raise ReopenedBefore: :raise TooLate:
    """
    _act(feedback, key)
    before = reopened_before(feedback)
    if before:
        raise ReopenedBefore
    within = within_rating_days(feedback, time.local_date(now))
    if not rules.sender_may_reopen(Status(feedback.status), before=before, within=within):
        raise TooLate
    feedback.messages.append(Message(kind=MessageKind.ADDITION, body=reason, at=now))
    return reopening.open_again(feedback, actor=SENDER, now=now)


def close_after_rating_days(feedback: Feedback, *, now: dt.datetime) -> None:
    """The days for rating are over: the item is closed."""
    lock(feedback)
    rules.check(Status(feedback.status), Status.CLOSED)
    feedback.status, feedback.closed_at = Status.CLOSED, now
    record(SYSTEM, "feedback.closed", feedback, at=now)
