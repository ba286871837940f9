"""A campaign of supervision is prepared: begun, its units, team and checklist set. What becomes of it then: campaign_steps."""

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
from oversight.models import Campaign, CampaignMember, CampaignQuestion, CampaignTarget, SupervisionLine
from oversight.models.papers import OversightPaper
from oversight.operations import campaign_news
from oversight.operations.supervision_plans import BeingSigned, may_plan
from oversight.rules import supervision as rules
from oversight.rules.papers import PaperState
from oversight.rules.supervision import Part, State
from oversight.supervision import checklists


class DaysTurned(Exception):
    """The last day comes before the first."""


class NoBasis(Exception):
    """Neither a line of the body's plan nor a reason why it cannot wait for one."""


class OutOfReach(Exception):
    """The unit does not lie where this body supervises, or is the body itself."""


class Team(Exception):
    """A team has one leader."""


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
    for position, text in enumerate(checklists.questions(base, local_date(now)), 1):
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
    prepared(campaign, actor)
    editing.require_seen(seen, fingerprint(campaign), editing.fingerprint({name: str(value) for name, value in _said(data).items()}))
    _check(data, campaign.line)
    for name, value in _said(data).items():
        setattr(campaign, name, value)
    record(actor, "campaign.changed", campaign, at=now, what="facts")


def add_units(campaign: Campaign, units: Iterable[Unit], *, actor: User, now: dt.datetime) -> int:
    """Put *units* under this supervision, each once, and return how many were not yet.

    :raise NotAllowed: :raise IllegalTransition: :raise OutOfReach:
    """
    prepared(campaign, actor)
    there, today, number = {target.unit_id for target in campaign.targets}, local_date(now), 0
    for unit in units:
        here = rules.may_target(actor.reach, unit_path=unit.path, place_id=unit.place_id)
        if not here or unit.id == campaign.unit_id or not unit.exists_on(today):
            raise OutOfReach
        if unit.id not in there:
            campaign.targets.append(CampaignTarget(unit=unit, answering=unit))
            there, number = there | {unit.id}, number + 1
    db.session.flush()
    record(actor, "campaign.changed", campaign, at=now, what="units")
    return number


def remove_unit(target: CampaignTarget, *, actor: User, now: dt.datetime) -> None:
    """Take a unit out again. :raise NotAllowed: :raise IllegalTransition:"""
    campaign = target.campaign
    prepared(campaign, actor)
    campaign.targets.remove(target)
    db.session.flush()
    record(actor, "campaign.changed", campaign, at=now, what="units")


def add_member(campaign: Campaign, data: MemberData, *, actor: User, now: dt.datetime) -> None:
    """Put somebody in the team, who hears of it where they have an account; the same person once.

    :raise NotAllowed: :raise IllegalTransition: it is over. :raise Team: there is a leader.
    """
    _choosing_team(campaign, actor)
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
    _choosing_team(campaign, actor)
    campaign.members.remove(member)
    db.session.flush()
    record(actor, "campaign.changed", campaign, at=now, what="team")


def questions_seen(campaign: Campaign) -> str:
    """Return what tells one state of the checklist from another."""
    return editing.fingerprint([question.text for question in campaign.questions])


def write_questions(campaign: Campaign, texts: Sequence[str], *, seen: str | None = None, actor: User, now: dt.datetime) -> None:
    """Write the checklist of a draft anew. :raise NotAllowed: :raise IllegalTransition: :raise ChangedMeanwhile:"""
    prepared(campaign, actor)
    wanted = list(dict.fromkeys(texts))
    editing.require_seen(seen, questions_seen(campaign), editing.fingerprint(wanted))
    campaign.questions.clear()
    db.session.flush()
    campaign.questions.extend(CampaignQuestion(position=position, text=text) for position, text in enumerate(wanted, 1))
    db.session.flush()
    record(actor, "campaign.changed", campaign, at=now, what="questions")


def running(campaign: Campaign, actor: User) -> None:
    """Hold *campaign*, which is not over. :raise NotAllowed: :raise IllegalTransition:"""
    lock(campaign)
    require(may_plan(actor, campaign.unit))
    if campaign.state in rules.OVER:
        raise IllegalTransition(State(campaign.state), State.UNDER_WAY)


def _choosing_team(campaign: Campaign, actor: User) -> None:
    """Hold *campaign* before its conclusion is numbered. :raise NotAllowed: :raise IllegalTransition: :raise BeingSigned:"""
    running(campaign, actor)
    if campaign.state in rules.TEAM_STANDS:
        raise IllegalTransition(State(campaign.state), State.UNDER_WAY)
    if campaign.state == State.DRAFT:
        not_being_signed(campaign.notice)


def prepared(campaign: Campaign, actor: User) -> None:
    """Hold *campaign*, which no unit has heard of yet. :raise NotAllowed: :raise IllegalTransition: :raise BeingSigned:"""
    running(campaign, actor)
    if campaign.state != State.DRAFT:
        raise IllegalTransition(State(campaign.state), State.DRAFT)
    not_being_signed(campaign.notice)


def not_being_signed(notice: OversightPaper | None) -> None:
    """Take nothing from a notice that is on its way to be signed. :raise BeingSigned:"""
    if notice is not None and notice.state != PaperState.DRAFT:
        raise BeingSigned
