"""The statements behind oversight.figures: cases of a cut counted by unit (area, …) and by span, a few grouped statements for all figures.

What happens on a day (opened, closed, due) is grouped by that day and put into the spans here, so that thirteen months cost as much as one;
what is open or overdue is asked for at the end of each span.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, or_, select

from app.assignments.models import Assignment
from app.calendar.days import ONE_DAY, WorkCalendar
from app.database import db, is_postgresql
from app.permissions import Reach
from app.units.models import Unit
from dialogues.duties import Span
from feedback.models import Rating
from oversight.register import Cut, narrowed, numbered, populations

#: Of each day that cases are counted by: what all its figures are part of, and the figures.
AXES: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (Assignment.opened_on, "made", ("made", "kept", "reopened", "roundabout")),
    (Assignment.closed_on, "closed", ("closed", "in_time", "late", "rateable", "rated")),
    (Assignment.due_on, "due", ("due", "met", "missed")),
    (Assignment.first_due_on, "first_due", ("first_due", "first_met")),
)
#: What is counted at the end of a span.
STOCK = ("open", "overdue", *(name for name in populations.CONDITIONS if name.startswith("open_")))
#: Not numbers of cases, but added up like these.
MARKS, SCORE, HOPS = "marks", "score", "hops"
DAYS = "days"


@dataclass
class Tally:
    """What was counted of one unit (area, …) in one span."""

    counts: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)  # working days from opening to closing → cases
    unknown: int = 0  # closed cases that reach into a year whose calendar is not loaded

    def add(self, other: Tally) -> None:
        """Add what was counted elsewhere."""
        self.counts.update(other.counts)
        self.days.update(other.days)
        self.unknown += other.unknown

    def __bool__(self) -> bool:
        return self.counts.total() > 0 or self.days.total() > 0 or self.unknown > 0


#: By key and span.
Tallies = dict[Any, dict[Span, Tally]]


@dataclass(frozen=True)
class Counting:
    """A cut as one reader may see it, on one day, grouped by *key* over *spans*."""

    key: Any  # a column of Assignment or Unit; None: everything together
    cut: Cut
    spans: Sequence[Span]
    today: dt.date
    reach: Reach

    def count(self, wanted: set[str], calendar: WorkCalendar | None) -> Tallies:
        """Count *wanted* (names of populations, MARKS, HOPS, DAYS); *calendar* is needed for DAYS."""
        found: Tallies = {}
        for day, base, names in AXES:
            # What all rows are that are read is not asked of each again.
            columns = [func.count().label(name) if name == base else self._number(name) for name in names if name in wanted]
            if base == "made" and HOPS in wanted:
                columns.append(func.sum(Assignment.hops).label(HOPS))
            if columns:
                self._add(found, self._rows(day, base, columns))
        if MARKS in wanted:
            columns = [func.count(Rating.id).label(MARKS), func.sum(Rating.score).label(SCORE)]
            for way in populations.MARKS:
                self._add(found, self._rows(Assignment.closed_on, "rateable", columns, way))
        self._stock(found, [name for name in STOCK if name in wanted])
        if DAYS in wanted:
            assert calendar is not None
            self._days(found, calendar)
        return found

    @property
    def _hull(self) -> Span:
        return Span(min(span.first for span in self.spans), max(span.last for span in self.spans))

    def _number(self, name: str) -> Any:
        return func.count(case((populations.condition(name, self._hull, self.today), 1))).label(name)

    def _grouped(self, columns: Iterable[Any], *by: Any, joined: Iterable[tuple[Any, Any]] = ()) -> Any:
        """Return the statement of *columns* by the key and *by*.

        On SQLite also by what ix_assignment_counted begins with, to be read in its order; PostgreSQL reads the days asked for alone.
        """
        keys = [each for each in (self.key, *by) if each is not None]
        wanted: Any = select(*keys, *columns).select_from(Assignment)
        for table, on in joined:
            wanted = wanted.join(table, on)
        narrow = numbered if self.key is not Unit.level else narrowed
        in_order = () if is_postgresql() else (Assignment.kind, Assignment.duty, Assignment.state)
        grouped = wanted.group_by(*in_order, *keys)
        return narrow(grouped, self.cut, self.today, self.reach)

    def _rows(
        self, day: Any, base: str, columns: list[Any], joined: Iterable[tuple[Any, Any]] = ()
    ) -> Iterator[tuple[Any, Sequence[Span], dict[str, int]]]:
        """Yield the key, the spans and the numbers of each group."""
        one = len(self.spans) == 1
        wanted = self._grouped(columns, *(() if one else (day,)), joined=joined)
        of_day = _Days(self.spans)
        names = [column.name for column in columns]
        for row in db.session.execute(wanted.where(populations.condition(base, self._hull, self.today))):
            *key, _ = *row[: -len(names)], None
            spans = self.spans if one else of_day[key.pop()]
            yield (key[0] if key else None), spans, dict(zip(names, row[-len(names) :], strict=True))

    def _add(self, found: Tallies, rows: Iterable[tuple[Any, Sequence[Span], dict[str, int]]]) -> None:
        for key, spans, numbers in rows:
            for span in spans:
                _tally(found, key, span).counts.update({name: int(number or 0) for name, number in numbers.items()})

    def _stock(self, found: Tallies, names: list[str]) -> None:
        if not names:
            return
        asked = [(span, name) for span in self.spans for name in names]
        columns = [func.count(case((populations.condition(name, span, self.today), 1))) for span, name in asked]
        # At least what counts in one of the spans; in which, each column says.
        some = Assignment.state.in_(populations.OWED) & (Assignment.opened_on <= self._hull.last)
        some &= or_(Assignment.closed_on.is_(None), Assignment.closed_on > min(span.last for span in self.spans))
        for row in db.session.execute(self._grouped(columns).where(some)):
            key = None if self.key is None else row[0]
            for (span, name), number in zip(asked, row[-len(asked) :], strict=True):
                _tally(found, key, span).counts[name] += number

    def _days(self, found: Tallies, calendar: WorkCalendar) -> None:
        wanted = self._grouped([func.count()], Assignment.opened_on, Assignment.closed_on)
        of_day, worked = _Days(self.spans), _Worked(calendar)
        for *key, opened_on, closed_on, number in db.session.execute(wanted.where(populations.condition("closed", self._hull, self.today))):
            days = worked.between(opened_on, closed_on)
            for span in of_day[closed_on]:
                tally = _tally(found, key[0] if key else None, span)
                if days is None:
                    tally.unknown += number
                else:
                    tally.days[days] += number


def _tally(found: Tallies, key: Any, span: Span) -> Tally:
    return found.setdefault(key, {}).setdefault(span, Tally())


class _Days(dict[dt.date, tuple[Span, ...]]):
    """The spans that a day lies in."""

    def __init__(self, spans: Sequence[Span]) -> None:
        super().__init__()
        self._spans = spans

    def __missing__(self, day: dt.date) -> tuple[Span, ...]:
        self[day] = tuple(span for span in self._spans if span.first <= day <= span.last)
        return self[day]


class _Worked:
    """Working days between any two days at the price of a look: app.calendar.days.working_days_between for a million promises."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self._years = calendar.years
        self._until: dict[dt.date, int] = {}  # worked days before and with it; a year not loaded adds nothing
        total = 0
        for year in sorted(calendar.years):
            day, end = dt.date(year, 1, 1), dt.date(year, 12, 31)
            self._until.setdefault(day - ONE_DAY, total)
            while day <= end:
                total += calendar.is_working(day)
                self._until[day] = total
                day += ONE_DAY

    def between(self, a: dt.date, b: dt.date) -> int | None:
        """Return the worked days after *a* up to and with *b*, negative when *b* comes first; None where a year of them is not loaded."""
        if b < a:
            back = self.between(b, a)
            return None if back is None else -back
        if a == b:
            return 0
        if any(year not in self._years for year in range((a + ONE_DAY).year, b.year + 1)):
            return None
        return self._until[b] - self._until[a]
