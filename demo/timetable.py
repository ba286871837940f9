"""When each step of the demo's items happens: days counted back from today, so that the demo is always fresh."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.calendar.days import WorkCalendar
from app.clock import LOCAL

MORNING = dt.time(8, 30)
EVENING = dt.time(19, 5)
A_WHILE = dt.timedelta(minutes=35)
#: Steps of the sender, who writes in the evening.
BY_SENDER = {"answer", "sender_note", "rate", "reopen", "withdraw"}


@dataclass(frozen=True, order=True)
class Event:
    """One step of one item, at its time."""

    at: dt.datetime
    order: int
    key: str = field(compare=False)
    step: dict[str, Any] = field(compare=False)


def events(items: Iterable[dict[str, Any]], calendar: WorkCalendar, today: dt.date) -> list[Event]:
    """Return every step of every item in the order of time, all of them before *today*."""
    found: list[Event] = []
    for item in items:
        sent_on = working_day(calendar, today, -item["sent"]["days_ago"])
        sent_at = dt.datetime.combine(sent_on, dt.time.fromisoformat(item["sent"]["at"]), LOCAL)
        found.append(Event(sent_at, len(found), item["key"], {"do": "send", "item": item}))
        _add_steps(found, item["key"], item["past"], sent_at, calendar)
    return sorted(found)


def _add_steps(found: list[Event], key: str, past: list[dict[str, Any]], sent_at: dt.datetime, calendar: WorkCalendar) -> None:
    last = sent_at
    for step in past:
        on = working_day(calendar, sent_at.date(), step["day"])
        usual = dt.datetime.combine(on, EVENING if step["do"] in BY_SENDER else MORNING, LOCAL)
        last = max(usual, last + A_WHILE)
        found.append(Event(last, len(found), key, step))
        for part in step.get("parts", []):
            # Where a part is sent to at once is said when the letter is split.
            rest = part["past"][1:] if part["past"][0]["do"] == "route" else part["past"]
            _add_steps(found, part["key"], rest, sent_at, calendar)


def working_day(calendar: WorkCalendar, day: dt.date, steps: int) -> dt.date:
    """Return the working day *steps* after *day* (before it, when negative)."""
    one = dt.timedelta(days=1 if steps > 0 else -1)
    while steps:
        day += one
        if calendar.is_working(day):
            steps -= 1 if steps > 0 else -1
    return day
