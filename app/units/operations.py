"""What is done to units and fields. Every function takes who acts and when, records it, and leaves the commit to the edge."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from app import audit
from app.access import require
from app.database import db
from app.fold import fold
from app.permissions import Permission, Reach
from app.units import rules
from app.units.models import Field, Place, Unit, UnitSuccession
from app.units.queries import answering_unit, below, due_successions, fields, unit_by_code, unit_named

#: Called as each(succession, actor=…, now=…) when its day has come; a domain moves the open items it covers and returns how many.
on_succession: list[Callable[..., int]] = []

#: Called as each(unit, above, now=…) before *unit* moves away from below *above*.
on_move: list[Callable[..., None]] = []

ONE_DAY = dt.timedelta(days=1)


class CodeTaken(Exception):
    """Another unit or field has that code."""


class NameTaken(Exception):
    """A unit of that name is there already, below the same one: a form sent twice, or a slip."""


class UnitCircle(Exception):
    """A unit would stand below itself, or succeed itself."""


class UnitStillHasUnits(Exception):
    """Units below are still there on the day it would end."""


class UnitDatesInvalid(Exception):
    """A unit would end before it began, or take over before it was there."""


class UnitNeedsSuccessor(Exception):
    """A unit cannot end without one that takes what is open: a row for everything is missing."""


@dataclass(frozen=True, kw_only=True)
class UnitFacts:
    """What an administrator writes about a unit."""

    code: str
    name: str
    short_name: str
    kind: str
    level: str
    place_id: int | None = None
    is_reception: bool = False
    handles_feedback: bool = True
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    tax_code: str | None = None
    valid_from: dt.date


@dataclass(frozen=True)
class Heir:
    """Who takes over: all of it, or one area, one field, or one field in one area."""

    to: Unit
    place: Place | None = None
    field: Field | None = None


def create_root(facts: UnitFacts, *, actor: Any, now: dt.datetime) -> Unit:
    """Make the unit at the top of an install. :raise CodeTaken:."""
    return _create(facts, parent=None, actor=actor, now=now)


def create_unit(facts: UnitFacts, *, parent: Unit | None, actor: Any, now: dt.datetime) -> Unit:
    """Make a unit below *parent*, or (administrators of the whole install) at the top.

    :raise NotAllowed: :raise CodeTaken: :raise NameTaken:
    """
    require(actor.reach.may(Permission.SETTINGS_MANAGE, unit_path=parent.path if parent else None))
    return _create(facts, parent=parent, actor=actor, now=now)


def change_unit(unit: Unit, facts: UnitFacts, *, parent: Unit | None, actor: Any, now: dt.datetime) -> None:
    """Change *unit*, and move it with all below it when *parent* is another.

    :raise NotAllowed: :raise CodeTaken: :raise UnitCircle:
    """
    _require_below(actor, unit)
    if parent is not None and parent.path.startswith(unit.path):
        raise UnitCircle
    if (parent.id if parent else None) != unit.parent_id:
        require(actor.reach.may(Permission.SETTINGS_MANAGE, unit_path=parent.path if parent else None))
    _change(unit, facts, parent=parent, actor=actor, now=now)


def describe_root(unit: Unit, facts: UnitFacts, *, actor: Any, now: dt.datetime) -> None:
    """Say during set-up whose install this is. :raise NotAllowed:."""
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    _change(unit, facts, parent=None, actor=actor, now=now)


def set_signing_chain(unit: Unit, steps: Sequence[str], *, actor: Any, now: dt.datetime) -> None:
    """Set the hands a paper of *unit* goes through; an empty chain takes that of the unit above.

    :raise ChainInvalid: :raise NotAllowed:
    """
    require(actor.reach.may(Permission.SETTINGS_MANAGE, unit_path=unit.path))
    if steps or unit.parent_id is None:
        rules.check_chain(steps)
    if list(steps) != unit.signing_chain:
        unit.signing_chain = list(steps)
        audit.record(actor, "unit.changed", unit, at=now, changed=["signing_chain"])


def close_unit(unit: Unit, *, last_day: dt.date, heirs: Sequence[Heir], actor: Any, today: dt.date, now: dt.datetime) -> int:
    """Let *unit* be there for the last time on *last_day*; from the next day its *heirs* do what it did.

    What is open moves to them on that day (at once, if it has come): returns how many items moved now. Results stay with
    the unit of the time.

    :raise NotAllowed: :raise UnitDatesInvalid: :raise UnitStillHasUnits: :raise UnitNeedsSuccessor: :raise UnitCircle:
    """
    _require_below(actor, unit)
    if last_day < unit.valid_from:
        raise UnitDatesInvalid
    if below(unit, on=last_day + ONE_DAY):
        raise UnitStillHasUnits
    if not any(heir.place is None and heir.field is None for heir in heirs):
        raise UnitNeedsSuccessor
    unit.valid_to = last_day
    audit.record(actor, "unit.closed", unit, at=now, on=last_day.isoformat())
    for heir in heirs:
        _succeed(unit, heir, effective_on=last_day + ONE_DAY, actor=actor, now=now)
    _require_somebody_answers(unit, on=last_day + ONE_DAY)
    return apply_successions(actor=actor, today=today, now=now)


def hand_part_over(unit: Unit, heir: Heir, *, effective_on: dt.date, actor: Any, today: dt.date, now: dt.datetime) -> int:
    """Give one area or field of *unit*, which stays, to another from a day on; return how many items moved now.

    :raise NotAllowed: :raise UnitDatesInvalid: :raise UnitCircle:
    """
    _require_below(actor, unit)
    if heir.place is None and heir.field is None:
        raise UnitNeedsSuccessor
    _succeed(unit, heir, effective_on=effective_on, actor=actor, now=now)
    _require_somebody_answers(unit, on=effective_on)
    return apply_successions(actor=actor, today=today, now=now)


def apply_successions(*, actor: Any, today: dt.date, now: dt.datetime) -> int:
    """Move what is open wherever a succession's day has come; may run as often as one likes. Return how many items moved."""
    moved = 0
    for row in due_successions(today):
        moved += sum(move(row, actor=actor, now=now) for move in on_succession)
        row.applied_at = now
    db.session.flush()
    return moved


def create_field(
    *, code: str, name: str, hint: str, insider: bool, regulation: bool, copied_to: Unit | None, actor: Any, now: dt.datetime
) -> Field:
    """Add a field of public business behind the others. :raise NotAllowed: :raise CodeTaken:."""
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    present = fields(active=None)
    if code in {field.code for field in present}:
        raise CodeTaken
    row = Field(
        code=code,
        name=name,
        hint=hint,
        insider=insider,
        regulation=regulation,
        copied_to=copied_to,
        position=max((field.position for field in present), default=0) + 1,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise CodeTaken from error
    audit.record(actor, "field.created", row, at=now)
    return row


def change_field(row: Field, *, actor: Any, now: dt.datetime, **values: Any) -> None:
    """Change what is said of a field. :raise NotAllowed:."""
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        audit.record(actor, "field.changed", row, at=now, changed=changed)


def move_field(row: Field, *, up: bool, actor: Any, now: dt.datetime) -> None:
    """Let *row* change places with the field above or below it. :raise NotAllowed:."""
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    order = fields(active=None)
    here = order.index(row)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for position, field in enumerate(order, start=1):
        field.position = position
    audit.record(actor, "field.changed", row, at=now, changed=["position"])


def code_for(name: str) -> str:
    """Return a free code made of *name*."""
    plain = fold(name).replace(" ", "-")[:60].strip("-") or "don-vi"
    code, number = plain, 1
    while unit_by_code(code) is not None:
        number += 1
        code = f"{plain}-{number}"
    return code


def stands_below(reach: Reach, unit: Unit) -> bool:
    """Say whether an administrator looks after *unit*: one of a commune does so for what is below it, not for itself."""
    return any(
        scope.everywhere or (scope.unit_path is not None and unit.path.startswith(scope.unit_path) and unit.path != scope.unit_path)
        for scope in reach.scopes(Permission.SETTINGS_MANAGE)
    )


def _require_below(actor: Any, unit: Unit) -> None:
    require(stands_below(actor.reach, unit))


def _create(facts: UnitFacts, *, parent: Unit | None, actor: Any, now: dt.datetime) -> Unit:
    if unit_by_code(facts.code) is not None:
        raise CodeTaken
    parent_id = parent.id if parent else None
    if unit_named(facts.name, parent_id=parent_id) is not None:
        raise NameTaken
    unit = Unit(**vars(facts), parent_id=parent_id, path="", signing_chain=[])
    try:
        with db.session.begin_nested():  # the path ends in the unit's own id
            db.session.add(unit)
    except IntegrityError as error:  # somebody else took the code since we looked
        raise CodeTaken from error
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    audit.record(actor, "unit.created", unit, at=now, parent_id=unit.parent_id)
    db.session.flush()
    return unit


def _change(unit: Unit, facts: UnitFacts, *, parent: Unit | None, actor: Any, now: dt.datetime) -> None:
    other = unit_by_code(facts.code)
    if other is not None and other.id != unit.id:
        raise CodeTaken
    values = vars(facts) | {"parent_id": parent.id if parent else None}
    changed = sorted(name for name, value in values.items() if getattr(unit, name) != value)
    if "parent_id" in changed:
        for move in on_move:
            move(unit, unit.parent, now=now)
    for name in changed:
        setattr(unit, name, values[name])
    if "parent_id" in changed:
        _move_path(unit, f"{parent.path if parent else '/'}{unit.id}/")
    if changed:
        audit.record(actor, "unit.changed", unit, at=now, changed=changed)
    db.session.flush()


def _move_path(unit: Unit, path: str) -> None:
    was = unit.path
    for row in db.session.scalars(db.select(Unit).where(Unit.path.startswith(was, autoescape=True))):
        row.path = path + row.path.removeprefix(was)


def _succeed(unit: Unit, heir: Heir, *, effective_on: dt.date, actor: Any, now: dt.datetime) -> None:
    if not heir.to.exists_on(effective_on):
        raise UnitDatesInvalid
    place_id, field_id = heir.place.id if heir.place else None, heir.field.id if heir.field else None
    db.session.add(UnitSuccession(from_id=unit.id, to_id=heir.to.id, place_id=place_id, field_id=field_id, effective_on=effective_on))
    db.session.flush()
    audit.record(actor, "unit.succeeded", unit, at=now, to_id=heir.to.id, place_id=place_id, field_id=field_id, on=effective_on.isoformat())


def _require_somebody_answers(unit: Unit, *, on: dt.date) -> None:
    """:raise UnitCircle: when for some area or field the chain of successors of *unit* leads back into itself."""
    parts = {(row.place_id, row.field_id) for row in db.session.scalars(db.select(UnitSuccession))}
    for place_id, field_id in {(None, None), *parts}:
        if answering_unit(unit, place_id=place_id, field_id=field_id, on=on) is None:
            raise UnitCircle
