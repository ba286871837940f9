"""A report is drafted from data, signed and numbered as a paper, handed up, and accepted or returned with a reason."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.exc import IntegrityError

from app.access import Actor, require
from app.accounts.models import User
from app.accounts.queries import holders
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.outbox import notify_users
from app.permissions import Permission
from app.units.models import Unit
from app.units.queries import answering_unit
from dialogues.duties import Span
from oversight import papers as made
from oversight import reports
from oversight.models import OversightPaper, Report, ReportDuty, ReportStep
from oversight.operations import papers
from oversight.rules import reports as rules
from oversight.rules.papers import PaperType
from oversight.rules.reports import Period, State

TEMPLATE = "oversight/notices/report"


class NotOwed(Exception):
    """The unit does not owe this report in that year."""


class NobodyAbove(Exception):
    """There is nobody to hand it up to."""


class PeriodBackwards(Exception):
    """It ends before it begins."""


def begin(unit: Unit, duty: ReportDuty, year: int, *, actor: User, now: dt.datetime) -> Report:
    """Begin the report of *unit* for *year*, or return the one there is. :raise NotAllowed: :raise NotOwed:"""
    require(rules.may_write(actor.reach, unit))
    due = rules.due_on(duty, year)
    if (there := _there(unit, duty.code, year)) is not None:
        return there
    if not reports.owes(duty, unit, due) or all(each.id != duty.id for each, _due in reports.duties_of(year)):
        raise NotOwed
    about = rules.span(duty.period, year)
    report = Report(
        unit=unit, to=reports.receiver(duty, unit), duty_code=duty.code, period=duty.period, year=year, title=duty.name,
        first_on=about.first, last_on=about.last, due_on=due, created_at=now,
    )  # fmt: skip
    try:
        with db.session.begin_nested():  # two at once: the second finds what the first began
            db.session.add(report)
            db.session.flush()
    except IntegrityError:
        there = _there(unit, duty.code, year)
        if there is None:
            raise
        return there
    return _begun(report, actor, now)


def begin_ad_hoc(unit: Unit, title: str, about: Span, *, due_on: dt.date | None = None, actor: User, now: dt.datetime) -> Report:
    """Begin a report that was asked for once, or return the draft of the very same. :raise NotAllowed: :raise PeriodBackwards:"""
    require(rules.may_write(actor.reach, unit))
    if about.last < about.first:
        raise PeriodBackwards
    lock(unit)  # no rule makes it the only one: a form sent twice is one behind the other
    if (there := _drafted(unit, title, about, due_on)) is not None:
        return there
    to = unit.parent if unit.parent is not None else reports.standing_body()
    report = Report(
        unit=unit, to=None if to is not None and to.id == unit.id else to, duty_code=None, period=Period.AD_HOC, year=about.last.year,
        title=title, first_on=about.first, last_on=about.last, due_on=due_on, created_at=now,
    )  # fmt: skip
    db.session.add(report)
    db.session.flush()
    return _begun(report, actor, now)


def _there(unit: Unit, code: str, year: int) -> Report | None:
    return db.session.scalar(db.select(Report).where(Report.unit_id == unit.id, Report.duty_code == code, Report.year == year))


def _drafted(unit: Unit, title: str, about: Span, due_on: dt.date | None) -> Report | None:
    same = Report.due_on.is_(None) if due_on is None else Report.due_on == due_on
    return db.session.scalar(
        db.select(Report)
        .where(Report.unit_id == unit.id, Report.period == Period.AD_HOC, Report.state == State.DRAFT, Report.title == title, same)
        .where(Report.first_on == about.first, Report.last_on == about.last)
        .order_by(Report.id)
        .limit(1)
    )


def _begun(report: Report, actor: User, now: dt.datetime) -> Report:
    record(actor, "report.begun", report, at=now, unit_id=report.unit_id, year=report.year)
    _draft(report, actor, now)
    return report


def _draft(report: Report, actor: User, now: dt.datetime) -> None:
    type_ = PaperType.UNIT_PLAN if report.period == Period.PLAN else PaperType.REPORT
    report.paper = papers.draft(type_, report.unit, actor=actor, now=now)
    _step(report, State.DRAFT, actor, now)


def hand_up(report: Report, *, actor: User, now: dt.datetime) -> None:
    """Hand a signed and numbered report up. :raise NotAllowed: :raise IllegalTransition: :raise NobodyAbove:"""
    lock(report)
    require(rules.may_write(actor.reach, report.unit))
    if report.to is None:
        raise NobodyAbove
    rules.check(State(report.state), State.HANDED_UP)
    _step(report, State.HANDED_UP, actor, now)
    report.handed_up_at = now
    record(actor, "report.handed_up", report, at=now, to_id=report.to_id, late=bool(report.due_on and local_date(now) > report.due_on))
    people = holders(Permission.OVERSIGHT_REPORT, report.to, on=local_date(now), above=False)
    _tell(people or holders(Permission.OVERSIGHT_REMIND, report.to, on=local_date(now)), report, "handed_up", actor, now)


def accept(report: Report, *, actor: User, now: dt.datetime) -> None:
    """Whoever it is for accepts it. :raise NotAllowed: :raise IllegalTransition:"""
    lock(report)
    _require_receiver(report, actor)
    rules.check(State(report.state), State.ACCEPTED)
    _step(report, State.ACCEPTED, actor, now)
    record(actor, "report.accepted", report, at=now)
    _tell_unit(report, "accepted", actor, now)


def send_back(report: Report, why: str, *, actor: User, now: dt.datetime) -> None:
    """Whoever it is for returns it and says why. :raise NotAllowed: :raise IllegalTransition:"""
    lock(report)
    _require_receiver(report, actor)
    rules.check(State(report.state), State.RETURNED)
    _step(report, State.RETURNED, actor, now, note=why)
    record(actor, "report.returned", report, at=now)
    heir = answering_unit(report.unit, place_id=None, field_id=None, on=local_date(now))
    if heir is not None and heir.id != report.unit_id:
        inherit(report, heir, actor=actor, now=now)
    _tell_unit(report, "returned", actor, now)


def write_again(report: Report, *, actor: User, now: dt.datetime) -> None:
    """Begin another paper in the place of the one that was returned, in its words. :raise NotAllowed: :raise IllegalTransition:"""
    lock(report)
    require(rules.may_write(actor.reach, report.unit))
    rules.check(State(report.state), State.DRAFT)
    before = report.paper
    _draft(report, actor, now)
    assert report.paper is not None
    if before is not None:
        report.paper.words = dict(before.words)
    record(actor, "report.begun_again", report, at=now)


def inherit(report: Report, heir: Unit, *, actor: Actor, now: dt.datetime) -> None:
    """Let *heir* write what its forerunner has still to write, unless it has its own of that duty and year, or is who was to receive it.

    The caller holds the report.
    """
    if report.to_id == heir.id or (report.duty_code is not None and _there(heir, report.duty_code, report.year) is not None):
        return
    report.unit, report.unit_id = heir, heir.id
    if report.paper is not None:
        papers.inherit(report.paper, heir, actor=actor, now=now)
    db.session.flush()


def _require_receiver(report: Report, actor: User) -> None:
    """:raise NotAllowed: unless *actor* accepts for the receiver; nobody accepts what another unit of theirs handed up."""
    require(rules.may_receive(actor.reach, report.unit, report.to))


def _signed_off(paper: OversightPaper, actor: User, now: dt.datetime) -> None:
    """Its paper got its number: it may be handed up."""
    report = reports.of_paper(paper.id)
    assert report is not None  # made with it
    lock(report)
    rules.check(State(report.state), State.SIGNED_OFF)
    _step(report, State.SIGNED_OFF, actor, now)
    record(actor, "report.signed_off", report, at=now, number=paper.number)


def _discarded(paper: OversightPaper, actor: User, now: dt.datetime) -> None:
    """Its draft was thrown away: the first takes the report with it, a later one leaves it returned."""
    report = reports.of_paper(paper.id)
    assert report is not None
    lock(report)
    steps = reports.steps_of(report)
    before = [step for step in steps if step.state == State.RETURNED]
    for step in steps:
        if step.paper_id == paper.id:
            step.paper = None
    if not before:
        report.paper = None
        record(actor, "report.dropped", report, at=now, unit_id=report.unit_id, year=report.year)
        db.session.flush()
        db.session.delete(report)
    else:
        report.paper = before[-1].paper
        _step(report, State.RETURNED, actor, now, note=before[-1].note)
    db.session.flush()


for _type in (PaperType.REPORT, PaperType.UNIT_PLAN):
    made.NUMBERED[_type] = _signed_off
    made.DISCARDED[_type] = _discarded


def _step(report: Report, to: State, actor: User, now: dt.datetime, *, note: str = "") -> None:
    report.state = to
    report.steps.append(ReportStep(state=to, at=now, by=actor, note=note, paper=report.paper))
    db.session.flush()


def _tell_unit(report: Report, what: str, actor: User, now: dt.datetime) -> None:
    _tell(holders(Permission.OVERSIGHT_REPORT, report.unit, on=local_date(now)), report, what, actor, now)


def _tell(people: list[User], report: Report, what: str, actor: User, now: dt.datetime) -> None:
    others = [user for user in people if user.id != actor.id]
    notify_users(
        others, TEMPLATE, report, f"{what}:{now.isoformat()}", now=now,
        what=what, report_id=report.id, title=report.title, unit=report.unit.short_name, year=report.year,
    )  # fmt: skip
