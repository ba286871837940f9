"""Who comes, books or follows agrees to be told of it: written down with its words, and forgotten with the ways to reach them."""

from __future__ import annotations

import datetime as dt

from app import consents, outbox
from app.access import Actor
from app.consents import Purpose
from dialogues.models import Follower, Invitation, ReceptionVisit, Registration

Row = Registration | Invitation | ReceptionVisit | Follower


def agree(row: Row, words: str, *, form: str, now: dt.datetime) -> None:
    """Write down that whoever *row* is may be told, in these *words* (words.CONSENTS); once, and where there is a way to reach them."""
    reached = row.email or (None if isinstance(row, Follower) else row.phone)
    if reached and not consents.stands(row, Purpose.NOTICES):
        consents.give(row, Purpose.NOTICES, words, form=form, now=now)


def write_no_more(row: Registration | Invitation, *, actor: Actor, now: dt.datetime) -> None:
    """Forget the ways to reach them, what they agreed to for it, and what was or is to be written to them."""
    consents.end([row], actor=actor, now=now)
    for address in filter(None, (row.email, row.phone)):
        outbox.forget_to(address, row.session)
    outbox.forget(row)
    row.email = row.phone = None
