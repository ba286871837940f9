"""A session goes from one status to the next: the one way, with its guards, what is overridden, and who is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from app.access import require
from app.accounts.models import User
from app.audit import record
from app.clock import local_date
from app.database import lock
from dialogues import queries, rules
from dialogues.models import Override, Session
from dialogues.operations import folding, news, reports, telling, written
from dialogues.rules import Status

#: Which moment each status leaves on the session.
STAMPS = {
    Status.ANNOUNCED: "announced_at",
    Status.READY: "ready_at",
    Status.IN_SESSION: "begun_at",
    Status.HELD: "held_at",
    Status.CONCLUDED: "concluded_at",
    Status.PUBLISHED: "published_at",
    Status.ARCHIVED: "archived_at",
}

#: Nobody is in the hall any more: what was asked there and not answered is answered in writing.
ENDS = frozenset({Status.HELD, Status.POSTPONED, Status.CANCELLED})


class ReasonMissing(Exception):
    """What is missing may be passed over only with a reason; so may a session only be put off or called off."""


def move(session: Session, to: Status, *, overrides: Mapping[str, str], actor: User, now: dt.datetime) -> None:
    """Take *session* to its next status; *overrides* says of guards that may be passed over why they are (name → reason).

    :raise NotAllowed: :raise IllegalTransition: :raise StepRefused: what it lacks. :raise ReasonMissing:
    """
    lock(session)
    standing = queries.standing_of(session)
    require(rules.may_prepare(actor.reach, standing))
    facts = queries.facts_of(session, local_date(now))
    if overrides:
        require(rules.may_lead(actor.reach, standing))
    if not all(reason.strip() for reason in overrides.values()):
        raise ReasonMissing
    rules.check(Status(session.status), to, facts, overridden=frozenset(overrides))
    for guard in rules.lacks(to, facts):
        session.overrides.append(Override(guard=guard.name, reason=overrides[guard.name], approved_by_id=actor.id, at=now))
        record(actor, "session.overridden", session, at=now, guard=guard.name)
    if to is Status.READY:
        reports.freeze_promises(session, now)
    elif to is Status.ANNOUNCED and session.put_off_why:
        telling.new_day(session, now=now)
    elif to in ENDS:
        written.owe_the_rest(session, now=now)  # asked from a seat, and the hall is closed
    session.status = to
    if to is Status.CONCLUDED:
        news.given(session, now=now)
    if to in STAMPS:
        setattr(session, STAMPS[to], now)
    # The day that everybody was told is still named to calendars when another one is written over it.
    told = {"starts_at": session.starts_at.isoformat() if session.starts_at else None} if to is Status.POSTPONED else {}
    record(actor, f"session.{to}", session, at=now, **told)


def put_off(session: Session, to: Status, *, why: str, actor: User, now: dt.datetime) -> None:
    """Postpone or cancel *session* for a reason that everybody who was told of it is told. :raise ReasonMissing:"""
    if not why.strip():
        raise ReasonMissing
    move(session, to, overrides={}, actor=actor, now=now)
    session.put_off_why = why
    # Another day is prepared anew: what was promised earlier is looked at again, and nobody is there yet.
    session.promises_frozen_at = None
    for each in (*session.chairs, *session.staff):
        each.present = False
    if to is Status.POSTPONED:
        folding.forget_the_day(session)
    telling.put_off(session, now=now)
