"""A guarded role by two: one administrator asks, a second person agrees.

The second is another administrator, who leads the install, or who holds that role already. They stand there by a role of their own, for
whoever acts for somebody is no second person. Nor is who asked, who receives the role, or an account that those two could be behind: of the
same name or mailbox, or made, invited, renamed or given its lead by one of them lately; nor who did that to the account that asked. Where
nobody is left, the terminal of the machine agrees.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from app import audit
from app.access import SYSTEM, require
from app.accounts import guarded, rights, rules
from app.accounts.models import Grant, RoleRequest, User
from app.accounts.queries import reach_of, scopes_held, watchers
from app.audit import AuditEntry
from app.database import db, lock
from app.permissions import Role
from app.units.models import Place, Unit
from app.units.queries import root_units

#: So long an account that somebody made, or for which they made the link to its password, may be theirs: its person was not there yet, or
#: has not missed it yet.
LATELY = dt.timedelta(days=14)


class AskedAlready(Exception):
    """That role is asked for, and nobody has decided yet."""


class NeedsAnother(Exception):
    """Who asked does not agree, nor who receives the role, nor an account that one of them may be behind."""


class DecidedAlready(Exception):
    """Somebody else was faster, it was asked too long ago, or one of the two is no longer there."""


def ask(
    user: User,
    role: Role,
    *,
    unit: Unit | None = None,
    place: Place | None = None,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    actor: Any,
    today: dt.date,
    now: dt.datetime,
) -> RoleRequest:
    """Ask for *role* over *unit*, over *place*, or with neither over the whole install.

    :raise NotAllowed: :raise GrantToOneself: :raise rights.OverBeforeItHolds: :raise AskedAlready:
    """
    rights.require_to_give(user, role, unit=unit, place=place, actor=actor, today=today)
    _first_day(role, starts_on, ends_on, today=today)
    unit_id, place_id = unit.id if unit else None, place.id if place else None
    lock(user)
    if any((row.role, row.unit_id, row.place_id) == (role, unit_id, place_id) for row in guarded.open_for(user, now=now)):
        raise AskedAlready
    return guarded.propose(
        user, role, unit_id=unit_id, place_id=place_id, starts_on=starts_on, ends_on=ends_on, actor=actor, today=today, now=now
    )


def stands(row: RoleRequest, user: User, *, today: dt.date) -> bool:
    """Say whether *user* is one of those whose agreement counts, whoever asked."""
    own = reach_of(user, on=today, delegated=False)
    roots = root_units()
    may_give = rules.may_manage(own, unit_path=row.user.unit.path, holds=[*scopes_held(row.user, on=today), guarded.scope_of(row)])
    return may_give or rules.vouches(own, Role(row.role), guarded.scope_of(row), root_path=roots[0].path if roots else None)


def is_another(row: RoleRequest, user: User, *, now: dt.datetime) -> bool:
    """Say whether *user* is, as far as anybody knows, neither who asked nor who receives the role."""
    two = (row.asked_by, row.user)
    if any(rules.may_be_one(user, each) for each in two) or user.id in _behind(row.asked_by, now=now):
        return False
    return {each.id for each in two}.isdisjoint(_behind(user, now=now))


def may_see(row: RoleRequest, user: User, *, today: dt.date) -> bool:
    """Say whether *user* may read what is asked: who asked, whose agreement counts, and who keeps watch."""
    return row.is_ours and (user.id == row.asked_by_id or stands(row, user, today=today) or user in watchers(on=today))


def may_agree(row: RoleRequest, user: User, *, today: dt.date, now: dt.datetime) -> bool:
    """Say whether *user* may agree to what is asked."""
    return guarded.is_open(row, now=now) and stands(row, user, today=today) and is_another(row, user, now=now)


def may_refuse(row: RoleRequest, user: User, *, today: dt.date, now: dt.datetime) -> bool:
    """Say whether *user* may say no, or take back what they asked."""
    return guarded.is_open(row, now=now) and (user.id == row.asked_by_id or stands(row, user, today=today))


def agree(row: RoleRequest, *, actor: Any, today: dt.date, now: dt.datetime) -> Grant:
    """Agree, which gives the role; it holds after a while.

    :raise NotAllowed: :raise NeedsAnother: :raise DecidedAlready: :raise GrantOverlaps: :raise rights.OverBeforeItHolds:
    """
    require(stands(row, actor, today=today))
    if not is_another(row, actor, now=now):
        raise NeedsAnother
    return _give(row, actor=actor, today=today, now=now)


def agree_from_outside(row: RoleRequest, *, today: dt.date, now: dt.datetime) -> Grant:
    """Agree at the terminal of the machine, where nobody else is left to. :raise DecidedAlready: and what :func:`agree` raises."""
    return _give(row, actor=SYSTEM, today=today, now=now)


def refuse(row: RoleRequest, *, actor: Any, today: dt.date, now: dt.datetime) -> None:
    """Say no, or take it back. :raise NotAllowed: :raise DecidedAlready:."""
    require(actor.id == row.asked_by_id or stands(row, actor, today=today))
    _decide(row, agreed=False, actor=actor, now=now)


def _give(row: RoleRequest, *, actor: Any, today: dt.date, now: dt.datetime) -> Grant:
    asker = row.asked_by
    may_give = rules.may_manage(
        reach_of(asker, on=today, delegated=False),
        unit_path=row.user.unit.path,
        holds=[*scopes_held(row.user, on=today), guarded.scope_of(row)],
    )
    if not (asker.active and row.user.active and may_give):  # who was found out meanwhile has asked for nothing
        raise DecidedAlready
    role = Role(row.role)
    first = _first_day(role, row.starts_on, row.ends_on, today=today)
    _decide(row, agreed=True, actor=actor, now=now)
    grant = rights.write(row.user, role, unit=row.unit, place=row.place, starts_on=first, ends_on=row.ends_on, actor=actor, now=now)
    guarded.tell_given(grant, row.user, asked_by=asker, agreed_by=actor, today=today, now=now)
    return grant


def _decide(row: RoleRequest, *, agreed: bool, actor: Any, now: dt.datetime) -> None:
    lock(row)
    if not guarded.is_open(row, now=now):
        raise DecidedAlready
    row.decided_by_id, row.decided_at, row.agreed = actor.id, now, agreed
    audit.record(actor, "grant.agreed" if agreed else "grant.refused", row.user, at=now, role=row.role, request_id=row.id)


def _first_day(role: Role, starts_on: dt.date, ends_on: dt.date | None, *, today: dt.date) -> dt.date:
    first = guarded.holds_from(role, starts_on, today=today)
    if ends_on is not None and ends_on < first:
        raise rights.OverBeforeItHolds
    return first


def _behind(user: User, *, now: dt.datetime) -> set[int]:
    """Return who made the account of *user*, its name, its mailbox or its link to a password, or gave it a lead, of late."""
    rows = db.session.scalars(
        db.select(AuditEntry).where(
            AuditEntry.subject_type == User.__tablename__,
            AuditEntry.subject_id == user.id,
            AuditEntry.action.in_(["user.created", "user.invited", "user.changed", "grant.given"]),
            AuditEntry.actor_id.is_not(None),
            AuditEntry.actor_id != user.id,
            AuditEntry.at > now - LATELY,
        )
    )
    return {row.actor_id for row in rows if row.actor_id and rules.takes_hold(row.action, row.facts)}
