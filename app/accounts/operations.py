"""What is done to accounts. Every function takes who acts and when, records it, and leaves the commit to the edge."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import IntegrityError

from app import audit
from app.access import require
from app.accounts import former, guarded, rules, sessions
from app.accounts.models import Delegation, Grant, User
from app.accounts.queries import delegations_of, grants_of, reach_of, scopes_held, user_by_email
from app.database import db, lock
from app.outbox import Channel, notify
from app.permissions import PERSONAL, Role, Scope
from app.units.models import Place, Unit

INVITATION_DAYS = 7

#: Called as each(from_user, to_user, actor=…, now=…) when somebody leaves; a domain moves what is open and returns how much.
on_hand_over: list[Callable[..., int]] = []

#: Called as each(user) when all their ways in end: they are invited anew.
on_invited: list[Callable[[User], None]] = []

#: Called as each(user) → how many open items the user has: asked before somebody leaves.
open_work: list[Callable[[User], int]] = []


class EmailTaken(Exception):
    """Another account has that sign-in name."""


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


class HandOverInvalid(Exception):
    """Open items cannot be handed to that person: the one who leaves, or somebody not in service."""


class LastAdministrator(Exception):
    """Nobody would be left to administer the install."""


def sign_in(user: User, *, now: dt.datetime) -> None:
    """Note that *user*, whose password was checked, signed in."""
    user.last_sign_in_at = now
    audit.record(user, "user.signed_in", user, at=now)


class _Nobody:
    """Whom an e-mail names that has no account."""

    __tablename__, id = User.__tablename__, 0


def sign_in_failed(user: User | None, *, actor: Any, now: dt.datetime) -> None:
    """Note that somebody gave a wrong password for *user*, or for nobody: who guesses must not tell the two apart by the time it takes."""
    audit.record(actor, "user.sign_in_failed" if user is not None else "user.unknown_tried", user or _Nobody(), at=now)


def sign_out(user: User, *, now: dt.datetime) -> None:
    """Sign *user* out of the browser they came by."""
    sessions.close(user.sign_in)
    audit.record(user, "user.signed_out", user, at=now)


def set_password(user: User, digest: str, *, now: dt.datetime) -> None:
    """Store the password's *digest*; every open invitation of *user* ends, and every sign-in but the one they came by."""
    user.password_hash, user.invitation_salt = digest, secrets.token_hex(16)
    sessions.end_all(user, but=getattr(user, "sign_in", None))
    audit.record(user, "user.password_changed", user, at=now)


def set_preferences(user: User, *, locale: str, email: bool, digest: bool, now: dt.datetime) -> None:
    """Store the language and the notices *user* wants by e-mail."""
    user.locale, user.preferences = locale, {"email": email, "digest": digest}
    audit.record(user, "user.changed", user, at=now, changed=["locale", "preferences"])


def create_user(
    *, name: str, email: str, form_of_address: str, title: str, unit: Unit, locale: str = "vi", actor: Any, now: dt.datetime
) -> User:
    """Make an account without a password; :func:`invite` lets the person choose one.

    :raise NotAllowed: outside the administrator's scope. :raise EmailTaken:
    """
    _require(actor, unit, holds=[])
    if user_by_email(email) is not None:
        raise EmailTaken
    user = User(
        name=name,
        email=email.strip().lower(),
        form_of_address=form_of_address,
        title=title,
        unit=unit,
        locale=locale,
        invitation_salt=secrets.token_hex(16),
        preferences={},
        created_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError as error:  # the same form a second time, at the same moment
        raise EmailTaken from error
    audit.record(actor, "user.created", user, at=now, unit_id=unit.id)
    return user


def change_user(
    user: User, *, name: str, email: str, form_of_address: str, title: str, unit: Unit, actor: Any, today: dt.date, now: dt.datetime
) -> None:
    """Change who *user* is and where they work. :raise NotAllowed: :raise EmailTaken:."""
    holds = scopes_held(user, on=today)
    _require(actor, user.unit, holds=holds)
    _require(actor, unit, holds=holds)
    other = user_by_email(email)
    if other is not None and other.id != user.id:
        raise EmailTaken
    values = {"name": name, "email": email.strip().lower(), "form_of_address": form_of_address, "title": title, "unit_id": unit.id}
    changed = sorted(field for field, value in values.items() if getattr(user, field) != value)
    if "unit_id" in changed:
        former.leave(user, today=today)
    for field in changed:
        setattr(user, field, values[field])
    if changed:
        audit.record(actor, "user.changed", user, at=now, changed=changed)


def invite(user: User, *, actor: Any, today: dt.date, now: dt.datetime) -> dt.date:
    """Let *user* choose a password by a link that works once, until the day returned; it goes by e-mail too.

    Links from before stop working, and so do the person's sessions and password. :raise NotAllowed:
    """
    _require(actor, user.unit, holds=scopes_held(user, on=today))
    if getattr(actor, "id", None) != user.id:
        _wait_anew(user, actor=actor, today=today, now=now)
    user.password_hash, user.invitation_salt = None, secrets.token_hex(16)
    for end_ways_in in on_invited:
        end_ways_in(user)
    sessions.end_all(user)
    last_on = today + dt.timedelta(days=INVITATION_DAYS)
    audit.record(actor, "user.invited", user, at=now, last_on=last_on.isoformat())
    notify(
        channel=Channel.EMAIL,
        template="accounts/notices/invited",
        about=user,
        occasion=user.invitation_salt[:16],
        user=user,
        locale=user.locale,
        now=now,
        last_on=last_on,
    )
    return last_on


def deactivate(user: User, *, to: User | None, actor: Any, today: dt.date, now: dt.datetime) -> int:
    """Take *user* out of service, end their roles and delegations, hand what is open *to* another; return how many items.

    :raise NotAllowed: :raise HandOverInvalid: :raise LastAdministrator:
    """
    _require(actor, user.unit, holds=scopes_held(user, on=today))
    if to is not None and (to.id == user.id or not to.active):
        raise HandOverInvalid
    for grant in grants_of(user, on=today):
        end_grant(grant, actor=actor, today=today, now=now)
    for row in db.session.scalars(
        db.select(Delegation).where((Delegation.from_id == user.id) | (Delegation.to_id == user.id), Delegation.ended_at.is_(None))
    ):
        _end_delegation(row, actor=actor, now=now)
    user.active, user.invitation_salt = False, secrets.token_hex(16)
    sessions.end_all(user)
    moved = 0 if to is None else sum(move(user, to, actor=actor, now=now) for move in on_hand_over)
    audit.record(actor, "user.deactivated", user, at=now, handed_to=None if to is None else to.id)
    return moved


def reactivate(user: User, *, actor: Any, today: dt.date, now: dt.datetime) -> None:
    """Take *user* back into service, without the roles of before. :raise NotAllowed:."""
    _require(actor, user.unit, holds=scopes_held(user, on=today))
    user.active = True
    audit.record(actor, "user.changed", user, at=now, changed=["active"])


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

    A role of those that are guarded holds only after a while, and who keeps watch is told.

    :raise NotAllowed: when that is more than the administrator's own scope. :raise GrantOverlaps: :raise OverBeforeItHolds:
    :raise GrantToOneself: of a role that somebody else has to give.
    """
    if role in PERSONAL and actor.id == user.id:
        raise GrantToOneself
    scope = Scope(everywhere=unit is None and place is None, unit_path=unit.path if unit else None, place_id=place.id if place else None)
    _require(actor, user.unit, holds=[*scopes_held(user, on=today), scope])
    starts_on = guarded.holds_from(role, starts_on, today=today)
    if ends_on is not None and ends_on < starts_on:
        raise OverBeforeItHolds
    grant = _give(user, role, unit=unit, place=place, starts_on=starts_on, ends_on=ends_on, actor=actor, now=now)
    if guarded.waits(role):
        guarded.tell(grant, user, actor=actor, today=today, now=now)
    return grant


def end_grant(grant: Grant, *, actor: Any, today: dt.date, now: dt.datetime) -> None:
    """Let *grant* hold for the last time yesterday; its person is signed out everywhere. :raise NotAllowed: :raise LastAdministrator:."""
    _require(actor, grant.user.unit, holds=scopes_held(grant.user, on=today))
    if grant.role == Role.ADMINISTRATOR and grant.everywhere and not _other_administrator(grant, on=today):
        raise LastAdministrator
    lock(grant)
    if grant.ends_on is not None and grant.ends_on < today:  # somebody was faster; the record tells of one end
        return
    grant.ends_on = today - dt.timedelta(days=1)
    sessions.end_all(grant.user)
    audit.record(actor, "grant.ended", grant.user, at=now, role=grant.role)


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
        _require(actor, giver.unit, holds=scopes_held(giver, on=today))
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
        _require(actor, row.giver.unit, holds=scopes_held(row.giver, on=today))
    _end_delegation(row, actor=actor, now=now)


def create_administrator(*, name: str, email: str, form_of_address: str, digest: str, unit: Unit, actor: Any, now: dt.datetime) -> User:
    """Make the first account of an install: administrator of all of it. :raise EmailTaken:."""
    if user_by_email(email) is not None:
        raise EmailTaken
    user = User(
        name=name,
        email=email.strip().lower(),
        form_of_address=form_of_address,
        unit=unit,
        password_hash=digest,
        invitation_salt=secrets.token_hex(16),
        preferences={},
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()
    audit.record(actor, "user.created", user, at=now, unit_id=unit.id)
    _give(user, Role.ADMINISTRATOR, unit=None, place=None, starts_on=unit.valid_from, ends_on=None, actor=actor, now=now)
    return user


def _require(actor: Any, unit: Unit, *, holds: list[Scope]) -> None:
    require(rules.may_manage(actor.reach, unit_path=unit.path, holds=holds))


def _give(
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


def _wait_anew(user: User, *, actor: Any, today: dt.date, now: dt.datetime) -> None:
    """Let the guarded roles of *user* wait as if given today: whoever holds the new link to their password would have them at once."""
    for grant in grants_of(user, on=today):
        first = guarded.holds_from(grant.role, grant.starts_on, today=today)
        if first == grant.starts_on:
            continue
        last = grant.ends_on
        lock(grant)
        grant.ends_on = today - dt.timedelta(days=1)
        audit.record(actor, "grant.ended", user, at=now, role=grant.role)
        if last is None or last >= first:
            again = _give(user, Role(grant.role), unit=grant.unit, place=grant.place, starts_on=first, ends_on=last, actor=actor, now=now)
            guarded.tell(again, user, actor=actor, today=today, now=now)


def _end_delegation(row: Delegation, *, actor: Any, now: dt.datetime) -> None:
    row.ended_at = now
    audit.record(actor, "delegation.ended", row.giver, at=now)


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


audit.register({"user.invited": {"last_on"}, "user.unknown_tried": set()})
