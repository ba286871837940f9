"""Who is told that a short term is over, how a promise tells of its step on the ladder, and what awaits each person this morning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, literal, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from app import clock as time
from app.accounts.models import User
from app.accounts.queries import holders, reach_of
from app.assignments.models import Assignment, AssignmentClock, Clock
from app.assignments.rules import Duty, State
from app.calendar.days import WorkCalendar
from app.calendar.rules import Stage
from app.database import db
from app.escalation import rules
from app.escalation.models import Escalation
from app.outbox import Channel, Notice, notify, notify_users
from app.permissions import Permission, Reach
from app.units.models import Unit
from feedback import ladder, lists, queries
from feedback.ladder import Level, Owed
from feedback.models import Feedback, FeedbackAssignment, FeedbackClock
from feedback.operations import papers
from feedback.rules import Status, may_read


@dataclass(frozen=True)
class Debt:
    """A day that *unit* owes something by."""

    owed: Owed
    feedback: Feedback
    unit: Unit
    due_on: dt.date
    about: str  # tells this debt from others of the item: one that got a later day is another


#: What else is owed and late: each returns debts of *today*.
further: list[Callable[[dt.date], list[Debt]]] = []

BATCH = 100  # debts in memory at once


def remind(today: dt.date, calendar: WorkCalendar, *, now: dt.datetime) -> Iterator[Feedback]:
    """Tell whoever has to know of each short term that is over; yield each item, so that the caller commits now and then."""

    @cache
    def people(permission: Permission, unit: Unit) -> list[User]:
        return holders(permission, unit, on=today)

    for debts in _debts(today, calendar):
        told = _told([debt.feedback.id for debt in debts])
        for debt in debts:
            steps = [level for level in ladder.reached(debt.due_on, today, calendar) if _named(debt, level) not in told]
            for level in steps:
                _tell(debt, level, people, now=now)
            if steps:
                yield debt.feedback


def _told(feedback_ids: list[int]) -> set[str]:
    """Return which steps of these items were told, as :func:`_named` names them: a step is told once, to all that hear of it."""
    said = db.session.scalars(
        select(Notice.dedup).where(Notice.subject_type == Feedback.__tablename__, Notice.subject_id.in_(feedback_ids))
    )
    return {each.rsplit(":", 2)[0] for each in said}  # without the way it went, and to whom


def _named(debt: Debt, level: Level) -> str:
    return f"feedback/notices/{level}:{Feedback.__tablename__}:{debt.feedback.id}:{_occasion(debt)}"


def _occasion(debt: Debt) -> str:
    return f"{debt.about}:{debt.due_on.isoformat()}"


def _tell(debt: Debt, level: Level, people: Callable[[Permission, Unit], list[User]], *, now: dt.datetime) -> None:
    hearing = {user.id: user for user in _hears(debt, level, people)}.values()
    notify_users(
        queries.not_accused(hearing, queries.standing_of(debt.feedback), on=time.local_date(now)),
        f"feedback/notices/{level}",
        debt.feedback,
        _occasion(debt),
        now=now,
        code=debt.feedback.code,
        owed=str(debt.owed),
        unit=debt.unit.name,
        due_on=debt.due_on,
        days=ladder.ESCALATED_DAYS,
    )


def _hears(debt: Debt, level: Level, people: Callable[[Permission, Unit], list[User]]) -> list[User]:
    if level is Level.ESCALATED:
        above = debt.unit.parent
        own = {user.id for user in people(Permission.FEEDBACK_LEAD, debt.unit)}
        return [user for user in people(Permission.FEEDBACK_LEAD, above) if user.id not in own] if above is not None else []
    working = people(Permission.FEEDBACK_TRIAGE if debt.owed in {Owed.TRIAGE, Owed.DATA} else Permission.FEEDBACK_HANDLE, debt.unit)
    return [*working, *people(Permission.FEEDBACK_LEAD, debt.unit)]


def _debts(today: dt.date, calendar: WorkCalendar) -> Iterator[list[Debt]]:
    """Yield what is owed and late, some at a time; of short terms those of which something is to be told."""
    for stage, wanted, item_id in (
        (Stage.TAKE, _short(), Assignment.__table__.c.feedback_id),
        (Stage.TRIAGE, _at_desks(), FeedbackClock.feedback_id),
        (Stage.REROUTE, _at_desks(), FeedbackClock.feedback_id),
    ):
        yield from _in_batches(wanted.where(Clock.stage == stage, Clock.due_on < today, _untold(item_id, today, calendar)))
    for owed in further:
        yield owed(today)


def _untold(item_id: Any, today: dt.date, calendar: WorkCalendar) -> ColumnElement[bool]:
    """Say of a clock that a step is reached which no notice names as :func:`_named` does: what stands as it should is not even read."""
    clock = literal(":clock:") + cast(Clock.id, String) + ":" + cast(Clock.due_on, String) + ":%"

    def told(level: Level) -> ColumnElement[bool]:
        named = literal(f"feedback/notices/{level}:{Feedback.__tablename__}:") + cast(item_id, String) + clock
        return exists().where(Notice.subject_type == Feedback.__tablename__, Notice.subject_id == item_id, Notice.dedup.like(named))

    steps = (Level.OVERDUE, Level.ESCALATED)
    return or_(*(and_(Clock.due_on <= ladder.latest(level, today, calendar), ~told(level)) for level in steps))


def _in_batches(wanted: Select[Any]) -> Iterator[list[Debt]]:
    """Yield the debts of the clocks of one stage that *wanted* finds, in the order of ix_clock_running, which holds no other ones."""
    wanted = wanted.where(Clock.stopped_at.is_(None), Clock.cancelled_at.is_(None)).order_by(Clock.due_on, Clock.id).limit(BATCH)
    last = (dt.date.min, 0)
    while rows := db.session.scalars(wanted.where(Clock.due_on >= last[0], tuple_(Clock.due_on, Clock.id) > last)).all():
        debts = [debt for row in rows if (debt := _debt(row)) is not None]
        last = (rows[-1].due_on, rows[-1].id)  # asked now: whoever goes on with these may commit
        yield debts


def _debt(row: Clock) -> Debt | None:
    if row.due_on is None:
        return None
    if isinstance(row, FeedbackClock):
        return Debt(Owed.TRIAGE, row.feedback, row.feedback.desk_unit, row.due_on, f"clock:{row.id}")
    if isinstance(row, AssignmentClock) and isinstance(row.assignment, FeedbackAssignment):
        return Debt(Owed.TAKE, row.assignment.feedback, row.assignment.unit, row.due_on, f"clock:{row.id}")
    return None


def _short() -> Select[Any]:
    """Ask for the terms in which units were to take what they were offered, and have neither taken nor returned."""
    return (
        select(AssignmentClock)
        .join(Assignment, Assignment.id == AssignmentClock.assignment_id)
        .where(Assignment.state == State.OFFERED)
        .options(selectinload(AssignmentClock.assignment))
    )


def _at_desks() -> Select[Any]:
    return (
        select(FeedbackClock)
        .join(Feedback, Feedback.id == FeedbackClock.feedback_id)
        .where(Feedback.status == Status.RECEIVED)
        .options(joinedload(FeedbackClock.feedback).joinedload(Feedback.desk_unit))
    )


# --- a promise on the ladder ----------------------------------------------------------------------------------------


def may_hear(promise: Any, user: User, today: dt.date) -> bool:
    """Say whether *user* may hear of *promise* at all: none of the accused does, not even as the superior."""
    item = promise.feedback
    return item.accused_unit_id is None or bool(queries.not_accused([user], queries.standing_of(item), on=today))


def say_step(step: Escalation, user: User, now: dt.datetime) -> bool:
    """Tell *user* of a promise's step in the words of an item; above the unit's own superior there are none."""
    level = _words_of(step)
    promise: Any = step.assignment
    if level is not None:
        notify_users(
            [user],
            f"feedback/notices/{level}",
            promise.feedback,
            f"duty:{promise.id}:{step.due_on.isoformat()}",
            now=now,
            code=promise.feedback.code,
            owed=str(Owed.ANSWER if promise.duty == Duty.ANSWER else Owed.ACT),
            unit=step.unit.name,
            due_on=step.due_on,
            days=step.days,
        )
    return level is not None


def _words_of(step: Escalation) -> Level | None:
    if step.level in {rules.Level.OFFICER, rules.Level.HEAD}:
        if step.reached in rules.ABOVE:
            return None
        return Level.OVERDUE if step.days > 0 else Level.DUE_SOON
    return Level.ESCALATED if step.level == step.reached == rules.Level.SUPERIOR else None


def address(promise: Any, reach: Reach) -> tuple[str, dict[str, Any]] | None:
    """Return where a promise is opened by whoever may read its item."""
    opens = may_read(reach, queries.standing_of(promise.feedback))
    return ("staff.item", {"code": promise.feedback.code}) if opens else None


# --- the morning's digest --------------------------------------------------------------------------------------------


def digest(user: User, today: dt.date, calendar: WorkCalendar, *, now: dt.datetime) -> bool:
    """Send *user* one e-mail with what awaits them today; say whether anything does. Nothing is sent twice on a day."""
    if not user.active or not user.preferences.get("digest", True):
        return False
    counts: dict[str, Any] = _awaits(user, today, calendar)
    if not any(counts.values()):
        return False
    notify(
        channel=Channel.EMAIL,
        template="feedback/notices/digest",
        about=user,
        occasion=today.isoformat(),
        user=user,
        locale=user.locale,
        now=now,
        day_on=today,
        **counts,
    )
    return True


def _awaits(user: User, today: dt.date, calendar: WorkCalendar) -> dict[str, int]:
    reach = reach_of(user, on=today)
    counts = dict.fromkeys(("late", "today", "soon", "offered", "promised_late", "desk", "papers", "numbers"), 0)
    if reach.may_anywhere(Permission.FEEDBACK_HANDLE):
        soon = lists.soon_until(today, calendar)
        answer = lists.duty_counts(lists.Cut(), reach, today=today, soon=soon)
        act = lists.duty_counts(lists.Cut(duty=Duty.ACT), reach, today=today, soon=soon)
        counts |= {name: answer[name] for name in ("late", "today", "soon", "offered")} | {"promised_late": act["late"]}
    if reach.may_anywhere(Permission.FEEDBACK_TRIAGE):
        counts["desk"] = lists.desk_counts("", reach)["waiting"]
    for name, permission in (("papers", Permission.FEEDBACK_APPROVE), ("numbers", Permission.FEEDBACK_NUMBER)):
        if reach.may_anywhere(permission):
            counts[name] = len(papers.at_hand(permission, reach, on=today, shown=False))
    return counts


def readers() -> list[int]:
    """Return the ids of everybody with an account in service."""
    return list(db.session.scalars(select(User.id).where(User.active).order_by(User.id)))
