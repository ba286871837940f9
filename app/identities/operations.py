"""Linking an account at another provider with one here, using it, and ending that."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy.exc import IntegrityError

from app import audit
from app.access import require
from app.accounts.models import User
from app.accounts.operations import link_used
from app.database import db, lock
from app.identities.models import Identity
from app.identities.provider import Person
from app.identities.queries import identities_of, identity_of
from app.outbox import notify_users


class AlreadyLinked(Exception):
    """That account of the provider opens another account here."""


class LastDoor(Exception):
    """Without a password the account would have no way in left."""


def link(user: User, person: Person, *, now: dt.datetime) -> Identity:
    """Let *person* of the provider sign in as *user*, who asked for it; the user is told by mail. :raise AlreadyLinked:."""
    require(user.active)
    there = identity_of(person.issuer, person.subject)
    if there is None:
        there = Identity(user_id=user.id, issuer=person.issuer, subject=person.subject, name=person.name, linked_at=now)
        try:
            with db.session.begin_nested():
                db.session.add(there)
        except IntegrityError:  # pressed twice
            there = identity_of(person.issuer, person.subject)
        else:
            audit.record(user, "identity.linked", user, at=now, issuer=person.issuer)
            notify_users([user], "identities/notices/linked", about=user, occasion=f"linked {there.id}", now=now)
    if there is None or there.user_id != user.id:
        raise AlreadyLinked
    return there


def link_invited(user: User, person: Person, *, now: dt.datetime) -> Identity:
    """Let *user*, who was invited, sign in as *person* of the provider without a password; the link is used. :raise AlreadyLinked:."""
    identity = link(user, person, now=now)
    user.invitation_salt = secrets.token_hex(16)
    link_used(user, now=now)
    return identity


def unlink(identity: Identity, *, actor: User, now: dt.datetime) -> None:
    """End the link. :raise NotAllowed: of somebody else's. :raise LastDoor:."""
    require(identity.user_id == actor.id)
    lock(identity.user)
    if actor.password_hash is None and len(identities_of(actor)) == 1:
        raise LastDoor
    audit.record(actor, "identity.unlinked", actor, at=now, issuer=identity.issuer)
    db.session.delete(identity)
    db.session.flush()


def end_all(user: User) -> None:
    """End every link of *user*: an administrator invites them anew, because the account may be in other hands."""
    db.session.execute(db.delete(Identity).where(Identity.user_id == user.id))


def used(identity: Identity, *, second_factor: bool, now: dt.datetime) -> None:
    """Note that the provider let its person in, and whether by two factors."""
    identity.used_at = now
    audit.record(identity.user, "identity.used", identity.user, at=now, issuer=identity.issuer, second_factor=second_factor)
