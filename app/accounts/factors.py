"""What shows, besides the password, who signs in: codes of an app, and codes on paper for the day the telephone is gone.

Passkeys are in :mod:`app.accounts.passkeys`. Who has one of them is asked for it at every sign-in.
"""

from __future__ import annotations

import datetime as dt
import hmac
import re
import secrets

import pyotp

from app import audit
from app.accounts import sessions
from app.accounts.models import Passkey, RecoveryCode, Totp, User
from app.accounts.rules import Factor
from app.crypto import key_digest
from app.database import db, lock
from app.outbox import Channel, notify

STEP_SECONDS = 30
STEPS_OFF = 1  # a clock may be half a minute wrong
CODES = 10
CODE_LENGTH = 10  # 49 bits, and few tries
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
_OF_APP = re.compile("[0-9]{6}")


class CodeWrong(Exception):
    """The app does not show that code now."""


class AppAlready(Exception):
    """The account has an app already."""


def has_any(user: User) -> bool:
    """Say whether *user* is asked for more than the password."""
    return bool(db.session.scalar(db.select(db.or_(_there(Totp, user), _there(Passkey, user)))))


def _there(kind: type[Totp | Passkey], user: User) -> db.ColumnElement[bool]:
    return db.exists().where(kind.user_id == user.id)


def app_of(user: User) -> Totp | None:
    """Return the app of *user*."""
    row = db.session.scalar(db.select(Totp).where(Totp.user_id == user.id))
    return row if row is not None and row.is_ours else None


def codes_left(user: User) -> int:
    """Return how many codes on paper *user* has not used."""
    left = db.select(db.func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(left) or 0


def new_secret() -> str:
    """Return a secret for an app."""
    return pyotp.random_base32()


def address_of(secret: str, user: User, site: str) -> str:
    """Return what an app reads from the square code."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=site)


def _step(now: dt.datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def _step_of(secret: str, code: str, now: dt.datetime) -> int | None:
    """Return the half minute to which *code* belongs, or None where it belongs to none that is near."""
    if not _OF_APP.fullmatch(code):
        return None
    app, present = pyotp.TOTP(secret), _step(now)
    steps = range(present - STEPS_OFF, present + STEPS_OFF + 1)
    return next((step for step in steps if hmac.compare_digest(app.generate_otp(step), code)), None)


def add_app(user: User, secret: str, code: str, *, now: dt.datetime) -> None:
    """Let *user* show who they are by an app that has *secret* and proves it by *code*; other browsers are signed out.

    :raise CodeWrong: :raise AppAlready:
    """
    step = _step_of(secret, _without_spaces(code), now)
    if step is None:
        raise CodeWrong
    lock(user)
    if app_of(user) is not None:
        raise AppAlready
    db.session.execute(db.delete(Totp).where(Totp.user_id == user.id))  # one that somebody wrote into the database
    row = Totp(user_id=user.id, last_step=step, made_at=now)
    row.secret = secret
    db.session.add(row)
    added(user, Factor.APP, now=now)


def remove_app(user: User, *, now: dt.datetime) -> None:
    """Take the app of *user* away."""
    if (row := app_of(user)) is not None:
        db.session.delete(row)
        removed(user, Factor.APP, now=now)


def take_code(user: User, code: str, *, now: dt.datetime) -> Factor | None:
    """Return what *code* is of *user*, used up by that; None where it is nothing, or was used before."""
    typed = _without_spaces(code)
    if _OF_APP.fullmatch(typed):
        return Factor.APP if _take_app_code(user, typed, now) else None
    return Factor.RECOVERY if _take_recovery_code(user, typed, now) else None


def _take_app_code(user: User, code: str, now: dt.datetime) -> bool:
    row = app_of(user)
    if row is None:
        return False
    lock(row)
    step = _step_of(row.secret, code, now)
    if step is None or step <= row.last_step:
        return False
    row.last_step = step
    return True


def _take_recovery_code(user: User, code: str, now: dt.datetime) -> bool:
    unused = (RecoveryCode.user_id == user.id, RecoveryCode.digest == _digest(user, code), RecoveryCode.used_at.is_(None))
    used = db.update(RecoveryCode).where(*unused).values(used_at=now).returning(RecoveryCode.id)
    if db.session.scalar(used) is None:
        return False
    audit.record(user, "user.recovery_used", user, at=now, left=codes_left(user))
    tell(user, "recovery_used", now=now)
    return True


def failed(user: User, *, actor: object, now: dt.datetime) -> None:
    """Note that whoever had the password of *user* had no second factor."""
    audit.record(actor, "user.factor_failed", user, at=now)


def renew_codes(user: User, *, now: dt.datetime) -> list[str]:
    """Return new codes for paper; those of before are nothing from now on."""
    db.session.execute(db.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["".join(secrets.choice(CODE_LETTERS) for _each in range(CODE_LENGTH)) for _code in range(CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, digest=_digest(user, code)) for code in codes)
    audit.record(user, "user.recovery_renewed", user, at=now)
    half = CODE_LENGTH // 2
    return [f"{code[:half]}-{code[half:]}" for code in codes]


def added(user: User, factor: Factor, *, now: dt.datetime) -> None:
    """Note a new factor: whoever is signed in elsewhere has not shown it."""
    sessions.end_all(user, but=user.sign_in)
    audit.record(user, "user.factor_added", user, at=now, factor=factor)
    tell(user, "factor_added", now=now)


def removed(user: User, factor: Factor, *, now: dt.datetime) -> None:
    """Note that a factor is gone; with the last one go the codes on paper."""
    db.session.flush()
    if not has_any(user):
        db.session.execute(db.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        user.sign_in.factor = ""
    audit.record(user, "user.factor_removed", user, at=now, factor=factor)
    tell(user, "factor_removed", now=now)


def remove_all(user: User) -> None:
    """Take every factor of *user* away, and sign them out everywhere: two people have decided it."""
    for kind in (Totp, Passkey, RecoveryCode):
        db.session.execute(db.delete(kind).where(kind.user_id == user.id))
    sessions.end_all(user)


def tell(user: User, what: str, *, occasion: str = "", now: dt.datetime) -> None:
    """Tell *user* by mail *what* became of their second factors; *occasion* where that is more than this moment."""
    # Whatever notices they want: whose account it is must hear of it by a way that who is signed in cannot turn off.
    notify(
        channel=Channel.EMAIL,
        template=f"accounts/notices/{what}",
        about=user,
        occasion=occasion or now.isoformat(),
        user=user,
        locale=user.locale,
        now=now,
        changed_at=now,
    )


def _digest(user: User, code: str) -> str:
    return key_digest(f"recovery:{user.id}:{code.replace('-', '').upper()}")


def _without_spaces(code: str) -> str:
    return "".join(code.split())


audit.register(
    {
        "user.factor_added": {"factor"},
        "user.factor_removed": {"factor"},
        "user.factor_failed": set(),
        "user.recovery_renewed": set(),
        "user.recovery_used": {"left"},
    }
)
