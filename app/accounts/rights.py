"""Who may what: roles given and ended, deputies named. As all that is done to accounts: who acts and when are said, the edge commits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app import audit
from app.access import require
from app.accounts import guarded, rules, sessions
from app.accounts.models import Delegation, Grant, User
from app.accounts.queries import delegations_of, grants_of, reach_of, scopes_held
from app.database import db, lock
from app.permissions import PERSONAL, Role, Scope
from app.units.models import Place, Unit


class GrantOverlaps(Exception):
    """The person holds that role over that scope already."""


class OverBeforeItHolds(Exception):
    """The role's last day comes before the first on which it may hold."""


class GrantToOneself(Exception):
    """That role is only given by somebody else."""


class DelegationInvalid(Exception):
    """A delegation to oneself, to somebody not in service, or one that ends before it starts."""


class NotADeputy(Exception):
    """KT. is for who is deputy by title."""


class DelegationOverlaps(Exception):
    """The two have a delegation between them on some of these days already."""


class LastAdministrator(Exception):
    """Nobody would be left to administer the install."""


def require_manage(actor: Any, unit: Unit, *, holds: list[Scope]) -> None:
    """Refuse whoever may not look after somebody of *unit* who holds that. :raise NotAllowed:."""
    require(rules.may_manage(actor.reach, unit_path=unit.path, holds=holds))


def give_role(
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
) -> Grant:
    """Give *role* over *unit* and what is below it, over the area *place*, or, with neither, over the whole install.

    :raise NotAllowed: when that is more than the administrator's own scope. :raise GrantOverlaps: :raise OverBeforeItHolds:
    :raise GrantToOneself: of a role that somebody else has to give. :raise NeedsTwo: of one that is asked for (app.accounts.agreeing).
    """
    require_to_give(user, role, unit=unit, place=place, actor=actor, today=today)
    if guarded.by_two(role):
        raise guarded.NeedsTwo
    if ends_on is not None and ends_on < starts_on:
        raise OverBeforeItHolds
    return write(user, role, unit=unit, place=place, starts_on=starts_on, ends_on=ends_on, actor=actor, now=now)


def require_to_give(user: User, role: Role, *, unit: Unit | None, place: Place | None, actor: Any, today: dt.date) -> None:
    """Refuse whoever may neither give *role* there nor ask for it. :raise NotAllowed: :raise GrantToOneself:."""
    if role in PERSONAL and actor.id == user.id:
        raise GrantToOneself
    scope = Scope(everywhere=unit is None and place is None, unit_path=unit.path if unit else None, place_id=place.id if place else None)
    require_manage(actor, user.unit, holds=[*scopes_held(user, on=today), scope])


def write(
    user: User,
    role: Role,
    *,
    unit: Unit | None,
    place: Place | None,
    starts_on: dt.date,
    ends_on: dt.date | None,
    actor: Any,
    now: dt.datetime,
) -> Grant:
    """Give the role without asking who gives it. :raise GrantOverlaps:."""
    unit_id, place_id = unit.id if unit else None, place.id if place else None
    same = (
        grant
        for grant in grants_of(user, on=starts_on)
        if (grant.role, grant.unit_id, grant.place_id) == (role, unit_id, place_id) and (ends_on is None or grant.starts_on <= ends_on)
    )
    if next(same, None) is not None:
        raise GrantOverlaps
    everywhere = unit is None and place is None
    grant = Grant(
        user_id=user.id, role=role, everywhere=everywhere, unit_id=unit_id, place_id=place_id, starts_on=starts_on, ends_on=ends_on
    )
    db.session.add(grant)
    db.session.flush()
    scope = "everywhere" if everywhere else "unit" if unit else "place"
    audit.record(actor, "grant.given", user, at=now, role=role, scope=scope, unit_id=unit_id, place_id=place_id)
    return grant


def end_grant(grant: Grant, *, actor: Any, today: dt.date, now: dt.datetime) -> None:
    """Let *grant* hold for the last time yesterday; its person is signed out everywhere. :raise NotAllowed: :raise LastAdministrator:."""
    require_manage(actor, grant.user.unit, holds=scopes_held(grant.user, on=today))
    if grant.role == Role.ADMINISTRATOR and grant.everywhere and not _other_administrator(grant, on=today):
        raise LastAdministrator
    lock(grant)
    if grant.ends_on is not None and grant.ends_on < today:  # somebody was faster; the record tells of one end
        return
    grant.ends_on = today - dt.timedelta(days=1)
    sessions.end_all(grant.user)
    audit.record(actor, "grant.ended", grant.user, at=now, role=grant.role)
    if guarded.by_two(grant.role):
        guarded.tell_ended(grant, grant.user, ended_by=actor, today=today, now=now)


def ask_anew(user: User, *, actor: Any, today: dt.date, now: dt.datetime) -> None:
    """End the guarded roles of *user*, and ask for them anew: whoever holds the new link to their password would have them alone."""
    for grant in grants_of(user, on=today):
        if not guarded.by_two(grant.role):
            continue
        last = grant.ends_on
        lock(grant)
        grant.ends_on = today - dt.timedelta(days=1)
        audit.record(actor, "grant.ended", user, at=now, role=grant.role)
        first = max(grant.starts_on, today)
        guarded.propose(
            user, Role(grant.role), unit_id=grant.unit_id, place_id=grant.place_id, starts_on=first, ends_on=last, actor=actor, today=today,
            now=now,
        )  # fmt: skip


def _other_administrator(grant: Grant, *, on: dt.date) -> bool:
    others = (
        db.select(Grant.id)
        .join(User, User.id == Grant.user_id)
        .where(
            Grant.role == Role.ADMINISTRATOR,
            Grant.everywhere,
            Grant.user_id != grant.user_id,
            User.active,
            Grant.starts_on <= on,
            (Grant.ends_on.is_(None)) | (Grant.ends_on >= on),
        )
    )
    return db.session.scalar(others.limit(1)) is not None


def delegate(
    giver: User, deputy: User, *, form: str, starts_on: dt.date, ends_on: dt.date, actor: Any, today: dt.date, now: dt.datetime
) -> Delegation:
    """Let *deputy* act and sign for *giver* between two days.

    :raise NotAllowed: :raise DelegationInvalid: :raise NotADeputy: :raise DelegationOverlaps:
    """
    if getattr(actor, "id", None) == giver.id:  # who leads a unit needs no administrator; what was lent to them is not theirs to lend
        own = reach_of(giver, on=today, delegated=False)
        require(rules.may_name_deputy(own, unit_path=giver.unit.path, deputy_path=deputy.unit.path))
    else:
        require_manage(actor, giver.unit, holds=scopes_held(giver, on=today))
    if giver.id == deputy.id or not deputy.active or ends_on < starts_on or ends_on < today:
        raise DelegationInvalid
    if not rules.may_sign(rules.SigningForm(form), deputy.title):
        raise NotADeputy
    for each in delegations_of(giver, on=today):
        if (each.from_id, each.to_id) == (giver.id, deputy.id) and each.starts_on <= ends_on and starts_on <= each.ends_on:
            raise DelegationOverlaps
    row = Delegation(giver=giver, deputy=deputy, form=form, starts_on=starts_on, ends_on=ends_on)
    db.session.add(row)
    db.session.flush()
    audit.record(
        actor,
        "delegation.given",
        giver,
        at=now,
        to_id=deputy.id,
        unit_id=giver.unit_id,
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat(),
    )
    return row


def end_delegation(row: Delegation, *, actor: Any, today: dt.date, now: dt.datetime) -> None:
    """End the delegation at once. :raise NotAllowed:."""
    if getattr(actor, "id", None) != row.from_id:
        require_manage(actor, row.giver.unit, holds=scopes_held(row.giver, on=today))
    end_unasked(row, actor=actor, now=now)


def end_unasked(row: Delegation, *, actor: Any, now: dt.datetime) -> None:
    """End the delegation without asking who ends it."""
    row.ended_at = now
    audit.record(actor, "delegation.ended", row.giver, at=now)
