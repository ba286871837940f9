"""Which promises a figure counts: one condition for each, by which the figure is counted and the list behind it is made.

A day ends at 24:00 in Vietnam: open and late "at the end of a span" are as of the end of its last day, or of today where that comes first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, true
from sqlalchemy.orm import aliased

from app.assignments.models import Assignment
from app.assignments.rules import HOPS_ALARM, OPEN, Duty, State
from app.calendar.days import ONE_DAY
from dialogues.duties import Span
from feedback.models import Feedback, FeedbackAssignment, Rating
from oversight.register import ages

#: What was kept; what was returned went on as another unit's, and what was cancelled is owed by nobody: neither is counted anywhere.
KEPT = (State.DONE, State.VERIFIED)
ENDED = (State.RETURNED, State.CANCELLED)
#: What is counted, said by what it is and not by what it is not: an index by state serves that.
OWED = (*sorted(OPEN), *KEPT)

Condition = Callable[[Span, dt.date], ColumnElement[bool]]


def _made(span: Span, _today: dt.date) -> ColumnElement[bool]:
    return Assignment.opened_on.between(span.first, span.last) & Assignment.state.in_(OWED)


def _kept(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _made(span, today) & Assignment.state.in_(KEPT)


def _reopened(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _made(span, today) & (Assignment.round > 1)


def _roundabout(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _made(span, today) & (Assignment.hops >= HOPS_ALARM)


def _closed(span: Span, _today: dt.date) -> ColumnElement[bool]:
    return Assignment.closed_on.between(span.first, span.last) & Assignment.state.in_(KEPT)


def _in_time(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _closed(span, today) & or_(Assignment.due_on.is_(None), Assignment.closed_on <= Assignment.due_on)


def _late(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _closed(span, today) & (Assignment.closed_on > Assignment.due_on)


def _open(span: Span, _today: dt.date) -> ColumnElement[bool]:
    still = Assignment.closed_on.is_(None) & Assignment.state.in_(sorted(OPEN))
    still |= Assignment.state.in_(KEPT) & (Assignment.closed_on > span.last)
    return (Assignment.opened_on <= span.last) & still


def _overdue(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _open(span, today) & (Assignment.due_on < min(today, span.last + ONE_DAY))


def _aged(bucket: ages.Bucket, span: Span, today: dt.date) -> ColumnElement[bool]:
    day = min(today, span.last + ONE_DAY)  # as register.as_of: what was opened on the last day of a span that is over is one day old
    old = Assignment.opened_on <= day - dt.timedelta(days=bucket.first)
    young = true() if bucket.last is None else Assignment.opened_on >= day - dt.timedelta(days=bucket.last)
    return _open(span, today) & old & young


def _due(span: Span, today: dt.date) -> ColumnElement[bool]:
    """Return what had to be kept by a day of the span that is over: kept, late or still open, it stays in here whatever is done."""
    return Assignment.due_on.between(span.first, min(span.last, today - ONE_DAY)) & Assignment.state.in_(OWED)


def _met(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _due(span, today) & Assignment.state.in_(KEPT) & (Assignment.closed_on <= Assignment.due_on)


def _missed(span: Span, today: dt.date) -> ColumnElement[bool]:
    """Return what became late by a day of the span: still open after it, or kept later."""
    return _due(span, today) & (Assignment.closed_on.is_(None) | (Assignment.closed_on > Assignment.due_on))


def _first_due(span: Span, today: dt.date) -> ColumnElement[bool]:
    return Assignment.first_due_on.between(span.first, min(span.last, today - ONE_DAY)) & Assignment.state.in_(OWED)


def _first_met(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _first_due(span, today) & Assignment.state.in_(KEPT) & (Assignment.closed_on <= Assignment.first_due_on)


def _rateable(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _closed(span, today) & (Assignment.kind == "feedback") & (Assignment.duty == Duty.ANSWER)


def _rated(span: Span, today: dt.date) -> ColumnElement[bool]:
    return _rateable(span, today) & or_(*(exists().where(*(on for _table, on in way)) for way in MARKS))


_ITEM_ID = FeedbackAssignment.__table__.c.feedback_id
_MERGED = aliased(Feedback)
_ITS_ROUND = Rating.round == Assignment.round
#: How an answer comes to its marks: those of who sent the item, and of who sent one that was merged into it. What is joined, and on what.
MARKS: tuple[tuple[tuple[Any, ColumnElement[bool]], ...], ...] = (
    ((Rating, (Rating.feedback_id == _ITEM_ID) & _ITS_ROUND),),
    ((_MERGED, _MERGED.merged_into_id == _ITEM_ID), (Rating, (Rating.feedback_id == _MERGED.id) & _ITS_ROUND)),
)


#: By the name that addresses and files use.
CONDITIONS: dict[str, Condition] = {
    "made": _made,
    "kept": _kept,
    "reopened": _reopened,
    "roundabout": _roundabout,
    "closed": _closed,
    "in_time": _in_time,
    "late": _late,
    "open": _open,
    "overdue": _overdue,
    **{f"open_{bucket.code}": partial(_aged, bucket) for bucket in ages.AGES},
    "due": _due,
    "met": _met,
    "missed": _missed,
    "first_due": _first_due,
    "first_met": _first_met,
    "rateable": _rateable,
    "rated": _rated,
}


#: What was due on a day of the span: a list by due day begins and ends there.
BY_DUE_DAY = ("due", "met", "missed")


def condition(name: str, span: Span, today: dt.date) -> Any:
    """Return the condition of the promises that the figure *name* counts in *span*, as of *today*."""
    return CONDITIONS[name](span, today)
