"""Questions about units, places and fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import or_

from app.database import db
from app.fold import fold, sort_key
from app.kept import while_unchanged
from app.units import rules
from app.units.models import Field, Place, SigningStep, Unit, UnitSuccession

#: Where nobody set a chain: a small commune works so.
SHORTEST_CHAIN = [SigningStep.SIGNER, SigningStep.RECORDS]


def root_units() -> list[Unit]:
    """Return the units that stand below none, the oldest first."""
    return list(db.session.scalars(db.select(Unit).where(Unit.parent_id.is_(None)).order_by(Unit.id)))


def unit_by_code(code: str) -> Unit | None:
    """Return the unit with that code."""
    return db.session.scalar(db.select(Unit).where(Unit.code == code))


def unit_named(name: str, *, parent_id: int | None) -> Unit | None:
    """Return the unit of that name below that one which has not ended."""
    same_parent = Unit.parent_id.is_(None) if parent_id is None else Unit.parent_id == parent_id
    return db.session.scalar(db.select(Unit).where(Unit.name == name, same_parent, Unit.valid_to.is_(None)).limit(1))


def tree(*, on: dt.date, closed: bool = False) -> list[tuple[Unit, int]]:
    """Return every unit that is there on that day with its depth, each parent before its children, children by name.

    With *closed* those that ended or have not begun are among them. A unit whose parent is left out stands at the top.
    """
    units = list(db.session.scalars(db.select(Unit)))
    shown = {unit.id: unit for unit in units if closed or unit.exists_on(on)}
    below: dict[int | None, list[Unit]] = {}
    for unit in shown.values():
        below.setdefault(unit.parent_id if unit.parent_id in shown else None, []).append(unit)
    rows: list[tuple[Unit, int]] = []

    def walk(parent_id: int | None, depth: int) -> None:
        for unit in sorted(below.get(parent_id, ()), key=lambda unit: (unit.parent_id is None and unit.id, sort_key(unit.name))):
            rows.append((unit, depth))
            walk(unit.id, depth + 1)

    walk(None, 0)
    return rows


def matching(rows: Sequence[tuple[Unit, int]], words: str) -> list[tuple[Unit, int]]:
    """Return the *rows* of :func:`tree` whose name or code has every word, with or without diacritics."""
    wanted = fold(words).split()
    return [
        (unit, depth) for unit, depth in rows if all(word in f"{fold(unit.name)} {fold(unit.short_name)} {unit.code}" for word in wanted)
    ]


def above(unit: Unit) -> list[Unit]:
    """Return *unit* and those above it, the nearest first."""
    ids = rules.path_ids(unit.path)
    found = {row.id: row for row in db.session.scalars(db.select(Unit).where(Unit.id.in_(ids)))}
    return [found[step] for step in reversed(ids)]


def below(unit: Unit, *, on: dt.date) -> list[Unit]:
    """Return the units below *unit* (not itself) that are there on that day, by name."""
    rows = db.session.scalars(
        db.select(Unit).where(
            Unit.path.startswith(unit.path, autoescape=True),
            Unit.id != unit.id,
            Unit.valid_from <= on,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= on),
        )
    )
    return sorted(rows, key=lambda row: sort_key(row.name))


def by_level_and_name(units: Iterable[Any]) -> list[Any]:
    """Return *units* (or rows that have a unit's level and name) as lists offer them: the province's first, by name."""
    return sorted(units, key=lambda unit: (unit.level != "province", sort_key(unit.name)))


def signing_chain(unit: Unit) -> list[SigningStep]:
    """Return the hands a paper of *unit* goes through: its own chain, or that of the nearest unit above which has one."""
    chain = next((each.signing_chain for each in above(unit) if each.signing_chain), None)
    return [SigningStep(step) for step in chain or SHORTEST_CHAIN]


def successions_of(unit: Unit) -> list[UnitSuccession]:
    """Return what took the place of *unit*, in the order of the days."""
    return list(
        db.session.scalars(
            db.select(UnitSuccession).where(UnitSuccession.from_id == unit.id).order_by(UnitSuccession.effective_on, UnitSuccession.id)
        )
    )


def answering_unit(unit: Unit, *, place_id: int | None, field_id: int | None, on: dt.date) -> Unit | None:
    """Return who answers on that day for what *unit* once did: itself, or its successor's successor's…; None where nobody does."""
    seen = set()
    while unit.id not in seen:
        seen.add(unit.id)
        row = rules.successor(successions_of(unit), place_id=place_id, field_id=field_id, on=on)
        if row is None:
            return unit if unit.exists_on(on) else None
        unit = row.to
    return None  # a circle; operations refuse to make one


def due_successions(on: dt.date) -> list[UnitSuccession]:
    """Return the successions whose day has come and whose open items were not moved yet, the most specific first."""
    rows = db.session.scalars(db.select(UnitSuccession).where(UnitSuccession.effective_on <= on, UnitSuccession.applied_at.is_(None)))
    return sorted(rows, key=lambda row: (row.effective_on, -rules.specificity(row), row.id))


def provinces() -> list[Place]:
    """Return the provinces, by name."""
    return list(db.session.scalars(db.select(Place).where(Place.kind == "province").order_by(Place.sort_key)))


def communes() -> list[Place]:
    """Return the communes, wards and special zones this install knows: those of its province, by name."""
    kinds = ("ward", "commune", "special_zone")
    return list(db.session.scalars(db.select(Place).where(Place.kind.in_(kinds)).order_by(Place.sort_key, Place.id)))


def fields(*, active: bool | None = True) -> list[Field]:
    """Return the fields of public business in their order; with active=None those switched off too."""
    statement = db.select(Field).order_by(Field.position, Field.id)
    return list(db.session.scalars(statement if active is None else statement.where(Field.active.is_(active))))


class Named(NamedTuple):
    """What a page shows of a unit, a place or a field."""

    id: int
    code: str
    name: str


@while_unchanged("unit")
def named_units() -> Mapping[int, Named]:
    """Return every unit by its id."""
    return {row.id: Named(*row) for row in db.session.execute(db.select(Unit.id, Unit.code, Unit.name))}


@while_unchanged("place")
def named_places() -> Mapping[int, Named]:
    """Return every place by its id, named as in an address."""
    return {row.id: Named(row.id, row.code, row.full_name) for row in db.session.scalars(db.select(Place))}


@while_unchanged("field")
def named_fields() -> Mapping[int, Named]:
    """Return every field by its id, in their order."""
    return {row.id: Named(row.id, row.code, row.name) for row in fields(active=None)}


def with_code(named: Mapping[int, Named], code: str) -> Named | None:
    """Return the one of *named* that has that code."""
    return next((each for each in named.values() if each.code == code), None) if code else None
