"""What the conclusion of a supervision recommends: a duty of the unit in the one register, until the body that supervised confirms it."""

from __future__ import annotations

import dataclasses
import datetime as dt

from app import clock as time
from app.access import require
from app.accounts.models import User
from app.assignments import operations as assignments
from app.assignments.models import AssignmentClock, ExtensionRequest
from app.assignments.operations import clocks
from app.assignments.rules import Duty, IllegalTransition, State
from app.audit import record
from app.calendar.days import TermUnit
from app.calendar.queries import rules_in_force, work_calendar
from app.calendar.rules import Evidence, Rule, Stage, StartEvent, choose, extension_allowed
from app.database import db, lock
from app.files import StoredFile
from app.units.models import Unit
from oversight import supervision
from oversight.models import CampaignFile, FindingAssignment, SupervisionFinding
from oversight.operations import campaign_news, heirs
from oversight.operations.supervision_plans import may_plan
from oversight.rules import supervision as rules
from oversight.rules.supervision import Purpose

CODE = "GS_CARRY_OUT"


class DayPast(Exception):
    """A recommendation is for a day to come."""


class ProofMissing(Exception):
    """What is reported as done needs a photograph or a paper that shows it."""


class RequestWaits(Exception):
    """More time was asked for already, and nobody has decided."""


def may_do(actor: User, duty: FindingAssignment) -> bool:
    """Say whether *actor* works on it for its unit."""
    return rules.may_answer(actor.reach, unit_path=duty.unit.path)


def may_confirm(actor: User, duty: FindingAssignment) -> bool:
    """Say whether *actor* judges what the unit did: who supervises, never one of the unit's own people."""
    return may_plan(actor, duty.finding.target.campaign.unit) and not actor.reach.is_of(unit_id=duty.unit_id, unit_path=duty.unit.path)


def give(finding: SupervisionFinding, unit: Unit, *, due_on: dt.date, actor: User, now: dt.datetime) -> FindingAssignment:
    """Make what was recommended a duty of *unit* by *due_on*. The caller holds the campaign. :raise DayPast: :raise UnitClosed:"""
    _check_day(due_on, now)
    calendar = work_calendar()
    duty = FindingAssignment(
        finding=finding,
        duty=Duty.ACT,
        title=finding.recommendation,
        unit=unit,
        unit_id=unit.id,
        from_unit_id=finding.target.campaign.unit_id,
        place_id=unit.place_id,
        state=State.OFFERED,
        opened_at=now,
        hops=0,
        round=1,
    )
    assignments.set_due(duty, due_on)
    assignments.offer(duty, rule_facts=supervision.TERMS, calendar=calendar, actor=actor, now=now)
    db.session.flush()
    _start_clock(duty, actor=actor, now=now)
    campaign_news.to_unit(duty, "offered", now=now)
    return duty


def _check_day(due_on: dt.date, now: dt.datetime) -> None:
    if due_on <= time.local_date(now):
        raise DayPast


def _start_clock(duty: FindingAssignment, *, actor: User, now: dt.datetime) -> None:
    """Let a clock run to the day that the conclusion set; the rule in force says on what ground it may be extended."""
    today = time.local_date(now)
    assert duty.due_on is not None
    found = choose(rules_in_force(today, Stage.CARRY_OUT), supervision.TERMS, Stage.CARRY_OUT, today)
    name = found.name if found is not None else "Thực hiện kiến nghị sau giám sát"
    rule = Rule(
        code=CODE, name=name, stage=Stage.CARRY_OUT, start_event=StartEvent.CONCLUSION_ISSUED, amount=(duty.due_on - today).days,
        unit=TermUnit.CALENDAR, roll_forward=False, source=duty.reference, article="", evidence=Evidence.SEEN, local=True,
        effective_from=today,
    )  # fmt: skip
    if found is not None:
        rule = dataclasses.replace(rule, extension_steps=found.extension_steps)
    clock = AssignmentClock(assignment=duty, round=duty.round)
    clocks.start_clocks([(clock, rule)], event=rule.start_event, event_at=now, traits=(), calendar=work_calendar(), actor=actor, now=now)


def running_clock(duty: FindingAssignment) -> AssignmentClock | None:
    """Return the clock of its day while that runs."""
    return next((clock for clock in reversed(duty.clocks) if clock.stage == Stage.CARRY_OUT and clock.is_running), None)


def may_ask_extension(duty: FindingAssignment, today: dt.date) -> bool:
    """Say whether more time can still be asked for: once, on the ground of the rule, before the day."""
    clock = running_clock(duty)
    if clock is None or not duty.is_open or clock.is_late(today) or supervision.pending_extension(duty) is not None:
        return False
    rule = Rule.from_json(clock.rule)
    return any(extension_allowed(rule, len(clock.extensions), step.ground, clock.variants) for step in rule.extension_steps)


# --- what the unit does ---------------------------------------------------------------------------------------------------


def take(duty: FindingAssignment, *, actor: User, now: dt.datetime) -> None:
    """The unit takes it; *actor* has it. :raise NotAllowed: :raise IllegalTransition:"""
    _mine(duty, actor)
    assignments.take(duty, officer=actor, actor=actor, now=now)


def give_back(duty: FindingAssignment, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Return it with a reason; the body gives it again or leaves it at that. :raise NotAllowed: :raise IllegalTransition:"""
    _mine(duty, actor)
    duty.finding.outcome = reason
    for clock in duty.clocks:
        clocks.cancel_clock(clock, actor=actor, now=now)
    assignments.give_back(duty, reason="in_outcome", actor=actor, now=now)
    campaign_news.to_team(duty, "returned", now=now)


def keep(duty: FindingAssignment, *, outcome: str, proofs: list[StoredFile], actor: User, now: dt.datetime) -> None:
    """Report it as done, with what shows it. :raise ProofMissing: :raise NotAllowed: :raise IllegalTransition:"""
    _mine(duty, actor)
    if not proofs:
        raise ProofMissing
    finding = duty.finding
    for file in proofs:
        finding.files.append(CampaignFile(target=finding.target, file=file, purpose=Purpose.PROOF, added_by_id=actor.id, added_at=now))
    finding.outcome, duty.officer = outcome, duty.officer or actor
    assignments.finish(duty, actor=actor, now=now)
    campaign_news.to_team(duty, "done", now=now)


def ask_extension(duty: FindingAssignment, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Ask the body for more time. :raise ExtensionNotAllowed: :raise RequestWaits: :raise NotAllowed: :raise IllegalTransition:"""
    _mine(duty, actor)
    if supervision.pending_extension(duty) is not None:
        raise RequestWaits
    clock = running_clock(duty)
    steps = Rule.from_json(clock.rule).extension_steps if clock is not None else ()
    if clock is None or not steps:
        raise clocks.ExtensionNotAllowed
    request = clocks.ask_extension(duty, clock, ground=steps[0].ground, reason=reason, actor=actor, now=now)
    record(actor, "recommendation.extension_asked", duty, at=now, request_id=request.id)
    campaign_news.to_team(duty, "extension_asked", now=now)


def _mine(duty: FindingAssignment, actor: User) -> None:
    lock(duty)
    require(may_do(actor, duty))
    if not duty.is_open:
        raise IllegalTransition(State(duty.state), State.TAKEN)


# --- what the body that supervised does -----------------------------------------------------------------------------------


def _judge(duty: FindingAssignment, actor: User) -> None:
    lock(duty)
    require(may_confirm(actor, duty))


def decide_extension(
    duty: FindingAssignment, request: ExtensionRequest, *, granted: bool, remarks: str, actor: User, now: dt.datetime
) -> None:
    """Grant or refuse more time. :raise ExtensionDecided: :raise ExtensionNotAllowed: it is late by now. :raise NotAllowed:"""
    _judge(duty, actor)
    clocks.decide_extension(request, granted=granted, remarks=remarks, calendar=work_calendar(), actor=actor, now=now)
    if granted:
        assignments.set_due(duty, request.clock.due_on)
    record(actor, "recommendation.extension_decided", duty, at=now, request_id=request.id, granted=granted)
    campaign_news.to_unit(duty, "extension_granted" if granted else "extension_refused", now=now)


def confirm(duty: FindingAssignment, *, remarks: str, actor: User, now: dt.datetime) -> None:
    """It is as the unit says. :raise NotAllowed: :raise IllegalTransition:"""
    _judge(duty, actor)
    assignments.verify(duty, actor=actor, now=now)
    duty.finding.remarks = remarks
    campaign_news.to_unit(duty, "confirmed", now=now)


def not_yet(duty: FindingAssignment, *, remarks: str, due_on: dt.date, actor: User, now: dt.datetime) -> None:
    """It is not done yet, and why; by which day now.

    :raise NotAllowed: :raise IllegalTransition: :raise DayPast: :raise NobodyAnswers:
    """
    _judge(duty, actor)
    if duty.state != State.DONE:
        raise IllegalTransition(State(duty.state), State.TAKEN)
    _check_day(due_on, now)
    assignments.reopen(duty, due_on, actor=actor, now=now)
    heirs.pass_on(duty, rule_facts=supervision.TERMS, actor=actor, now=now)
    duty.finding.remarks = remarks
    _start_clock(duty, actor=actor, now=now)
    campaign_news.to_unit(duty, "not_yet", now=now)


def give_again(duty: FindingAssignment, unit: Unit, *, remarks: str, due_on: dt.date, actor: User, now: dt.datetime) -> FindingAssignment:
    """Give what was returned to a unit once more. :raise NotAllowed: :raise IllegalTransition: :raise DayPast: :raise UnitClosed:"""
    finding = _returned(duty, actor)
    finding.remarks = remarks
    return give(finding, unit, due_on=due_on, actor=actor, now=now)


def drop(duty: FindingAssignment, *, remarks: str, actor: User, now: dt.datetime) -> None:
    """Leave what was returned at that, and say why. :raise NotAllowed: :raise IllegalTransition:"""
    finding = _returned(duty, actor)
    finding.remarks, finding.dropped_at = remarks, now
    record(actor, "recommendation.dropped", duty, at=now)
    campaign_news.to_unit(duty, "dropped", now=now)


def _returned(duty: FindingAssignment, actor: User) -> SupervisionFinding:
    lock(duty.finding.target.campaign)  # one decision on a return, whoever presses first
    _judge(duty, actor)
    finding = duty.finding
    if duty.state != State.RETURNED or finding.dropped_at is not None or finding.duty is not duty:
        raise IllegalTransition(State(duty.state), State.OFFERED)
    return finding
