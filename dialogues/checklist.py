"""What is to be made ready before a session, from dialogues/data/checklist.toml, and by when. Reads the file and nothing else."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.calendar.days import CalendarNotLoaded, Term, TermUnit, WorkCalendar, count
from dialogues.rules import GUARDS, Facts, Status

SHIPPED = Path(__file__).parent / "data" / "checklist.toml"


@dataclass(frozen=True, kw_only=True)
class Task:
    """A row of the checklist."""

    code: str
    title: str
    before: str  # session, or announce: the last day on which it may be announced
    days: int  # working days before that
    guard: str = ""  # the guard it serves: done when that holds
    status: str = ""  # the step that it is: done once that was taken
    source: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether somebody says that it is done, because no fact does."""
        return not (self.guard or self.status)


@cache
def tasks() -> dict[str, Task]:
    """Return every row by its code, in the order of the file."""
    rows = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["task"]
    return {row["code"]: Task(**row) for row in rows}


def due_on(task: Task, day: dt.date | None, announce_by: dt.date | None, calendar: WorkCalendar) -> dt.date | None:
    """Return until when *task* should be done for a session on *day*; None while that day, or the calendar of its year, is not known."""
    start = announce_by if task.before == "announce" else day
    if start is None or not task.days:
        return start
    try:
        return count(Term(-task.days, TermUnit.WORKING), start, calendar).due_on
    except CalendarNotLoaded:
        return None


#: The way of a session, to say whether a step was taken.
_WAY = tuple(Status)[: tuple(Status).index(Status.ARCHIVED) + 1]


def is_done(task: Task, facts: Facts, status: str, *, ticked: bool) -> bool:
    """Say whether *task* is done: by the guard it serves, by the step it is, or because somebody said so."""
    if task.guard:
        guard = next(guard for guards in GUARDS.values() for guard in guards if guard.name == task.guard)
        return guard.holds(facts)
    if task.status:
        return status in _WAY and _WAY.index(Status(status)) >= _WAY.index(Status(task.status))
    return ticked
