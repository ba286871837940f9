"""What is done to promises and their clocks: one function a verb.

Clocks first: start, stop, pause, resume, extend, recompute. Then assignments: offer, take, hand to an officer, transfer,
return, finish, verify, cancel. Moving an assignment between units touches no clock of the matter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from app import clock as time
from app.access import Actor
from app.accounts.models import User
from app.assignments import rules
from app.assignments.models import NO_DATE, Assignment, AssignmentClock, Clock, ClockPause, ExtensionRequest, Holding
from app.assignments.queries import counted
from app.assignments.rules import State
from app.audit import record
from app.calendar.days import CalendarNotLoaded, WorkCalendar
from app.calendar.queries import rules_in_force, work_calendar
from app.calendar.rules import Facts, Rule, Stage, choose, extension_allowed
from app.database import db, lock
from app.units.models import Unit


class ExtensionNotAllowed(Exception):
    """The clock's rule has no such ground, or the extensions it allows are used up."""


class ExtensionDecided(Exception):
    """Somebody has decided on this request already."""


class UnitClosed(Exception):
    """The unit is not there any more on this day: name its successor instead."""


# --- clocks -------------------------------------------------------------------------------------------------------


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
    for clock, rule in started:
        _set_due(clock, calendar, actor=actor, now=now)
        clock.first_due_on = clock.due_on
        record(actor, "clock.started", clock, at=now, stage=clock.stage, rule=rule.code, due_on=_iso(clock.due_on))


def stop_clock(clock: Clock, *, actor: Actor, now: dt.datetime, at: dt.datetime | None = None) -> None:
    """What the clock waited for has happened (at *at*, else now). An open pause ends with it."""
    if not clock.is_running:
        return
    when = at or now
    _end_pauses(clock, time.local_date(when))
    if clock.due_on is None:
        _set_due(clock, work_calendar(), actor=actor, now=now)
    clock.stopped_at = when
    record(actor, "clock.stopped", clock, at=now, stage=clock.stage, due_on=_iso(clock.due_on), on=time.local_date(when).isoformat())


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
    record(actor, "clock.resumed", clock, at=now, stage=clock.stage, due_on=_iso(clock.due_on))


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
    record(actor, "clock.extended", clock, at=now, stage=clock.stage, ground=ground, days=step.amount, due_on=_iso(clock.due_on))


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
            record(actor, "clock.recomputed", clock, at=now, stage=clock.stage, was=_iso(was), due_on=_iso(clock.due_on), why=why)
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


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


# --- assignments --------------------------------------------------------------------------------------------------


def offer(assignment: Assignment, *, rule_facts: Facts, calendar: WorkCalendar, actor: Actor, now: dt.datetime) -> Assignment:
    """Give a new promise to its unit, which has a short clock of its own to take or return it.

    :raise UnitClosed: when the unit is not there today.
    """
    _require_open(assignment.unit, now)
    assignment.state, assignment.opened_at = State.OFFERED, now
    assignment.holdings, assignment.clocks = [Holding(unit_id=assignment.unit_id, officer_id=assignment.officer_id, from_at=now)], []
    db.session.add(assignment)
    record(actor, "assignment.made", assignment, at=now, unit_id=assignment.unit_id, duty=assignment.duty, due_on=_iso(assignment.due_on))
    _start_take_clock(assignment, rule_facts, calendar, actor=actor, now=now)
    return assignment


def set_due(assignment: Assignment, due_on: dt.date | None) -> None:
    """Write the day of the clock that governs *assignment* on it, where lists sort and filter."""
    assignment.due_on = due_on
    assignment.due_sort = due_on or NO_DATE
    assignment.first_due_on = assignment.first_due_on or due_on


def take(assignment: Assignment, *, officer: User, actor: Actor, now: dt.datetime) -> None:
    """The unit takes what it was offered; *officer* has it from now on."""
    lock(assignment)
    rules.check(State(assignment.state), State.TAKEN)
    assignment.state, assignment.taken_at = State.TAKEN, now
    _stop_own(assignment, Stage.TAKE, actor=actor, now=now)
    _hold(assignment, officer, now=now)
    record(actor, "assignment.taken", assignment, at=now, officer_id=officer.id)


def hand_to(assignment: Assignment, officer: User, *, actor: Actor, now: dt.datetime) -> None:
    """Give an open promise to another officer of the unit."""
    _check_open(assignment)
    _hold(assignment, officer, now=now)
    record(actor, "assignment.given", assignment, at=now, officer_id=officer.id)


def free(assignment: Assignment, *, actor: Actor, now: dt.datetime) -> None:
    """Take an open promise from the officer who has it: it lies there for the unit to give away."""
    _check_open(assignment)
    record(actor, "assignment.freed", assignment, at=now, officer_id=assignment.officer_id)
    _hold(assignment, None, now=now)


def _check_open(assignment: Assignment) -> None:
    lock(assignment)
    if not assignment.is_open:
        raise rules.IllegalTransition(State(assignment.state), State(assignment.state))


def transfer(
    assignment: Assignment, unit: Unit, *, reason: str, rule_facts: Facts, calendar: WorkCalendar, actor: Actor, now: dt.datetime
) -> bool:
    """Offer an open promise to another unit: same row, same clocks of the matter, one more hop.

    Return whether this hop raises the alarm of "chuyển lòng vòng". :raise UnitClosed:.
    """
    lock(assignment)
    rules.check(State(assignment.state), State.OFFERED)
    _require_open(unit, now)
    came_from = assignment.unit_id
    _stop_own(assignment, Stage.TAKE, actor=actor, now=now)
    assignment.state, assignment.taken_at = State.OFFERED, None
    assignment.from_unit_id, assignment.unit_id, assignment.unit = came_from, unit.id, unit
    assignment.hops += 1
    _hold(assignment, None, now=now)
    record(actor, "assignment.transferred", assignment, at=now, from_id=came_from, to_id=unit.id, reason=reason, hops=assignment.hops)
    _start_take_clock(assignment, rule_facts, calendar, actor=actor, now=now)
    return assignment.hops >= rules.HOPS_ALARM


def give_back(assignment: Assignment, *, reason: str, actor: Actor, now: dt.datetime) -> None:
    """The unit returns it with a reason; whoever sent it must find another way."""
    _end(assignment, State.RETURNED, now=now)
    _stop_own(assignment, Stage.TAKE, actor=actor, now=now)
    record(actor, "assignment.returned", assignment, at=now, reason=reason, unit_id=assignment.unit_id)


def finish(assignment: Assignment, *, actor: Actor, now: dt.datetime) -> None:
    """What was promised is done, says the unit."""
    if assignment.state == State.OFFERED:  # answered by whoever was quick: taking is implied
        assignment.taken_at, assignment.state = now, State.TAKEN
    _end(assignment, State.DONE, now=now)
    for clock in assignment.clocks:
        stop_clock(clock, actor=actor, now=now)
    record(actor, "assignment.done", assignment, at=now, on=time.local_date(now).isoformat())


def verify(assignment: Assignment, *, actor: Actor, now: dt.datetime) -> None:
    """Somebody other than the unit looked, and it is as the unit says. When it was done stays when it was done."""
    lock(assignment)
    rules.check(State(assignment.state), State.VERIFIED)
    assignment.state = State.VERIFIED
    record(actor, "assignment.verified", assignment, at=now, right=True)


def unverify(assignment: Assignment, *, actor: Actor, now: dt.datetime) -> None:
    """A later look found it otherwise: from now on it is only what the unit says."""
    lock(assignment)
    rules.check(State(assignment.state), State.DONE)
    assignment.state = State.DONE
    record(actor, "assignment.verified", assignment, at=now, right=False)


def reopen(assignment: Assignment, due_on: dt.date | None, *, actor: Actor, now: dt.datetime) -> None:
    """What was reported done is to be done again by *due_on*, by whoever had it where they are still in service.

    Its first day stays its first day, and the audit keeps when it was said to be done and by which day it was owed: late stays late.
    """
    lock(assignment)
    rules.check(State(assignment.state), State.TAKEN)
    closed_on, owed_on = assignment.closed_on, assignment.due_on
    assignment.state, assignment.taken_at, assignment.closed_at = State.TAKEN, now, None
    assignment.round += 1
    set_due(assignment, due_on)
    _hold(assignment, assignment.officer if assignment.officer is not None and assignment.officer.active else None, now=now)
    record(
        actor, "assignment.reopened", assignment, at=now,
        round=assignment.round, was_closed_on=_iso(closed_on), was_due_on=_iso(owed_on), due_on=_iso(due_on),
    )  # fmt: skip


def cancel(assignment: Assignment, *, why: str, actor: Actor, now: dt.datetime) -> None:
    """The matter ended otherwise; nothing is owed any more."""
    _end(assignment, State.CANCELLED, now=now)
    for clock in assignment.clocks:
        cancel_clock(clock, actor=actor, now=now)
    record(actor, "assignment.cancelled", assignment, at=now, why=why)


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


def _start_take_clock(assignment: Assignment, facts: Facts, calendar: WorkCalendar, *, actor: Actor, now: dt.datetime) -> None:
    today = time.local_date(now)
    rule = choose(rules_in_force(today, Stage.TAKE), facts, Stage.TAKE, today)
    if rule is not None:
        clock = AssignmentClock(assignment=assignment, round=assignment.round)
        start_clocks([(clock, rule)], event="offered", event_at=now, traits=(), calendar=calendar, actor=actor, now=now)


def _stop_own(assignment: Assignment, stage: Stage, *, actor: Actor, now: dt.datetime) -> None:
    for clock in assignment.clocks:
        if clock.stage == stage:
            stop_clock(clock, actor=actor, now=now)


def _hold(assignment: Assignment, officer: User | None, *, now: dt.datetime) -> None:
    """Close the running line of the ledger and open the next one; who takes what they were given goes on with theirs."""
    officer_id = officer.id if officer else None
    assignment.officer, assignment.officer_id = officer, officer_id
    if any(line.to_at is None and (line.unit_id, line.officer_id) == (assignment.unit_id, officer_id) for line in assignment.holdings):
        return
    for holding in assignment.holdings:
        holding.to_at = holding.to_at or now
    assignment.holdings.append(Holding(unit_id=assignment.unit_id, officer_id=officer_id, from_at=now))


def _end(assignment: Assignment, state: State, *, now: dt.datetime) -> None:
    lock(assignment)
    rules.check(State(assignment.state), state)
    assignment.state, assignment.closed_at = state, now
    for holding in assignment.holdings:
        holding.to_at = holding.to_at or now


def _require_open(unit: Unit, now: dt.datetime) -> None:
    if not unit.exists_on(time.local_date(now)):
        raise UnitClosed(unit.code)
