"""Why a due date is the day it is, for the `why_date` component: from the very facts the day was counted from."""

from __future__ import annotations

from typing import Any

from app.assignments.models import Clock
from app.assignments.queries import counted
from app.calendar.days import CalendarNotLoaded, WorkCalendar
from app.calendar.rules import Rule
from feedback import words


def explanation(clock: Clock | None, calendar: WorkCalendar) -> dict[str, Any] | None:
    """Return the facts of *clock*'s due date; None without a clock, or where its calendar is not loaded yet."""
    if clock is None:
        return None
    try:
        count = counted(clock, calendar)
    except CalendarNotLoaded:
        return None
    rule = Rule.from_json(clock.rule)
    return {
        "rule_name": rule.name,
        "source": rule.source,
        "article": rule.article,
        "local": rule.local,
        "verified": str(rule.evidence),
        "start": count.start,
        "start_event": words.START_EVENTS.get(clock.start_event, clock.start_event),
        "due_on": count.due_on,
        "days": [{"date": mark.day, "number": mark.number, "skipped_reason": mark.skip, "name": mark.name} for mark in count.marks],
        "rolled_from": count.rolled_from,
    }
