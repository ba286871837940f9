"""The counting tables of petitions: what was carried over and came in, what became of it, what is still in hand.

The forms of TT 02/2021/TT-TTCP (báo cáo công tác tiếp công dân, xử lý đơn), with the kinds of TT 05/2021/TT-TTCP: from memory. Every item
is in exactly one column of each side, so that carried + received = settled + … + in hand, in each row and below all of them. An item that
was merged is counted in the one it went into, one that was split in its parts. It counts for the unit that answers it, while nobody does
for the desk where it lies. Denunciations are sealed: of them only the totals of the province (oversight.figures.sealed).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.assignments.rules import Duty, State
from app.calendar.days import ONE_DAY
from app.clock import LOCAL
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Field, Unit
from app.units.queries import by_level_and_name
from dialogues.duties import Span
from feedback.lists import not_concerning
from feedback.models import Feedback, FeedbackAssignment
from feedback.rules import OPEN, Kind, Status

#: How many items one list shows.
PAGE = 100


class By(StrEnum):
    """What the rows of a table are."""

    UNIT = "unit"
    KIND = "kind"
    COMPETENCE = "competence"


#: Where they come from, and what became of them: the two sides that are equal.
CAME = ("carried", "received")
ENDED: dict[str, tuple[Status, ...]] = {
    "settled": (Status.ANSWERED, Status.CLOSED),
    "guided": (Status.GUIDED,),
    "forwarded": (Status.FORWARDED,),
    "refused": (Status.REFUSED,),
    "filed": (Status.FILED,),
    "withdrawn": (Status.WITHDRAWN,),
}
WENT = (*ENDED, "in_hand")
COLUMNS = (*CAME, "total", *WENT)
#: TT 05/2021 divides by competence: what the desk guided or forwarded was another's; what was refused, filed or withdrawn nobody's.
COMPETENCE: dict[str, tuple[Status, ...]] = {
    "within": (Status.IN_HAND, Status.ANSWERED, Status.CLOSED),
    "outside": (Status.GUIDED, Status.FORWARDED),
    "unfit": (Status.REFUSED, Status.FILED, Status.WITHDRAWN),
    "unsaid": (Status.RECEIVED,),
}
_COUNTED = [status for status in Status if status not in {Status.MERGED, Status.SPLIT}]


@dataclass(frozen=True)
class Asked:
    """Which items a table is about, and for whom."""

    span: Span
    reach: Reach
    unit: Unit | None = None  # with what is below it


@dataclass
class Row:
    """One line of a table."""

    key: Any  # id of the unit, Kind, competence; None: all
    thing: Any = None  # the Unit
    counts: Counter[str] = field(default_factory=Counter)

    def __getitem__(self, column: str) -> int:
        return self.counts[column]


_GIVEN = aliased(FeedbackAssignment)
_HOLDS = aliased(FeedbackAssignment)
#: The last unit that has it, or had it when it was answered.
_LATEST = (
    select(func.max(_GIVEN.id))
    .where(_GIVEN.feedback_id == Feedback.id, _GIVEN.duty == Duty.ANSWER, _GIVEN.state.not_in([State.RETURNED, State.CANCELLED]))
    .correlate(Feedback)
    .scalar_subquery()
)
_ENDED_AT = case((Feedback.status.in_(sorted(OPEN)), None), else_=func.coalesce(Feedback.answered_at, Feedback.closed_at))


def _bounds(span: Span) -> tuple[dt.datetime, dt.datetime]:
    begin, end = (dt.datetime.combine(day, dt.time(), LOCAL) for day in (span.first, span.last + ONE_DAY))
    return begin, end


def _condition(column: str, span: Span) -> ColumnElement[bool]:
    """Return the condition of what *column* counts, among what was there in *span*."""
    begin, end = _bounds(span)
    in_hand = or_(_ENDED_AT.is_(None), end <= _ENDED_AT)
    if column in ENDED:
        return and_(~in_hand, Feedback.status.in_(ENDED[column]))
    return {"carried": Feedback.received_at < begin, "received": Feedback.received_at >= begin, "in_hand": in_hand, "total": true()}[column]


def _of(wanted: Select[Any], asked: Asked) -> Select[Any]:
    """Narrow a statement over items to those that were there in the span, for units that may be looked at."""
    begin, end = _bounds(asked.span)
    scopes = [scope for each in (Permission.REGISTER_READ, Permission.OVERSIGHT_REPORT) for scope in asked.reach.scopes(each)]
    seen: ColumnElement[bool] = true()
    if not any(scope.everywhere for scope in scopes):
        paths = [Unit.path.startswith(scope.unit_path, autoescape=True) for scope in scopes if scope.unit_path]
        seen = or_(false(), *paths, *(Feedback.place_id == scope.place_id for scope in scopes if scope.place_id))
    inside = true() if asked.unit is None else Unit.path.startswith(asked.unit.path, autoescape=True)
    return (
        wanted.outerjoin(_HOLDS, _HOLDS.id == _LATEST)
        .join(Unit, Unit.id == func.coalesce(_HOLDS.unit_id, Feedback.desk_unit_id))
        .where(
            Feedback.status.in_(_COUNTED),
            Feedback.received_at < end,
            or_(_ENDED_AT.is_(None), begin <= _ENDED_AT),
            not_concerning(asked.reach.paths),
            seen,
            inside,
        )
    )


def tables(asked: Asked) -> dict[By, list[Row]]:
    """Return the table by each dimension, from one statement; rows without items are left out, but for the competences."""
    span = asked.span
    came = case((_condition("carried", span), "carried"), else_="received").label("came")
    in_hand = case((_condition("in_hand", span), 1), else_=0).label("left")
    counted: Any = select(Unit.id, Feedback.kind, Feedback.status, came, in_hand, func.count()).select_from(Feedback)
    found: dict[By, dict[Any, Row]] = {by: {} for by in By}
    found[By.COMPETENCE] = {code: Row(code) for code in COMPETENCE}
    grouped = _of(counted, asked).group_by(Unit.id, Feedback.kind, Feedback.status, came, in_hand)
    answer: Any = db.session.execute(grouped)
    for unit_id, kind, status, came_as, left, number in answer:
        became = "in_hand" if left else _column_of(status)
        keys = {By.UNIT: unit_id, By.KIND: kind, By.COMPETENCE: _competence_of(status)}
        for by, key in keys.items():
            row = found[by].setdefault(key, Row(key))
            for column in (came_as, "total", became):
                row.counts[column] += number
    units = {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(found[By.UNIT])))}
    for row in found[By.UNIT].values():
        row.thing = units[row.key]
    return {
        By.UNIT: [found[By.UNIT][unit.id] for unit in by_level_and_name(units.values())],
        By.KIND: [found[By.KIND][kind] for kind in Kind if kind in found[By.KIND]],
        By.COMPETENCE: list(found[By.COMPETENCE].values()),
    }


def total(rows: Iterable[Row]) -> Row:
    """Return the sum of *rows*."""
    whole = Row(None)
    for row in rows:
        whole.counts += row.counts
    return whole


def _column_of(status: str) -> str:
    return next(column for column, statuses in ENDED.items() if status in statuses)


def _competence_of(status: str) -> str:
    return next(code for code, statuses in COMPETENCE.items() if status in statuses)


def items(asked: Asked, by: By | None, key: Any, column: str, *, after: int = 0) -> list[Feedback]:
    """Return the items that the cell of *column* in the row *key* counts, PAGE of them behind the id *after*; by None: of all rows."""
    wanted = _of(select(Feedback), asked).where(_condition(column, asked.span), Feedback.id > after)
    if by == By.UNIT:
        wanted = wanted.where(Unit.id == key)
    elif by == By.KIND:
        wanted = wanted.where(Feedback.kind == key)
    elif by == By.COMPETENCE:
        wanted = wanted.where(Feedback.status.in_(COMPETENCE[key]))
    wanted = wanted.options(
        joinedload(Feedback.desk_unit),
        joinedload(Feedback.accused_unit),
        joinedload(Feedback.field).joinedload(Field.copied_to),
        selectinload(Feedback.assignments).joinedload(FeedbackAssignment.unit),
    )
    return list(db.session.scalars(wanted.order_by(Feedback.id).limit(PAGE)))
