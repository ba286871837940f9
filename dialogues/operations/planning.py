"""The yearly plan of a unit: written line by line, approved by the head, followed by a new version and never edited."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from app.access import require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.units.models import Unit, UnitKind
from dialogues import books, queries, rules
from dialogues.models import PlanLine, Session, YearPlan
from dialogues.operations import editing
from dialogues.papers import parts
from dialogues.rules import SERIES, PaperFormat, PaperType, PlanState


class NoLines(Exception):
    """A plan that names no meeting is none."""


class ApprovedInFuture(Exception):
    """The paper was signed today at the latest."""


class ApprovedLongAgo(Exception):
    """It was signed more than a year before anybody began to write it here: a slip of the finger."""


class NumberTaken(Exception):
    """Another paper of the unit has that number in that year."""


@dataclass(frozen=True, kw_only=True)
class LineData:
    """One meeting as typed."""

    quarter: int
    topic: str
    audience: str
    form: str
    field_id: int | None = None
    place_id: int | None = None
    head: str = ""


def standing_of(unit: Unit) -> rules.Standing:
    """Return where what *unit* itself plans and keeps belongs, for rules.may_…()."""
    return rules.Standing(unit.path, place_id=unit.place_id)


def start(unit: Unit, year: int, *, actor: User, now: dt.datetime) -> YearPlan:
    """Return the draft of the unit's plan for *year*: the one there is, or a new version with the lines of the approved one.

    :raise NotAllowed:
    """
    require(rules.may_prepare(actor.reach, standing_of(unit)))
    lock(unit)
    versions = list(db.session.scalars(db.select(YearPlan).where(YearPlan.unit_id == unit.id, YearPlan.year == year)))
    draft = next((plan for plan in versions if plan.state == PlanState.DRAFT), None)
    if draft is not None:
        return draft
    approved = next((plan for plan in versions if plan.state == PlanState.APPROVED), None)
    number = max((plan.version for plan in versions), default=0) + 1
    draft = YearPlan(unit=unit, year=year, version=number, state=PlanState.DRAFT, created_at=now)
    for line in approved.lines if approved is not None else ():
        draft.lines.append(
            PlanLine(
                position=line.position, quarter=line.quarter, topic=line.topic, audience=line.audience, form=line.form,
                field_id=line.field_id, place_id=line.place_id, head=line.head, copied_from_id=line.id,
            )
        )  # fmt: skip
    db.session.add(draft)
    db.session.flush()
    record(actor, "plan.drafted", draft, at=now, unit_id=unit.id, year=year, version=number)
    return draft


def add_line(plan: YearPlan, data: LineData, *, actor: User, now: dt.datetime) -> PlanLine:
    """Add a meeting to a draft. :raise NotAllowed: :raise IllegalTransition: it is approved."""
    _open(plan, actor)
    line = PlanLine(position=max((each.position for each in plan.lines), default=0) + 1)
    _write(line, data)
    plan.lines.append(line)
    db.session.flush()
    record(actor, "plan.line_added", plan, at=now, line_id=line.id)
    return line


def fingerprint(line: PlanLine) -> str:
    """Return what tells one state of a meeting from another, to the form that changes it."""
    return editing.fingerprint([getattr(line, each.name) for each in fields(LineData)])


def change_line(line: PlanLine, data: LineData, *, seen: str | None = None, actor: User, now: dt.datetime) -> None:
    """Change a meeting of a draft; *seen* is the fingerprint of what the writer had before them.

    :raise NotAllowed: :raise IllegalTransition: :raise ChangedMeanwhile:
    """
    _open(line.plan, actor)
    editing.require_seen(seen, fingerprint(line), editing.fingerprint([getattr(data, each.name) for each in fields(data)]))
    _write(line, data)
    record(actor, "plan.line_changed", line.plan, at=now, line_id=line.id)


def remove_line(line: PlanLine, *, actor: User, now: dt.datetime) -> None:
    """Take a meeting out of a draft. :raise NotAllowed: :raise IllegalTransition:"""
    plan = line.plan
    _open(plan, actor)
    record(actor, "plan.line_removed", plan, at=now, quarter=line.quarter)
    plan.lines.remove(line)
    db.session.flush()


def approve(plan: YearPlan, *, number: str, approved_on: dt.date, actor: User, now: dt.datetime) -> None:
    """Let the head put a draft into force under its number; the version before it is replaced, and its sessions follow their lines.

    :raise NotAllowed: :raise IllegalTransition: :raise NoLines: :raise ApprovedInFuture: :raise ApprovedLongAgo:
    :raise NumberUnreadable: :raise WrongSymbol: :raise NumberTaken:
    """
    require(rules.may_lead(actor.reach, standing_of(plan.unit)))
    lock(plan.unit)
    lock(plan)
    if plan.state != PlanState.DRAFT:
        raise IllegalTransition(PlanState(plan.state), PlanState.APPROVED)
    if not plan.lines:
        raise NoLines
    if approved_on > local_date(now):
        raise ApprovedInFuture
    if approved_on < local_date(plan.created_at) - rules.LONG_AGO:
        raise ApprovedLongAgo
    format_ = PaperFormat.PARTY if plan.unit.kind == UnitKind.PARTY else PaperFormat.STATE
    value, _symbol = books.enter(number, parts.symbol(plan.unit, PaperType.YEAR_PLAN, format_))
    own = {(books.read(each.number, None) or (None, 0))[1] for each in queries.papers_of_plan(plan) if each.number}
    if value in books.used(plan.unit, SERIES[PaperType.YEAR_PLAN], approved_on.year) - own:
        raise NumberTaken
    before = db.session.scalar(
        db.select(YearPlan).where(YearPlan.unit_id == plan.unit_id, YearPlan.year == plan.year, YearPlan.state == PlanState.APPROVED)
    )
    if before is not None:
        before.state = PlanState.REPLACED
    follows = {line.copied_from_id: line for line in plan.lines if line.copied_from_id is not None}
    for session in db.session.scalars(db.select(Session).where(Session.plan_line_id.in_(list(follows)))):
        session.plan_line = follows[session.plan_line_id]
    plan.state, plan.number, plan.approved_on, plan.approved_by = PlanState.APPROVED, number, approved_on, actor
    record(actor, "plan.approved", plan, at=now, approved_on=approved_on.isoformat())
    db.session.flush()


def _open(plan: YearPlan, actor: User) -> None:
    require(rules.may_prepare(actor.reach, standing_of(plan.unit)))
    lock(plan)
    if plan.state != PlanState.DRAFT:
        raise IllegalTransition(PlanState(plan.state), PlanState.DRAFT)


def _write(line: PlanLine, data: LineData) -> None:
    line.quarter, line.topic, line.audience, line.form = data.quarter, data.topic, data.audience, data.form
    line.field_id, line.place_id, line.head = data.field_id, data.place_id, data.head
