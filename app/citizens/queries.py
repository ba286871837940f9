"""Who is in, and what an address has sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from app import crypto
from app.citizens import rules
from app.citizens.models import CitizenAccount, CitizenCode, CitizenSignIn
from app.database import db


@dataclass(frozen=True)
class Sent:
    """One thing that was sent, as the list tells it. *open_at* takes a POST and opens it."""

    code: str
    title: str
    status: Any
    sent_at: dt.datetime
    open_at: str


#: Called as each(email_index) → what a domain has of that address, newest first.
sent: list[Callable[[str], Iterable[Sent]]] = []


#: Templates of what domains add below the list of what was sent.
sections: list[str] = []


def sent_with(account: CitizenAccount) -> list[Sent]:
    """Return what was sent with the address of *account*, newest first."""
    found = [each for look in sent for each in look(account.email_index)]
    return sorted(found, key=lambda each: each.sent_at, reverse=True)


def account_in(token: str, browser: str, *, now: dt.datetime) -> CitizenSignIn | None:
    """Return the sign-in whose key *token* is, unless it is over or belongs to another kind of browser."""
    row = db.session.scalar(db.select(CitizenSignIn).where(CitizenSignIn.digest == crypto.key_digest(token)))
    if row is None or not (row.is_ours and row.account.is_ours):  # led to another account by hand in the database
        return None
    return row if row.browser == browser and rules.is_in(row.made_at, now) else None


def digits_of(row: CitizenCode) -> str:
    """Return the digits of a code."""
    return rules.code_of(crypto.key_digest(f"citizen code {row.uid.hex}"))
