"""Figures for everyone: by unit, month, quarter, half-year and year, with what is of too few cases hidden.

Only months that are over: what still runs changes with every case, and two downloads would tell of it. A unit counts with what is below it,
so that no unit's number is another's minus a third's; duties to answer and to act, and the sources, are never added up. What is open at
a day is not told by unit: it follows from what came and what was done, and would give away either.
"""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.assignments.models import Assignment
from app.assignments.rules import Duty
from app.calendar.queries import work_calendar
from app.database import db
from app.units.models import Unit
from dialogues.duties import Span
from oversight.figures import SITE, within
from oversight.figures.counting import DAYS, MARKS, SCORE, Counting, Tallies, Tally
from oversight.register import Cut, kinds
from oversight.rules.suppression import ALL, MONTHS, PERIODS, Cell, Month, Period, hidden, is_small

#: This year as far as it is over, and the two before it.
YEARS = 3
_COUNTED = {"made", "closed", "due", "met", "rated", MARKS, DAYS}
_NAMES = ("opened", "done", "median_days", "due", "on_time", "rated", "rating_mean")
_LETTER = {3: "Q", 6: "H"}
_TYPES = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}


@dataclass(frozen=True)
class Line:
    """The figures of one unit, or of all, in one period: of one duty and one source."""

    unit: str  # code; "": all units
    period: str  # 2026-05, 2026-Q2, 2026-H1, 2026
    period_type: str
    duty: str
    source: str
    opened: int | None
    done: int | None
    median_days: int | None  # working days; of what was done
    due: int | None
    on_time: int | None  # of these
    rated: int | None
    rating_mean: float | None
    hidden: tuple[str, ...] = ()  # which of them are not shown


def code_of(year: int, period: Period) -> str:
    """Return the lasting name of a period."""
    if period.months == MONTHS:
        return str(year)
    letter = _LETTER.get(period.months)
    return f"{year}-{letter}{period.last // period.months}" if letter else f"{year}-{period.first:02}"


def span_of(year: int, period: Period) -> Span:
    """Return the days of a period."""
    return Span(dt.date(year, period.first, 1), dt.date(year, period.last, monthrange(year, period.last)[1]))


def homes() -> dict[int, Unit]:
    """Return, by the id of each unit, the one it is counted as: itself, or what it is a part of at the same level.

    What stands directly below the top is counted by itself: departments, committees of communes.
    """
    units = {unit.id: unit for unit in db.session.scalars(select(Unit).options(joinedload(Unit.parent)))}

    def home(unit: Unit) -> Unit:
        while unit.parent is not None and unit.parent.parent_id is not None and unit.parent.level == unit.level:
            unit = unit.parent
        return unit

    return {id_: home(unit) for id_, unit in units.items()}


def lines(today: dt.date, *, least: int) -> Iterator[Line]:
    """Yield the figures of the months that are over, noughts left out; numbers below *least* are hidden, with what would tell them."""
    of = homes()
    years = [(year, MONTHS if year < today.year else today.month - 1) for year in range(today.year - YEARS + 1, today.year + 1)]
    spans = {(year, each): span_of(year, each) for year, months in years for each in PERIODS if each.last <= months}
    calendar = work_calendar()
    for source in kinds.to_citizens():
        for duty in Duty:
            cut = Cut(view="all", duty=duty, source=source)
            counted = Counting(Assignment.unit_id, cut, tuple(spans.values()), today, SITE).count(_COUNTED, calendar)
            tallies = _by_home(counted, of)
            for year, months in years:
                yield from _of_year(tallies, year, months, {each: span for (of_year, each), span in spans.items() if of_year == year},
                                    duty=duty, source=source, least=least)  # fmt: skip


def _by_home(tallies: Tallies, of: Mapping[int, Unit]) -> Tallies:
    found: Tallies = {}
    for id_, of_span in tallies.items():
        for span, tally in of_span.items():
            for key in (of[id_].code, ALL):
                found.setdefault(key, {}).setdefault(span, Tally()).add(tally)
    return found


def _of_year(
    tallies: Tallies, year: int, months: int, spans: Mapping[Period, Span], *, duty: str, source: str, least: int
) -> Iterator[Line]:
    nothing = Tally()
    units = [key for key, of_span in tallies.items() if key is not ALL and any(of_span.get(span) for span in spans.values())]
    numbers = {
        (key, period): tallies[key].get(span, nothing) for key in (ALL, *units) for period, span in spans.items() if units
    }  # fmt: skip
    unseen = _hidden(numbers, units, months, least)
    for (key, period), tally in numbers.items():
        line = _line(tally, {name for name, cells in unseen.items() if (key, period) in cells}, least)
        if line["hidden"] or any(line[name] for name in _NAMES):
            yield Line(unit=key or "", period=code_of(year, period), period_type=_TYPES[period.months], duty=duty, source=source, **line)


def _hidden(numbers: Mapping[Cell, Tally], units: Iterable[Any], months: int, least: int) -> dict[str, set[Cell]]:
    """Return what is hidden of each figure, and none of them gives away another.

    What was rated is part of what was done; what was kept, of what was done and of what fell due; and where nothing was open before (a new
    site), what was done or fell due is part of what came. Where a number is hidden, its parts are hidden with it, noughts too, unless all
    are nought: a part that is shown would say how many it is at least. What can be seen of a whole is as many as a hidden part can be at
    most.
    """
    found: dict[str, set[Cell]] = {}

    def count(name: str, cell: Cell) -> int:
        return numbers[cell].counts[name]

    def small(name: str, cell: Cell) -> bool:
        return is_small(count(name, cell), least)

    def months_of(name: str, wholes: Mapping[str, str]) -> dict[Any, list[Month]]:
        def month(cell: Cell) -> Month:
            value = count(name, cell)
            seen = [count(counted, cell) for whole, counted in wholes.items() if cell not in found[whole]]
            # What was done of earlier months' may be more than what came.
            most = min((each for each in seen if each >= value), default=None)
            return Month(value, 0 if wholes else min(value, 1), most)

        return {unit: [month((unit, Period(at, at))) for at in range(1, months + 1)] for unit in units}

    def part(name: str, wholes: Mapping[str, str], must: Callable[[Cell], bool]) -> set[Cell]:
        return hidden(months_of(name, wholes), lambda row, period: must((row, period)), zeros_too=True)

    def may_tell_of(whole: str, name: str, cell: Cell) -> bool:
        # Where no unit has any, each has as little of the whole as it likes.
        return cell in found[whole] and count(name, (ALL, cell[1])) > 0

    def keeps(cell: Cell) -> bool:
        """Of what fell due, what was kept and what was not are one question. Of nothing that fell due, everyone knows what was kept."""
        due, met = count("due", cell), count("met", cell)
        rest = is_small(met, least) or is_small(due - met, least) or may_tell_of("done", "met", cell)
        return cell in found["due"] or (due > 0 and rest)

    found["opened"] = hidden(months_of("made", {}), lambda row, period: small("made", (row, period)))
    came = {"opened": "made"}
    found["done"] = part("closed", came, lambda cell: small("closed", cell) or may_tell_of("opened", "closed", cell))
    found["due"] = part("due", came, lambda cell: small("due", cell) or may_tell_of("opened", "due", cell))
    found["rated"] = part("rated", {"done": "closed"}, lambda cell: small("rated", cell) or may_tell_of("done", "rated", cell))
    found["on_time"] = part("met", {"due": "due", "done": "closed"}, keeps)
    return found


def _line(tally: Tally, unseen: set[str], least: int) -> dict[str, Any]:
    counts, done, marks = tally.counts, tally.days.total(), tally.counts[MARKS]
    if "done" in unseen or is_small(done, least):
        unseen = unseen | {"median_days"}
    if "rated" in unseen or is_small(marks, least):
        unseen = unseen | {"rating_mean"}
    values: dict[str, Any] = {
        "opened": counts["made"],
        "done": counts["closed"],
        "median_days": within(tally.days, 0.5) if done else None,
        "due": counts["due"],
        "on_time": counts["met"],
        "rated": counts["rated"],
        "rating_mean": round(counts[SCORE] / marks, 1) if marks else None,
    }
    return {name: None if name in unseen else values[name] for name in _NAMES} | {"hidden": tuple(n for n in _NAMES if n in unseen)}


def as_row(line: Line) -> dict[str, Any]:
    """Return *line* as a row of a file."""
    return asdict(line) | {"hidden": list(line.hidden)}
