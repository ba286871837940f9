"""What others ask of the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Date, bindparam, or_, select

from app.calendar.days import DayKind, SpecialDay, WorkCalendar
from app.calendar.models import CalendarDay, CalendarYear, DeadlineRule
from app.calendar.rules import Facts, Rule, Stage, choose
from app.database import db
from app.kept import while_unchanged

_YEARS = select(CalendarYear.year, CalendarYear.confirmed)
_DAYS = select(CalendarDay.day, CalendarDay.kind, CalendarDay.name, CalendarDay.source).where(CalendarDay.active)


@while_unchanged("calendar_year", "calendar_day")
def work_calendar() -> WorkCalendar:
    """Return the work calendar of all loaded years."""
    years = db.session.execute(_YEARS).all()
    days = db.session.execute(_DAYS)
    return WorkCalendar(
        (SpecialDay(day, DayKind(kind), name, source) for day, kind, name, source in days),
        (year.year for year in years),
        (year.year for year in years if not year.confirmed),
    )


@while_unchanged("deadline_rule")
def rules_in_force(on: dt.date, *stages: Stage) -> list[Rule]:
    """Return the rules used for clocks of these *stages* (none: of any) that start on the day *on*, for rules.choose()."""
    return [row.rule for row in db.session.scalars(_IN_FORCE, {"on": on, "stages": stages or tuple(Stage)})]


_ON = bindparam("on", type_=Date)
_IN_FORCE = (
    select(DeadlineRule)
    .where(DeadlineRule.active, DeadlineRule.stage.in_(bindparam("stages", expanding=True)))
    .where(DeadlineRule.effective_from <= _ON, or_(DeadlineRule.effective_to.is_(None), DeadlineRule.effective_to >= _ON))
    .order_by(DeadlineRule.code, DeadlineRule.effective_from)
    .execution_options(autoflush=False)  # nobody starts clocks while changing rules
)


def have_reply_term(kinds: Iterable[str], on: dt.date) -> bool:
    """Say whether a matter of each of *kinds* that comes in on the day *on*, its sender named, has a day to be answered by."""
    rules = rules_in_force(on, Stage.REPLY)
    return all(choose(rules, Facts(kind=kind), Stage.REPLY, on) for kind in kinds)


def calendar_days(year: int) -> list[CalendarDay]:
    """Return the special days of *year*, those switched off included, in order."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    return list(db.session.scalars(select(CalendarDay).where(CalendarDay.day.between(first, last)).order_by(CalendarDay.day)))


def all_rules() -> list[DeadlineRule]:
    """Return every version of every rule, law before local, newest version first."""
    return list(
        db.session.scalars(select(DeadlineRule).order_by(DeadlineRule.local, DeadlineRule.code, DeadlineRule.effective_from.desc()))
    )
