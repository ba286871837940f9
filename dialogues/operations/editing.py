"""What everything that is prepared for a session begins with."""

from __future__ import annotations

from app.access import require
from app.accounts.models import User
from app.database import lock
from dialogues import queries, rules
from dialogues.models import Session
from dialogues.rules import Status


class Begun(Exception):
    """The session has begun, is over or was called off: what was prepared for it stands."""


def to_prepare(session: Session, actor: User, *, during: frozenset[Status] = rules.EDITABLE) -> None:
    """Lock *session* for whoever prepares it, *during* those statuses. :raise NotAllowed: :raise Begun:"""
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    if session.status not in during:
        raise Begun
