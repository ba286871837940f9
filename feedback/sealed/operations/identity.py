"""Two people reveal who wrote: one asks with a reason, somebody else agrees or refuses with one."""

from __future__ import annotations

import datetime as dt
import uuid

from app import clock
from app.access import require
from app.accounts.models import User
from app.accounts.rules import may_be_one
from app.database import db, lock
from feedback.sealed import queries, rules
from feedback.sealed.models import SealedCase, SealedReveal
from feedback.sealed.operations.reading import NOTHING, note, require_look
from feedback.sealed.rules import SealedStep


class AskedAlready(Exception):
    """What they asked for waits, or was agreed to and has not lapsed."""


class DecidedAlready(Exception):
    """Somebody was faster."""


def ask(case: SealedCase, *, reason: str, actor: User, now: dt.datetime) -> SealedReveal:
    """Ask to learn who wrote *case*. :raise NotAllowed: :raise NotOpened: :raise AskedAlready:."""
    lock(case)
    require(queries.may_open(actor, case, on=clock.local_date(now)))
    require_look(case, actor)
    if any(each.asked_by_id == actor.id and (each.agreed is None or rules.is_shown(each, now)) for each in queries.reveals_of(case)):
        raise AskedAlready
    reveal = SealedReveal(uid=uuid.uuid4(), case=case, asked_by_id=actor.id, asked_at=now)
    reveal.reason = reason
    db.session.add(reveal)
    db.session.flush()
    note(case, SealedStep.ASKED_WHO, reason, "sealed.identity_asked", actor=actor, now=now, reveal_id=reveal.id)
    return reveal


def may_decide(reveal: SealedReveal, actor: User, standing: rules.Standing) -> bool:
    """Say whether *actor* is the second person: not who asked, nor what may be another account of theirs."""
    return reveal.is_ours and not may_be_one(actor, reveal.asked_by) and rules.may_agree(actor.reach, standing)


def decide(reveal: SealedReveal, *, agree: bool, reason: str, actor: User, now: dt.datetime) -> None:
    """Agree that who asked learns who wrote, or refuse. :raise NotAllowed: :raise DecidedAlready:."""
    lock(reveal.case)
    standing = queries.standing_of(reveal.case, actor, on=clock.local_date(now))
    require(may_decide(reveal, actor, standing))
    if reveal.decided_at is not None:
        raise DecidedAlready
    reveal.agreed, reveal.decided_by_id, reveal.decided_at = agree, actor.id, now
    kind = SealedStep.AGREED if agree else SealedStep.REFUSED
    note(reveal.case, kind, reason, "sealed.identity_decided", actor=actor, now=now, to=reveal.asked_by, reveal_id=reveal.id)


def see(case: SealedCase, *, actor: User, now: dt.datetime) -> None:
    """Record that *actor* looks at who wrote. The edge commits before it reads `case.people`. :raise NotAllowed:."""
    require(queries.may_open(actor, case, on=clock.local_date(now)))
    reveal = next((each for each in queries.reveals_of(case) if each.asked_by_id == actor.id and rules.is_shown(each, now)), None)
    require(reveal is not None)
    assert reveal is not None
    note(case, SealedStep.SAW_WHO, NOTHING, "sealed.identity_seen", actor=actor, now=now, reveal_id=reveal.id)
