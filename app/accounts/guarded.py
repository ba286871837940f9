"""Roles that open what is sealed, read the record or make other roles: two give one, it never holds at once, who keeps watch hears of it.

One administrator could otherwise make two accounts in the morning, read every denunciation with them and take the roles back at noon.
A second person agrees first (:mod:`app.accounts.agreeing`). The wait stays all the same: who agrees may be hurried or deceived, and who
keeps watch learns what was agreed while nothing can be read with it yet. Before the site opens nothing is sealed: no second, no wait.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from app import audit, settings
from app.accounts.models import Grant, RoleRequest, User
from app.accounts.queries import watchers
from app.database import db
from app.outbox import Channel, notify
from app.permissions import GUARDED, Role, Scope

DAYS = 2  # so that a whole day lies between, whatever the hour
OPEN_DAYS = 7  # then it has to be asked anew


class NeedsTwo(Exception):
    """Nobody gives that role alone: it has to be asked for."""


def holds_from(role: str, day: dt.date, *, today: dt.date) -> dt.date:
    """Return when *role*, given today from *day* on, begins to hold."""
    return max(day, today + dt.timedelta(days=DAYS)) if by_two(role) else day


def by_two(role: str) -> bool:
    """Say whether *role* is given by two and holds only after a while."""
    return role in GUARDED and bool(settings.get("set_up"))


def propose(
    user: User,
    role: Role,
    *,
    unit_id: int | None,
    place_id: int | None,
    starts_on: dt.date,
    ends_on: dt.date | None,
    actor: Any,
    today: dt.date,
    now: dt.datetime,
) -> RoleRequest:
    """Write down that *actor* asks for *role* for *user*, and tell who keeps watch."""
    row = RoleRequest(
        user_id=user.id,
        role=role,
        everywhere=unit_id is None and place_id is None,
        unit_id=unit_id,
        place_id=place_id,
        starts_on=starts_on,
        ends_on=ends_on,
        asked_by_id=actor.id,
        asked_at=now,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "grant.asked", user, at=now, role=role, request_id=row.id)
    _tell(row, "guarded_role_asked", user, today=today, now=now, role=role, who=user.name, by=actor.name, request_id=row.id)
    return row


def open_for(user: User, *, now: dt.datetime) -> list[RoleRequest]:
    """Return the roles that are asked for *user* and not decided, the oldest first."""
    return [row for row in db.session.scalars(_open(now).where(RoleRequest.user_id == user.id)) if row.is_ours]


def all_open(*, now: dt.datetime) -> list[RoleRequest]:
    """Return the roles that are asked for anybody and not decided, the oldest first."""
    return [row for row in db.session.scalars(_open(now)) if row.is_ours]


def _open(now: dt.datetime) -> db.Select[RoleRequest]:
    since = now - dt.timedelta(days=OPEN_DAYS)
    return db.select(RoleRequest).where(RoleRequest.decided_at.is_(None), RoleRequest.asked_at > since).order_by(RoleRequest.id)


def is_open(row: RoleRequest, *, now: dt.datetime) -> bool:
    """Say whether *row* can be decided still."""
    return row.is_ours and row.decided_at is None and row.asked_at > now - dt.timedelta(days=OPEN_DAYS)


def scope_of(row: RoleRequest | Grant) -> Scope:
    """Return where what is asked for, or given, holds."""
    return Scope(everywhere=row.everywhere, unit_path=row.unit.path if row.unit else None, place_id=row.place_id)


def tell_given(grant: Grant, user: User, *, asked_by: User, agreed_by: Any, today: dt.date, now: dt.datetime) -> None:
    """Tell who keeps watch, and *user*, that the role is given: after it held it would be too late."""
    names = {"who": user.name, "by": asked_by.name, "agreed": getattr(agreed_by, "name", "")}
    _tell(grant, "guarded_role", user, today=today, now=now, role=grant.role, starts_on=grant.starts_on, **names)


def tell_ended(grant: Grant, user: User, *, ended_by: Any, today: dt.date, now: dt.datetime) -> None:
    """Tell who keeps watch, and *user*, that the role is taken: nobody empties the watch unseen."""
    _tell(grant, "guarded_role_ended", user, today=today, now=now, role=grant.role, who=user.name, by=ended_by.name)


def _tell(about: Any, template: str, user: User, *, today: dt.date, now: dt.datetime, **facts: Any) -> None:
    """Tell who keeps watch and *user*, whatever notices they want."""
    for each in {watcher.id: watcher for watcher in (*watchers(on=today), user)}.values():
        for channel in (Channel.SITE, Channel.EMAIL):
            notify(
                channel=channel, template=f"accounts/notices/{template}", about=about, occasion="given", user=each, locale=each.locale,
                now=now, **facts,
            )  # fmt: skip


audit.register({"grant.asked": {"role", "request_id"}, "grant.agreed": {"role", "request_id"}, "grant.refused": {"role", "request_id"}})
