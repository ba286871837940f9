"""Which promises a figure counts: one condition for each, by which the figure is counted and the list behind it is made.

A day ends at 24:00 in Vietnam: open and late "at the end of a span" are as of the end of its last day, or of today where that comes first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, or_

from app.assignments.models import Assignment
from app.assignments.rules import OPEN, State
from app.calendar.days import ONE_DAY
from dialogues.duties import Span

#: What was kept; what was returned went on as another unit's, and what was cancelled is owed by nobody: neither is counted anywhere.
KEPT = (State.DONE, State.VERIFIED)
ENDED = (State.RETURNED, State.CANCELLED)

Condition = Callable[[Span, dt.date], ColumnElement[bool]]


def _made(span: Span, _today: dt.date) -> ColumnElement[bool]:
    return Assignment.opened_on.between(span.first, span.last) & Assignment.state.not_in(ENDED)


def _closed(span: Span, _today: dt.date) -> ColumnElement[bool]:
    return Assignment.closed_on.between(span.first, span.last) & Assignment.state.in_(KEPT)


def _in_time(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _closed(span, today) & or_(Assignment.due_on.is_(None), Assignment.closed_on <= Assignment.due_on)


def _late(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _closed(span, today) & (Assignment.closed_on > Assignment.due_on)


def _open(span: Span, _today: dt.date) -> ColumnElement[bool]:
    still = Assignment.state.in_(sorted(OPEN)) | (Assignment.state.in_(KEPT) & (Assignment.closed_on > span.last))
    return (Assignment.opened_on <= span.last) & still


def _overdue(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _open(span, today) & (Assignment.due_on < min(today, span.last + ONE_DAY))


#: By the name that addresses and files use.
CONDITIONS: dict[str, Condition] = {
    "made": _made,
    "closed": _closed,
    "in_time": _in_time,
    "late": _late,
    "open": _open,
    "overdue": _overdue,
}


def condition(name: str, span: Span, today: dt.date) -> Any:
    """Return the condition of the promises that the figure *name* counts in *span*, as of *today*."""
    return CONDITIONS[name](span, today)
