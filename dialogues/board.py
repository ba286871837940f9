"""Who has met the people, who has a meeting coming, who is late: for every unit that a person may read, in a handful of statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_
from sqlalchemy.orm import aliased, joinedload

from app.accounts.queries import unit_in
from app.clock import LOCAL, local_date
from app.database import db
from app.fold import sort_key
from app.permissions import Permission, Reach
from app.units.models import Unit, UnitKind
from dialogues import duties
from dialogues.duties import DutyKind, Meeting, Standing, State
from dialogues.models import Chair, MeetingDuty, PlanLine, ReceptionDay, Session, YearPlan
from dialogues.rules import ChairPart, PlanState, ReceptionState, Status

HELD = (Status.HELD, Status.CONCLUDED, Status.PUBLISHED, Status.ARCHIVED)
COMING = (Status.PLANNED, Status.ANNOUNCED, Status.READY, Status.IN_SESSION)


@dataclass(frozen=True)
class Row:
    """A unit and one of its duties."""

    unit: Unit
    duty: MeetingDuty
    standing: Standing


def within(reach: Reach, permission: Permission = Permission.DIALOGUE_READ) -> ColumnElement[bool]:
    """Return the condition that *permission* holds for a unit, by its place in the tree or its area."""
    scopes = reach.scopes(permission)
    places = [scope.place_id for scope in scopes if scope.place_id is not None]
    return or_(unit_in(scopes), Unit.place_id.in_(places))


def all_duties() -> list[MeetingDuty]:
    """Return every duty, sessions first."""
    rows = db.session.scalars(db.select(MeetingDuty).order_by(MeetingDuty.id))
    return sorted(rows, key=lambda row: (row.kind != DutyKind.SESSION, row.id))


def rows(reach: Reach, *, year: int, today: dt.date) -> list[Row]:
    """Return each duty of each unit that *reach* may read and how it stands in *year*: the gravest first, the province before communes."""
    on = min(today, dt.date(year, 12, 31))
    there = db.select(Unit).where(within(reach), Unit.valid_from <= on, or_(Unit.valid_to.is_(None), Unit.valid_to >= on))
    units = db.session.scalars(there.options(joinedload(Unit.parent))).all()
    grave = list(State)
    found = _rows(units, db.select(Unit.id).where(within(reach)), year, today)
    return sorted(found, key=lambda row: (grave.index(row.standing.state), *_place(row.unit)))


def rows_of(unit: Unit, *, year: int, today: dt.date) -> list[Row]:
    """Return each duty of one unit and how it stands in *year*."""
    return _rows([unit], db.select(Unit.id).where(Unit.id == unit.id), year, today)


def in_order(units: Iterable[Unit], *, own_path: str) -> list[Unit]:
    """Return *units* as a list shows them: one's own unit first, then what is below it, the province before communes, by name."""
    return sorted(units, key=lambda unit: (unit.path != own_path, not unit.path.startswith(own_path), *_place(unit)))


def _place(unit: Unit) -> tuple[Any, ...]:
    return unit.level != "province", sort_key(unit.name), unit.id


def _rows(units: Sequence[Unit], inside: Select[Any], year: int, today: dt.date) -> list[Row]:
    of_unit = _by_unit([*_sessions(inside, year, today), *_receptions(inside, year)])
    planned = _planned(inside, year)
    return [
        Row(unit, duty, standing)
        for duty in all_duties()
        for unit in units
        if duties.binds(duty, unit) and (standing := _standing(duty, unit, of_unit, planned, year, today)) is not None
    ]


def _standing(
    duty: MeetingDuty, unit: Unit, meetings: dict[int, list[Meeting]], planned: dict[int, list[int]], year: int, today: dt.date
) -> Standing | None:
    return duties.standing(duty, unit, meetings.get(unit.id, ()), year=year, today=today, planned=planned.get(unit.id, ()))


def _planned(inside: Select[Any], year: int) -> dict[int, list[int]]:
    """Return the quarter of each line of the approved plans of *year*, by unit."""
    query = db.select(YearPlan.unit_id, PlanLine.quarter).join(YearPlan.lines)
    found: dict[int, list[int]] = {}
    approved = query.where(YearPlan.unit_id.in_(inside), YearPlan.year == year, YearPlan.state == PlanState.APPROVED)
    for unit_id, quarter in db.session.execute(approved):
        found.setdefault(unit_id, []).append(quarter)
    return found


def _by_unit(meetings: Iterable[Meeting]) -> dict[int, list[Meeting]]:
    found: dict[int, list[Meeting]] = {}
    for each in meetings:
        found.setdefault(each.unit_id, []).append(each)
    return found


def _sessions(inside: Select[Any], year: int, today: dt.date) -> list[Meeting]:
    """Return the sessions of *year* that the units *inside* hold or chair: one meeting for each of these."""
    begin, end = (dt.datetime(each, 1, 1, tzinfo=LOCAL) for each in (year, year + 1))
    body = aliased(Unit)
    query = (
        db.select(Session.id, Session.code, Session.unit_id, Session.status, Session.starts_at, Chair, body.kind)
        .outerjoin(Chair, Chair.session_id == Session.id)
        .outerjoin(body, body.id == Chair.unit_id)
        .where(
            Session.starts_at >= begin,
            Session.starts_at < end,
            Session.status.in_((*HELD, *COMING)),
            or_(Session.unit_id.in_(inside), Session.id.in_(db.select(Chair.session_id).where(Chair.unit_id.in_(inside)))),
        )
    )
    bodies: dict[int, set[int]] = {}
    deputies: set[tuple[int, int]] = set()
    with_front: set[int] = set()
    facts = {}
    for id_, code, unit_id, status, starts_at, chair, kind in db.session.execute(query):
        facts[id_] = (code, local_date(starts_at), status in HELD)
        bodies.setdefault(id_, {unit_id})
        if chair is not None and chair.part == ChairPart.CHAIR:
            bodies[id_].add(chair.unit_id)
            if chair.is_deputy:
                deputies.add((id_, chair.unit_id))
        if kind == UnitKind.FRONT:
            with_front.add(id_)
    return [
        Meeting(unit_id, DutyKind.SESSION, day, held, code, id_ in with_front, (id_, unit_id) in deputies)
        for id_, (code, day, held) in facts.items()
        if held or day >= today
        for unit_id in sorted(bodies[id_])
    ]


def _receptions(inside: Select[Any], year: int) -> list[Meeting]:
    query = db.select(ReceptionDay.unit_id, ReceptionDay.day, ReceptionDay.state, ReceptionDay.uid).where(
        ReceptionDay.unit_id.in_(inside),
        ReceptionDay.day.between(dt.date(year, 1, 1), dt.date(year, 12, 31)),
        ReceptionDay.state.in_((ReceptionState.HELD, ReceptionState.PLANNED)),
    )
    return [
        Meeting(unit_id, DutyKind.RECEPTION, day, state == ReceptionState.HELD, str(uid))
        for unit_id, day, state, uid in db.session.execute(query)
    ]
