"""An answered item is opened again: by its sender, or by the superior of the unit whose answer was found not right on the spot."""

from __future__ import annotations

import datetime as dt

from app import clock as time
from app.access import SYSTEM, Actor
from app.accounts.models import User
from app.assignments import operations as promises
from app.assignments.rules import Duty
from app.audit import record
from app.calendar.queries import work_calendar
from app.database import db
from app.permissions import Permission
from app.units.queries import answering_unit
from feedback import rules, steps
from feedback.models import Feedback, FeedbackAssignment, Message, MessageKind
from feedback.operations import clocks, desk, telling
from feedback.rules import Status


def may_be_opened(feedback: Feedback) -> bool:
    """Say whether *feedback* has an answer that could be opened again."""
    return feedback.status in {Status.ANSWERED, Status.CLOSED}


def open_again(feedback: Feedback, *, actor: Actor, now: dt.datetime) -> FeedbackAssignment | None:
    """Begin a new round with a new clock, with another handler; earlier lateness stays. The item is locked by whoever asks.

    It goes to whoever leads the unit and had no part in the answer, else to nobody yet; where the unit that answered is no more
    and nobody took its place, or is what the item complains of, the desk has it (and None is returned). :raise IllegalTransition:
    """
    before = next(each for each in reversed(feedback.assignments) if each.duty == Duty.ANSWER)
    unit = answering_unit(before.unit, place_id=feedback.place_id, field_id=feedback.field_id, on=time.local_date(now))
    if unit is not None and desk.is_accused(feedback, unit):
        unit = None
    wanted = Status.RECEIVED if unit is None else Status.IN_HAND
    rules.check(Status(feedback.status), wanted)
    feedback.status, feedback.round, feedback.answered_at, feedback.closed_at = wanted, feedback.round + 1, None, None
    above = isinstance(actor, User)
    record(
        actor,
        "feedback.reopened_above" if above else "feedback.reopened",
        feedback,
        at=now,
        round=feedback.round,
        unit_id=unit.id if unit else None,
    )
    stage = clocks.ANSWERING[feedback.kind == rules.Kind.COMPLAINT][-1]
    clocks.start(feedback, (stage,), event=clocks.REOPENED, event_at=now, calendar=work_calendar(), actor=actor, now=now)
    if unit is None:
        desk.lie_at_desk(feedback, actor=actor, now=now)
        telling.at_desk(feedback, now=now)
        return None
    assignment = desk.offer_answer(feedback, unit, actor=actor, now=now)
    leaders = telling.people_with(Permission.FEEDBACK_LEAD, unit, now=now)
    other = next((user for user in leaders if user.id not in steps.looked_before(feedback)), None)
    if other is not None:
        promises.hand_to(assignment, other, actor=SYSTEM, now=now)
    telling.reopened(assignment, above=above, now=now)
    return assignment


def say(feedback: Feedback, text: str, *, actor: User, now: dt.datetime) -> Message:
    """Let the sender read what was decided from outside the unit about what they were promised."""
    message = Message(kind=MessageKind.TOLD, user=actor, body=text, at=now)
    feedback.messages.append(message)
    db.session.flush()
    record(actor, "feedback.told", feedback, at=now, message_id=message.id, unit_id=actor.unit_id)
    telling.told(feedback, message, now=now)
    return message
