"""Which requests there are, and what a request is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ScalarSelect

from app import consents
from app.consents import Consent
from app.counting import up_to_most
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit
from feedback import mine
from feedback.lists import not_concerning, within
from feedback.models import Feedback, Person, ReceiptKey
from feedback.personal.models import DataRequest
from feedback.personal.rules import RequestKind, RequestState


def of_key(key: ReceiptKey) -> list[DataRequest]:
    """Return what the holder of *key* asked, newest first."""
    return list(db.session.scalars(db.select(DataRequest).where(DataRequest.key_id == key.id).order_by(DataRequest.id.desc())))


def persons_of(feedback: Feedback, key: ReceiptKey) -> list[Person]:
    """Return who the holder of *key* is: one of many signers, or whoever wrote and for whom they wrote."""
    if key.person_id is not None:
        return [person for person in feedback.people if person.id == key.person_id]
    signers = set(db.session.scalars(db.select(ReceiptKey.person_id).where(ReceiptKey.feedback_id == feedback.id)))
    return [person for person in feedback.people if person.id not in signers]


def erased_at(feedback: Feedback, key: ReceiptKey) -> dt.datetime | None:
    """Return when the holder of *key* was taken out, where nothing has been written since that could name them; else None."""
    done = [each.decided_at for each in of_key(key) if (each.kind, each.state) == (RequestKind.ERASURE, RequestState.AGREED)]
    people = persons_of(feedback, key)
    if people and all(person.erased_at for person in people):  # also of what was kept too long
        done += [person.erased_at for person in people]
    last = max((at for at in done if at is not None), default=None)
    items = (feedback, *feedback.parts)
    since = [each for item in items for rows in (item.messages, item.ratings) for each in rows if last is not None and each.at > last]
    return None if since else last


def keys_of(email_index: str) -> list[tuple[Feedback, ReceiptKey]]:
    """Return what the owner of that address sent openly, with their key of each."""
    found = [mine.key_to(each.code, email_index) for each in mine.sent(email_index)]
    return [each for each in found if each is not None]


def consents_of(feedback: Feedback, key: ReceiptKey) -> list[Consent]:
    """Return what the holder of *key* agreed to, oldest first; that their words are read by all is for whoever sent them."""
    of_item = consents.of([feedback]) if key.person_id is None else []
    return of_item + consents.of(persons_of(feedback, key))


def waiting(reach: Reach) -> list[DataRequest]:
    """Return what waits for somebody at the desks of *reach*, the first due first."""
    return list(db.session.scalars(_waiting(db.select(DataRequest), reach).order_by(DataRequest.due_on, DataRequest.id)))


def waiting_count(reach: Reach) -> ScalarSelect[int] | None:
    """Return the question how many wait there, for the menu."""
    return up_to_most(_waiting(db.select(DataRequest.id), reach)) if reach.may_anywhere(Permission.FEEDBACK_TRIAGE) else None


def _waiting(statement: Any, reach: Reach) -> Any:
    return (
        statement.join(Feedback, Feedback.id == DataRequest.feedback_id)
        .join(Unit, Unit.id == Feedback.desk_unit_id)
        .where(DataRequest.state == RequestState.ASKED, within(Unit, reach, Permission.FEEDBACK_TRIAGE), not_concerning(reach.paths))
    )
