"""Meetings owed to the people, in figures: of the duties that units have in a year, how many are met, planned for, open or late.

What a duty asks for and how a unit stands with it is dialogues.duties, as on the board of dialogues; here it is only counted. A meeting
is no promise: there is no cut of the register that opens it, and the board of dialogues shows the same rows.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.permissions import Reach
from app.units.models import Unit
from dialogues import board
from dialogues.duties import DutyKind, State
from dialogues.models import MeetingDuty

#: The path of no unit: none is put before the others.
NOBODY = "/-/"


@dataclass
class Meetings:
    """How a unit, or all of them, stand with their duties of one kind in a year."""

    unit: Any = None  # the Unit; None: all
    states: Counter[State] = field(default_factory=Counter)  # one for each duty of each unit

    @property
    def duties(self) -> int:
        return self.states.total()

    @property
    def late(self) -> int:
        return self.states[State.LATE]

    @property
    def share(self) -> float | None:
        """Of the duties, those that are not late: nobody can be short before a period is over."""
        return 1 - self.late / self.duties if self.duties else None


def meetings(
    year: int, *, today: dt.date, reach: Reach, kind: DutyKind = DutyKind.SESSION, below: Unit | None = None, level: str = ""
) -> list[Meetings]:
    """Return each unit with duties of *kind* in *year* that *reach* may read, by level and name."""
    found: dict[int, Meetings] = {}
    for row in _rows(year, today=today, reach=reach, below=below, level=level):
        if row.duty.kind == kind:
            found.setdefault(row.unit.id, Meetings(row.unit)).states[row.standing.state] += 1
    return [found[unit.id] for unit in board.in_order([each.unit for each in found.values()], own_path=NOBODY)]


@dataclass
class Held:
    """How the units of one level stand with one duty in a year."""

    duty: MeetingDuty
    level: str
    states: Counter[State] = field(default_factory=Counter)
    late: list[Unit] = field(default_factory=list)


def by_duty(year: int, *, today: dt.date, reach: Reach, below: Unit | None = None, level: str = "") -> list[Held]:
    """Return each duty and level of which *reach* may read a unit, sessions first, the province before communes."""
    found: dict[tuple[str, str], Held] = {}
    for row in _rows(year, today=today, reach=reach, below=below, level=level):
        held = found.setdefault((row.duty.code, row.unit.level), Held(row.duty, row.unit.level))
        held.states[row.standing.state] += 1
        if row.standing.state == State.LATE:
            held.late.append(row.unit)
    return sorted(found.values(), key=lambda held: (held.duty.kind != DutyKind.SESSION, held.duty.id, held.level != "province"))


def _rows(year: int, *, today: dt.date, reach: Reach, below: Unit | None, level: str) -> Iterator[board.Row]:
    for row in board.rows(reach, year=year, today=today):
        if (below is None or row.unit.path.startswith(below.path)) and level in {"", row.unit.level}:
            yield row


def total(rows: list[Meetings]) -> Meetings:
    """Return the sum of *rows*."""
    whole = Meetings()
    for row in rows:
        whole.states.update(row.states)
    return whole
