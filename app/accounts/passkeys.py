"""Passkeys (WebAuthn): a key that never leaves its owner's telephone, computer or stick, and signs what this site asks.

What is asked (the challenge) is made anew for every page and kept nowhere: it carries its time, and a mark that only we can make, of
whom it asks and what for. What was answered once is written down, so that the same answer is none the second time.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import secrets
from types import ModuleType
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy.exc import IntegrityError

from app.accounts import factors
from app.accounts.models import Passkey, UsedChallenge, User
from app.accounts.rules import Factor
from app.crypto import key_digest
from app.database import db, lock

CHALLENGE_MINUTES = 10
NONCE_BYTES, TIME_BYTES, MARK_BYTES = 16, 8, 16
NAME_MAX = 60
MOST = 10  # keys of one person


class PasskeyRefused(Exception):
    """No key of ours, not for this site, an old or a used challenge, or a counter that went back."""


class TooManyPasskeys(Exception):
    """Nobody needs that many."""


def of(user: User) -> list[Passkey]:
    """Return the keys of *user*, the oldest first."""
    return list(db.session.scalars(db.select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)))


def to_add(user: User, *, now: dt.datetime) -> str:
    """Return what the browser of *user* asks a key to be made for, as JSON."""
    webauthn = _library()
    structs = webauthn.helpers.structs
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=current_app.config["SITE_NAME"],
        user_name=user.email,
        user_display_name=user.name,
        user_id=bytes.fromhex(key_digest(f"passkey-owner:{user.id}")),  # some keys show it to whoever holds them
        challenge=_challenge(f"add:{user.id}", now),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=each.credential_id) for each in of(user)],
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED, user_verification=structs.UserVerificationRequirement.PREFERRED
        ),
    )
    return webauthn.options_to_json(options)


def to_use(user: User | None, *, now: dt.datetime) -> str:
    """Return what a key of *user* is asked to sign, or any key, by which its owner alone comes in, where nobody is named yet."""
    webauthn = _library()
    structs = webauthn.helpers.structs
    verification = structs.UserVerificationRequirement
    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        challenge=_challenge(_use(user), now),
        allow_credentials=[structs.PublicKeyCredentialDescriptor(id=each.credential_id) for each in of(user)] if user is not None else [],
        user_verification=verification.PREFERRED if user is not None else verification.REQUIRED,
    )
    return webauthn.options_to_json(options)


def add(user: User, answer: str, *, name: str, now: dt.datetime) -> Passkey:
    """Keep the key that was made for *user*; other browsers are signed out. :raise PasskeyRefused: :raise TooManyPasskeys:."""
    lock(user)
    if len(of(user)) >= MOST:
        raise TooManyPasskeys
    challenge = _asked(answer, f"add:{user.id}", now)
    try:
        made = _library().verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=_host(), expected_origin=_origin()
        )
    except Exception as error:
        raise PasskeyRefused from error
    _use_up(challenge, now)
    row = Passkey(
        user_id=user.id, name=name, credential_id=made.credential_id, public_key=made.credential_public_key,
        sign_count=made.sign_count, made_at=now,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:  # somebody's already
        raise PasskeyRefused from error
    factors.added(user, Factor.PASSKEY, now=now)
    return row


def take(user: User | None, answer: str, *, now: dt.datetime) -> User:
    """Return whose key signed what :func:`to_use` asked; for *user* only a key of theirs counts. :raise PasskeyRefused:."""
    challenge = _asked(answer, _use(user), now)
    row = db.session.scalar(db.select(Passkey).where(Passkey.credential_id == _id_in(answer)))
    if row is None or not row.is_ours or (user is not None and row.user_id != user.id):
        raise PasskeyRefused
    lock(row)
    try:
        signed = _library().verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=_host(), expected_origin=_origin(),
            credential_public_key=row.public_key, credential_current_sign_count=row.sign_count, require_user_verification=user is None,
        )  # fmt: skip
    except Exception as error:
        raise PasskeyRefused from error
    _use_up(challenge, now)
    row.sign_count, row.used_at = signed.new_sign_count, now
    owner = db.session.get_one(User, row.user_id)
    if not owner.active:
        raise PasskeyRefused
    return owner


def remove(user: User, row_id: int, *, now: dt.datetime) -> None:
    """Take that key of *user* away; where it is gone, or another's, nothing happens."""
    for row in of(user):
        if row.id == row_id:
            db.session.delete(row)
            factors.removed(user, Factor.PASSKEY, now=now)


def forget(*, before: dt.datetime) -> None:
    """Forget the answers to challenges that are too old to be answered again."""
    db.session.execute(db.delete(UsedChallenge).where(UsedChallenge.at < before))


def _use(user: User | None) -> str:
    return "enter" if user is None else f"use:{user.id}"


def _challenge(purpose: str, now: dt.datetime) -> bytes:
    asked = secrets.token_bytes(NONCE_BYTES) + int(now.timestamp()).to_bytes(TIME_BYTES, "big")
    return asked + _mark(asked, purpose)


def _mark(asked: bytes, purpose: str) -> bytes:
    return bytes.fromhex(key_digest(f"challenge:{purpose}:{asked.hex()}"))[:MARK_BYTES]


def _asked(answer: str, purpose: str, now: dt.datetime) -> bytes:
    """Return what *answer* says that it was asked, if it was we, for that purpose, and not long ago."""
    try:
        said = json.loads(_bytes(json.loads(answer)["response"]["clientDataJSON"]))
        challenge = _bytes(said["challenge"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PasskeyRefused from error
    asked, mark = challenge[:-MARK_BYTES], challenge[-MARK_BYTES:]
    if len(asked) != NONCE_BYTES + TIME_BYTES or not hmac.compare_digest(mark, _mark(asked, purpose)):
        raise PasskeyRefused
    if now.timestamp() - int.from_bytes(asked[NONCE_BYTES:], "big") > CHALLENGE_MINUTES * 60:
        raise PasskeyRefused
    return challenge


def _use_up(challenge: bytes, now: dt.datetime) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(UsedChallenge(digest=hashlib.sha256(challenge).hexdigest(), at=now))
    except IntegrityError as error:
        raise PasskeyRefused from error


def _id_in(answer: str) -> bytes:
    try:
        return _bytes(json.loads(answer)["rawId"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PasskeyRefused from error


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def _library() -> ModuleType:
    import webauthn  # noqa: PLC0415 - it takes a third of a second that every other start can do without

    return webauthn


def _host() -> str:
    return urlsplit(current_app.config["SITE_URL"]).hostname or ""


def _origin() -> str:
    parts = urlsplit(current_app.config["SITE_URL"])
    return f"{parts.scheme}://{parts.netloc}"
