"""Who comes, books or follows agrees to be told of it: written down with its words, taken back with what it was agreed to for."""

from __future__ import annotations

import datetime as dt

from app import consents
from app.access import Actor
from app.consents import Purpose
from dialogues.models import Follower, Invitation, ReceptionVisit, Registration

Row = Registration | Invitation | ReceptionVisit | Follower


def agree(row: Row, words: str, *, form: str, now: dt.datetime) -> None:
    """Write down that whoever *row* is may be told, in these *words* (words.CONSENTS); once, and where there is a way to reach them."""
    reached = row.email or (None if isinstance(row, Follower) else row.phone)
    if reached and not consents.stands(row, Purpose.NOTICES):
        consents.give(row, Purpose.NOTICES, words, form=form, now=now)


def end(row: Row, *, actor: Actor, now: dt.datetime) -> None:
    """Write down that they agree no longer."""
    if consents.stands(row, Purpose.NOTICES):
        consents.withdraw(row, Purpose.NOTICES, actor=actor, now=now)
