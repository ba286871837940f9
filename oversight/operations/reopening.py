"""What was found not right on the spot: the question of opening it again, put before the superior, with a clock of its own."""

from __future__ import annotations

import datetime as dt

from app import clock as time
from app import settings
from app.access import SYSTEM, Actor, require
from app.accounts.models import User
from app.accounts.queries import granted, holders, reach_of
from app.assignments import operations as assignments
from app.assignments.models import Assignment
from app.assignments.operations.clocks import cancel_clock, start_clocks, stop_clock
from app.assignments.rules import Duty
from app.audit import record
from app.calendar.days import CalendarNotLoaded, count
from app.calendar.queries import rules_in_force, work_calendar
from app.calendar.rules import Facts, Rule, Stage, StartEvent, choose, term_for
from app.database import db, lock
from app.permissions import Permission
from app.units.models import Unit
from app.units.queries import above
from dialogues import queries as dialogues
from dialogues.models import ConclusionAssignment
from dialogues.operations import news
from feedback.models import FeedbackAssignment
from feedback.operations import clocks
from feedback.operations import reopening as items
from oversight.checks import checked
from oversight.models import ReopeningClock, ReopeningQuestion, SpotCheck
from oversight.operations import heirs, telling_checks
from oversight.rules import checks as rules

FACTS = Facts(kind="spot_check")


class DecidedAlready(Exception):
    """Somebody has decided, or the question was withdrawn."""


class DayMissing(Exception):
    """What is opened again is owed by a day."""


class DayOutside(Exception):
    """The day is over, or later than the rule lets it be."""


class OpenAnyway(Exception):
    """It was opened again meanwhile, by its sender: there is nothing left to open."""


def latest_day(today: dt.date) -> dt.date | None:
    """Return the day by which what is opened today is done again at the latest; None where no rule says so."""
    rule = _rule(Stage.REDO, today)
    try:
        return count(term_for(rule), today, work_calendar()).due_on if rule is not None else None
    except CalendarNotLoaded:
        return None


def _rule(stage: Stage, today: dt.date) -> Rule | None:
    return choose(rules_in_force(today, stage), FACTS, stage, today)


def put(check: SpotCheck, *, actor: User, now: dt.datetime) -> ReopeningQuestion:
    """Put the question before the unit above the one that said it was done, or before the standing body where none above decides."""
    row = check.assignment
    today = time.local_date(now)
    decider, by_superior = _decider(row, check.by_id, today)
    rule, calendar = _rule(Stage.DECIDE_REOPENING, today), work_calendar()  # read before there is a question that is not stored yet
    question = ReopeningQuestion(
        assignment=row, check=check, decider=decider, by_superior=by_superior, asked_at=now, reason="",
        was_closed_on=row.closed_on, was_due_on=row.due_on,
    )  # fmt: skip
    db.session.add(question)
    db.session.flush()
    if rule is not None:
        started = [(ReopeningClock(question=question), rule)]
        start_clocks(started, event=StartEvent.FOUND_NOT_RIGHT, event_at=now, traits=(), calendar=calendar, actor=actor, now=now)
    _lay(question, actor=actor, now=now)
    return question


def put_again(question: ReopeningQuestion, *, now: dt.datetime) -> None:
    """See that somebody can decide *question*: who led has left, the body closed, the unit moved, a body was named only now.

    It stays where it lies as long as somebody there decides. The day does not move with it: the citizen has waited since it was asked.
    """
    lock(question)
    if not question.is_open:
        return
    today = time.local_date(now)
    if not _stands(question, today):
        before = (question.decider, question.by_superior)
        question.decider, question.by_superior = _decider(question.assignment, question.check.by_id, today)
        if before != (question.decider, question.by_superior):
            _lay(question, actor=SYSTEM, now=now)
            return
    telling_checks.put(question, deciders(question, today), now=now)  # who was told is not told twice


def _lay(question: ReopeningQuestion, *, actor: Actor, now: dt.datetime) -> None:
    decider_id = question.decider.id if question.decider is not None else None
    record(actor, "reopening.asked", question, at=now, assignment_id=question.assignment_id, decider_id=decider_id)
    telling_checks.put(question, deciders(question, time.local_date(now)), now=now)


def _stands(question: ReopeningQuestion, today: dt.date) -> bool:
    decider = question.decider
    if decider is None or not decider.exists_on(today) or not (question.by_superior or decider.id == settings.get("standing_body_id")):
        return False
    return bool(_deciding(question.assignment, question.check.by_id, decider, by_superior=question.by_superior, today=today))


def _decider(row: Assignment, looker_id: int, today: dt.date) -> tuple[Unit | None, bool]:
    """Return the nearest unit above where somebody may decide, or the standing body; never one that the item complains of."""
    for unit in above(row.unit)[1:]:
        if unit.exists_on(today) and _deciding(row, looker_id, unit, by_superior=True, today=today):
            return unit, True
    named = settings.get("standing_body_id")
    body = db.session.get(Unit, named) if named else None
    fits = body is not None and body.exists_on(today) and _deciding(row, looker_id, body, by_superior=False, today=today)
    return (body if fits else None), False


def _deciding(row: Assignment, looker_id: int, unit: Unit | None, *, by_superior: bool, today: dt.date) -> list[User]:
    """Return who decides about *row* at *unit*; without a unit, whoever does for the whole install."""
    if unit is not None and checked.done_of(row, [unit.path]).hidden:
        return []
    permission = Permission.OVERSIGHT_DECIDE
    asked, found = (unit.path if unit is not None else None), []
    for user in holders(permission, unit, on=today) if unit is not None else granted(permission, on=today):
        reach = reach_of(user, on=today)
        question = rules.Asked(checked.done_of(row, reach.paths), asked, by_superior=by_superior, looker_id=looker_id)
        if rules.may_decide(reach, question):
            found.append(user)
    return found


def deciders(question: ReopeningQuestion, today: dt.date) -> list[User]:
    """Return who is told that a question waits for them."""
    return _deciding(question.assignment, question.check.by_id, question.decider, by_superior=question.by_superior, today=today)


def withdraw(question: ReopeningQuestion, *, actor: User, now: dt.datetime) -> None:
    """The body that asked looked again and found it right: nothing is left to decide."""
    lock(question)
    if not question.is_open:
        return
    question.ended_at = now
    if question.clock is not None:
        cancel_clock(question.clock, actor=actor, now=now)
    record(actor, "reopening.withdrawn", question, at=now, assignment_id=question.assignment_id)


def decide(
    question: ReopeningQuestion, *, reopened: bool, reason: str, due_on: dt.date | None = None, actor: User, now: dt.datetime
) -> None:
    """Open it again by *due_on*, or not, with a *reason* that whoever looked and the citizen read.

    An answer goes the way of an answer that its sender opened again: a new round, a new clock by rule, somebody else.
    :raise NotAllowed: :raise DecidedAlready: :raise DayMissing: :raise DayOutside: :raise OpenAnyway: :raise NobodyAnswers:
    """
    row = question.assignment
    if isinstance(row, FeedbackAssignment):
        lock(row.feedback)
    lock(row)
    lock(question)
    require(rules.may_decide(actor.reach, checked.asked_of(question, actor.reach)))
    if not question.is_open:
        raise DecidedAlready
    question.reopened, question.reason, question.decided_by, question.ended_at = reopened, reason, actor, now
    if reopened:
        question.due_on = _open_again(row, due_on, actor=actor, now=now)
    if question.clock is not None:
        stop_clock(question.clock, actor=actor, now=now)
    day = question.due_on.isoformat() if question.due_on else None
    record(actor, "reopening.decided", question, at=now, assignment_id=row.id, reopened=reopened, due_on=day)
    db.session.flush()
    _tell_citizen(question, actor=actor, now=now)
    telling_checks.decided(question, now=now)


def _open_again(row: Assignment, due_on: dt.date | None, *, actor: User, now: dt.datetime) -> dt.date | None:
    if isinstance(row, FeedbackAssignment) and row.duty == Duty.ANSWER:
        if not items.may_be_opened(row.feedback):
            raise OpenAnyway
        answer = items.open_again(row.feedback, actor=actor, now=now)
        return answer.due_on if answer is not None else None
    if not checked.lookable(row):
        raise OpenAnyway
    today = time.local_date(now)
    if due_on is None:
        raise DayMissing
    if not rules.day_fits(due_on, today, latest_day(today)):
        raise DayOutside
    assignments.reopen(row, due_on, actor=actor, now=now)
    facts = clocks.facts_of(row.feedback) if isinstance(row, FeedbackAssignment) else Facts(kind=dialogues.KIND)
    heirs.pass_on(row, rule_facts=facts, actor=actor, now=now)
    return due_on


def _tell_citizen(question: ReopeningQuestion, *, actor: User, now: dt.datetime) -> None:
    """Let whoever the promise was made to read the reason: in the exchange of their item; who asked in a hall hears that there is news."""
    row = question.assignment
    if isinstance(row, FeedbackAssignment):
        items.say(row.feedback, question.reason, actor=actor, now=now)
    elif isinstance(row, ConclusionAssignment):
        what = "reopened" if question.reopened else "not_reopened"
        news.to_askers(row, what, now=now, unit=row.unit.name, due_on=question.due_on, occasion=f"question:{question.id}")
        if row.question is not None and row.question.feedback is not None:
            items.say(row.question.feedback, question.reason, actor=actor, now=now)
