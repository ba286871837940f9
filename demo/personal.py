"""Lets two people ask for what is kept of them: one for a copy, one that it goes."""

from __future__ import annotations

import datetime as dt

from app.calendar.queries import work_calendar
from app.clock import LOCAL, local_date
from app.database import db
from demo.timetable import EVENING, working_day
from feedback.models import Feedback, Person, ReceiptKey
from feedback.personal import operations
from feedback.personal.rules import RequestKind
from feedback.rules import Status

DAYS_AGO = 2


def play(*, now: dt.datetime) -> None:
    """Let the last two whose matters are closed ask before *now*; the caller commits."""
    asked_on = working_day(work_calendar(), local_date(now), -DAYS_AGO)
    asked_at = dt.datetime.combine(asked_on, EVENING, LOCAL)
    keys = db.session.scalars(
        db.select(ReceiptKey)
        .join(Feedback, Feedback.id == ReceiptKey.feedback_id)
        .where(Feedback.status == Status.CLOSED, Feedback.closed_at < asked_at, Feedback.parent_id.is_(None))
        .where(ReceiptKey.person_id.is_(None), db.exists().where(Person.feedback_id == Feedback.id))
        .order_by(Feedback.received_at.desc())
        .limit(2)
    )
    for key, kind in zip(keys, (RequestKind.EXPORT, RequestKind.ERASURE), strict=True):
        operations.ask(db.session.get_one(Feedback, key.feedback_id), key, kind, now=asked_at)
