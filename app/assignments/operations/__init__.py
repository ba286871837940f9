"""What is done to promises: offer, take, hand to an officer, transfer, return, finish, verify, reopen, cancel; each by its verb.

Moving one between units touches no clock of the matter; what is done to clocks stands in `clocks`.
"""

from __future__ import annotations

import datetime as dt

from app import clock as time
from app.access import Actor
from app.accounts.models import User
from app.assignments import rules
from app.assignments.models import NO_DATE, Assignment, AssignmentClock, Holding
from app.assignments.operations.clocks import cancel_clock, iso, start_clocks, stop_clock
from app.assignments.rules import State
from app.audit import record
from app.calendar.days import WorkCalendar
from app.calendar.queries import rules_in_force
from app.calendar.rules import Facts, Stage, choose
from app.database import db, lock
from app.units.models import Unit


class UnitClosed(Exception):
    """The unit is not there any more on this day: name its successor instead."""


def offer(assignment: Assignment, *, rule_facts: Facts, calendar: WorkCalendar, actor: Actor, now: dt.datetime) -> Assignment:
    """Give a new promise to its unit, which has a short clock of its own to take or return it.

    :raise UnitClosed: when the unit is not there today.
    """
    _require_open(assignment.unit, now)
    assignment.state, assignment.opened_at = State.OFFERED, now
    assignment.holdings, assignment.clocks = [Holding(unit_id=assignment.unit_id, officer_id=assignment.officer_id, from_at=now)], []
    db.session.add(assignment)
    record(actor, "assignment.made", assignment, at=now, unit_id=assignment.unit_id, duty=assignment.duty, due_on=iso(assignment.due_on))
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
        round=assignment.round, was_closed_on=iso(closed_on), was_due_on=iso(owed_on), due_on=iso(due_on),
    )  # fmt: skip


def cancel(assignment: Assignment, *, why: str, actor: Actor, now: dt.datetime) -> None:
    """The matter ended otherwise; nothing is owed any more."""
    _end(assignment, State.CANCELLED, now=now)
    for clock in assignment.clocks:
        cancel_clock(clock, actor=actor, now=now)
    record(actor, "assignment.cancelled", assignment, at=now, why=why)


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
