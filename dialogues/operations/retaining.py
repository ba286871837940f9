"""The people of a session or a reception day go when their term is over: read row by row, decided by the head of the unit that held it.

How many came, what was asked and answered, the minutes, what was signed and what was published stay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app import jobs
from app.access import require
from app.accounts.models import User
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from dialogues import links, retained, rules
from dialogues.models import DeviceEvent, Invitation, ReceptionDay, Registration, Session
from dialogues.operations import agreeing, booking, registering, subscribing
from dialogues.operations.screening import WORDS
from dialogues.rules import EventState, GuestKind
from feedback.personal import retaining
from feedback.personal.erasing import TextsChanged

SHIPPED = Path(__file__).parents[1] / "data" / "retention.toml"


def load_shipped(*, now: dt.datetime) -> None:
    """Add the shipped rules about people that the table of retention lacks; may run at every start."""
    retaining.load_shipped(now=now, shipped=SHIPPED)


def let_go(row: Session | ReceptionDay, texts: list[str], *, seen: str, actor: User, now: dt.datetime) -> None:
    """Let everybody go out of *row* who is not needed any more; each text becomes what *actor* has read and left of it (*texts*).

    *seen*: the digest of what they have read. :raise NotAllowed: also where nothing is over, or somebody else did it. :raise TextsChanged:
    """
    lock(row)
    require(rules.may_let_go(actor.reach, retained.standing_of(row)))
    found = retained.over(row, today=local_date(now))
    require(found is not None)
    assert found is not None
    free = retained.pieces(found)
    if len(texts) != len(free) or retained.digest(found, free) != seen:
        raise TextsChanged
    for each in found.going:
        _EMPTY[each.kind](each.row, actor, now)
    for piece, text in zip(free, texts, strict=True):
        setattr(piece.row, piece.column, text)
    if isinstance(row, Session):
        _silence(row, {each.row.uid for each in found.staying if each.kind == "question"})
    db.session.flush()
    jobs.enqueue("app.search:tidy")
    facts = {"people": len(found.going), "texts": len(free), "kept": len(found.staying)}
    record(actor, retained.DECIDED[row.__tablename__], row, at=now, **facts)


def _silence(session: Session, needed: set[Any]) -> None:
    """Take what names somebody out of what the devices said, but for what waits to be decided or is about a question still *needed*."""
    said = db.select(DeviceEvent).where(DeviceEvent.session_id == session.id, DeviceEvent.state != EventState.LATE)
    for event in db.session.scalars(said):
        if event.subject not in needed and any(event.facts.get(name) for name in WORDS):
            event.facts = {name: "" if name in WORDS else fact for name, fact in event.facts.items()}


def _seat(row: Registration, actor: User, now: dt.datetime) -> None:
    registering.empty(row, actor=actor, now=now)
    links.close(row)
    row.token_digest = None


def _guest(row: Invitation, actor: User, now: dt.datetime) -> None:
    agreeing.write_no_more(row, actor=actor, now=now)
    links.close(row)
    row.answer_note = ""
    if row.kind == GuestKind.PERSON:
        row.name = ""


def _named(row: Any, _actor: User, _now: dt.datetime) -> None:
    row.name, row.comes_from = None, ""


def _asker(row: Any, _actor: User, _now: dt.datetime) -> None:
    row.asker = row.phone = None
    row.comes_from = ""


def _sender(row: Any, _actor: User, _now: dt.datetime) -> None:
    row.sender = None


_EMPTY: dict[str, Callable[[Any, User, dt.datetime], None]] = {
    "registration": _seat,
    "invitation": _guest,
    "attendance": _named,
    "speaker": _named,
    "question": _asker,
    "correction": _sender,
    "follower": lambda row, actor, now: subscribing.end(row, actor=actor, now=now),
    "visit": lambda row, actor, now: booking.let_go(row, actor=actor, now=now),
}
