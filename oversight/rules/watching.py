"""What may be watched and how much of it, whose notes one reads, and which days a week's news is about. Pure."""

from __future__ import annotations

import datetime as dt

#: A list that nobody can read is no watch list: beyond this a part of the register is subscribed to.
MOST_WATCHED = 200
MOST_SUBSCRIPTIONS = 30
WEEK = dt.timedelta(days=7)


def may_read_note(reader_id: int, reader_unit_id: int, *, writer_id: int, unit_id: int, shared: bool) -> bool:
    """Say whether somebody reads a note on a promise that they may see: their own, and what was shared with the unit they work in."""
    return reader_id == writer_id or (shared and reader_unit_id == unit_id)


def week_of(day: dt.date) -> str:
    """Return the ISO week of *day*: 2026-W48."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of that week, on whose morning the news goes out, a day off or not."""
    return day - dt.timedelta(days=day.weekday())


def news_days(today: dt.date, told_to: dt.date | None) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of this week's news: from the day after what was told, to the Sunday before this week.

    Whoever was told nothing yet hears of one week; who was away on some Monday, because the site stood still, misses no day.
    """
    last = monday_of(today) - dt.timedelta(days=1)
    first = last - WEEK + dt.timedelta(days=1)
    return (told_to + dt.timedelta(days=1) if told_to is not None and told_to < last else first), last
