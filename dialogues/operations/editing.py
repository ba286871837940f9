"""What everything that is prepared for a session begins with."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from app.access import require
from app.accounts.models import User
from app.database import lock
from dialogues import queries, rules
from dialogues.models import Session
from dialogues.rules import Status


class Begun(Exception):
    """The session has begun, is over or was called off: what was prepared for it stands."""


class ChangedMeanwhile(Exception):
    """Somebody else changed what is written over, after the writer had read it."""


def fingerprint(*facts: Any) -> str:
    """Return what tells one state of *facts* from another, to the form that changes them."""
    said = json.dumps(facts, sort_keys=True, default=_plain)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _plain(fact: dt.datetime) -> str:
    return fact.astimezone(dt.UTC).isoformat()


def require_seen(seen: str | None, now: str, wanted: str) -> None:
    """:raise ChangedMeanwhile: when what stands *now* is neither what was *seen* nor what is *wanted*. None: nobody had it before them."""
    if seen not in {None, now} and wanted != now:
        raise ChangedMeanwhile


def to_prepare(session: Session, actor: User, *, during: frozenset[Status] = rules.EDITABLE) -> None:
    """Lock *session* for whoever prepares it, *during* those statuses. :raise NotAllowed: :raise Begun:"""
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    if session.status not in during:
        raise Begun
