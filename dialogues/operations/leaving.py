"""Whoever took a seat or was asked to come goes out of a session by their own link, at a press: nobody owes them an answer."""

from __future__ import annotations

import datetime as dt

from app.access import SENDER
from app.audit import record
from app.clock import local_date
from app.database import lock
from dialogues import rules
from dialogues.models import Invitation, Registration, Session
from dialogues.operations import agreeing, minutes, registering
from dialogues.rules import RegistrationState


def is_over(session: Session, now: dt.datetime) -> bool:
    """Say whether nobody comes to it any more, even if nobody wrote down that it was held."""
    return session.status not in rules.NOT_OVER or (session.starts_at is not None and local_date(session.starts_at) < local_date(now))


def is_held(row: Registration | Invitation) -> bool:
    """Say whether anything of them is still there to be erased."""
    if isinstance(row, Registration):
        return any((row.name, row.phone, row.email, row.comes_from, row.needs))
    return any((row.phone, row.email))


def taken_along(row: Registration | Invitation, *, now: dt.datetime) -> None:
    """Write down that they took a copy of what is held of them."""
    record(SENDER, "session.data_taken", row.session, at=now, of=row.__tablename__, row_id=row.id)


def erase(row: Registration | Invitation, *, now: dt.datetime) -> None:
    """Take them out: before the session by giving the seat back, once it is over at once. Whose data it was stands nowhere.

    Of a guest go the ways to reach them; their name stays on the list of those invited, as it stands on the signed paper.

    :raise RegisteringOver: it goes on now.
    """
    session = row.session
    lock(session)
    if not is_held(row):  # pressed twice
        return
    if isinstance(row, Invitation):
        agreeing.write_no_more(row, actor=SENDER, now=now)
    elif row.state == RegistrationState.CANCELLED or is_over(session, now):
        registering.empty(row, actor=SENDER, now=now)
    else:
        registering.cancel(row, actor=None, now=now)
    there = minutes.present_as(row)
    for each in minutes.corrections_by(session, there) if there is not None else ():
        each.sender = None
    record(SENDER, "session.data_erased", session, at=now, of=row.__tablename__, row_id=row.id)
