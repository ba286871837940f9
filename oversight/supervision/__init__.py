"""Questions about supervision: what a body carries out, what a unit is asked, what a campaign still lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.accounts.models import User
from app.assignments.models import ExtensionRequest
from app.assignments.rules import OPEN
from app.assignments.rules import State as Promise
from app.calendar.days import CalendarNotLoaded, count
from app.calendar.queries import rules_in_force, work_calendar
from app.calendar.rules import Facts as Matter
from app.calendar.rules import Stage, choose, term_for
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit, UnitKind
from app.units.queries import by_level_and_name
from oversight.models import (
    Campaign,
    CampaignMember,
    CampaignTarget,
    FindingAssignment,
    SupervisionFinding,
    SupervisionLine,
    SupervisionPlan,
)
from oversight.register.kinds import KINDS, Kind
from oversight.rules import supervision as rules
from oversight.rules.own import bodies_of, units_of
from oversight.rules.papers import may_sign
from oversight.rules.supervision import Facts, Form, PlanState, Side, State, Trigger

#: How many campaigns, or tasks of units, one page shows: a body carries out some dozen in a year.
MOST = 200
#: By which a rule of terms knows that it is about supervision.
TERMS = Matter(kind="supervision")


def facts_of(campaign: Campaign, today: dt.date) -> Facts:
    """Return what the guards look at."""
    return Facts(
        today=today,
        in_approved_plan=campaign.line is not None and campaign.line.plan.state == PlanState.APPROVED,
        trigger=Trigger(campaign.trigger) if campaign.trigger else None,
        units=len(campaign.targets),
        questions=len(campaign.questions),
        has_leader=any(member.part == rules.Part.LEADER for member in campaign.members),
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        prepare=campaign.prepare,
        report_due_on=campaign.report_due_on,
        unchecked=sum(unchecked(target) for target in campaign.targets if not target.is_own),
        findings=len(campaign.findings),
        comments_due_on=campaign.comments_due_on,
        uncommented=sum(target.commented_at is None and not target.is_own for target in campaign.targets),
        open_findings=sum(is_unsettled(finding) for finding in campaign.findings),
    )


def unchecked(target: CampaignTarget) -> int:
    """Return how many questions the team has not answered about a unit; where the unit checks itself, its own answers are enough."""
    sides = {Side.TEAM, Side.UNIT} if target.campaign.form == Form.SELF_CHECK else {Side.TEAM}
    answered = {answer.question_id for answer in target.answers if answer.side in sides}
    return sum(question.id not in answered for question in target.campaign.questions)


def is_unsettled(finding: SupervisionFinding) -> bool:
    """Say whether what was recommended still waits: for the unit, for its confirmation, or for a decision on its return.

    Where the unit and who supervised are one by now, nobody is left to confirm it.
    """
    duty = finding.duty
    if duty is None or duty.unit_id == finding.target.campaign.unit_id:
        return False
    return duty.state not in {Promise.VERIFIED, Promise.CANCELLED} and finding.dropped_at is None


def may_read(reach: Reach, campaign: Campaign) -> bool:
    """Say whether somebody reads the whole of a campaign: who carries it out or signs it, its team; once concluded, readers."""
    if rules.may_supervise(reach, unit_id=campaign.unit_id, unit_path=campaign.unit.path):
        return True
    if may_sign(reach, unit_path=campaign.unit.path) or any(member.user_id == reach.user_id for member in campaign.members):
        return True
    return campaign.state in {State.CONCLUDED, State.CLOSED} and reach.may(Permission.REGISTER_READ)


def may_read_target(reach: Reach, target: CampaignTarget) -> bool:
    """Say whether somebody reads what one unit is asked: whoever reads the campaign, and once it is announced that unit's people."""
    if may_read(reach, target.campaign):
        return True
    return target.campaign.announced_at is not None and rules.may_answer(reach, unit_path=target.answering.path)


def may_see(reach: Reach, duty: FindingAssignment) -> bool:
    """Say whether somebody opens a recommendation: its unit, those who had it, and whoever reads the supervision of the unit."""
    had = [duty.unit, *(held.unit for held in duty.holdings)]
    if any(rules.may_answer(reach, unit_path=unit.path) for unit in had):
        return True
    return may_read_target(reach, duty.finding.target)


def bodies(user: User, *, on: dt.date) -> list[Unit]:
    """Return the bodies whose supervision *user* plans or signs: their own unit, and those below a unit they supervise for."""
    reach = user.reach
    found = [user.unit] if rules.may_supervise(reach, unit_id=user.unit_id, unit_path=user.unit.path) else []
    if user.unit not in found and may_sign(reach, unit_path=user.unit.path):
        planned = select(SupervisionPlan.id).where(SupervisionPlan.unit_id == user.unit_id)
        led = select(Campaign.id).where(Campaign.unit_id == user.unit_id)
        if db.session.scalar(planned.limit(1)) or db.session.scalar(led.limit(1)):
            found.append(user.unit)
    planning = select(SupervisionPlan.unit_id).union(select(Campaign.unit_id))
    for unit in db.session.scalars(select(Unit).where(Unit.id.in_(planning)).order_by(Unit.id)):
        if unit not in found and rules.may_supervise(reach, unit_id=unit.id, unit_path=unit.path):
            found.append(unit)
    return [unit for unit in found if unit.exists_on(on)]


def plans(unit: Unit, year: int) -> list[SupervisionPlan]:
    """Return the versions of a body's plan for a year, the newest first."""
    wanted = select(SupervisionPlan).where(SupervisionPlan.unit_id == unit.id, SupervisionPlan.year == year)
    return list(db.session.scalars(wanted.order_by(SupervisionPlan.version.desc()).options(selectinload(SupervisionPlan.lines))))


def campaigns_of_lines(lines: Iterable[SupervisionLine]) -> dict[int, Campaign]:
    """Return, by line of a plan, the campaign that carries it out; one that was called off only where there is no other."""
    wanted = select(Campaign).where(Campaign.line_id.in_([line.id for line in lines])).order_by(Campaign.id)
    rows = sorted(db.session.scalars(wanted), key=lambda row: row.state != State.CANCELLED)
    return {row.line_id: row for row in rows if row.line_id is not None}


def year_of(campaign: Campaign) -> int:
    """Return the year to which a campaign belongs: of the plan that names it, else in which it begins."""
    return campaign.line.plan.year if campaign.line is not None else campaign.starts_on.year


def first_year(units: Iterable[Unit]) -> int | None:
    """Return the earliest year for which those bodies have a plan."""
    return db.session.scalar(select(func.min(SupervisionPlan.year)).where(SupervisionPlan.unit_id.in_([unit.id for unit in units])))


def campaigns(user: User, units: Iterable[Unit]) -> list[Campaign]:
    """Return the campaigns of those bodies, and those in whose team *user* is, the newest first."""
    in_team = exists().where(CampaignMember.campaign_id == Campaign.id, CampaignMember.user_id == user.id)
    wanted = select(Campaign).where(or_(Campaign.unit_id.in_([unit.id for unit in units]), in_team))
    wanted = wanted.options(
        joinedload(Campaign.unit),
        joinedload(Campaign.line).joinedload(SupervisionLine.plan),
        selectinload(Campaign.targets).joinedload(CampaignTarget.unit),
    )
    return list(db.session.scalars(wanted.order_by(Campaign.starts_on.desc(), Campaign.id.desc()).limit(MOST)))


def asked_of(reach: Reach) -> list[CampaignTarget]:
    """Return what the units that somebody answers for were asked, the latest first."""
    wanted = select(CampaignTarget).join(CampaignTarget.campaign).join(CampaignTarget.answering)
    wanted = wanted.where(Campaign.announced_at.is_not(None), CampaignTarget.answering_id != Campaign.unit_id, _answered_for(reach))
    wanted = wanted.options(
        joinedload(CampaignTarget.unit),
        joinedload(CampaignTarget.campaign).joinedload(Campaign.unit),
        selectinload(CampaignTarget.findings).selectinload(SupervisionFinding.duties),
    )
    return list(db.session.scalars(wanted.order_by(Campaign.announced_at.desc(), CampaignTarget.id).limit(MOST)))


def day_by_rule(stage: Stage, today: dt.date) -> dt.date | None:
    """Return the day that the term in force for *stage* leads to from today; None where there is none, or no calendar for it."""
    rule = choose(rules_in_force(today, stage), TERMS, stage, today)
    try:
        return count(term_for(rule), today, work_calendar()).due_on if rule is not None else None
    except CalendarNotLoaded:
        return None


#: Which units are of a type of base.
_OF_BASE: dict[str, ColumnElement[bool]] = {
    rules.Base.COMMUNE: (Unit.kind == UnitKind.GOVERNMENT) & (Unit.level == "commune"),
    rules.Base.AGENCY: Unit.kind.in_([UnitKind.DEPARTMENT, UnitKind.OFFICE, UnitKind.INSPECTORATE]) & (Unit.level == "province"),
    rules.Base.SERVICE: Unit.kind == UnitKind.SERVICE,
    rules.Base.ENTERPRISE: Unit.kind == UnitKind.ENTERPRISE,
}


def may_be_supervised(user: User, body: Unit, on: dt.date, *, base: str | None = None) -> list[Unit]:
    """Return the units that somebody may put under the supervision of *body*: all, or those of a type of base."""
    wanted = select(Unit).where(Unit.valid_from <= on, or_(Unit.valid_to.is_(None), Unit.valid_to >= on), Unit.id != body.id)
    if base is not None:
        wanted = wanted.where(_OF_BASE[base])
    rows = db.session.scalars(wanted.options(joinedload(Unit.parent)))
    return by_level_and_name(row for row in rows if rules.may_target(user.reach, unit_path=row.path, place_id=row.place_id))


def recommended(reach: Reach, bodies: Iterable[Unit]) -> list[FindingAssignment]:
    """Return the recommendations that wait: for the units somebody answers for, or for the bodies that supervised; first due first."""
    for_units = (_answered_for(reach) & FindingAssignment.state.in_(sorted(OPEN))) | (
        Campaign.unit_id.in_([unit.id for unit in bodies])
        & FindingAssignment.state.not_in([Promise.VERIFIED, Promise.CANCELLED])
        & (FindingAssignment.unit_id != Campaign.unit_id)
        & SupervisionFinding.dropped_at.is_(None)
    )
    wanted = select(FindingAssignment).join(FindingAssignment.unit).join(FindingAssignment.finding).join(SupervisionFinding.target)
    wanted = wanted.join(CampaignTarget.campaign).where(for_units).options(joinedload(FindingAssignment.unit), *KINDS["finding"].options)
    return list(db.session.scalars(wanted.where(~_given_again()).order_by(FindingAssignment.due_sort, FindingAssignment.id).limit(MOST)))


def waiting_count(reach: Reach) -> int:
    """Return how much waits for a person: of their units a report, comments, a recommendation; of their body what to confirm or decide."""
    target = select(func.count(CampaignTarget.id)).join(CampaignTarget.campaign).join(CampaignTarget.answering)
    asked = target.where(
        _answered_for(reach),
        CampaignTarget.answering_id != Campaign.unit_id,
        or_(
            Campaign.state.in_(sorted(rules.SELF_CHECKED_IN)) & CampaignTarget.reported_at.is_(None),
            (Campaign.state == State.FINDINGS) & CampaignTarget.commented_at.is_(None),
        ),
    )
    duties = select(func.count(FindingAssignment.id)).join(FindingAssignment.unit)
    to_do = duties.where(_answered_for(reach), FindingAssignment.state.in_(sorted(OPEN)))
    found = duties.join(FindingAssignment.finding).join(SupervisionFinding.target).join(CampaignTarget.campaign)
    returned = (FindingAssignment.state == Promise.RETURNED) & SupervisionFinding.dropped_at.is_(None) & ~_given_again()
    others = FindingAssignment.unit_id != reach.unit_id, Unit.path.not_in(reach.serves())  # nobody judges what is their own unit's
    to_judge = found.where(_supervised_for(reach), *others, or_(FindingAssignment.state == Promise.DONE, returned))
    return sum(db.session.scalar(each) or 0 for each in (asked, to_do, to_judge))


def _given_again() -> ColumnElement[bool]:
    """Say that a recommendation was given once more after it was returned."""
    again = aliased(FindingAssignment)
    return exists().where(again.finding_id == FindingAssignment.finding_id, again.id > FindingAssignment.id)


def _supervised_for(reach: Reach) -> ColumnElement[bool]:
    """Say the same as `rules.may_supervise` of the body of a campaign."""
    home = db.session.get_one(Unit, reach.unit_id).path
    return Campaign.unit_id.in_(select(Unit.id).where(Unit.path.in_(bodies_of(reach, Permission.OVERSIGHT_SUPERVISE, home))))


def _answered_for(reach: Reach) -> ColumnElement[bool]:
    """Say that a unit is one somebody answers for."""
    return Unit.path.in_(units_of(reach, *rules.ANSWERS))


def pending_extension(duty: FindingAssignment) -> ExtensionRequest | None:
    """Return the request for more time that nobody has decided on."""
    wanted = select(ExtensionRequest).where(ExtensionRequest.assignment_id == duty.id, ExtensionRequest.granted.is_(None))
    return db.session.scalar(wanted.order_by(ExtensionRequest.id).limit(1))


KINDS["finding"] = Kind(
    _l("Kiến nghị sau giám sát"),
    FindingAssignment,
    lambda row, reach: may_see(reach, row),
    lambda row: ("oversight.recommendation", {"assignment_id": row.id}),
    (
        joinedload(FindingAssignment.finding)
        .joinedload(SupervisionFinding.target)
        .options(
            joinedload(CampaignTarget.unit),
            joinedload(CampaignTarget.campaign).options(joinedload(Campaign.unit), selectinload(Campaign.members)),
        ),
    ),
)
