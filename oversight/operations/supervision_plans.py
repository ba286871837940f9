"""The yearly plan of supervision of a body: written line by line, approved by its head, followed by a new version and never edited."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

from app.access import require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.database import db, lock
from app.units.models import Unit
from dialogues.operations import editing
from oversight import papers as made
from oversight.models import Campaign, SupervisionLine, SupervisionPlan
from oversight.models.papers import OversightPaper
from oversight.operations import papers
from oversight.papers.supervision import plan_of as of_paper
from oversight.rules import supervision as rules
from oversight.rules.papers import PaperState, PaperType
from oversight.rules.supervision import PlanState


class NoLines(Exception):
    """A plan that names no theme is none."""


class BeingSigned(Exception):
    """Its paper is on its way to be signed: what it says stands until that is taken back."""


@dataclass(frozen=True, kw_only=True)
class LineData:
    """One theme as typed."""

    quarter: int
    theme: str
    form: str
    whom: str
    lead: str = ""


def may_plan(actor: User, unit: Unit) -> bool:
    """Say whether *actor* writes the plan of that body and carries it out."""
    return rules.may_supervise(actor.reach, unit_id=unit.id, unit_path=unit.path)


def start(unit: Unit, year: int, *, actor: User, now: dt.datetime) -> SupervisionPlan:
    """Return the draft for *year*: the one there is, or a new version with the lines of the approved one. :raise NotAllowed:"""
    require(may_plan(actor, unit))
    lock(unit)
    versions = list(db.session.scalars(db.select(SupervisionPlan).where(SupervisionPlan.unit_id == unit.id, SupervisionPlan.year == year)))
    draft = next((plan for plan in versions if plan.state == PlanState.DRAFT), None)
    if draft is not None:
        return draft
    approved = next((plan for plan in versions if plan.state == PlanState.APPROVED), None)
    number = max((plan.version for plan in versions), default=0) + 1
    draft = SupervisionPlan(unit=unit, year=year, version=number, state=PlanState.DRAFT, created_at=now)
    for line in approved.lines if approved is not None else ():
        draft.lines.append(SupervisionLine(position=line.position, copied_from_id=line.id, **_said(line)))
    db.session.add(draft)
    db.session.flush()
    record(actor, "supervision_plan.drafted", draft, at=now, unit_id=unit.id, year=year, version=number)
    return draft


def _said(line: SupervisionLine | LineData) -> dict[str, object]:
    return {each.name: getattr(line, each.name) for each in fields(LineData)}


def add_line(plan: SupervisionPlan, data: LineData, *, actor: User, now: dt.datetime) -> SupervisionLine:
    """Add a theme to a draft, or return the one that says all the same. :raise NotAllowed: :raise IllegalTransition: it is approved."""
    _open(plan, actor)
    there = next((each for each in plan.lines if _said(each) == _said(data)), None)
    if there is not None:  # the form was sent twice
        return there
    line = SupervisionLine(position=max((each.position for each in plan.lines), default=0) + 1, **_said(data))
    plan.lines.append(line)
    db.session.flush()
    record(actor, "supervision_plan.changed", plan, at=now, line_id=line.id)
    return line


def fingerprint(line: SupervisionLine) -> str:
    """Return what tells one state of a theme from another, to the form that changes it."""
    return editing.fingerprint(_said(line))


def change_line(line: SupervisionLine, data: LineData, *, seen: str | None = None, actor: User, now: dt.datetime) -> None:
    """Change a theme of a draft. :raise NotAllowed: :raise IllegalTransition: :raise ChangedMeanwhile: since *seen*."""
    _open(line.plan, actor)
    editing.require_seen(seen, fingerprint(line), editing.fingerprint(_said(data)))
    for name, value in _said(data).items():
        setattr(line, name, value)
    record(actor, "supervision_plan.changed", line.plan, at=now, line_id=line.id)


def remove_line(line: SupervisionLine, *, actor: User, now: dt.datetime) -> None:
    """Take a theme out of a draft. :raise NotAllowed: :raise IllegalTransition:"""
    plan = line.plan
    _open(plan, actor)
    record(actor, "supervision_plan.changed", plan, at=now, line_id=line.id)
    plan.lines.remove(line)
    db.session.flush()


def draft_paper(plan: SupervisionPlan, *, actor: User, now: dt.datetime) -> OversightPaper:
    """Begin the paper of a draft, or return the one there is. :raise NotAllowed: :raise IllegalTransition: :raise NoLines:"""
    require(may_plan(actor, plan.unit))
    lock(plan)
    if plan.paper is not None:
        return plan.paper
    if plan.state != PlanState.DRAFT:
        raise IllegalTransition(PlanState(plan.state), PlanState.APPROVED)
    if not plan.lines:
        raise NoLines
    plan.paper = paper = papers.draft(PaperType.SUPERVISION_PLAN, plan.unit, actor=actor, now=now)
    db.session.flush()
    return paper


def _put_into_force(paper: OversightPaper, actor: User, now: dt.datetime) -> None:
    """Its paper got its number: the version before is replaced, and its campaigns follow their lines."""
    plan = of_paper(paper)
    assert plan is not None  # made for it, and discarded only before it is sent
    lock(plan)
    before = db.session.scalar(
        db.select(SupervisionPlan).where(
            SupervisionPlan.unit_id == plan.unit_id, SupervisionPlan.year == plan.year, SupervisionPlan.state == PlanState.APPROVED
        )
    )
    if before is not None:
        before.state = PlanState.REPLACED
    follows = {line.copied_from_id: line for line in plan.lines if line.copied_from_id is not None}
    for campaign in db.session.scalars(db.select(Campaign).where(Campaign.line_id.in_(list(follows)))):
        campaign.line = follows[campaign.line_id]
    plan.state = PlanState.APPROVED
    db.session.flush()
    record(actor, "supervision_plan.approved", plan, at=now, number=paper.number)


def _without_paper(paper: OversightPaper, _actor: User, _now: dt.datetime) -> None:
    plan = of_paper(paper)
    if plan is not None:
        plan.paper = None
        db.session.flush()


made.NUMBERED[PaperType.SUPERVISION_PLAN] = _put_into_force
made.DISCARDED[PaperType.SUPERVISION_PLAN] = _without_paper


def _open(plan: SupervisionPlan, actor: User) -> None:
    require(may_plan(actor, plan.unit))
    lock(plan)
    if plan.state != PlanState.DRAFT:
        raise IllegalTransition(PlanState(plan.state), PlanState.DRAFT)
    if plan.paper is not None and plan.paper.state != PaperState.DRAFT:
        raise BeingSigned
