"""Whether the sender of a duty's item is asked something is kept beside the duty, in `assignment.asking`: see `app.assignments.beside`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, literal_column, select

from app import hooks
from app.assignments import beside
from feedback.models import FeedbackAssignment, Message, MessageKind

_DUTY, _MESSAGE = FeedbackAssignment.__table__.c, Message.__table__.c


def _said() -> ColumnElement[bool]:
    asked = _MESSAGE.feedback_id == _DUTY.feedback_id, _MESSAGE.kind == MessageKind.QUESTION, _MESSAGE.answered_at.is_(None)
    return select(_MESSAGE.id).where(*asked).exists()


def _of_its_item(_message: Any) -> ColumnElement[bool]:
    return _DUTY.feedback_id == literal_column("NEW.feedback_id")


def _changes() -> tuple[beside.Change, ...]:
    questions = f"NEW.kind = '{MessageKind.QUESTION}'"
    return (
        beside.Change("message", ("answered_at",), questions, _of_its_item, added=True),
        beside.Change("assignment", ("feedback_id",), "NEW.feedback_id IS NOT NULL", lambda new: _DUTY.id == new, added=True),
    )


hooks.add(beside.columns, beside.Beside("asking", _said, _changes, nothing=false()))
