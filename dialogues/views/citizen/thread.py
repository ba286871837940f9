"""What the tracking page of an item says of the sessions it was put to: how it was answered there, and what was promised."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from app import hooks
from app.assignments import published
from app.assignments.chips import chip_of
from app.assignments.rules import State
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage
from app.database import db
from dialogues import rules, seen, words
from dialogues.models import ConclusionAssignment, Question, Session
from feedback.models import Feedback
from feedback.operations import clocks
from feedback.views.citizen import thread

#: What was promised stands from then on; before, it may still be corrected.
STANDS = rules.OUT | {rules.Status.CONCLUDED}


def init_app(_app: Flask) -> None:
    """Have the tracking page show it."""
    hooks.add(thread.further, appearances)


def appearances(item: Feedback, today: dt.date) -> list[tuple[str, dict[str, Any]]]:
    """Return a section for each session to which the sender of *item* put a question."""
    query = db.select(Question).where(Question.feedback_id == item.id).order_by(Question.id)
    found = db.session.scalars(query.options(joinedload(Question.session).joinedload(Session.unit), joinedload(Question.like))).all()
    return [("dialogues/citizen/_in_thread.html", _section(question, item, today)) for question in found]


def _section(question: Question, item: Feedback, today: dt.date) -> dict[str, Any]:
    session, put = question.session, question.like or question
    rows = db.select(ConclusionAssignment).where(
        ConclusionAssignment.question_id == put.id, ConclusionAssignment.state != State.CANCELLED
    )  # fmt: skip
    calendar = work_calendar()
    given = db.session.scalars(rows.order_by(ConclusionAssignment.id)).all() if session.status in STANDS else []
    said, reviewed = published.remarked(given), published.reviewed(given)
    # What was an item before it was put to the session was sent as one.
    asked = {"menu": "dialogues_sessions.index", "kind": _("Câu hỏi gửi buổi đối thoại")}
    return {
        **({"asked": asked} if question.origin != rules.Origin.FEEDBACK else {}),
        "session": session,
        "shown": session.announced_at is not None,
        "day": session.day if seen.day_stands(session) else None,
        # Said before everybody; written down it is read once the session is over.
        "answer": words.ANSWER_KINDS[put.answer_kind] if put.answer_kind and session.held_at else None,
        **_days(put, item),
        "promises": [
            {
                # What the chair gave out may name others, until somebody read it for names.
                "title": row.public_title,
                "unit": row.unit.name,
                "due_on": row.due_on,
                "chip": chip_of(row, today=today, calendar=calendar),
                "beyond": row.beyond,
                "petition": row.petition,
                "verified": row.state == State.VERIFIED,
                "remark": said.get(row.id, ""),
                "reviewed": row.id in reviewed,
            }
            for row in given
        ],
    }


def _days(put: Question, item: Feedback) -> dict[str, dt.date | None]:
    """Return the day the chair named for the answer, and beside it the one that holds by law where that is another."""
    promised = put.promised_on if put.session.status in STANDS else None
    owed = clocks.governing(item, promised=False) if promised else None
    by_law = owed.due_on if owed is not None and owed.stage != Stage.NOTICE else None
    return {"promised_on": promised, "by_law": by_law if by_law != promised else None}
