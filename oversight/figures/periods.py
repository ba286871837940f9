"""The periods that figures are asked for, by the names that addresses use. Pure: a day in, spans out."""

from __future__ import annotations

import calendar
import datetime as dt

from dialogues.duties import Span

YEAR, HALF, QUARTER = 12, 6, 3
#: In the order in which they are offered; the first is meant where none is said.
CODES = ("12-thang", "quy", "nua-nam", "nam", "quy-truoc", "nam-truoc")
#: This month and the twelve before it: the same month of last year stands at the other end.
SEEN = 13


def span_of(code: str, today: dt.date) -> Span:
    """Return the period that *code* means on that day; the twelve months up to today where it means nothing."""
    if code == "quy":
        return _part(today, QUARTER)
    if code == "nua-nam":
        return _part(today, HALF)
    if code == "nam":
        return _part(today, YEAR)
    if code == "quy-truoc":
        return _part(_part(today, QUARTER).first - dt.timedelta(days=1), QUARTER)
    if code == "nam-truoc":
        return _part(dt.date(today.year - 1, 1, 1), YEAR)
    return Span(_back(today, YEAR) + dt.timedelta(days=1), today)


def last_months(today: dt.date, count: int = SEEN) -> Span:
    """Return so many whole months, the last of them the present one."""
    return Span(_back(today.replace(day=1), count - 1), _end(today.year, today.month))


def _part(day: dt.date, months: int) -> Span:
    first = (day.month - 1) // months * months + 1
    return Span(dt.date(day.year, first, 1), _end(day.year, first + months - 1))


def _end(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _back(day: dt.date, months: int) -> dt.date:
    """Return the same day so many months before, or that month's last."""
    year, month = divmod(day.year * YEAR + day.month - 1 - months, YEAR)
    return min(dt.date(year, month + 1, 1) + dt.timedelta(days=day.day - 1), _end(year, month + 1))
