"""What the public page of promises says of those that were made at sessions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask

from app.assignments.chips import chip_of
from app.calendar.queries import work_calendar
from dialogues import given
from feedback.views.citizen import published

SHOWN = 30


def init_app(_app: Flask) -> None:
    """Have the page of promises show them."""
    if promised not in published.further:  # several sites in one process, as the tests have
        published.further.append(promised)


def promised(today: dt.date) -> tuple[str, dict[str, Any]] | None:
    """Return the most urgent of what conclusions gave out, once their sessions are published."""
    calendar = work_calendar()
    rows = [{"row": row, "chip": chip_of(row, today=today, calendar=calendar)} for row in given.of_published(SHOWN)]
    return ("dialogues/citizen/_promised.html", {"rows": rows}) if rows else None
