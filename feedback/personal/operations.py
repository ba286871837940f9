"""Asking for one's data or for its end, and deciding on that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from app import clock as time
from app import outbox
from app.access import SENDER, require
from app.accounts.models import User
from app.audit import record
from app.calendar.days import CalendarNotLoaded, count
from app.calendar.queries import rules_in_force, work_calendar
from app.calendar.rules import Facts, Stage, choose, term_for
from app.database import db, lock
from app.outbox import Channel
from feedback import queries
from feedback import rules as of_items
from feedback.ladder import Owed
from feedback.models import Feedback, ReceiptKey
from feedback.operations import consenting, telling
from feedback.operations.reminding import Debt
from feedback.personal import erasing, rules
from feedback.personal.models import DataRequest
from feedback.personal.queries import erased_at, of_key, persons_of
from feedback.personal.rules import Ground, RequestKind, RequestState
from feedback.rules import Status


class AskedBefore(Exception):
    """The same was asked and is not decided yet."""


class Erased(Exception):
    """Nothing of them is left to erase."""


class StillOwed(Exception):
    """Somebody still has to answer: nothing is erased before that, or before it is withdrawn."""


class Decided(Exception):
    """Somebody else has decided on it."""


def ask(feedback: Feedback, key: ReceiptKey, kind: RequestKind, *, now: dt.datetime) -> DataRequest:
    """Ask for what is kept of the holder of *key*, or that it goes; the desk hears of it.

    :raise AskedBefore: :raise StillOwed: :raise Erased:
    """
    lock(feedback)
    if not rules.may_ask(kind, [each.kind for each in of_key(key) if each.state == RequestState.ASKED]):
        raise AskedBefore
    if kind is RequestKind.ERASURE and still_owed(feedback):
        raise StillOwed
    if kind is RequestKind.ERASURE and erased_at(feedback, key) is not None:
        raise Erased
    due_on = _due_on(kind, time.local_date(now))
    request = DataRequest(feedback=feedback, key_id=key.id, kind=kind, state=RequestState.ASKED, asked_at=now, due_on=due_on)
    db.session.add(request)
    record(SENDER, "data_request.asked", feedback, at=now, kind=kind, due_on=due_on and due_on.isoformat())
    telling.data_requested(feedback, f"data:{request.id}", now=now)
    return request


def ask_everywhere(keys: Iterable[tuple[Feedback, ReceiptKey]], *, now: dt.datetime) -> tuple[int, int]:
    """Ask that the person goes out of all these items; return of how many it was asked, and how many are still owed an answer."""
    asked = owed = 0
    for feedback, key in sorted(keys, key=lambda each: each[0].id):
        try:
            ask(feedback, key, RequestKind.ERASURE, now=now)
        except (AskedBefore, Erased):
            continue
        except StillOwed:
            owed += 1
        else:
            asked += 1
    return asked, owed


def agree(request: DataRequest, texts: list[str], *, seen: str, actor: User, now: dt.datetime) -> list[str]:
    """Agree. An erasure is done with it: each piece of free text becomes what a clerk has read and left of it (*texts*).

    *seen*: the digest of what they have read.

    Return the names of the files whose bytes go after the commit. :raise Decided: :raise StillOwed: :raise erasing.TextsChanged:
    """
    feedback = _decide(request, RequestState.AGREED, actor=actor, now=now)
    record(actor, "data_request.agreed", feedback, at=now, kind=request.kind)
    _tell(request, now=now)
    if request.kind != RequestKind.ERASURE:
        return []
    if still_owed(feedback):
        raise StillOwed
    return erasing.erase(feedback, request.key, texts, seen=seen, actor=actor, now=now)


def refuse(request: DataRequest, ground: Ground, *, actor: User, now: dt.datetime) -> None:
    """Refuse, and say why. :raise Decided:."""
    feedback = _decide(request, RequestState.REFUSED, actor=actor, now=now)
    request.ground = ground
    record(actor, "data_request.refused", feedback, at=now, kind=request.kind, ground=ground)
    _tell(request, now=now)


def late(today: dt.date) -> list[Debt]:
    """Return the requests whose day is over: their desk is reminded, then who leads it and the unit above."""
    query = db.select(DataRequest).where(DataRequest.state == RequestState.ASKED, DataRequest.due_on < today).order_by(DataRequest.id)
    return [
        Debt(Owed.DATA, each.feedback, each.feedback.desk_unit, each.due_on, f"data:{each.id}")
        for each in db.session.scalars(query)
        if each.due_on is not None
    ]


def still_owed(feedback: Feedback) -> bool:
    """Say whether somebody still has to answer the item, a part of it, or what it was merged into."""
    owed = feedback.parts or [feedback.merged_into or feedback]
    return not all(rules.may_erase(Status(each.status)) for each in owed)


def may_decide(request: DataRequest, actor: User) -> bool:
    """Say whether *actor* decides on it: reception of the item's desk, never somebody of the unit it complains of."""
    return of_items.may_triage(actor.reach, queries.standing_of(request.feedback))


def _decide(request: DataRequest, state: RequestState, *, actor: User, now: dt.datetime) -> Feedback:
    require(may_decide(request, actor))
    lock(request.feedback)
    lock(request)
    if request.state != RequestState.ASKED:
        raise Decided
    request.state, request.decided_by_id, request.decided_at = state, actor.id, now
    return request.feedback


def _tell(request: DataRequest, *, now: dt.datetime) -> None:
    """Tell who asked, before their address is gone. The letter is about the request: erasing ends those about the item."""
    for person in consenting.told(persons_of(request.feedback, request.key)):
        channel, address = (Channel.EMAIL, person.email) if person.email else (Channel.SMS, person.phone)
        if address:
            outbox.notify(
                channel=channel,
                template="feedback/notices/data_decided",
                about=request,
                now=now,
                occasion=f"decided:{person.id}",
                address=address,
                locale=request.feedback.locale,
                code=request.feedback.code,
                kind=request.kind,
                state=request.state,
            )


def _due_on(kind: RequestKind, today: dt.date) -> dt.date | None:
    rule = choose(rules_in_force(today, Stage.DATA_REQUEST), Facts(kind=f"data_{kind}"), Stage.DATA_REQUEST, today)
    try:
        return count(term_for(rule), today, work_calendar()).due_on if rule is not None else None
    except CalendarNotLoaded:
        return None


__all__ = ["AskedBefore", "Decided", "Erased", "StillOwed", "agree", "ask", "may_decide", "refuse", "still_owed"]
