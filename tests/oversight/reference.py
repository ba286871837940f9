"""The figures once more, slow and obvious: every row is read, and plain Python goes over all of them. No condition of SQL, no sum.

What stands in docs/figures.md is what is written here; oversight.figures must say the same.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass
from typing import Any

from app.accounts.models import User
from app.assignments.models import Assignment
from app.calendar.days import CalendarNotLoaded, WorkCalendar, working_days_between
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from dialogues.duties import Span
from feedback.models import Feedback, Rating

AGES = {"0-5": (0, 5), "6-10": (6, 10), "11-20": (11, 20), "21-30": (21, 30), "31-60": (31, 60), "61-180": (61, 180), "181": (181, 10**6)}
DAY = dt.timedelta(days=1)


@dataclass
class Promise:
    """A row and what it hangs on."""

    row: Any
    unit: Unit
    above: list[Unit]  # the unit itself first
    accused_id: int | None
    marks: list[int]


def read() -> list[Promise]:
    """Return every promise there is."""
    units = {unit.id: unit for unit in db.session.scalars(db.select(Unit))}
    items = {item.id: item for item in db.session.scalars(db.select(Feedback))}
    ratings = list(db.session.scalars(db.select(Rating)))
    found = []
    for row in db.session.execute(db.select(Assignment.__table__)):
        above = [units[row.unit_id]]
        while above[-1].parent_id is not None:
            above.append(units[above[-1].parent_id])
        marks = []
        for rating in ratings:
            item = items[rating.feedback_id]
            if (item.merged_into_id or item.id) == row.feedback_id and rating.round == row.round:
                marks.append(rating.score)
        accused_id = items[row.feedback_id].accused_unit_id if row.feedback_id else None
        found.append(Promise(row, units[row.unit_id], above, accused_id, marks))
    return found


def seen_by(reader: User, promises: list[Promise]) -> list[Promise]:
    """Return what *reader* may read: inside a scope of theirs, and not about their own unit."""
    scopes = reader.reach.scopes(Permission.REGISTER_READ)
    return [
        each
        for each in promises
        if any(
            scope.everywhere
            or (scope.unit_path and each.unit.path.startswith(scope.unit_path))
            or (scope.place_id and each.row.place_id == scope.place_id)
            for scope in scopes
        )
        and each.accused_id != reader.unit_id
    ]


def may_read_all_of(unit: Unit, reader: User) -> bool:
    """Say whether *unit* with what is below it lies in the reader's scope: only then there is a number for the whole of it."""
    scopes = reader.reach.scopes(Permission.REGISTER_READ)
    return any(scope.everywhere or (scope.unit_path and unit.path.startswith(scope.unit_path)) for scope in scopes)


def counts(name: str, promise: Promise, span: Span, today: dt.date) -> bool:  # noqa: C901, PLR0911, PLR0912 - one line for each figure
    """Say whether the figure *name* counts *promise*."""
    row = promise.row
    if row.state in {"returned", "cancelled"}:
        return False
    opened = span.first <= row.opened_on <= span.last
    kept = row.state in {"done", "verified"}
    closed = kept and span.first <= row.closed_on <= span.last
    left = row.opened_on <= span.last and (not kept or row.closed_on > span.last)
    match name:
        case "made":
            return opened
        case "kept":
            return opened and kept
        case "reopened":
            return opened and row.round > 1
        case "roundabout":
            return opened and row.hops >= 3
        case "closed":
            return closed
        case "in_time":
            return closed and (row.due_on is None or row.closed_on <= row.due_on)
        case "late":
            return closed and row.due_on is not None and row.closed_on > row.due_on
        case "open":
            return left
        case "overdue":
            return left and row.due_on is not None and row.due_on <= span.last and row.due_on < today
        case "due" | "met" | "missed":
            fell_due = row.due_on is not None and span.first <= row.due_on <= span.last and row.due_on < today
            met = fell_due and kept and row.closed_on <= row.due_on
            return {"due": fell_due, "met": met, "missed": fell_due and not met}[name]
        case "first_due" | "first_met":
            day = row.first_due_on
            fell_due = day is not None and span.first <= day <= span.last and day < today
            return fell_due and (name == "first_due" or (kept and row.closed_on <= day))
        case "rateable":
            return closed and row.kind == "feedback" and row.duty == "answer"
        case "rated":
            return closed and row.kind == "feedback" and row.duty == "answer" and len(promise.marks) > 0
    low, high = AGES[name.removeprefix("open_")]
    return left and low <= (min(today, span.last + DAY) - row.opened_on).days <= high


#: (numerator, denominator)
SHARES = {
    "on_time_share": ("met", "due"),
    "first_on_time_share": ("first_met", "first_due"),
    "closed_in_time_share": ("in_time", "closed"),
    "kept_share": ("kept", "made"),
    "reopened_share": ("reopened", "made"),
    "roundabout_share": ("roundabout", "made"),
    "response_rate": ("rated", "rateable"),
}


def figure(name: str, promises: list[Promise], span: Span, today: dt.date, calendar: WorkCalendar) -> tuple[Any, Any, Any, int]:
    """Return value, numerator, denominator and how many are unknown, of these promises alone."""

    def those(which: str) -> list[Promise]:
        return [each for each in promises if counts(which, each, span, today)]

    if name in SHARES:
        part, whole = (len(those(each)) for each in SHARES[name])
        return (part / whole if whole else None), part, whole, 0
    if name == "rating_mean":
        marks = [mark for each in those("rated") for mark in each.marks]
        return (sum(marks) / len(marks) if marks else None), sum(marks), len(marks), 0
    if name == "transfers_mean":
        hops = [each.row.hops for each in those("made")]
        return (sum(hops) / len(hops) if hops else None), sum(hops), len(hops), 0
    if name in {"median_days", "p90_days"}:
        took, unknown = [], 0
        for each in those("closed"):
            try:
                took.append(working_days_between(each.row.opened_on, each.row.closed_on, calendar))
            except CalendarNotLoaded:
                unknown += 1
        tenths = 5 if name == "median_days" else 9
        enough = [days for days in took if 10 * sum(other <= days for other in took) >= tenths * len(took)]
        return (min(enough) if enough else None), None, len(took), unknown
    return len(those(name)), len(those(name)), None, 0


def keys(by: str, promise: Promise, reader: User) -> list[Any]:
    """Return in which rows *promise* counts."""
    match by:
        case "unit":
            return [promise.unit.id]
        case "unit_below":
            return [unit.id for unit in promise.above if unit is promise.unit or may_read_all_of(unit, reader)]
        case "level":
            return [promise.unit.level]
        case "area":
            return [promise.row.place_id]
        case "field":
            return [promise.row.field_id]
    return [None]


def months(span: Span) -> list[Span]:
    """Return the months of *span*."""
    found = []
    for year in range(span.first.year, span.last.year + 1):
        for month in range(1, 13):
            first, last = dt.date(year, month, 1), dt.date(year, month, monthrange(year, month)[1])
            if first <= span.last and last >= span.first:
                found.append(Span(max(first, span.first), min(last, span.last)))
    return found
