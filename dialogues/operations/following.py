"""Who is told what becomes of a conclusion: the unit that has it, and those who held the session."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from app import clock as time
from app.accounts.models import User
from app.accounts.queries import holders
from app.database import db
from app.escalation.models import Escalation
from app.escalation.rules import ABOVE, Level
from app.outbox import notify_users
from app.permissions import Permission, Reach
from app.units.models import Unit
from dialogues import queries, rules
from dialogues.models import ConclusionAssignment, Petition, Question, Session
from feedback.models import FeedbackAssignment


def _tell(users: list[User], template: str, promise: ConclusionAssignment, occasion: str, *, now: dt.datetime, **facts: object) -> None:
    each_once = list({user.id: user for user in users}.values())  # one person may do several things in several units
    notify_users(
        each_once, f"dialogues/notices/{template}", promise, occasion, now=now, code=promise.session.code, promise_id=promise.id, **facts
    )


def _doing(promise: ConclusionAssignment, *, now: dt.datetime) -> list[User]:
    if promise.officer is not None:
        return [promise.officer]
    return holders(Permission.FEEDBACK_HANDLE, promise.unit, on=time.local_date(now))


def _hosts(session: Session, *, now: dt.datetime) -> list[User]:
    return [each.user for each in session.staff] or holders(Permission.DIALOGUE_PREPARE, session.unit, on=time.local_date(now))


def offered(promise: ConclusionAssignment, *, now: dt.datetime) -> None:
    """The unit's people hear that a conclusion gives them something to do; those of the units that help, with whom."""
    today = time.local_date(now)
    people = holders(Permission.FEEDBACK_HANDLE, promise.unit, on=today)
    _tell(people, "promise_offered", promise, f"offered:{promise.hops}", now=now)
    helpers = [user for unit in queries.supporting(promise.supporting_ids) for user in holders(Permission.FEEDBACK_HANDLE, unit, on=today)]
    _tell(helpers, "promise_helps", promise, f"helps:{promise.hops}", now=now, unit=promise.unit.name)


def returned(promise: ConclusionAssignment, unit: Unit, *, now: dt.datetime) -> None:
    """Those who held the session hear that *unit* returned what the conclusion gave it."""
    _tell(_hosts(promise.session, now=now), "promise_returned", promise, f"returned:{promise.hops}", now=now, unit=unit.name)


def answer_returned(duty: FeedbackAssignment, now: dt.datetime) -> None:
    """Those who held a session hear that a unit returned a question which the chair had promised an answer to."""
    promised = db.select(Question).where(Question.feedback_id == duty.feedback_id, Question.promised_on.is_not(None))
    for question in db.session.scalars(promised):
        session = question.session
        notify_users(
            _hosts(session, now=now), "dialogues/notices/answer_returned", session, f"answer_returned:{duty.id}:{duty.hops}",
            now=now, code=session.code, unit=duty.unit.name,
        )  # fmt: skip


def kept(promise: ConclusionAssignment, *, now: dt.datetime) -> None:
    """Those who held the session hear that it is done."""
    _tell(_hosts(promise.session, now=now), "promise_kept", promise, f"kept:{promise.round}", now=now, unit=promise.unit.name)


def petitioned(petition: Petition, *, now: dt.datetime) -> None:
    """Whoever leads the body that is petitioned hears of it, where it is a unit of this site."""
    if petition.unit is not None:
        people = holders(Permission.FEEDBACK_LEAD, petition.unit, on=time.local_date(now))
        _tell(people, "petition_sent", petition.promise, "petitioned", now=now, unit=petition.promise.unit.name)


def petition_decided(petition: Petition, body: str, *, now: dt.datetime) -> None:
    """Whoever petitions hears what the body said: accepted or not."""
    people = [*_doing(petition.promise, now=now), *_hosts(petition.promise.session, now=now)]
    _tell(people, "petition_decided", petition.promise, "decided", now=now, unit=body, accepted=petition.accepted)


def say_step(step: Escalation, user: User, now: dt.datetime) -> bool:
    """Tell *user* of a promise's step on the ladder in the words of a conclusion; above the unit that has it there are none."""
    if step.level not in {Level.OFFICER, Level.HEAD} or step.reached in ABOVE:
        return False
    promise, late = cast("ConclusionAssignment", step.assignment), step.days > 0
    occasion = f"{'late' if late else 'due'}:{step.due_on}:{step.unit_id}"
    _tell([user], "promise_late" if late else "promise_due", promise, occasion, now=now, due_on=step.due_on)
    return True


def address(promise: Any, reach: Reach) -> tuple[str, dict[str, Any]] | None:
    """Return where a promise is opened by whoever may read its session."""
    opens = rules.may_read(reach, queries.standing_of(promise.session))
    return ("dialogue_staff.promise", {"promise_id": promise.id}) if opens else None


def result_late(session: Session, due_on: dt.date, *, now: dt.datetime) -> None:
    """The head hears that the result should have been public by *due_on*."""
    people = holders(Permission.DIALOGUE_LEAD, session.unit, on=time.local_date(now))
    notify_users(people, "dialogues/notices/result_late", session, "result_late", now=now, code=session.code, due_on=due_on)
