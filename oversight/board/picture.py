"""The picture: the promises of a cut counted by one dimension, each duty apart, each number with the cut that opens its cases."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from app.assignments.models import Assignment
from app.assignments.rules import Duty, State
from app.database import db
from app.escalation import queries as ladder
from app.escalation.rules import Level
from app.permissions import Reach
from app.units.models import Field, Place, Unit
from app.units.queries import by_level_and_name
from dialogues.models import Session
from oversight import register
from oversight.register import NO_RUNG, NONE, Cut, ages, kinds

#: What is counted of each row, as views of the register: what is late or due soon is among what is open.
COUNTED = ("open", "late", "soon", "in_time", "late_done")
LEVELS = ("province", "commune")

_TABLE = Assignment.__table__.c


@dataclass(frozen=True)
class Cell:
    """A number, and the part of the register that it counts."""

    number: int
    cut: Cut


@dataclass(frozen=True)
class Row:
    """One unit, area, field…: *thing* is its row in the database, or its code; None: what has none."""

    thing: Any
    cut: Cut
    cells: dict[str, dict[str, Cell]] = field(default_factory=dict)  # by duty, then by view


@dataclass(frozen=True)
class Dimension:
    """By what is counted."""

    key: Callable[[Cut, dt.date], Any]  # the column of SQL, of Assignment alone: what is read of another row, a million times, costs most
    things: Callable[[Iterable[Any]], list[tuple[Any, Any]]]  # the keys found → (key, thing) in the order they are shown
    narrow: Callable[[Cut, Any, Any], Cut]  # (cut, key, thing): the part of *cut* that the row counts
    fold: Callable[[set[Any]], dict[Any, Any]] = lambda values: {each: each for each in values}  # values of the column → keys of rows


def _stored(model: Any, order: Callable[[list[Any]], list[Any]]) -> Callable[[Iterable[Any]], list[tuple[Any, Any]]]:
    def things(keys: Iterable[Any]) -> list[tuple[Any, Any]]:
        found = set(keys)
        rows = list(db.session.scalars(select(model).where(model.id.in_(found - {None}))))
        return [*((row.id, row) for row in order(rows)), *([(None, None)] if None in found else [])]

    return things


def _fixed(codes: Callable[[], Iterable[str]]) -> Callable[[Iterable[Any]], list[tuple[Any, Any]]]:
    def things(keys: Iterable[Any]) -> list[tuple[Any, Any]]:
        found = set(keys)
        return [(code, code) for code in codes() if code in found]

    return things


def _level_of(unit_ids: set[Any]) -> dict[Any, Any]:
    return {id_: level for id_, level in db.session.execute(select(Unit.id, Unit.level)) if id_ in unit_ids}


def _bucket_of(buckets: tuple[ages.Bucket, ...]) -> Callable[[set[Any]], dict[Any, Any]]:
    return lambda days: {each: ages.code_of(each, buckets) for each in days}


def _narrow_late(cut: Cut, key: str, _thing: Any) -> Cut:
    bucket = ages.bucket(key, ages.LATENESS)
    if bucket is None:
        return cut
    # The cut may ask for some days late already: the row is what both hold.
    first = max(bucket.first, cut.late_from or 0)
    bounds = [each for each in (bucket.last, cut.late_to) if each is not None]
    return replace(cut, late_from=first or None, late_to=min(bounds) if bounds else None)


def _by_id(name: str) -> Callable[[Cut, Any, Any], Cut]:
    return lambda cut, key, _thing: replace(cut, **{name: NONE if key is None else key})


def _by_code(name: str) -> Callable[[Cut, Any, Any], Cut]:
    return lambda cut, key, _thing: replace(cut, **{name: key})


#: By the name that addresses use.
DIMENSIONS: dict[str, Dimension] = {
    "don-vi": Dimension(
        lambda _cut, _today: Assignment.unit_id,
        _stored(Unit, by_level_and_name),
        lambda cut, _key, unit: replace(cut, unit=unit, alone=True),
    ),
    "cap": Dimension(lambda _cut, _today: Assignment.unit_id, _fixed(lambda: LEVELS), _by_code("level"), _level_of),
    "noi": Dimension(
        lambda _cut, _today: _TABLE.place_id,
        _stored(Place, lambda rows: sorted(rows, key=lambda place: place.sort_key)),
        _by_id("place_id"),
    ),
    "linh-vuc": Dimension(
        lambda _cut, _today: _TABLE.field_id,
        _stored(Field, lambda rows: sorted(rows, key=lambda field_: (field_.position, field_.id))),
        _by_id("field_id"),
    ),
    "buoi": Dimension(
        lambda _cut, _today: _TABLE.session_id,
        _stored(Session, lambda rows: sorted(rows, key=lambda session: session.code, reverse=True)),
        _by_id("session_id"),
    ),
    "nguon": Dimension(lambda _cut, _today: Assignment.kind, _fixed(lambda: kinds.KINDS), _by_code("source")),
    "tinh-trang": Dimension(lambda _cut, _today: Assignment.state, _fixed(lambda: State), _by_code("state")),
    "tuoi": Dimension(
        lambda cut, today: ages.age(register.as_of(cut, today)),
        _fixed(lambda: [each.code for each in ages.AGES]),
        _by_code("age"),
        _bucket_of(ages.AGES),
    ),
    "bac": Dimension(
        lambda _cut, _today: ladder.HIGHEST_LEVEL,
        lambda keys: [(level, level) for level in (*Level, None) if level in set(keys)],
        lambda cut, key, _thing: replace(cut, rung=key or NO_RUNG),
    ),
    "tre": Dimension(
        lambda cut, today: ages.late_days(register.as_of(cut, today)),
        _fixed(lambda: [each.code for each in ages.LATENESS]),
        _narrow_late,
        _bucket_of(ages.LATENESS),
    ),
}


def rows(by: str, cut: Cut, reach: Reach, today: dt.date) -> list[Row]:
    """Return the picture of *cut* by a dimension, in one grouped statement and one that reads the names; a row of noughts is left out."""
    dimension, cut = DIMENSIONS[by], replace(cut, view="all")
    counted = register.counted(COUNTED, dimension.key(cut, today), cut, reach, today)
    keys = dimension.fold({value for value, _duty in counted})
    found: dict[Any, dict[str, Counter[str]]] = {}
    for (value, duty), numbers in counted.items():
        found.setdefault(keys[value], {}).setdefault(duty, Counter()).update(numbers)
    found = {key_: duties for key_, duties in found.items() if any(each[view] for each in duties.values() for view in COUNTED)}
    return [
        Row(thing, part := dimension.narrow(cut, key_, thing), _cells(part, found[key_], [cut.duty] if cut.duty else list(Duty)))
        for key_, thing in dimension.things(found)
    ]


def _cells(cut: Cut, found: dict[str, Any], duties: list[str]) -> dict[str, dict[str, Cell]]:
    return {
        duty: {
            view: Cell(found[duty][view] if duty in found else 0, replace(cut, duty=str(duty), view=view)) for view in COUNTED
        }
        for duty in duties
    }  # fmt: skip


def sums(rows_: list[Row], cut: Cut) -> dict[str, dict[str, Cell]]:
    """Return the foot of the picture: each duty's own sums, never one of both."""
    duties = [cut.duty] if cut.duty else list(Duty)
    return {
        duty: {
            view: Cell(sum(row.cells[duty][view].number for row in rows_), replace(cut, duty=str(duty), view=view)) for view in COUNTED
        }
        for duty in duties
    }  # fmt: skip
