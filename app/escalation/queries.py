"""Who stands at each level of the ladder, which rungs there are, and where a promise stands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from functools import cached_property

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select, tuple_
from sqlalchemy.orm import joinedload

from app import settings
from app.accounts.models import Grant, User
from app.accounts.queries import held_on, holders
from app.assignments.models import Assignment
from app.calendar.days import WorkCalendar
from app.database import db
from app.escalation.models import Escalation, EscalationRule
from app.escalation.rules import OF_THE_UNIT, Climbed, Level, Rung, days_reached, rank
from app.escalation.voices import Matter
from app.permissions import Permission, Role
from app.units.models import Unit, UnitKind
from app.units.queries import above, root_units
from app.units.rules import path_ids
from app.versions import in_force


class People:
    """Who stands where on one day; each question is asked once."""

    def __init__(self, on: dt.date) -> None:
        self.on = on
        self._held: dict[tuple[Permission, int], list[User]] = {}

    def at(self, level: Level, promise: Assignment | Matter) -> list[User]:
        """Return whom *level* is for *promise*; empty where nobody stands there."""
        unit = promise.unit
        if level is Level.OFFICER:
            has_it = promise.officer
            return [has_it] if has_it is not None and has_it.active else self._holding(Permission.FEEDBACK_HANDLE, unit)
        if level is Level.HEAD:
            return self._holding(Permission.FEEDBACK_LEAD, unit)
        if level is Level.STEERING:
            return self.steering(unit)
        # Nobody is their own superior: who leads the unit too has heard it as its head.
        own = {user.id for user in self._holding(Permission.FEEDBACK_LEAD, unit)}
        found = self._superiors(unit, own) if level is Level.SUPERIOR else self._chairman(unit)
        return [user for user in found if user.id not in own]

    def steering(self, unit: Unit | None) -> list[User]:
        """Return the steering committee's people for *unit* (None: for the whole install): those of its standing body, where it has any."""
        body = settings.get("standing_body_id")
        standing = [grant for grant in self._steering if body is not None and body in {grant.user.unit_id, grant.unit_id}]
        heard = standing or [grant for grant in self._steering if self._over(grant, unit)]
        return list({grant.user_id: grant.user for grant in heard}.values())

    def _over(self, grant: Grant, unit: Unit | None) -> bool:
        return grant.everywhere or (unit is not None and grant.unit_id in path_ids(unit.path))

    @cached_property
    def _steering(self) -> list[Grant]:
        held = select(Grant).join(Grant.user).options(joinedload(Grant.user)).where(Grant.role == Role.STEERING, User.active)
        valid = held_on(self.on)
        return list(db.session.scalars(held.where(*valid).order_by(User.name_sort, User.id)))

    def _superiors(self, unit: Unit, own: set[int]) -> list[User]:
        """Return who leads the nearest unit above that somebody else leads."""
        for each in above(unit)[1:]:
            people = [user for user in self._holding(Permission.FEEDBACK_LEAD, each) if user.id not in own]
            if people and each.exists_on(self.on):
                return people
        return []

    def _chairman(self, unit: Unit) -> list[User]:
        line = [*reversed(above(unit)), *self._roots]
        top = next((each for each in line if each.kind == UnitKind.GOVERNMENT and each.exists_on(self.on)), None)
        return self._holding(Permission.OVERSIGHT_SIGN, top) if top is not None else []  # which heads hold, and nobody beside them

    @cached_property
    def _roots(self) -> list[Unit]:
        return root_units()

    def _holding(self, permission: Permission, unit: Unit) -> list[User]:
        key = (permission, unit.id)
        if key not in self._held:
            self._held[key] = holders(permission, unit, on=self.on, above=False)
        return self._held[key]


def all_rungs() -> list[EscalationRule]:
    """Return every version of every rung, the lowest first, the newest version first."""
    rows = db.session.scalars(select(EscalationRule).order_by(EscalationRule.effective_from.desc()))
    return sorted(rows, key=lambda row: (rank(row.level), row.days, row.code))


def rungs_in_force(on: dt.date) -> list[EscalationRule]:
    """Return the rungs that hold on a day, the lowest first."""
    return [row for row in all_rungs() if in_force(row, on)]


def has_to_climb(rungs: Iterable[Rung], today: dt.date, calendar: WorkCalendar) -> ColumnElement[bool]:
    """Return the condition of the promises that rules.to_climb gives a rung: what stands where it should is not even read."""
    return or_(false(), *(_has_yet_to_climb(rung, *days_reached(rung, today, calendar)) for rung in rungs))


def _has_yet_to_climb(rung: Rung, first: dt.date, last: dt.date) -> ColumnElement[bool]:
    done = exists().where(
        Escalation.assignment_id == Assignment.id,
        Escalation.matter == "",
        Escalation.code == rung.code,
        Escalation.due_on == Assignment.due_on,
        or_(Escalation.level.not_in(sorted(OF_THE_UNIT)), Escalation.unit_id == Assignment.unit_id),
    )
    about = [column.in_(names) for column, names in ((Assignment.kind, rung.kinds), (Assignment.duty, rung.duties)) if names]
    return and_(Assignment.due_sort.between(first, last), *about, ~done)


def climbed(assignment_ids: Collection[int], matter: str = "") -> dict[int, list[Climbed]]:
    """Return, by promise, the steps that it has climbed, or that what else is owed about it has."""
    found: dict[int, list[Climbed]] = {}
    columns = (Escalation.assignment_id, Escalation.code, Escalation.level, Escalation.due_on, Escalation.unit_id)
    wanted = select(*columns).where(Escalation.assignment_id.in_(assignment_ids), Escalation.matter == matter)
    for row in db.session.execute(wanted):
        found.setdefault(row.assignment_id, []).append(Climbed(row.code, row.level, row.due_on, row.unit_id))
    return found


def steps_of(assignment: Assignment) -> list[Escalation]:
    """Return what *assignment* has climbed, the first step first."""
    wanted = select(Escalation).where(Escalation.assignment_id == assignment.id).options(joinedload(Escalation.unit))
    return list(db.session.scalars(wanted.order_by(Escalation.climbed_on, Escalation.id)))


def people_told(steps: Iterable[Escalation]) -> dict[int, User]:
    """Return the accounts that *steps* were told to, by id."""
    ids = {user_id for step in steps for user_id in step.told}
    return {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))}


_RANK = case({str(level): rank(level) for level in Level}, value=Escalation.level, else_=0)
#: How high a promise stands for the day it owes now; empty while it stands on no rung.
_HIGHEST = (
    select(func.max(_RANK))
    .where(Escalation.assignment_id == Assignment.id, Escalation.matter == "", Escalation.due_on == Assignment.due_on, Escalation.days > 0)
    .correlate(Assignment)
    .scalar_subquery()
)


#: The same as the name of its level.
HIGHEST_LEVEL = case({rank(level): str(level) for level in Level}, value=_HIGHEST)


def standing_at(level: Level | None) -> ColumnElement[bool]:
    """Return the condition of the promises whose highest rung for the day they owe now is of *level*; None: that stand on none."""
    # Said of all steps at once, and not of each promise: the database then looks for none of a million by itself.
    owed_now = (Escalation.matter == "", Escalation.days > 0)
    if level is None:
        return ~exists().where(Escalation.assignment_id == Assignment.id, Escalation.due_on == Assignment.due_on, *owed_now)
    steps = select(Escalation.assignment_id, Escalation.due_on).where(*owed_now).group_by(Escalation.assignment_id, Escalation.due_on)
    return tuple_(Assignment.id, Assignment.due_on).in_(steps.having(func.max(_RANK) == rank(level)))


def levels(assignment_ids: Collection[int]) -> dict[int, Level]:
    """Return, by promise, its highest level for the day it owes now; of those on no rung nothing."""
    rows = db.session.execute(select(Assignment.id, _HIGHEST).where(Assignment.id.in_(assignment_ids)))
    return {id_: list(Level)[highest - 1] for id_, highest in rows if highest}


def nobody_count() -> int:
    """Return how many steps of promises that are still open reached nobody at all."""
    steps = (
        select(func.count(Escalation.id)).join(Escalation.assignment).where(Escalation.reached.is_(None), Assignment.closed_at.is_(None))
    )
    return db.session.scalar(steps) or 0
