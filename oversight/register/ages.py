"""How long a promise lay and how late it is, in days of the calendar, the same on both databases, and the spans lists are cut by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, bindparam, case
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.assignments.models import Assignment
from app.assignments.rules import State

#: What was returned went on as another unit's, and what was cancelled is owed by nobody: neither is late.
_ENDED = (State.RETURNED, State.CANCELLED)


class days_between(FunctionElement[int]):  # noqa: N801 - reads as the function of SQL that it is
    """The days from the first date to the second."""

    type = Integer()
    inherit_cache = True
    name = "days_between"


@compiles(days_between)
def _subtract(element: Any, compiler: Any, **more: Any) -> str:
    first, second = (compiler.process(each, **more) for each in element.clauses)
    return f"({second} - {first})"


@compiles(days_between, "sqlite")
def _julian(element: Any, compiler: Any, **more: Any) -> str:
    first, second = (compiler.process(each, **more) for each in element.clauses)
    return f"CAST(julianday({second}) - julianday({first}) AS INTEGER)"


@dataclass(frozen=True)
class Bucket:
    """Days from *first* to *last*, both counted; without *last*, and more."""

    code: str  # in addresses
    first: int
    last: int | None


#: Days since it was opened, until it was closed or until now.
AGES = (
    Bucket("0-5", 0, 5),
    Bucket("6-10", 6, 10),
    Bucket("11-20", 11, 20),
    Bucket("21-30", 21, 30),
    Bucket("31-60", 31, 60),
    Bucket("61-180", 61, 180),
    Bucket("181", 181, None),
)
#: Days late, while open or when it was closed.
LATENESS = (
    Bucket("0", 0, 0),
    Bucket("1-5", 1, 5),
    Bucket("6-10", 6, 10),
    Bucket("11-30", 11, 30),
    Bucket("31-90", 31, 90),
    Bucket("91", 91, None),
)


def bucket(code: str, buckets: tuple[Bucket, ...]) -> Bucket | None:
    """Return the bucket that an address calls *code*."""
    return next((each for each in buckets if each.code == code), None)


def _until(as_of: dt.date) -> ColumnElement[dt.date]:
    day = bindparam(None, as_of, Date(), unique=True)
    return case((Assignment.closed_on <= day, Assignment.closed_on), else_=day)


def age(as_of: dt.date) -> ColumnElement[int]:
    """Return in SQL how many days a promise lies, or lay until it was closed, as of a day."""
    return days_between(Assignment.opened_on, _until(as_of))


def late_days(as_of: dt.date) -> ColumnElement[int]:
    """Return in SQL how many days late a promise is, or was when it was closed; 0 for what is not, or is owed no more."""
    day = bindparam(None, as_of, Date(), unique=True)
    late = Assignment.state.not_in(_ENDED) & (
        ((Assignment.closed_on <= day) & (Assignment.due_on < Assignment.closed_on))
        | ((Assignment.closed_on.is_(None) | (Assignment.closed_on > day)) & (Assignment.due_on < day))
    )
    return case((late, days_between(Assignment.due_on, _until(as_of))), else_=0)


def late_days_of(row: Assignment, as_of: dt.date) -> int:
    """Return what :func:`late_days` says of *row*, for the place where the next page of a list begins."""
    if row.due_on is None or row.state in _ENDED:
        return 0
    until = row.closed_on if row.closed_on is not None and row.closed_on <= as_of else as_of
    return max(0, (until - row.due_on).days)


def within(days: ColumnElement[int], bucket_: Bucket) -> ColumnElement[bool]:
    """Say in SQL that *days* lie in a bucket."""
    if bucket_.last is None:
        return days >= bucket_.first
    # Nothing is younger than new, whatever the clock of a machine said when it was opened.
    return days.between(bucket_.first, bucket_.last) if bucket_.first else days <= bucket_.last


def code_of(days: int, buckets: tuple[Bucket, ...]) -> str:
    """Return the code of the bucket that *days* lie in, as :func:`within` says it in SQL: what is less than nothing lies in the first."""
    return next(each.code for each in reversed(buckets) if days >= each.first or each is buckets[0])
