"""What is done to accounts. Every function takes who acts and when, records it, and leaves the commit to the edge."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import IntegrityError

from app import audit
from app.accounts import former, rights, sessions
from app.accounts.models import Delegation, User
from app.accounts.queries import grants_of, scopes_held, user_by_email
from app.database import db
from app.outbox import Channel, Notice, notify
from app.permissions import Role
from app.units.models import Unit

INVITATION_DAYS = 7
INVITED = "accounts/notices/invited"

#: Called as each(from_user, to_user, actor=…, now=…) when somebody leaves; a domain moves what is open and returns how much.
on_hand_over: list[Callable[..., int]] = []

#: Called as each(user) when all their ways in end: they are invited anew.
on_invited: list[Callable[[User], None]] = []

#: Called as each(user, now=…) when somebody else makes a link to their password, and when it is used: it may be in other hands than theirs.
on_link: list[Callable[..., None]] = []

#: Called as each(user) → how many open items the user has: asked before somebody leaves.
open_work: list[Callable[[User], int]] = []


class EmailTaken(Exception):
    """Another account has that sign-in name."""


class HandOverInvalid(Exception):
    """Open items cannot be handed to that person: the one who leaves, or somebody not in service."""


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


def choose_password(user: User, digest: str, *, now: dt.datetime) -> None:
    """Store the *digest* of the password that was chosen by a link."""
    set_password(user, digest, now=now)
    link_used(user, now=now)


def link_used(user: User, *, now: dt.datetime) -> None:
    """Take from *user* what only they may read, as whoever holds a link to their password that somebody else made may not be them."""
    for take_away in on_link:
        take_away(user, now=now)


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
    rights.require_manage(actor, unit, holds=[])
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
    """Change who *user* is and where they work; of another e-mail both mailboxes are told. :raise NotAllowed: :raise EmailTaken:."""
    holds = scopes_held(user, on=today)
    rights.require_manage(actor, user.unit, holds=holds)
    rights.require_manage(actor, unit, holds=holds)
    other = user_by_email(email)
    if other is not None and other.id != user.id:
        raise EmailTaken
    values = {"name": name, "email": email.strip().lower(), "form_of_address": form_of_address, "title": title, "unit_id": unit.id}
    changed = sorted(field for field, value in values.items() if getattr(user, field) != value)
    if "unit_id" in changed:
        former.leave(user, today=today)
    was = user.email
    for field in changed:
        setattr(user, field, values[field])
    if "email" in changed:
        # No link in the old mailbox opens the account any more, and none that waits to be sent goes to the new one.
        user.invitation_salt = secrets.token_hex(16)
        db.session.execute(db.delete(Notice).where(Notice.user_id == user.id, Notice.template == INVITED, Notice.done_at.is_(None)))
        _tell_of_email(user, was, user.email, now=now)
    if changed:
        audit.record(actor, "user.changed", user, at=now, changed=changed)


def _tell_of_email(user: User, old: str, new: str, *, now: dt.datetime) -> None:
    """Tell *user* on the site and at both addresses, whatever notices they want, and name neither address to the other."""
    mailed: list[dict[str, Any]] = [{"channel": Channel.EMAIL, "address": each} for each in (old, new)]
    for way in ({"channel": Channel.SITE, "user": user}, *mailed):
        notify(
            template="accounts/notices/email_changed", about=user, occasion=now.isoformat(), locale=user.locale, now=now, changed_at=now,
            who=user.form_of_address, name=user.name, **way,
        )  # fmt: skip


def invite(user: User, *, actor: Any, today: dt.date, now: dt.datetime) -> dt.date:
    """Let *user* choose a password by a link that works once, until the day returned; it goes by e-mail too.

    Links from before stop working, and so do the person's sessions and password. :raise NotAllowed:
    """
    rights.require_manage(actor, user.unit, holds=scopes_held(user, on=today))
    if getattr(actor, "id", None) != user.id:
        rights.ask_anew(user, actor=actor, today=today, now=now)
        link_used(user, now=now)
    user.password_hash, user.invitation_salt = None, secrets.token_hex(16)
    for end_ways_in in on_invited:
        end_ways_in(user)
    sessions.end_all(user)
    last_on = today + dt.timedelta(days=INVITATION_DAYS)
    audit.record(actor, "user.invited", user, at=now, last_on=last_on.isoformat())
    notify(
        channel=Channel.EMAIL,
        template=INVITED,
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

    :raise NotAllowed: :raise HandOverInvalid: :raise rights.LastAdministrator:
    """
    rights.require_manage(actor, user.unit, holds=scopes_held(user, on=today))
    if to is not None and (to.id == user.id or not to.active):
        raise HandOverInvalid
    for grant in grants_of(user, on=today):
        rights.end_grant(grant, actor=actor, today=today, now=now)
    for row in db.session.scalars(
        db.select(Delegation).where((Delegation.from_id == user.id) | (Delegation.to_id == user.id), Delegation.ended_at.is_(None))
    ):
        rights.end_unasked(row, actor=actor, now=now)
    user.active, user.invitation_salt = False, secrets.token_hex(16)
    sessions.end_all(user)
    moved = 0 if to is None else sum(move(user, to, actor=actor, now=now) for move in on_hand_over)
    audit.record(actor, "user.deactivated", user, at=now, handed_to=None if to is None else to.id)
    return moved


def reactivate(user: User, *, actor: Any, today: dt.date, now: dt.datetime) -> None:
    """Take *user* back into service, without the roles of before. :raise NotAllowed:."""
    rights.require_manage(actor, user.unit, holds=scopes_held(user, on=today))
    user.active = True
    audit.record(actor, "user.changed", user, at=now, changed=["active"])


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
    rights.write(user, Role.ADMINISTRATOR, unit=None, place=None, starts_on=unit.valid_from, ends_on=None, actor=actor, now=now)
    return user


audit.register({"user.invited": {"last_on"}, "user.unknown_tried": set()})
