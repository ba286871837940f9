"""Questions about reports: what each unit owes in a year and how it stands, what somebody writes, what was handed up to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from app import settings
from app.accounts.models import User
from app.audit import AuditEntry
from app.calendar.days import ONE_DAY, CalendarNotLoaded, WorkCalendar
from app.calendar.queries import work_calendar
from app.clock import local_date
from app.database import db
from app.fold import sort_key
from app.permissions import Permission, Reach
from app.units.models import Unit
from app.versions import in_force
from dialogues.duties import binds
from oversight.models import Report, ReportDuty, ReportStep
from oversight.models.papers import OversightPaper
from oversight.rules import reports as rules
from oversight.rules.papers import PaperState
from oversight.rules.reports import Receiver, Standing

#: How many reports one list shows.
MOST = 200


@dataclass(frozen=True)
class Row:
    """A unit, what it owes in a year, and how it stands."""

    unit: Unit
    duty: ReportDuty
    to: Unit | None
    due_on: dt.date
    report: Report | None
    standing: Standing
    late_by: bool  # handed up, but after its day

    @property
    def before(self) -> dt.date:
        """The day before which it is handed up, as the texts say it."""
        return self.due_on + ONE_DAY


@dataclass(frozen=True)
class Sending:
    """A paper of the report went to be signed; it is read as a step of the report."""

    at: dt.datetime
    by: User
    state: str = PaperState.SENT
    paper: None = None
    note: str = ""


def standing_body() -> Unit | None:
    """Return the standing body of the steering committee, which the province names in its settings."""
    id_ = settings.get("standing_body_id")
    return db.session.get(Unit, id_) if id_ else None


def receiver(duty: ReportDuty, unit: Unit) -> Unit | None:
    """Return to whom *unit* hands up what *duty* asks for, never itself."""
    to = unit.parent if duty.receiver == Receiver.PARENT else standing_body()
    return to if to is not None and to.id != unit.id else None


def all_duties() -> list[ReportDuty]:
    """Return every version of every duty, in the order in which they were made."""
    return list(db.session.scalars(select(ReportDuty).order_by(ReportDuty.id)))


def duties_of(year: int) -> list[tuple[ReportDuty, dt.date]]:
    """Return what is due in *year*, first due first: of each duty the version that holds on the day itself."""
    dated = [(duty, rules.due_on(duty, year)) for duty in all_duties()]
    return sorted(((duty, due) for duty, due in dated if in_force(duty, due)), key=lambda each: (each[1], each[0].id))


def owes(duty: ReportDuty, unit: Unit, due: dt.date) -> bool:
    """Say whether *unit* owes the report that is due on *due*: of its kind, there on the day, with somebody above, watched by then."""
    if duty.receiver == Receiver.PARENT and unit.parent_id is None:
        return False
    return binds(duty, unit) and unit.exists_on(due) and duty.watched_from <= due


def board(reach: Reach, year: int, today: dt.date) -> list[Row]:
    """Return each report that each unit *reach* may look at owes in *year*: the gravest first, then by day, the province first."""
    return _rows(_units(_looked_at(reach)), year, today)


def of_unit(unit: Unit, year: int, today: dt.date) -> list[Row]:
    """Return what one unit owes in *year*, first due first."""
    return sorted(_rows([unit], year, today), key=lambda row: (row.due_on, row.duty.id))


def of_children(to: Unit, period: str, year: int, today: dt.date) -> list[Row]:
    """Return each unit that hands up its report of that *period* of *year* to *to* and how it stands, by name."""
    rows = _rows(_units(Unit.id != to.id), year, today, period=period)
    return sorted((row for row in rows if row.to is not None and row.to.id == to.id), key=lambda row: _place(row.unit))


def everything_owed(year: int, today: dt.date) -> list[Row]:
    """Return what every unit owes in *year*: for the job that reminds."""
    return _rows(_units(true()), year, today)


def _rows(units: Sequence[Unit], year: int, today: dt.date, *, period: str = "") -> list[Row]:
    there = {(row.unit_id, row.duty_code): row for row in _reports(select(Report).where(Report.year == year))}
    found, calendar, shown = [], work_calendar(), set[tuple[int, str]]()
    reminded: dict[dt.date, dt.date] = {}
    for duty, day in duties_of(year):
        if period and duty.period != period:
            continue
        for unit in units:
            if not owes(duty, unit, day) or (unit.id, duty.code) in shown:
                continue
            report = there.get((unit.id, duty.code))
            due = day
            if report is not None:  # begun, it keeps its day, whatever version of the duty comes after
                shown.add((unit.id, duty.code))
                due = report.due_on or day
            if due not in reminded:
                reminded[due] = _days_before(due, calendar)
            state = report.state if report is not None else None
            to = report.to if report is not None else receiver(duty, unit)
            if to is None and state == rules.State.SIGNED_OFF:
                state = rules.State.ACCEPTED  # nobody is above: signed and numbered, it is done
            stands = rules.standing(due, state, today, soon_from=reminded[due])
            up = report is not None and report.handed_up_at is not None and rules.State(report.state) in rules.UP
            late = bool(up and report and report.handed_up_at and local_date(report.handed_up_at) > due)
            found.append(Row(unit, duty, to, due, report, stands, late))
    grave = list(Standing)
    return sorted(found, key=lambda row: (grave.index(row.standing), row.due_on, *_place(row.unit)))


def _days_before(due: dt.date, calendar: WorkCalendar) -> dt.date:
    """Return the day that lies REMIND_BEFORE working days before *due*; a week before where the calendar of the year is not loaded."""
    day, left = due, rules.REMIND_BEFORE
    try:
        while left:
            day -= ONE_DAY
            left -= calendar.is_working(day)
    except CalendarNotLoaded:
        return due - 7 * ONE_DAY
    return day


def _place(unit: Unit) -> tuple[bool, str, int]:
    return unit.level != "province", sort_key(unit.name), unit.id


def _units(of: ColumnElement[bool]) -> Sequence[Unit]:
    return db.session.scalars(select(Unit).where(of).options(joinedload(Unit.parent))).all()


def _looked_at(reach: Reach) -> ColumnElement[bool]:
    """Say that somebody looks at what a unit owes: its own people, whoever oversees it, whoever it hands up to."""
    scopes = [scope for each in (Permission.REGISTER_READ, Permission.OVERSIGHT_REPORT) for scope in reach.scopes(each)]
    body = standing_body()
    if any(scope.everywhere for scope in scopes) or rules.receives(reach, body):
        return true()
    paths = [Unit.path.startswith(scope.unit_path, autoescape=True) for scope in scopes if scope.unit_path]
    places = [Unit.place_id == scope.place_id for scope in scopes if scope.place_id]
    return or_(false(), *paths, *places)


# --- reports ------------------------------------------------------------------------------------------------------------


def _reports(wanted: Select[Any]) -> Iterable[Report]:
    return db.session.scalars(wanted.options(joinedload(Report.unit), joinedload(Report.to), joinedload(Report.paper)))


def by_id(id_: int, reach: Reach) -> Report | None:
    """Return a report for whoever may read it."""
    row = db.session.get(Report, id_)
    return row if row is not None and may_read(reach, row) else None


def may_read(reach: Reach, report: Report) -> bool:
    """Say whether a person reads *report*; one that was up once is known above, though it is written anew."""
    return rules.may_read(reach, report.unit, report.to, up=report.handed_up_at is not None)


def of_paper(paper_id: int) -> Report | None:
    """Return the report that a paper is, or was before it was returned."""
    was = select(ReportStep.report_id).where(ReportStep.paper_id == paper_id)
    return db.session.scalar(select(Report).where(or_(Report.paper_id == paper_id, Report.id.in_(was))))


def written_for(unit: Unit) -> list[Report]:
    """Return the reports of *unit*, the newest first."""
    wanted = select(Report).where(Report.unit_id == unit.id).order_by(Report.last_on.desc(), Report.id.desc()).limit(MOST)
    return list(_reports(wanted))


def to_receive(reach: Reach) -> list[Report]:
    """Return what was handed up to the bodies for which somebody accepts, the longest waiting first."""
    wanted = select(Report).where(Report.state == rules.State.HANDED_UP).order_by(Report.handed_up_at, Report.id)
    return [row for row in _reports(wanted.limit(10 * MOST)) if rules.may_receive(reach, row.unit, row.to)][:MOST]


def steps_of(report: Report) -> list[ReportStep]:
    """Return what was done with *report*, the first first, in one statement."""
    wanted = select(ReportStep).where(ReportStep.report_id == report.id).order_by(ReportStep.id)
    return list(db.session.scalars(wanted.options(joinedload(ReportStep.by), selectinload(ReportStep.paper))))


def history_of(report: Report) -> list[ReportStep | Sending]:
    """Return the steps of *report* and when each of its papers went to be signed, which only its audit says; the first first."""
    steps = steps_of(report)
    papers = {report.paper_id, *(step.paper_id for step in steps)} - {None}
    sent = (
        select(AuditEntry.at, User)
        .join(User, User.id == AuditEntry.actor_id)
        .where(AuditEntry.subject_type == OversightPaper.__tablename__, AuditEntry.subject_id.in_(papers))
        .where(AuditEntry.action == "oversight_paper.sent")
        .order_by(AuditEntry.id)
    )
    sendings = [Sending(at, by) for at, by in db.session.execute(sent)]
    order = {rules.State.DRAFT: 0, PaperState.SENT: 1}  # of what was done in one moment
    return sorted([*steps, *sendings], key=lambda step: (step.at, order.get(step.state, 2)))
