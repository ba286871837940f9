"""The calendar changed: every open clock is counted again from its own facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.access import Actor
from app.assignments.models import AssignmentClock, Clock
from app.assignments.operations import set_due
from app.assignments.operations.clocks import recompute
from app.assignments.queries import counted
from app.audit import record
from app.calendar.days import CalendarNotLoaded, WorkCalendar
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage
from app.database import db
from feedback.models import FeedbackClock
from feedback.operations import clocks

CALENDAR = "calendar"  # why, in the audit


BATCH = 500  # clocks in memory at once


def recount(*, actor: Actor, now: dt.datetime, without_day: bool = False) -> int:
    """Count all open clocks again, or those *without_day*, and show the new days on the units' duties; return how many days moved."""
    open_ = select(Clock.id).where(Clock.stopped_at.is_(None), Clock.cancelled_at.is_(None)).order_by(Clock.id)
    ids = db.session.scalars(open_.where(Clock.due_on.is_(None)) if without_day else open_).all()
    moved = 0
    for first in range(0, len(ids), BATCH):
        moved += _recount(ids[first : first + BATCH], actor=actor, now=now)
        db.session.flush()  # what is written may leave the memory
    return moved


def _recount(ids: Sequence[int], *, actor: Actor, now: dt.datetime) -> int:
    calendar = work_calendar()
    running = db.session.scalars(select(Clock).where(Clock.id.in_(ids)).options(selectinload(Clock.pauses)).order_by(Clock.id)).all()
    told = {each.id: each.due_on for each in running}
    moved = recompute(
        [each for each in running if not _still_undetermined(each, calendar)], calendar=calendar, actor=actor, now=now, why=CALENDAR
    )
    for each in moved:
        # A duty that shows the day of a clock of its own goes with it; a day that somebody typed has no clock, and stays as it was given.
        if isinstance(each, AssignmentClock) and each.stage != Stage.TAKE and each.assignment.due_on == told[each.id]:
            set_due(each.assignment, each.due_on)
    of_items = [each for each in moved if isinstance(each, FeedbackClock)]
    for each in of_items:
        if each.due_on is not None:
            days = {"was": was.isoformat() if (was := told[each.id]) else None, "due_on": each.due_on.isoformat()}
            record(actor, "feedback.recounted", each.feedback, at=now, stage=each.stage, **days)
    items = {each.feedback for each in of_items}
    for item in items | {item.merged_into for item in items if item.merged_into is not None}:
        clocks.show_due(item)
    return len(moved)


def _still_undetermined(clock: Clock, calendar: WorkCalendar) -> bool:
    """Say whether there was no day for it, and still is none: that was written down once."""
    if clock.due_on is not None:
        return False
    try:
        counted(clock, calendar)
    except CalendarNotLoaded:
        return True
    return False
