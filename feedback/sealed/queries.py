"""Which sealed cases a person may know of; nothing else is asked of the register."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, or_

from app import crypto
from app.accounts.models import Delegation, Grant, User
from app.accounts.queries import granted, held_on, people, reach_of, standing_in_on
from app.database import db
from app.permissions import Permission, Reach, Role, Scope
from app.units.models import Unit
from feedback import codes
from feedback.sealed import rules, thread
from feedback.sealed.models import Heading, SealedCase, SealedCaseStep, SealedGrant, SealedReveal

FOUND = 10  # people shown for one name


def all_is_readable(*, on: dt.date) -> bool:
    """Say whether every case has a reader, whatever unit it is about: two for the whole install, and no top unit is above both."""
    trees = []
    for reader in granted(Permission.SEALED_READ, on=on):
        reach = reach_of(reader, on=on)
        if reach.may(Permission.SEALED_READ):
            trees.append({path.split("/")[1] for path in reach.paths})
    return bool(trees) and not set.intersection(*trees)


# --- who may know of which case -----------------------------------------------------------------------------------------


def open_to(reader: User, *, on: dt.date, before: SealedCase | None = None, unopened: bool = False) -> Iterator[SealedCase]:
    """Yield the cases that *reader* may know of, the newest first: those older than *before*, or those that wait to be read by them."""
    query = db.select(SealedCase).order_by(SealedCase.id.desc())
    if before is not None:
        query = query.where(SealedCase.id < before.id)
    if unopened:
        query = query.where(~SealedCase.steps.any(SealedCaseStep.kind == rules.SealedStep.OPENED) | thread.is_unread())
    if not reader.reach.may_anywhere(Permission.SEALED_READ):
        mine = db.select(SealedGrant.case_id).where(SealedGrant.user_id == reader.id, _in_force(on))
        query = query.where(or_(SealedCase.head_id == reader.id, SealedCase.id.in_(mine)))
    cases = db.session.scalars(query).all()
    standings = _standings(cases, reader, on)
    # What was handed to a head is no more for intake to read: nothing of it waits for them.
    may = rules.may_open if unopened else rules.may_know
    for case in cases:
        if may(reader.reach, standings[case.id]):
            yield case


def knows_any(reader: User, *, on: dt.date) -> bool:
    """Say whether there is anything here for *reader*: the role of sealed intake, or a case of theirs."""
    return reader.reach.may_anywhere(Permission.SEALED_READ) or next(open_to(reader, on=on), None) is not None


def standing_of(case: SealedCase, reader: User, *, on: dt.date) -> rules.Standing:
    """Return what deciding needs to know of *case* and *reader*."""
    return _standings([case], reader, on)[case.id]


def may_know(reader: User, case: SealedCase, *, on: dt.date) -> bool:
    """Say whether *reader* may know that there is *case*."""
    return rules.may_know(reader.reach, standing_of(case, reader, on=on))


def may_open(reader: User, case: SealedCase, *, on: dt.date) -> bool:
    """Say whether *reader* may read what was written."""
    return rules.may_open(reader.reach, standing_of(case, reader, on=on))


def may_read_copy(reader: User, case: SealedCase, *, on: dt.date) -> bool:
    """Say whether *reader* may read the working copy."""
    return rules.may_read_copy(reader.reach, standing_of(case, reader, on=on))


def somebody_else_opens(user: User, case: SealedCase, *, on: dt.date) -> bool:
    """Say whether anybody but *user* may read what was written."""
    able = {*granted(Permission.SEALED_READ, on=on), *(each.user for each in grants_in(case, on=on) if each.user.active)}
    if case.head is not None and case.head.active:
        able.add(case.head)
    return any(rules.may_open(reach_of(each, on=on), standing_of(case, each, on=on)) for each in able if each.id != user.id)


def by_uid(uid: uuid.UUID, reader: User, *, on: dt.date) -> SealedCase | None:
    """Return that case; None alike where there is none and where *reader* may not know of it."""
    case = db.session.scalar(db.select(SealedCase).where(SealedCase.uid == uid))
    return case if case is not None and may_know(reader, case, on=on) else None


def by_code_and_key(code: str, key: str, reader: User, *, on: dt.date) -> SealedCase | None:
    """Return the case whose slip carries both; None alike for a wrong code, a wrong key and a case not for *reader*."""
    try:
        index = crypto.blind_index(f"sealed:{codes.read_code(code)}")
    except codes.CodeInvalid:
        return None
    case = db.session.scalar(db.select(SealedCase).where(SealedCase.code_index == index))
    if case is None or not crypto.digest_matches(codes.read_key(key), case.key_digest) or not case.key_is_ours:
        return None
    return case if may_know(reader, case, on=on) else None


def _standings(cases: Sequence[SealedCase], reader: User, on: dt.date) -> dict[int, rules.Standing]:
    if not cases:
        return {}
    shadows = _Shadows(on)
    mine = db.session.scalars(db.select(SealedGrant).where(SealedGrant.user_id == reader.id, _in_force(on)))
    grants = {grant.case_id: grant for grant in mine if grant.is_ours}
    return {case.id: _standing(case, grants.get(case.id), shadows) for case in cases}


def _standing(case: SealedCase, grant: SealedGrant | None, shadows: _Shadows) -> rules.Standing:
    heading = case.heading
    paths, ids = shadows.of(heading)
    bare = rules.Standing(shadows.path(heading.accused_unit_id), paths, ids, heading.confirmed)
    head = shadows.head(case.head_id) if case.head_id is not None and case.head_is_ours else None
    return replace(
        bare,
        head_id=head.user_id if head is not None and not rules.is_excluded(head, bare) else None,
        extent=rules.Extent(grant.extent) if grant is not None else None,
        declared=grant is not None and grant.declared_at is not None,
    )


def _in_force(on: dt.date) -> ColumnElement[bool]:
    return SealedGrant.ended_at.is_(None) & (SealedGrant.until >= on)


# --- who is kept out ----------------------------------------------------------------------------------------------------


class _Shadows:
    """The units and people that an accusation keeps out on one day; each is asked for once, and only where somebody is accused."""

    def __init__(self, on: dt.date) -> None:
        self.on = on
        self._paths: dict[int, str] | None = None
        self._people: dict[int, tuple[frozenset[str], frozenset[int]]] = {}
        self._heads: dict[int, Reach] | None = None

    def path(self, unit_id: int | None) -> str | None:
        if unit_id is None:
            return None
        if self._paths is None:
            self._paths = dict(db.session.execute(db.select(Unit.id, Unit.path)).all())
        return self._paths[unit_id]

    def of(self, heading: Heading) -> tuple[tuple[str, ...], frozenset[int]]:
        """Return the units and people kept out: the accused, units they lead, who stands in for them."""
        paths, ids = {self.path(heading.accused_unit_id)} - {None}, frozenset[int]()
        for user_id in heading.accused_ids:
            led, people_ = self._person(user_id)
            paths, ids = paths | led, ids | people_
        return tuple(sorted(path for path in paths if path)), ids

    def _person(self, user_id: int) -> tuple[frozenset[str], frozenset[int]]:
        if user_id not in self._people:
            reach = reach_of(db.session.get_one(User, user_id), on=self.on)
            led = frozenset("/" if scope.everywhere else scope.unit_path for role, scope in reach.holds if role is Role.HEAD)
            deputies = db.session.scalars(db.select(Delegation.to_id).where(Delegation.from_id == user_id, *standing_in_on(self.on)))
            self._people[user_id] = frozenset(path for path in led if path), frozenset({user_id, *deputies})
        return self._people[user_id]

    def head(self, user_id: int | None) -> Reach | None:
        """Return the reach of that person if they head a unit on the day by a role of their own."""
        if user_id is not None and self._heads is None:
            self._heads = {user.id: reach_of(user, on=self.on) for user, _unit in heads(on=self.on)}
        return self._heads.get(user_id) if self._heads is not None and user_id is not None else None


def heads(*, on: dt.date) -> list[tuple[User, Unit]]:
    """Return who heads which unit by a role of their own, the units from the top down."""
    rows = db.session.execute(
        db.select(User, Unit)
        .join(Grant, Grant.user_id == User.id)
        .join(Unit, Unit.id == Grant.unit_id)
        .where(User.active, Grant.role == Role.HEAD, *held_on(on))
        .order_by(Unit.path, User.name_sort, User.id)
    )
    return [(user, unit) for user, unit in rows]


def excluded(case: SealedCase, users: Iterable[User], *, on: dt.date) -> set[int]:
    """Return the ids of those of *users* who are kept out of *case*."""
    paths, ids = _Shadows(on).of(case.heading)
    bare = rules.Standing(None, paths, ids)
    return {user.id for user in users if rules.is_excluded(reach_of(user, on=on), bare)}


def heads_for(case: SealedCase, *, on: dt.date) -> list[tuple[User, Unit]]:
    """Return the heads who may decide on *case*; none where the highest is accused: then it goes to the superior, by hand."""
    every = heads(on=on)
    paths, _ids = _Shadows(on).of(case.heading)
    out = excluded(case, {user for user, _unit in every}, on=on)
    # A top unit that is accused, or whose head is, leaves nobody above to decide here.
    if any(path.count("/") == 2 for path in paths) or "/" in paths:  # noqa: PLR2004 - /1/ is a top unit
        return []
    return [(user, unit) for user, unit in every if user.id not in out and not rules.lies_below([unit.path], paths)]


def named(words: str) -> list[User]:
    """Return active people whose name or e-mail has every word."""
    if not words.strip():
        return []
    return list(db.session.scalars(people([Scope(everywhere=True)], words=words, active=True).limit(FOUND)))


# --- grants, and who asks who wrote -------------------------------------------------------------------------------------


def grant_of(case: SealedCase, user: User, *, on: dt.date) -> SealedGrant | None:
    """Return what *user* was granted of *case*, if that is not over."""
    return next((grant for grant in grants_in(case, on=on) if grant.user_id == user.id), None)


def involved(*, on: dt.date) -> Sequence[User]:
    """Return who decides on some case, and who was granted one."""
    heads_ = db.select(SealedCase.head_id).where(SealedCase.head_id.is_not(None))
    granted_ = db.select(SealedGrant.user_id).where(_in_force(on))
    return db.session.scalars(db.select(User).where(User.active, or_(User.id.in_(heads_), User.id.in_(granted_))).order_by(User.id)).all()


def grants_in(case: SealedCase, *, on: dt.date) -> Sequence[SealedGrant]:
    """Return the grants of *case* that are not over, the oldest first."""
    rows = db.session.scalars(db.select(SealedGrant).where(SealedGrant.case_id == case.id, _in_force(on)).order_by(SealedGrant.id))
    return [row for row in rows if row.is_ours]


def reveals_of(case: SealedCase) -> Sequence[SealedReveal]:
    """Return who asked to learn who wrote, the latest first."""
    rows = db.session.scalars(db.select(SealedReveal).where(SealedReveal.case_id == case.id).order_by(SealedReveal.id.desc()))
    return [row for row in rows if row.is_ours]


# --- the auditor --------------------------------------------------------------------------------------------------------


def steps_for(auditor: User, *, on: dt.date, before: uuid.UUID | None, limit: int) -> list[tuple[SealedCaseStep, str]]:
    """Return the newest *limit* steps older than *before*, each with the number by which an auditor knows its case.

    Not those of a case about a unit or a person of the auditor's. Whose auditor they are decides whose steps they see.
    """
    query = db.select(SealedCaseStep).order_by(SealedCaseStep.id.desc())
    if before is not None:
        query = query.where(SealedCaseStep.id < db.select(SealedCaseStep.id).where(SealedCaseStep.uid == before).scalar_subquery())
    shadows, kept_out, rows = _Shadows(on), dict[int, bool](), list[tuple[SealedCaseStep, str]]()
    for step in db.session.scalars(query).yield_per(limit):
        if step.case_id not in kept_out:
            paths, ids = shadows.of(step.case.heading)
            kept_out[step.case_id] = rules.is_excluded(auditor.reach, rules.Standing(None, paths, ids))
        if not kept_out[step.case_id] and auditor.reach.may(Permission.AUDIT_READ, unit_path=step.user.unit.path):
            rows.append((step, neutral_number(step.case)))
        if len(rows) == limit:
            break
    return rows


def neutral_number(case: SealedCase) -> str:
    """Return what stands for *case* where neither its code nor how many there are may be told."""
    return crypto.blind_index(f"sealed-number:{case.uid}")[:8].upper()
