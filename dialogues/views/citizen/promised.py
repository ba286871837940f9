"""What the public page of promises says of sessions: what their conclusions gave out, and apart from it the answers owed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from app import hooks
from app.assignments import published as register
from app.assignments.chips import open_chip
from app.calendar.queries import work_calendar
from app.database import db
from app.formats import format_date
from dialogues import given
from dialogues.models import ConclusionAssignment, Question
from feedback.models import Feedback, FeedbackAssignment
from feedback.public import unit_in_charge
from feedback.views.citizen import published

SHOWN = 30


def init_app(_app: Flask) -> None:
    """Have the page of promises, and whatever counts them, show them."""
    along = [joinedload(ConclusionAssignment.session)]
    register.sources["conclusion"] = register.Source(ConclusionAssignment, given.of_published, given.CHANGES, along, _told)
    hooks.add(published.further, answers)


def _told(duty: ConclusionAssignment) -> dict[str, Any]:
    held = duty.session.day
    assert held is not None  # it was held, and its result is out
    return {
        "title": duty.public_title or _("Giải quyết một câu hỏi mà người hỏi không đồng ý công khai"),
        "url": _conclusion_of(duty.session.code),
        "promised": _("hứa tại buổi đối thoại %(day)s", day=format_date(held, weekday=False)),
    }


def _conclusion_of(code: str) -> str:
    return url_for("dialogues_sessions.show", code=code, _anchor="ket-luan")


def answers(today: dt.date) -> tuple[str, dict[str, Any]] | None:
    """Return how the answers stand that chairs promised, and the most urgent of those still owed; None where none was promised."""
    sums, owed = given.answers_of_published(today)
    if not any(sums.values()):
        return None
    item = joinedload(Question.feedback)
    query = db.select(Question).where(Question.id.in_(owed[:SHOWN])).options(joinedload(Question.session))
    for each in (item, item.joinedload(Feedback.merged_into)):
        query = query.options(each.joinedload(Feedback.desk_unit))
        query = query.options(each.selectinload(Feedback.assignments).joinedload(FeedbackAssignment.unit))
    read = {question.id: question for question in db.session.scalars(query)}
    calendar = work_calendar()
    rows = [
        {
            "text": question.public_text,
            "url": _conclusion_of(question.session.code),
            "unit": unit_in_charge(question.feedback.merged_into or question.feedback).name,
            "due_on": question.promised_on,
            "chip": open_chip(question.promised_on, asking=False, today=today, calendar=calendar),
        }
        for question in (read[id_] for id_ in owed[:SHOWN])
        if question.feedback is not None
    ]
    return "dialogues/citizen/_promised.html", {"sums": sums, "total": sum(sums.values()), "rows": rows, "more": len(owed) - len(rows)}
