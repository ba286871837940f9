"""A question that comes when minutes and conclusion stand is answered all the same: it becomes an item, with its code and its clock."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from app import crypto
from app.accounts.models import User
from app.database import db
from dialogues.models import DeviceEvent, Session
from dialogues.rules import DEFERRED, EventKind, EventState
from feedback.operations import intake
from feedback.operations.intake import PersonData, Submission
from feedback.rules import Channel, Kind, SenderType


def receipt_token(question: uuid.UUID) -> str:
    """Return what the receipt of an item made of that question is found by; nobody outside can make it."""
    return crypto.blind_index(f"floor:{question}")


def owe_answers(session: Session, subjects: Collection[uuid.UUID | None], *, actor: User, now: dt.datetime) -> dict[uuid.UUID, str]:
    """Make items of what was asked under *subjects* and only stands in addenda, unless it was answered in the hall or taken back.

    Return their codes, by what was asked.
    """
    known = DeviceEvent.session_id == session.id, DeviceEvent.state == EventState.ADDENDUM, DeviceEvent.subject.in_(subjects)
    rows = list(db.session.scalars(db.select(DeviceEvent).where(*known).order_by(DeviceEvent.at, DeviceEvent.uid)))
    done = {
        row.subject
        for row in rows
        if row.kind == EventKind.WITHDRAWN or (row.kind == EventKind.ANSWERED and row.facts["kind"] not in DEFERRED)
    }
    asked = {row.subject: row for row in rows if row.kind == EventKind.ASKED}
    return {subject: _owe(session, subject, row, actor, now) for subject, row in asked.items() if subject and subject not in done}


def _owe(session: Session, question: uuid.UUID, row: DeviceEvent, actor: User, now: dt.datetime) -> str:
    facts = row.facts
    return intake.submit(
        Submission(
            kind=Kind.QUESTION,
            body=facts["text"],
            token=receipt_token(question),
            channel=Channel.FLOOR,
            sender_type=SenderType.PERSON if facts["name"] else SenderType.ANONYMOUS,
            people=(PersonData(name=facts["name"], phone=facts["phone"]),) if facts["name"] or facts["phone"] else (),
            place_id=session.place_id,
            place_text=facts["comes_from"],
            field_id=session.field_id,
            publish_consent=True,  # asked before everybody
            received_at=min(row.at, now),
            to_unit_id=session.unit_id,
        ),
        actor=actor,
        now=now,
    ).code
