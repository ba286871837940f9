"""A campaign of supervision: begun, its units, team and checklist set, announced, carried out, concluded, closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from app.access import require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.units.models import Unit
from dialogues.operations import editing
from oversight import checklists, supervision
from oversight import papers as made
from oversight.models import Campaign, CampaignMember, CampaignQuestion, CampaignTarget, SupervisionLine
from oversight.models.papers import OversightPaper
from oversight.operations import campaign_news, papers, recommendations
from oversight.operations.supervision_plans import BeingSigned, may_plan
from oversight.papers.supervision import campaign_of
from oversight.rules import supervision as rules
from oversight.rules.papers import PaperType
from oversight.rules.supervision import Part, State


class DaysTurned(Exception):
    """The last day comes before the first."""


class NoBasis(Exception):
    """Neither a line of the body's plan nor a reason why it cannot wait for one."""


class OutOfReach(Exception):
    """The unit does not lie where this body supervises, or is the body itself."""


class Team(Exception):
    """A team has one leader."""


class ReasonMissing(Exception):
    """A campaign is called off only for a reason."""


@dataclass(frozen=True, kw_only=True)
class CampaignData:
    """The campaign as typed."""

    theme: str
    form: str
    trigger: str | None
    trigger_why: str
    period_from: dt.date
    period_to: dt.date
    starts_on: dt.date
    ends_on: dt.date


@dataclass(frozen=True, kw_only=True)
class MemberData:
    """One of the team as typed: an account, or a name."""

    user: User | None
    name: str
    title: str
    part: str


def draft(unit: Unit, data: CampaignData, *, base: str, line: SupervisionLine | None = None, actor: User, now: dt.datetime) -> Campaign:
    """Begin a campaign of the body *unit*, with the checklist of that type of base; the same again is the same. *line*: of its plan.

    :raise NotAllowed: :raise DaysTurned: :raise NoBasis:
    """
    require(may_plan(actor, unit) and (line is None or line.plan.unit_id == unit.id))
    _check(data, line)
    lock(unit)
    same = db.select(Campaign).where(Campaign.unit_id == unit.id, Campaign.state == State.DRAFT, Campaign.created_by_id == actor.id)
    for there in db.session.scalars(same.where(Campaign.theme == data.theme)):
        if (_said(there), there.base, there.line) == (_said(data), base, line):
            return there  # pressed twice
    made = Campaign(unit=unit, base=base, line=line, state=State.DRAFT, created_by=actor, created_at=now, **_said(data))
    for position, text in enumerate(checklists.shipped()[base]["questions"], 1):
        made.questions.append(CampaignQuestion(position=position, text=text))
    db.session.add(made)
    db.session.flush()
    record(actor, "campaign.drafted", made, at=now, unit_id=unit.id)
    return made


def _said(data: Campaign | CampaignData) -> dict[str, object]:
    return {each.name: getattr(data, each.name) for each in fields(CampaignData)}


def _check(data: CampaignData, line: SupervisionLine | None) -> None:
    if data.period_to < data.period_from or data.ends_on < data.starts_on:
        raise DaysTurned
    if line is None and not (data.trigger and data.trigger_why):
        raise NoBasis


def fingerprint(campaign: Campaign) -> str:
    """Return what tells one state of a campaign's facts from another, to the form that changes them."""
    return editing.fingerprint({name: str(value) for name, value in _said(campaign).items()})


def change(campaign: Campaign, data: CampaignData, *, seen: str | None = None, actor: User, now: dt.datetime) -> None:
    """Change what a draft is about.

    :raise NotAllowed: :raise IllegalTransition: :raise ChangedMeanwhile: :raise DaysTurned: :raise NoBasis:
    """
    _prepared(campaign, actor)
    editing.require_seen(seen, fingerprint(campaign), editing.fingerprint({name: str(value) for name, value in _said(data).items()}))
    _check(data, campaign.line)
    for name, value in _said(data).items():
        setattr(campaign, name, value)
    record(actor, "campaign.changed", campaign, at=now, what="facts")


def add_units(campaign: Campaign, units: Iterable[Unit], *, actor: User, now: dt.datetime) -> int:
    """Put *units* under this supervision, each once, and return how many were not yet.

    :raise NotAllowed: :raise IllegalTransition: :raise OutOfReach:
    """
    _prepared(campaign, actor)
    there, today, number = {target.unit_id for target in campaign.targets}, local_date(now), 0
    for unit in units:
        here = rules.may_target(actor.reach, unit_path=unit.path, place_id=unit.place_id)
        if not here or unit.id == campaign.unit_id or not unit.exists_on(today):
            raise OutOfReach
        if unit.id not in there:
            campaign.targets.append(CampaignTarget(unit=unit))
            there, number = there | {unit.id}, number + 1
    db.session.flush()
    record(actor, "campaign.changed", campaign, at=now, what="units")
    return number


def remove_unit(target: CampaignTarget, *, actor: User, now: dt.datetime) -> None:
    """Take a unit out again. :raise NotAllowed: :raise IllegalTransition:"""
    campaign = target.campaign
    _prepared(campaign, actor)
    campaign.targets.remove(target)
    db.session.flush()
    record(actor, "campaign.changed", campaign, at=now, what="units")


def add_member(campaign: Campaign, data: MemberData, *, actor: User, now: dt.datetime) -> None:
    """Put somebody in the team, who hears of it where they have an account; the same person once.

    :raise NotAllowed: :raise IllegalTransition: it is over. :raise Team: there is a leader.
    """
    _running(campaign, actor)
    if any((each.user_id, each.name) == (data.user.id if data.user else None, data.name) for each in campaign.members):
        return
    if data.part == Part.LEADER and any(each.part == Part.LEADER for each in campaign.members):
        raise Team
    campaign.members.append(CampaignMember(user=data.user, name=data.name, title=data.title, part=data.part))
    db.session.flush()
    record(actor, "campaign.changed", campaign, at=now, what="team")
    if data.user is not None and data.user is not actor:
        campaign_news.in_team(campaign, data.user, now=now)


def remove_member(member: CampaignMember, *, actor: User, now: dt.datetime) -> None:
    """Take somebody out of the team. :raise NotAllowed: :raise IllegalTransition:"""
    campaign = member.campaign
    _running(campaign, actor)
    campaign.members.remove(member)
    db.session.flush()
    record(actor, "campaign.changed", campaign, at=now, what="team")


def questions_seen(campaign: Campaign) -> str:
    """Return what tells one state of the checklist from another."""
    return editing.fingerprint([question.text for question in campaign.questions])


def write_questions(campaign: Campaign, texts: Sequence[str], *, seen: str | None = None, actor: User, now: dt.datetime) -> None:
    """Write the checklist of a draft anew. :raise NotAllowed: :raise IllegalTransition: :raise ChangedMeanwhile:"""
    _prepared(campaign, actor)
    wanted = list(dict.fromkeys(texts))
    editing.require_seen(seen, questions_seen(campaign), editing.fingerprint(wanted))
    campaign.questions.clear()
    db.session.flush()
    campaign.questions.extend(CampaignQuestion(position=position, text=text) for position, text in enumerate(wanted, 1))
    db.session.flush()
    record(actor, "campaign.changed", campaign, at=now, what="questions")


# --- its steps ----------------------------------------------------------------------------------------------------------


def announce(campaign: Campaign, *, prepare: str, report_due_on: dt.date, actor: User, now: dt.datetime) -> None:
    """Tell the units what to prepare and by when they send their own answers.

    :raise NotAllowed: :raise IllegalTransition: :raise StepRefused:
    """
    _prepared(campaign, actor)
    campaign.prepare, campaign.report_due_on = prepare, report_due_on
    _step(campaign, State.ANNOUNCED, actor=actor, now=now)
    campaign.announced_at = now
    for target in campaign.targets:
        campaign_news.announced(target, now=now)


def begin(campaign: Campaign, *, actor: User, now: dt.datetime) -> None:
    """The team goes there, or once more after what a unit said.

    :raise NotAllowed: :raise IllegalTransition: :raise StepRefused: :raise BeingSigned:
    """
    _running(campaign, actor)
    if campaign.paper is not None:
        raise BeingSigned
    _step(campaign, State.UNDER_WAY, actor=actor, now=now)
    for target in campaign.targets:  # what was said of another draft is not said of the next
        target.commented_at, target.commented_by_id = None, None


def show_findings(campaign: Campaign, *, comments_due_on: dt.date, actor: User, now: dt.datetime) -> None:
    """Give the units what was found, to say what they think of it by a day.

    :raise NotAllowed: :raise IllegalTransition: :raise StepRefused:
    """
    _running(campaign, actor)
    campaign.comments_due_on = comments_due_on
    _step(campaign, State.FINDINGS, actor=actor, now=now)
    for target in campaign.targets:
        campaign_news.findings_shown(target, now=now)


def draft_conclusion(campaign: Campaign, *, actor: User, now: dt.datetime) -> OversightPaper:
    """Begin the paper of the conclusion once the units were heard, or return the one there is.

    :raise NotAllowed: :raise IllegalTransition: :raise StepRefused:
    """
    _running(campaign, actor)
    if campaign.paper is not None:
        return campaign.paper
    rules.check(State(campaign.state), State.CONCLUDED, supervision.facts_of(campaign, local_date(now)))
    campaign.paper = paper = papers.draft(PaperType.SUPERVISION_CONCLUSION, campaign.unit, actor=actor, now=now)
    db.session.flush()
    return paper


def _conclude(paper: OversightPaper, actor: User, now: dt.datetime) -> None:
    """The conclusion got its number: every recommendation becomes a duty of its unit in the one register.

    :raise DayPast: one was due before the paper was numbered: it is taken back and given another day. :raise UnitClosed:
    """
    campaign = campaign_of(paper)
    assert campaign is not None  # made for it, and discarded only before it is sent
    lock(campaign)
    _step(campaign, State.CONCLUDED, actor=actor, now=now)
    campaign.concluded_at = now
    for finding in campaign.findings:
        if finding.due_on is not None:
            recommendations.give(finding, finding.target.unit, due_on=finding.due_on, actor=actor, now=now)
    for target in campaign.targets:
        campaign_news.concluded(target, now=now)


def _without_paper(paper: OversightPaper, _actor: User, _now: dt.datetime) -> None:
    campaign = campaign_of(paper)
    if campaign is not None:
        campaign.paper = None
        db.session.flush()


made.NUMBERED[PaperType.SUPERVISION_CONCLUSION] = _conclude
made.DISCARDED[PaperType.SUPERVISION_CONCLUSION] = _without_paper


def close(campaign: Campaign, *, actor: User, now: dt.datetime) -> None:
    """Everything recommended was confirmed or decided. :raise NotAllowed: :raise IllegalTransition: :raise StepRefused:"""
    _running(campaign, actor)
    _step(campaign, State.CLOSED, actor=actor, now=now)
    campaign.closed_at = now


def cancel(campaign: Campaign, *, why: str, actor: User, now: dt.datetime) -> None:
    """Call it off; the units that were told hear why. :raise NotAllowed: :raise IllegalTransition: :raise ReasonMissing:"""
    _running(campaign, actor)
    if not why.strip():
        raise ReasonMissing
    told = campaign.state in rules.TOLD
    _step(campaign, State.CANCELLED, actor=actor, now=now)
    campaign.cancelled_why, campaign.closed_at = why, now
    for target in campaign.targets if told else ():
        campaign_news.cancelled(target, now=now)


def _step(campaign: Campaign, to: State, *, actor: User, now: dt.datetime) -> None:
    rules.check(State(campaign.state), to, supervision.facts_of(campaign, local_date(now)))
    campaign.state = to
    db.session.flush()
    record(actor, "campaign.stepped", campaign, at=now, to=to)


def _running(campaign: Campaign, actor: User) -> None:
    lock(campaign)
    require(may_plan(actor, campaign.unit))
    if campaign.state in rules.OVER:
        raise IllegalTransition(State(campaign.state), State.UNDER_WAY)


def _prepared(campaign: Campaign, actor: User) -> None:
    _running(campaign, actor)
    if campaign.state != State.DRAFT:
        raise IllegalTransition(State(campaign.state), State.DRAFT)
