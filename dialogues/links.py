"""The secret link of a guest, of a registration or of a follower, made again from the row whenever a letter, a paper or a page needs it.

The key is a peppered HMAC of the row's uid: nothing but its digest is stored, and a letter that goes out weeks after the guest
was written down still has it. Whoever has the database without the master key cannot make one.
"""

from __future__ import annotations

import secrets
from typing import TypeVar

from flask import current_app

from app import crypto
from app.database import db
from dialogues.models import Follower, Invitation, Registration, Session
from feedback import codes

Row = Invitation | Registration | Follower
Either = TypeVar("Either", Invitation, Registration, Follower)

#: Symbols of a check-in code: short enough to type at a door; alone it opens nothing else.
CODE_LENGTH = 6


def key_of(row: Row) -> str:
    """Return the key of *row*, 80 bits in the symbols of a receipt's key."""
    bits = int(crypto.key_digest(f"{row.__tablename__}:{row.uid}")[:20], 16)
    return "".join(codes.KEY_SYMBOLS[bits >> 5 * place & 31] for place in range(codes.KEY_LENGTH))


def digest_of(row: Row) -> str:
    """Return what is stored of the key of *row*, so that the row is found by it."""
    return crypto.key_digest(key_of(row))


def close(row: Row) -> None:
    """Let no link open *row* any more: what is stored is the digest of no key."""
    row.link_digest = crypto.key_digest(secrets.token_hex())


def guest_link(guest: Invitation) -> str:
    """Return the whole address by which *guest* answers."""
    return _address("dialogues_coming.guest_link", guest)


def seat_link(registration: Registration) -> str:
    """Return the whole address by which a registration is changed or cancelled."""
    return _address("dialogues_coming.seat_link", registration)


def _address(endpoint: str, row: Row) -> str:
    # A paper or a letter is made outside of any request, where url_for knows no host.
    return current_app.config["SITE_URL"] + current_app.url_map.bind("").build(endpoint, {"key": key_of(row)})


def guest_link_of(guest_id: int) -> str:
    """Return the link of the guest with that id, for a letter; the front page where the guest is no more."""
    guest = db.session.get(Invitation, guest_id)
    return current_app.config["SITE_URL"] if guest is None else guest_link(guest)


def seat_link_of(registration_id: int) -> str:
    """Return the link of the registration with that id, for a letter."""
    registration = db.session.get(Registration, registration_id)
    return current_app.config["SITE_URL"] if registration is None else seat_link(registration)


def follower_link_of(follower_id: int) -> str:
    """Return the link by which whoever follows a session says yes, or ends it, for a letter."""
    follower = db.session.get(Follower, follower_id)
    return current_app.config["SITE_URL"] if follower is None else _address("dialogues_following.link", follower)


def by_key(model: type[Either], key: str) -> Either | None:
    """Return the row of *model* whose key that is."""
    return db.session.scalar(db.select(model).where(model.link_digest == crypto.key_digest(codes.read_key(key))))


def fresh_codes(session: Session, count: int) -> list[str]:
    """Return *count* check-in codes that nobody of *session* has."""
    taken = set()
    for model in (Invitation, Registration):
        taken |= set(db.session.scalars(db.select(model.check_in_code).where(model.session_id == session.id)))
    made: list[str] = []
    while len(made) < count:
        code = "".join(secrets.choice(codes.CODE_SYMBOLS) for _ in range(CODE_LENGTH))
        if code not in taken:
            taken.add(code)
            made.append(code)
    return made
