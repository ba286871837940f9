"""A promise as pages show it: what its list, its own page and the pages that point to it have in common."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.assignments.chips import chip_of
from app.assignments.models import Assignment
from app.assignments.rules import Duty
from app.calendar.days import WorkCalendar
from app.permissions import Reach
from feedback.models import Paper
from feedback.words import assignment_state
from oversight import words
from oversight.register import columns, kinds


def shown(row: Assignment, answer: Paper | None, *, reach: Reach, today: dt.date, calendar: WorkCalendar) -> dict[str, Any]:
    """Return *row* with its words, masked where its item does not open for *reach*, and the page of that item where it does."""
    may_read = kinds.may_read(row, reach)
    return {
        "row": row,
        "of_session": row.kind == "conclusion",
        "may_read": may_read,
        "opens": kinds.opens(row) if may_read else None,  # (endpoint, values)
        "chip": chip_of(row, today=today, calendar=calendar),
        "duty": words.duty(row),
        "state": assignment_state(row),
        "task": words.task(row, may_read=may_read),
        "matter": words.matter(row, may_read=may_read) if row.duty == Duty.ACT else "",
        "answer": answer,
        "answered_on": columns.dated(answer),
    }
