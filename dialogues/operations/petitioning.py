"""What is beyond the chair's authority is asked of a higher body in writing; from when that body accepts, the matter is its own.

"kịp thời giải quyết hoặc kiến nghị cấp có thẩm quyền giải quyết" (Hướng dẫn 04-HD/BDVTU II.2.3). The unit that held the session
owes the petition and the report of its answer; the other body's clock starts when it, or whoever leads both, accepts.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app import clock as time
from app.access import require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition, State
from app.audit import record
from app.database import db, lock
from app.files import StoredFile
from app.permissions import Permission
from app.units.models import Unit
from dialogues.models import ConclusionAssignment, Petition, SessionFile
from dialogues.operations import following, news, promises
from dialogues.operations.promises import DayPast, Word
from dialogues.rules import FilePurpose, PublicForm


class NotBeyond(Exception):
    """Nobody need be petitioned for this: it is the unit's own to do."""


class SentAlready(Exception):
    """The petition is with that body."""


class NotAbove(Exception):
    """The unit that petitions, or one below it, is nobody to petition: it is told what to do."""


class NotSentYet(Exception):
    """A petition is not dated after today."""


@dataclass(frozen=True)
class Sent:
    """The paper that petitions: its number and date, the body where it is a unit of this site, and the paper itself."""

    number: str
    sent_on: dt.date
    unit: Unit | None = None
    files: tuple[StoredFile, ...] = ()


def may_decide(actor: User, petition: Petition) -> bool:
    """Say whether *actor* answers for the body: who leads it, or both, and is not one of the host's people, who would answer themselves.

    Outside this site nobody else can: who keeps the host's papers copies the answer.
    """
    if petition.unit is None:
        return promises.may_do(actor, petition.promise)
    host, reach = petition.promise.unit, actor.reach
    return not reach.is_of(unit_id=host.id, unit_path=host.path) and reach.may(Permission.FEEDBACK_LEAD, unit_path=petition.unit.path)


def send(promise: ConclusionAssignment, sent: Sent, *, actor: User, now: dt.datetime) -> Petition:
    """Write down that the petition went out, numbered; the body, the asker and nobody else hear of it.

    :raise NotBeyond: :raise SentAlready: :raise NotSentYet: :raise NotAbove: :raise NotAllowed: :raise IllegalTransition:
    """
    lock(promise)
    require(promises.may_do(actor, promise))
    if promise.state != State.TAKEN:
        raise IllegalTransition(State(promise.state), State.TAKEN)
    if not promise.beyond:
        raise NotBeyond
    if promise.petition is not None:
        raise SentAlready
    if sent.sent_on > time.local_date(now):
        raise NotSentYet
    if sent.unit is not None and sent.unit.path.startswith(promise.unit.path):
        raise NotAbove
    petition = Petition(promise=promise, unit=sent.unit, number=sent.number, sent_on=sent.sent_on)
    db.session.add(petition)
    for file in sent.files:
        promise.session.files.append(
            SessionFile(
                file=file, promise_id=promise.id, purpose=FilePurpose.PROOF, caption=sent.number, added_by_id=actor.id, added_at=now
            )
        )
    db.session.flush()
    record(actor, "session.petitioned", promise.session, at=now, assignment_id=promise.id, number=sent.number)
    following.petitioned(petition, now=now)
    news.to_askers(promise, "petitioned", now=now, unit=sent.unit.name if sent.unit else promise.beyond)
    return petition


def accept(petition: Petition, *, due_on: dt.date, said: str, actor: User, now: dt.datetime) -> ConclusionAssignment | None:
    """The body has it from now on, to be done by *due_on*: a unit of this site as an assignment with a clock of its own, returned.

    :raise DayPast: :raise UnitClosed: :raise NotAllowed: :raise IllegalTransition: it was answered before.
    """
    _decide(petition, accepted=True, said=said, actor=actor, now=now)
    promise = petition.promise
    if due_on <= time.local_date(now):
        raise DayPast
    if petition.unit is not None:
        word = Word(petition.unit, due_on, PublicForm(promise.public_form or PublicForm.SITE))
        taken = promises.offer(promise.session, word, promise.title, beyond="", question=promise.question, actor=actor, now=now)
        taken.public_title, petition.taken = promise.public_title, taken
    _tell(petition, "accepted", now=now, due_on=due_on)
    return petition.taken


def decline(petition: Petition, *, said: str, actor: User, now: dt.datetime) -> None:
    """The body does not take it, and says why; the host reports that. :raise NotAllowed: :raise IllegalTransition:"""
    _decide(petition, accepted=False, said=said, actor=actor, now=now)
    _tell(petition, "declined", now=now)


def _decide(petition: Petition, *, accepted: bool, said: str, actor: User, now: dt.datetime) -> None:
    promise = petition.promise
    lock(promise)
    require(may_decide(actor, petition))
    if not promise.is_open or petition.accepted is not None:
        raise IllegalTransition(State(promise.state), State.TAKEN)
    petition.accepted, petition.said, petition.decided_on = accepted, said, time.local_date(now)
    record(actor, "session.petition_decided", promise.session, at=now, assignment_id=promise.id, accepted=accepted)


def _tell(petition: Petition, what: str, *, now: dt.datetime, due_on: dt.date | None = None) -> None:
    promise = petition.promise
    body = petition.unit.name if petition.unit else promise.beyond or ""
    following.petition_decided(petition, body, now=now)
    news.to_askers(promise, what, now=now, unit=body, due_on=due_on)
