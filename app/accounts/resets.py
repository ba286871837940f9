"""The end of somebody's second factors, for who lost their telephone and their paper: one administrator asks, another one agrees.

The old factors hold until then, and their person is told at once when it is asked: whoever would get in by it has two people to deceive,
and its person to outrun.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from app import audit
from app.access import require
from app.accounts import factors, rules
from app.accounts.models import FactorReset, User
from app.accounts.queries import scopes_held
from app.database import db, lock

DAYS = 7  # then it has to be asked anew


class NothingToReset(Exception):
    """The account has no second factor."""


class AskedAlready(Exception):
    """It is asked, and nobody has decided yet."""


class NeedsAnother(Exception):
    """Who asked does not agree, nor the person themselves."""


class DecidedAlready(Exception):
    """Somebody else was faster, or it was asked too long ago."""


def open_for(user: User, *, now: dt.datetime) -> FactorReset | None:
    """Return what is asked for *user* and not decided."""
    return db.session.scalar(_open(now).where(FactorReset.user_id == user.id))


def all_open(*, now: dt.datetime) -> list[FactorReset]:
    """Return what is asked for anybody and not decided, the oldest first."""
    return list(db.session.scalars(_open(now)))


def _open(now: dt.datetime) -> db.Select[FactorReset]:
    since = now - dt.timedelta(days=DAYS)
    return db.select(FactorReset).where(FactorReset.decided_at.is_(None), FactorReset.asked_at > since).order_by(FactorReset.id)


def ask(user: User, *, reason: str, actor: Any, today: dt.date, now: dt.datetime) -> FactorReset:
    """Ask that the second factors of *user* end. :raise NotAllowed: :raise NeedsAnother: :raise NothingToReset: :raise AskedAlready:."""
    _require(actor, user, today)
    if rules.may_be_one(actor, user):
        raise NeedsAnother
    lock(user)
    if not factors.has_any(user):
        raise NothingToReset
    if open_for(user, now=now) is not None:
        raise AskedAlready
    row = FactorReset(user_id=user.id, reason=reason, asked_by_id=actor.id, asked_at=now)
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "user.reset_asked", user, at=now, reset_id=row.id)
    factors.tell(user, "reset_asked", occasion=str(row.id), now=now)
    return row


def decide(row: FactorReset, *, agreed: bool, actor: Any, today: dt.date, now: dt.datetime) -> None:
    """Agree, which ends the factors and every session of the person, or not.

    Who asked may take it back, but not agree. :raise NotAllowed: :raise NeedsAnother: :raise DecidedAlready:.
    """
    _require(actor, row.user, today)
    if agreed and not rules.may_reset(row.asked_by, actor, row.user):
        raise NeedsAnother
    lock(row)
    if row.decided_at is not None or row.asked_at <= now - dt.timedelta(days=DAYS):
        raise DecidedAlready
    row.decided_by_id, row.decided_at, row.agreed = actor.id, now, agreed
    if agreed:
        factors.remove_all(row.user)
        factors.tell(row.user, "reset_agreed", occasion=str(row.id), now=now)
    audit.record(actor, "user.reset_agreed" if agreed else "user.reset_refused", row.user, at=now, reset_id=row.id)


def end_from_outside(user: User, *, actor: Any, now: dt.datetime) -> None:
    """End the second factors of *user* from the terminal of the machine, where there is no second administrator to agree."""
    factors.remove_all(user)
    audit.record(actor, "user.factors_ended", user, at=now)
    factors.tell(user, "factor_removed", now=now)


def _require(actor: Any, user: User, today: dt.date) -> None:
    require(rules.may_manage(actor.reach, unit_path=user.unit.path, holds=scopes_held(user, on=today)))


audit.register(
    {
        "user.reset_asked": {"reset_id"},
        "user.reset_agreed": {"reset_id"},
        "user.reset_refused": {"reset_id"},
        "user.factors_ended": set(),
    }
)
