"""Asking for a code by e-mail, coming in with it, going out."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
import uuid

from sqlalchemy.exc import IntegrityError

from app import audit, consents, crypto
from app.access import SENDER
from app.citizens import rules
from app.citizens.models import CitizenAccount, CitizenCode, CitizenSignIn
from app.citizens.queries import digits_of
from app.consents import Purpose
from app.database import db, lock
from app.outbox import Channel, Notice, notify

KEY_BYTES = 32


def ask(email: str, *, locale: str, now: dt.datetime) -> CitizenCode:
    """Send a code to *email*, whoever it belongs to and whatever is known of it: nobody learns from it who has written to us."""
    row = CitizenCode(asked_at=now)
    row.email = email
    db.session.add(row)
    notify(channel=Channel.EMAIL, template="citizens/notices/code", about=row, occasion="asked", address=email, locale=locale, now=now)
    return row


def come_in(asked: uuid.UUID, typed: str, *, browser: str, now: dt.datetime) -> str | None:
    """Return the key of a new sign-in when *typed* is the code that was asked for; None, and one try less, when it is not."""
    row = db.session.scalar(db.select(CitizenCode).where(CitizenCode.uid == asked))
    if row is None:
        return None
    lock(row)
    if not rules.may_try(asked_at=row.asked_at, tries=row.tries, used=row.used, now=now):
        return None
    row.tries += 1
    if not hmac.compare_digest(digits_of(row), rules.read_code(typed)):
        return None
    row.used = True
    account = _account(row.email or "", now=now)
    account.used_at = now
    token = secrets.token_urlsafe(KEY_BYTES)
    db.session.add(CitizenSignIn(account_id=account.id, digest=crypto.key_digest(token), browser=browser, made_at=now))
    audit.record(SENDER, "citizen.signed_in", account, at=now)
    return token


def end_account(account: CitizenAccount, *, now: dt.datetime) -> None:
    """Delete *account* with its address and every browser in which it is open; what was sent opens by its two codes as before."""
    consents.withdraw(account, Purpose.ACCOUNT, actor=SENDER, now=now)
    db.session.execute(db.delete(CitizenSignIn).where(CitizenSignIn.account_id == account.id))
    consents.forget(account)
    db.session.delete(account)


def go_out(sign_in: CitizenSignIn) -> None:
    """End a sign-in."""
    db.session.delete(sign_in)


def sweep(*, now: dt.datetime) -> None:
    """Delete codes and sign-ins that are over, and letters with such codes, sent or not: they hold addresses."""
    before = now - rules.CODE_LASTS
    db.session.execute(db.delete(Notice).where(Notice.subject_type == CitizenCode.__tablename__, Notice.created_at <= before))
    db.session.execute(db.delete(CitizenCode).where(CitizenCode.asked_at <= before))
    db.session.execute(db.delete(CitizenSignIn).where(CitizenSignIn.made_at <= now - rules.STAYS))


def _account(email: str, *, now: dt.datetime) -> CitizenAccount:
    index = crypto.blind_index(email)
    by_index = db.select(CitizenAccount).where(CitizenAccount.email_index == index)
    if (known := db.session.scalar(by_index)) is not None:
        return known
    account = CitizenAccount(email_index=index, made_at=now, used_at=now)
    account.email = email
    try:
        with db.session.begin_nested():
            db.session.add(account)
            db.session.flush()
            consents.give(account, Purpose.ACCOUNT, "account-1", form="web", now=now)
    except IntegrityError:  # two codes of one address at the same moment
        return db.session.scalars(by_index).one()
    return account
