"""Loading the calendar and the rules that are shipped, and changing them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import versions
from app.access import SYSTEM
from app.audit import record
from app.calendar.days import CalendarNotLoaded, DayKind
from app.calendar.models import CalendarDay, CalendarYear, DeadlineRule
from app.calendar.queries import calendar_days
from app.calendar.rules import Rule
from app.database import db
from app.versions import RuleAlreadyThere as RuleAlreadyThere
from app.versions import RuleDateInPast as RuleDateInPast

DATA = Path(__file__).parent / "data"


class DayAlreadyThere(Exception):
    """The calendar already says something about that day: remove it first."""


#: The versions of the deadline rules.
BOOK = versions.Book(DeadlineRule, "deadline_rule")


def load_shipped(*, local_rules: bool, now: dt.datetime) -> list[int]:
    """Load the calendar and the rules of law that are shipped, and with *local_rules* the demo province's own rules.

    May run at every start. Returns the years that are new or newly confirmed: open clocks are then recomputed.
    """
    for name in ("deadline_rules.toml", "local_rules.toml") if local_rules else ("deadline_rules.toml",):
        load_rules(_read(name), now=now)
    return load_calendar(_read("calendar.toml"), now=now)


def load_calendar(data: Mapping[str, Any], *, now: dt.datetime) -> list[int]:
    """Load the years of *data* that are new, or confirmed there while the table has an estimate; return those years.

    Days that an administrator added or removed stay as they are.
    """
    loaded = []
    for each in data["year"]:
        row = db.session.scalar(select(CalendarYear).where(CalendarYear.year == each["year"]))
        if row is not None and (row.confirmed or not each["confirmed"]):
            continue
        if row is None:
            row = CalendarYear(year=each["year"])
            db.session.add(row)
        row.source, row.confirmed = each["source"], each["confirmed"]
        _replace_days(each)
        record(SYSTEM, "calendar.year_loaded", row, at=now, year=row.year, confirmed=row.confirmed)
        loaded.append(row.year)
    db.session.flush()
    return loaded


def load_rules(data: Mapping[str, Any], *, now: dt.datetime) -> int:
    """Add the rules of *data* that the table lacks and return how many; what is there is not touched.

    An earlier version that has no end ends the day before. Raises RuleInvalid.
    """
    return sum(BOOK.bring(DeadlineRule.of(Rule.from_json(each)), now=now) for each in data["rule"])


def add_day(day: dt.date, *, kind: DayKind, name: str, source: str, actor: Any, now: dt.datetime, note: str = "") -> CalendarDay:
    """Make *day* special, or take up one that was switched off. Open clocks are then recomputed by the caller.

    :raise DayAlreadyThere: when it is special already. :raise CalendarNotLoaded: when its year is not loaded.
    """
    if db.session.scalar(select(CalendarYear).where(CalendarYear.year == day.year)) is None:
        raise CalendarNotLoaded(day.year)
    row = db.session.scalar(select(CalendarDay).where(CalendarDay.day == day))
    if row is None:
        row = CalendarDay(day=day)
        db.session.add(row)
    elif row.active:
        raise DayAlreadyThere
    row.kind, row.name, row.source, row.note, row.active, row.edited = kind, name, source, note, True, True
    db.session.flush()
    record(actor, "calendar.day_added", row, at=now, day=day.isoformat(), kind=str(kind))
    return row


def remove_day(row: CalendarDay, *, actor: Any, now: dt.datetime) -> None:
    """Switch *row* off: the day is what its weekday says. It stays in the table so that loading does not bring it back."""
    row.active, row.edited = False, True
    record(actor, "calendar.day_removed", row, at=now, day=row.day.isoformat(), kind=row.kind)
    db.session.flush()


def add_rule(rule: Rule, *, actor: Any, now: dt.datetime) -> DeadlineRule:
    """Add a rule of a new code. :raise RuleAlreadyThere: when the code is taken: such a rule is changed, not added."""
    return BOOK.add(DeadlineRule.of(rule), actor=actor, now=now)


def change_rule(row: DeadlineRule, changed: Rule, *, actor: Any, now: dt.datetime) -> DeadlineRule:
    """Let *changed* follow *row* from its first day on, and return the new row. Running clocks keep their snapshot.

    :raise RuleDateInPast: when it would change a day that is over. :raise RuleAlreadyThere: when a version from that day exists.
    """
    if changed.code != row.code:
        raise RuleAlreadyThere
    return BOOK.follow(DeadlineRule.of(changed), actor=actor, now=now)


def end_rule(row: DeadlineRule, last_day: dt.date, *, actor: Any, now: dt.datetime) -> None:
    """Let *row* be in force for the last time on *last_day*.

    :raise RuleDateInPast: when that is earlier than yesterday, or than the rule's first day.
    :raise RuleAlreadyThere: when another version is in force by then.
    """
    BOOK.end(row, last_day, actor=actor, now=now)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text("utf-8"))


def _replace_days(year: Mapping[str, Any]) -> None:
    edited = set()
    for row in calendar_days(year["year"]):
        if row.edited:
            edited.add(row.day)
        else:
            db.session.delete(row)
    db.session.flush()  # the old rows go before the new ones come: a day is unique
    for day in year["days"]:
        if day["day"] not in edited:
            db.session.add(CalendarDay(**{"source": year["source"], **day, "kind": DayKind(day["kind"])}))
