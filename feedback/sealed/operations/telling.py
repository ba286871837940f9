"""Who is told that something waits in the register."""

from __future__ import annotations

import datetime as dt
import uuid

from app.accounts.models import User
from app.accounts.queries import granted, reach_of
from app.outbox import notify_users
from app.permissions import Permission
from feedback.sealed import queries


def tell_readers(today: dt.date, *, now: dt.datetime) -> None:
    """Tell each reader for whom something unread waits; the notice names no case, and comes by day, not at the moment one was sent."""
    for reader in {*granted(Permission.SEALED_READ, on=today), *queries.involved(on=today)}:
        reader.reach = reach_of(reader, on=today)
        if next(queries.open_to(reader, on=today, unopened=True), None) is not None:
            notify_users([reader], "feedback/notices/sealed_news", reader, today.isoformat(), now=now)


def tell(user: User, now: dt.datetime) -> None:
    """Tell that something waits in the register. The notice is about its receiver: nothing in it leads to a case."""
    notify_users([user], "feedback/notices/sealed_news", user, uuid.uuid4().hex, now=now)
