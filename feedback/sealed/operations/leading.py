"""Who is accused is confirmed, the head who decides is chosen, and grants named people the case until a day."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import replace

from app import clock
from app.access import require
from app.accounts.models import User
from app.database import db, lock
from app.units.models import Unit
from feedback.sealed import copies, queries, rules
from feedback.sealed.models import SealedCase, SealedGrant
from feedback.sealed.operations.reading import NOTHING, CopyMissing, note, require_look
from feedback.sealed.operations.telling import tell
from feedback.sealed.rules import Extent, SealedStep


class Excluded(Exception):
    """That person may not know of the case: its accused, somebody who stands in for them, or of a unit that is kept out."""


class GrantedAlready(Exception):
    """They have a grant that is not over."""


class DayGone(Exception):
    """The last day lies before today."""


class ReasonMissing(Exception):
    """More than the working copy is given only with the reason why that is not enough."""


def confirm(
    case: SealedCase, *, unit: Unit | None, people: Sequence[User], lifted: rules.Named = (), actor: User, now: dt.datetime
) -> None:
    """Confirm who is accused: a unit of ours or none, and accounts. From now on they, and what they lead, are kept out.

    Who was named and is no more stays kept out, until somebody other than who took them away says that they are *lifted*.

    :raise NotAllowed: :raise NotOpened:
    """
    lock(case)
    require(rules.may_confirm(actor.reach, queries.standing_of(case, actor, on=clock.local_date(now))))
    require_look(case, actor)
    was = case.heading
    named = {("person", user.id) for user in people} | ({("unit", unit.id)} if unit is not None else set())
    gone = {("person", id_) for id_ in was.accused_ids} - named
    if was.accused_unit_id is not None and not _lies_in(was.accused_unit_id, unit):
        gone.add(("unit", was.accused_unit_id))
    case.heading = replace(
        was,
        accused_unit_id=None if unit is None else unit.id,
        accused_ids=tuple(sorted({user.id for user in people})),
        confirmed=True,
        kept=rules.kept_after(was.kept, gone=gone, named=named, lifted=lifted, by_id=actor.id),
    )
    before = {"unit_id": was.accused_unit_id, "user_ids": was.accused_ids, "confirmed": was.confirmed, "kept": was.kept}
    note(case, SealedStep.CONFIRMED, json.dumps(before), "sealed.confirmed", actor=actor, now=now)


def _lies_in(unit_id: int, unit: Unit | None) -> bool:
    return unit is not None and db.session.get_one(Unit, unit_id).path.startswith(unit.path)


def hand_to(case: SealedCase, head: User, *, actor: User, now: dt.datetime) -> None:
    """Let *head* decide what becomes of *case*; intake opens it no more. :raise NotAllowed: :raise Excluded:."""
    lock(case)
    on = clock.local_date(now)
    require(rules.may_hand(actor.reach, queries.standing_of(case, actor, on=on)))
    if head not in [user for user, _unit in queries.heads_for(case, on=on)]:
        raise Excluded
    case.head_id = head.id
    note(case, SealedStep.HANDED, NOTHING, "sealed.handed", actor=actor, now=now, to=head)
    tell(head, now)


def hand_up(case: SealedCase, *, words: str, actor: User, now: dt.datetime) -> None:
    """Record that *case* went by hand to the superior of the highest head here, who is accused. :raise NotAllowed:."""
    lock(case)
    on = clock.local_date(now)
    require(rules.may_hand(actor.reach, queries.standing_of(case, actor, on=on)) and not queries.heads_for(case, on=on))
    note(case, SealedStep.HANDED_UP, words, "sealed.handed_up", actor=actor, now=now)


def grant(
    case: SealedCase, user: User, *, extent: Extent, until: dt.date, why: str, actor: User, now: dt.datetime, why_whole: str = ""
) -> SealedGrant:
    """Let *user* know of *case* until that day. *why_whole*: why the working copy is not enough, where it is all of it.

    :raise NotAllowed: :raise Excluded: :raise GrantedAlready: :raise DayGone: :raise CopyMissing: :raise ReasonMissing:
    """
    lock(case)
    on = clock.local_date(now)
    require(rules.may_lead(actor.reach, queries.standing_of(case, actor, on=on)))
    if not user.active or queries.excluded(case, [user], on=on):
        raise Excluded
    if until < on:
        raise DayGone
    if queries.grant_of(case, user, on=on) is not None:
        raise GrantedAlready
    if not copies.is_confirmed(case):
        raise CopyMissing
    if extent is Extent.WHOLE and not why_whole:
        raise ReasonMissing
    given = SealedGrant(uid=uuid.uuid4(), case=case, user=user, given_by_id=actor.id, given_at=now, until=until, extent=extent)
    db.session.add(given)
    db.session.flush()
    # The text may say "Tôi là …": who reads all of it may learn alone what takes two. So that is a step of its own for all to see.
    kind = SealedStep.GRANTED_WHOLE if extent is Extent.WHOLE else SealedStep.GRANTED
    note(case, kind, "\n".join(filter(None, [why, why_whole])), "sealed.granted", actor=actor, now=now, to=user, grant_id=given.id)
    tell(user, now)
    return given


def end(given: SealedGrant, *, actor: User, now: dt.datetime) -> None:
    """End a grant before its day; one that is over stays as it is. :raise NotAllowed:."""
    lock(given.case)
    require(rules.may_lead(actor.reach, queries.standing_of(given.case, actor, on=clock.local_date(now))))
    if given.ended_at is None:
        given.ended_at = now
        note(given.case, SealedStep.GRANT_ENDED, NOTHING, "sealed.grant_ended", actor=actor, now=now, to=given.user, grant_id=given.id)
