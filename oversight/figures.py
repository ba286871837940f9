"""Figures about the promises to citizens, by unit, level, area, field or month: each counted by a condition of oversight.populations.

One set of queries for every page, report and file. Nothing is stored. Each number of cases carries the cut of the register that opens
exactly these. What each figure says, and what it cannot say: docs/figures.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.permissions import Reach
from dialogues.duties import Span
from oversight import populations
from oversight.register import Cut


class Dimension(StrEnum):
    """What the rows of a table are."""

    WHOLE = "whole"  # one row: the cut as it is
    UNIT = "unit"  # each unit without what is below it
    UNIT_BELOW = "unit_below"  # each unit with what is below it: a case counts in every unit above
    LEVEL = "level"
    AREA = "area"  # the commune
    FIELD = "field"
    MONTH = "month"  # each month of the span; what is open or overdue is so at its end


#: Numbers of cases, each a condition of populations.
COUNTS: tuple[str, ...] = tuple(populations.CONDITIONS)
#: Of so many (the second), so many (the first).
SHARES: dict[str, tuple[str, str]] = {
    "on_time_share": ("met", "due"),  # the fair one: of what fell due
    "first_on_time_share": ("first_met", "first_due"),  # as if nothing had been extended
    "closed_in_time_share": ("in_time", "closed"),  # of what was closed; silent about what was left open
    "kept_share": ("kept", "made"),
    "reopened_share": ("reopened", "made"),
    "roundabout_share": ("roundabout", "made"),
    "response_rate": ("rated", "rateable"),
}
#: Working days from opening to closing of what was closed: that many or fewer for this part of it.
DAYS: dict[str, float] = {"median_days": 0.5, "p90_days": 0.9}
#: Mean of a number of each case.
MEANS: dict[str, str] = {"rating_mean": "rated", "transfers_mean": "made"}
#: Every name that figures() knows.
NAMES: tuple[str, ...] = (*COUNTS, *SHARES, *DAYS, *MEANS)


@dataclass(frozen=True)
class Figure:
    """One number, and where it comes from."""

    name: str
    value: float | None  # a count; a share from 0 to 1; days; a mean. None: of nothing there is no share
    numerator: int | None  # of a count: itself; of a mean: the sum; of days: None
    denominator: int | None  # of a count: None; of days: how many cases were measured; of the mean of marks: how many marks
    cut: Cut  # opens the cases of a count, and of the numerator of a share; of days and means: all that were measured
    of: Cut | None = None  # opens the cases of the denominator of a share
    unknown: int = 0  # of days: cases that a calendar not loaded leaves undetermined


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    key: int | str | None  # id of the unit, area or field; code of the level; first day of the month (ISO); None: not said, or the whole
    label: str  # as the row's own name says it; of a level: its code; of a month: "2026-05"; "" where nothing was said
    thing: Any = None  # the Unit, Place, Field or Span itself
    figures: dict[str, Figure] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Figure:
        return self.figures[name]


class DutiesMixed(ValueError):
    """Figures were asked for duties to answer and duties to act together: answering is not doing."""


def figures(
    names: Iterable[str], *, by: Dimension = Dimension.WHOLE, cut: Cut, span: Span, today: dt.date, reach: Reach, own_path: str
) -> list[Row]:
    """Return one row for each unit (area, …) that has a case in *cut*, with the figures *names*, over *span* as of *today*.

    `cut.duty` must be given (:raise DutiesMixed:); its view, counted and span are overridden. Units by level and name, areas by name,
    fields in their own order, months in order and none left out. WHOLE gives one row, always.
    """
    raise NotImplementedError


def over(
    names: Iterable[str], spans: Sequence[Span], *, by: Dimension = Dimension.WHOLE, cut: Cut, today: dt.date, reach: Reach, own_path: str
) -> dict[Span, list[Row]]:
    """Return figures() for each of *spans* in the statements of one: for lines over time and heat maps of units × months.

    Each span has the same rows in the same order. *by* may not be MONTH.
    """
    raise NotImplementedError


def months_of(span: Span) -> list[Span]:
    """Return the months of *span*; the first and the last are cut off where it begins and ends."""
    raise NotImplementedError
