"""Whom an accusation keeps out: units and people, those of a case's time as well as those of today, and what took a unit's place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from app import clock
from app.accounts import former
from app.accounts.models import Delegation, Grant, User
from app.accounts.queries import held_on, reach_of
from app.database import db
from app.permissions import Reach, Role
from app.units.models import Unit, UnitSuccession
from feedback.sealed import rules
from feedback.sealed.models import Heading

_Until = tuple[Any, dt.date]  # a path or an id, and the last day


class Shadows:
    """The units and people that accusations keep out, asked on one day; each is asked for once, and only where somebody is accused."""

    def __init__(self, on: dt.date) -> None:
        self.on = on
        self._paths: dict[int, str] | None = None
        self._people: dict[int, tuple[list[_Until], list[_Until]]] = {}
        self._former: dict[int, list[tuple[str, dt.date]] | None] = {}
        self._heirs: list[tuple[str, str, dt.date]] | None = None
        self._heads: dict[int, Reach] | None = None

    def path(self, unit_id: int | None) -> str | None:
        """Return the path of that unit."""
        if unit_id is None:
            return None
        if self._paths is None:
            self._paths = dict(db.session.execute(db.select(Unit.id, Unit.path)).all())
        return self._paths[unit_id]

    def standing(self, heading: Heading, user_id: int) -> rules.Standing:
        """Return who is kept out of the case, and which units were that person's in its time."""
        paths, ids = self.of(heading)
        once = self._units_once(user_id, _since(heading)) if paths else ()
        if once is None:  # somebody changed by hand what says whose unit was theirs
            return rules.Standing(self.path(heading.accused_unit_id), paths, ids | {user_id}, heading.confirmed)
        return rules.Standing(self.path(heading.accused_unit_id), paths, ids, heading.confirmed, former_paths=once)

    def of(self, heading: Heading) -> tuple[tuple[str, ...], frozenset[int]]:
        """Return the units and people kept out: the accused, units they lead or led, who stands or stood in for them, and heirs.

        Where a row that says so was changed by hand, everybody is kept out until it is mended: whom it named before nobody knows.
        """
        units = {heading.accused_unit_id} | {each.id for each in heading.kept if each.kind == "unit"}
        paths, ids, since = {self.path(unit_id) for unit_id in units}, set[int](), _since(heading)
        for user_id in {*heading.accused_ids, *(each.id for each in heading.kept if each.kind == "person")}:
            led, deputies = self._person(user_id)
            paths |= {path for path, last in led if last >= since}
            ids |= {user_id, *(to_id for to_id, last in deputies if last >= since)}
        return tuple(sorted(self._with_heirs({path for path in paths if path}, since))), frozenset(ids)

    def head(self, user_id: int | None) -> Reach | None:
        """Return the reach of that person if they head a unit on the day by a role of their own."""
        if user_id is not None and self._heads is None:
            self._heads = {user.id: reach_of(user, on=self.on) for user, _unit in heads(on=self.on)}
        return self._heads.get(user_id) if self._heads is not None and user_id is not None else None

    def _person(self, user_id: int) -> tuple[list[_Until], list[_Until]]:
        if user_id not in self._people:
            reach = reach_of(db.session.get_one(User, user_id), on=self.on)
            led: list[_Until] = [
                ("/" if scope.everywhere else scope.unit_path, self.on) for role, scope in reach.holds if role is Role.HEAD
            ]
            once = db.select(Grant, Unit.path).outerjoin(Unit, Unit.id == Grant.unit_id).where(Grant.user_id == user_id)
            roles = db.session.execute(once).all()
            led += [(path, row.ends_on) for row, path in roles if path and row.role == Role.HEAD and row.ends_on and row.ends_on < self.on]
            lent = db.session.scalars(db.select(Delegation).where(Delegation.from_id == user_id)).all()
            if reach.doubtful or not all(row.is_ours for row in (*lent, *(row for row, _path in roles))):
                led.append(("/", dt.date.max))
            deputies = ((row.to_id, former.last_day(row)) for row in lent if row.starts_on <= min(self.on, former.last_day(row)))
            self._people[user_id] = led, list(deputies)
        return self._people[user_id]

    def _units_once(self, user_id: int, since: dt.date) -> tuple[str, ...] | None:
        if user_id not in self._former:
            self._former[user_id] = former.units_of(user_id, on=self.on)
        units = self._former[user_id]
        return None if units is None else tuple(sorted({path for path, last in units if last >= since}))

    def _with_heirs(self, paths: set[str], since: dt.date) -> Collection[str]:
        if not paths:
            return paths
        if self._heirs is None:
            rows = db.session.scalars(db.select(UnitSuccession).where(UnitSuccession.effective_on <= self.on))
            self._heirs = [(row.origin.path, row.to.path, row.effective_on) for row in rows if row.origin.valid_to is not None]
        return rules.with_heirs(paths, [(origin, heir) for origin, heir, day in self._heirs if day >= since])


def heads(*, on: dt.date) -> list[tuple[User, Unit]]:
    """Return who heads which unit by a role of their own, the units from the top down; nobody where such a role was changed by hand."""
    rows = db.session.execute(
        db.select(User, Unit, Grant)
        .join(Grant, Grant.user_id == User.id)
        .join(Unit, Unit.id == Grant.unit_id)
        .where(User.active, Grant.role == Role.HEAD, *held_on(on))
        .order_by(Unit.path, User.name_sort, User.id)
    ).all()
    doubtful = {unit.id for _user, unit, grant in rows if not grant.is_ours}
    return [(user, unit) for user, unit, _grant in rows if unit.id not in doubtful]


def _since(heading: Heading) -> dt.date:
    return clock.local_date(heading.received_at) - rules.BEFORE
