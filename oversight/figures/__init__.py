"""Figures about the promises to citizens, by unit, level, area, field or month: each counted by a condition of oversight.populations.

One set of queries for every page, report and file. Nothing is stored. Each number of cases carries the cut of the register that opens
exactly these. What each figure says, and what it cannot say: docs/figures.md.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import ceil
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.assignments.models import Assignment
from app.calendar.days import ONE_DAY
from app.calendar.queries import work_calendar
from app.database import db
from app.fold import sort_key
from app.permissions import Permission, Reach, Role, Scope
from app.units.models import Field, Place, Unit
from app.units.rules import path_ids
from dialogues.duties import Span
from oversight.figures.counting import DAYS as DAYS_COUNTED
from oversight.figures.counting import HOPS, MARKS, SCORE, Counting, Tallies, Tally
from oversight.register import NONE, Cut, populations

#: Who counts for the pages of everyone: nobody in particular, the whole province. What is sealed is in no figure.
SITE = Reach(0, 0, ((Role.FRONT, Scope(everywhere=True)),))


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


def figures(names: Iterable[str], *, by: Dimension = Dimension.WHOLE, cut: Cut, span: Span, today: dt.date, reach: Reach) -> list[Row]:
    """Return one row for each unit (area, …) that has a case in *cut*, with the figures *names*, over *span* as of *today*.

    `cut.duty` must be given (:raise DutiesMixed:). Of the rest of the cut, unit, level, area, field, session and source count; what says of
    a list which of these cases it shows (view, state, age, lateness, counted) is left out. Units by level and name, areas by name, fields
    in their own order, months in order and none left out. WHOLE gives one row, always.
    """
    if by is not Dimension.MONTH:
        return over(names, [span], by=by, cut=cut, today=today, reach=reach)[span]
    found = over(names, months_of(span), cut=cut, today=today, reach=reach)
    return [Row(month.first.isoformat(), f"{month.first:%Y-%m}", month, rows[0].figures) for month, rows in found.items()]


def over(
    names: Iterable[str], spans: Sequence[Span], *, by: Dimension = Dimension.WHOLE, cut: Cut, today: dt.date, reach: Reach
) -> dict[Span, list[Row]]:
    """Return figures() for each of *spans* in the statements of one: for lines over time and heat maps of units × months.

    Each span has the same rows in the same order. *by* may not be MONTH.
    """
    if not cut.duty:
        raise DutiesMixed
    names, base = list(names), replace(cut, view="all", state="", age="", late_from=None, late_to=None, counted="", span=None)
    wanted = {part for name in names for part in _parts(name)}
    calendar = work_calendar() if DAYS_COUNTED in wanted else None
    counting = Counting(_COLUMNS.get(by), base, tuple(spans), today, reach)
    tallies = counting.count(wanted, calendar)
    things = _things(by, tallies)
    if by is Dimension.UNIT_BELOW:
        tallies = _with_below(tallies, things, _Above(reach, base))
    keys = [None] if by is Dimension.WHOLE else [key for key, of_span in tallies.items() if any(of_span.values())]
    keys.sort(key=lambda key: _place_in_order(by, key, things.get(key)))
    cuts = {key: _cut_of(by, base, key, things.get(key)) for key in keys}
    labels = {key: _label(by, key, things.get(key)) for key in keys}
    nothing = Tally()
    return {
        span: [
            Row(
                key,
                labels[key],
                things.get(key),
                {name: _figure(name, tallies.get(key, {}).get(span, nothing), replace(cuts[key], span=span)) for name in names},
            )
            for key in keys
        ]
        for span in spans
    }


def months_of(span: Span) -> list[Span]:
    """Return the months of *span*; the first and the last are cut off where it begins and ends."""
    found, first = [], span.first
    while first <= span.last:
        last = dt.date(first.year, first.month, monthrange(first.year, first.month)[1])
        found.append(Span(first, min(last, span.last)))
        first = last + ONE_DAY
    return found


def _parts(name: str) -> tuple[str, ...]:
    """Return what must be counted for the figure *name*."""
    if name in SHARES:
        return SHARES[name]
    if name in DAYS:
        return (DAYS_COUNTED,)
    return {"rating_mean": (MARKS,), "transfers_mean": (HOPS, "made")}.get(name, (name,))


def _figure(name: str, tally: Tally, cut: Cut) -> Figure:
    counts = tally.counts
    if name in SHARES:
        part, whole = SHARES[name]
        return Figure(
            name, _ratio(counts[part], counts[whole]), counts[part], counts[whole], replace(cut, counted=part), replace(cut, counted=whole)
        )
    if name in DAYS:
        of = tally.days.total()
        return Figure(name, within(tally.days, DAYS[name]), None, of, replace(cut, counted="closed"), unknown=tally.unknown)
    if name in MEANS:
        added, of = (counts[SCORE], counts[MARKS]) if name == "rating_mean" else (counts[HOPS], counts["made"])
        return Figure(name, _ratio(added, of), added, of, replace(cut, counted=MEANS[name]))
    return Figure(name, counts[name], counts[name], None, replace(cut, counted=name))


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def within(days: Counter[int], share: float) -> int | None:
    """Return the least number of days in which that *share* of the cases was done (nearest rank: always a number that occurred)."""
    rank, total = ceil(round(share * days.total(), 6)), 0
    for number in sorted(days):
        total += days[number]
        if total >= rank:
            return number
    return None


# --- rows ----------------------------------------------------------------------------------------------------------------

_COLUMNS: dict[Dimension, Any] = {
    Dimension.UNIT: Assignment.unit_id,
    Dimension.UNIT_BELOW: Assignment.unit_id,
    Dimension.LEVEL: Unit.level,
    Dimension.AREA: Assignment.place_id,
    Dimension.FIELD: Assignment.field_id,
}
_MODELS: dict[Dimension, Any] = {Dimension.AREA: Place, Dimension.FIELD: Field}


def _things(by: Dimension, tallies: Tallies) -> dict[Any, Any]:
    """Return what the keys of *tallies* stand for, in one statement; for units, with those above them."""
    if by in {Dimension.UNIT, Dimension.UNIT_BELOW}:
        return {unit.id: unit for unit in db.session.scalars(select(Unit).options(joinedload(Unit.parent)))} if tallies else {}
    if by not in _MODELS:
        return {}
    model, ids = _MODELS[by], [key for key in tallies if key is not None]
    return {row.id: row for row in db.session.scalars(select(model).where(model.id.in_(ids)))}


@dataclass(frozen=True)
class _Above:
    """In which units above its own a case counts: those in reach, and inside the unit that was asked for."""

    reach: Reach
    cut: Cut

    def of(self, unit: Unit, units: dict[int, Unit]) -> Iterator[int]:
        yield unit.id
        top = self.cut.unit.path if self.cut.unit is not None else "/"
        for id_ in path_ids(unit.path)[:-1]:
            above = units[id_]
            inside = any(scope.covers(unit_path=above.path, place_id=None) for scope in self.reach.scopes(Permission.REGISTER_READ))
            if inside and above.path.startswith(top) and self.cut.level in {"", above.level}:
                yield id_


def _with_below(tallies: Tallies, units: dict[int, Unit], above: _Above) -> Tallies:
    found: Tallies = {}
    for key, of_span in tallies.items():
        for id_ in above.of(units[key], units):
            for span, tally in of_span.items():
                found.setdefault(id_, {}).setdefault(span, Tally()).add(tally)
    return found


def _cut_of(by: Dimension, cut: Cut, key: Any, thing: Any) -> Cut:
    match by:
        case Dimension.UNIT:
            return replace(cut, unit=thing, alone=True)
        case Dimension.UNIT_BELOW:
            return replace(cut, unit=thing)
        case Dimension.LEVEL:
            return replace(cut, level=key)
        case Dimension.AREA:
            return replace(cut, place_id=NONE if key is None else key)
        case Dimension.FIELD:
            return replace(cut, field_id=NONE if key is None else key)
    return cut


def _label(by: Dimension, key: Any, thing: Any) -> str:
    if thing is None:
        return key or ""
    return str(thing.full_name if by is Dimension.AREA else thing.name)


def _place_in_order(by: Dimension, key: Any, thing: Any) -> tuple[Any, ...]:
    if by is Dimension.LEVEL:
        return key != "province", key
    if thing is None:  # what has no area or field comes last
        return (True,)
    if by is Dimension.FIELD:
        return False, thing.position, thing.id
    return False, getattr(thing, "level", "province") != "province", sort_key(thing.name), thing.id
