"""What is done to the clocks of a promise: start, stop, pause, resume, extend, count again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from app import clock as time
from app.access import Actor
from app.accounts.models import User
from app.assignments.models import Assignment, Clock, ClockPause, ExtensionRequest
from app.assignments.queries import counted
from app.audit import record
from app.calendar.days import CalendarNotLoaded, WorkCalendar
from app.calendar.queries import work_calendar
from app.calendar.rules import Rule, extension_allowed
from app.database import db, lock


class ExtensionNotAllowed(Exception):
    """The clock's rule has no such ground, or the extensions it allows are used up."""


class ExtensionDecided(Exception):
    """Somebody has decided on this request already."""


def start_clocks(
    started: Collection[tuple[Clock, Rule]],
    *,
    event: str,
    event_at: dt.datetime,
    traits: Collection[str],
    calendar: WorkCalendar,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Start each new clock under its rule from the legal event at *event_at*; it keeps the rule as it is now."""
    for clock, rule in started:
        clock.stage, clock.rule_code, clock.rule = rule.stage, rule.code, rule.to_json()
        clock.variants = sorted(traits)
        clock.extensions, clock.pauses = [], list(clock.pauses)  # the latter: known to be none, nobody need ask the database
        clock.start_event, clock.started_at, clock.started_on = event, event_at, time.local_date(event_at)
    db.session.add_all(clock for clock, _rule in started)
    for clock, _rule in started:
        _set_due(clock, calendar, actor=actor, now=now)
        clock.first_due_on = clock.due_on
    for clock, rule in started:
        record(actor, "clock.started", clock, at=now, stage=clock.stage, rule=rule.code, due_on=iso(clock.due_on))


def stop_clock(clock: Clock, *, actor: Actor, now: dt.datetime, at: dt.datetime | None = None) -> None:
    """What the clock waited for has happened (at *at*, else now). An open pause ends with it."""
    if not clock.is_running:
        return
    when = at or now
    _end_pauses(clock, time.local_date(when))
    if clock.due_on is None:
        _set_due(clock, work_calendar(), actor=actor, now=now)
    clock.stopped_at = when
    record(actor, "clock.stopped", clock, at=now, stage=clock.stage, due_on=iso(clock.due_on), on=time.local_date(when).isoformat())


def cancel_clock(clock: Clock, *, actor: Actor, now: dt.datetime) -> None:
    """The matter ended otherwise: the clock neither met its day nor missed it, unless it was late already."""
    if not clock.is_running:
        return
    if clock.is_late(time.local_date(now)):
        stop_clock(clock, actor=actor, now=now)  # late stays late
        return
    _end_pauses(clock, time.local_date(now))
    clock.cancelled_at = now
    record(actor, "clock.cancelled", clock, at=now, stage=clock.stage)


def may_pause(clock: Clock, ground: str, today: dt.date) -> bool:
    """Say whether *clock* would stand on *ground*."""
    runs = clock.is_running and not clock.is_paused and not clock.is_late(today)
    return runs and ground in Rule.from_json(clock.rule).pause_grounds


def pause_clock(clock: Clock, ground: str, *, actor: Actor, now: dt.datetime) -> bool:
    """Let *clock* stand on *ground* if its rule names it; say whether it does. A term that is over stands no more."""
    if not may_pause(clock, ground, time.local_date(now)):
        return False
    clock.pauses.append(ClockPause(ground=ground, starts_on=time.local_date(now), ends_on=None))
    clock.due_on = None
    record(actor, "clock.paused", clock, at=now, stage=clock.stage, ground=ground)
    return True


def resume_clock(clock: Clock, *, calendar: WorkCalendar, actor: Actor, now: dt.datetime) -> None:
    """Let a paused clock run on."""
    if not clock.is_paused:
        return
    _end_pauses(clock, time.local_date(now))
    _set_due(clock, calendar, actor=actor, now=now)
    record(actor, "clock.resumed", clock, at=now, stage=clock.stage, due_on=iso(clock.due_on))


def extend_clock(clock: Clock, ground: str, *, calendar: WorkCalendar, actor: Actor, now: dt.datetime) -> None:
    """Add the step that the rule allows on *ground*; :raise ExtensionNotAllowed:."""
    step = extension_allowed(Rule.from_json(clock.rule), len(clock.extensions), ground, clock.variants)
    # Late stays late: a term that is over cannot be made longer.
    if step is None or not clock.is_running or clock.is_late(time.local_date(now)):
        raise ExtensionNotAllowed
    clock.extensions = [
        *clock.extensions,
        {"amount": step.amount, "unit": str(step.unit), "ground": ground, "on": time.local_date(now).isoformat()},
    ]
    _set_due(clock, calendar, actor=actor, now=now)
    record(actor, "clock.extended", clock, at=now, stage=clock.stage, ground=ground, days=step.amount, due_on=iso(clock.due_on))


def ask_extension(assignment: Assignment, clock: Clock, *, ground: str, reason: str, actor: User, now: dt.datetime) -> ExtensionRequest:
    """Ask for more time on a ground that the clock's rule allows; :raise ExtensionNotAllowed:."""
    step = extension_allowed(Rule.from_json(clock.rule), len(clock.extensions), ground, clock.variants)
    if step is None or not clock.is_running or clock.is_late(time.local_date(now)):
        raise ExtensionNotAllowed
    request = ExtensionRequest(assignment=assignment, clock=clock, ground=ground, reason=reason, asked_by=actor, asked_at=now)
    db.session.add(request)
    db.session.flush()
    return request


def decide_extension(
    request: ExtensionRequest, *, granted: bool, remarks: str, calendar: WorkCalendar, actor: User, now: dt.datetime
) -> None:
    """Grant or refuse more time, once; :raise ExtensionDecided: the second time."""
    lock(request)
    if request.granted is not None:
        raise ExtensionDecided
    request.granted, request.remarks, request.decided_by, request.decided_at = granted, remarks, actor, now
    if granted:
        extend_clock(request.clock, request.ground, calendar=calendar, actor=actor, now=now)


def recompute(clocks: Iterable[Clock], *, calendar: WorkCalendar, actor: Actor, now: dt.datetime, why: str) -> list[Clock]:
    """Count open clocks again after the calendar changed; return those whose day moved, each with an audit entry."""
    moved = []
    for clock in clocks:
        was = clock.due_on
        if not clock.is_running or clock.is_paused:
            continue
        _set_due(clock, calendar, actor=actor, now=now)
        if clock.due_on != was:
            clock.first_due_on = clock.first_due_on or clock.due_on
            record(actor, "clock.recomputed", clock, at=now, stage=clock.stage, was=iso(was), due_on=iso(clock.due_on), why=why)
            moved.append(clock)
    return moved


def _set_due(clock: Clock, calendar: WorkCalendar, *, actor: Actor, now: dt.datetime) -> None:
    """Set the day; past the loaded calendar it stays empty, which is alarmed, and intake never stops for it."""
    try:
        clock.due_on = counted(clock, calendar).due_on
    except CalendarNotLoaded as missing:
        clock.due_on = None
        record(actor, "clock.undetermined", clock, at=now, stage=clock.stage, year=missing.year)


def _end_pauses(clock: Clock, on: dt.date) -> None:
    for pause in clock.pauses:
        if pause.ends_on is None:
            pause.ends_on = max(on, pause.starts_on)


def iso(day: dt.date | None) -> str | None:
    """Return a day as the audit keeps it."""
    return day.isoformat() if day else None
