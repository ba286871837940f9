"""A campaign of supervision goes on: announced, carried out, shown to the units, concluded, closed, or called off."""

from __future__ import annotations

import datetime as dt

from app.accounts.models import User
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.units.models import Unit
from app.units.queries import answering_unit
from oversight import papers as made
from oversight import supervision
from oversight.models import Campaign
from oversight.models.papers import OversightPaper
from oversight.operations import campaign_news, papers, recommendations
from oversight.operations.campaigns import not_being_signed, prepared, running
from oversight.operations.supervision_plans import BeingSigned
from oversight.papers.supervision import campaign_of
from oversight.rules import supervision as rules
from oversight.rules.papers import PaperType
from oversight.rules.supervision import State


class ReportDayPast(Exception):
    """The day by which the units are to report came before the notice was out."""


class ReasonMissing(Exception):
    """A campaign is called off only for a reason."""


def draft_notice(campaign: Campaign, *, prepare: str, report_due_on: dt.date, actor: User, now: dt.datetime) -> OversightPaper:
    """Begin the paper that tells the units what to prepare, and by when they send their own answers; or change what it says.

    :raise NotAllowed: :raise IllegalTransition: :raise StepRefused: :raise BeingSigned:
    """
    prepared(campaign, actor)
    campaign.prepare, campaign.report_due_on = prepare, report_due_on
    rules.check(State(campaign.state), State.ANNOUNCED, supervision.facts_of(campaign, local_date(now)))
    campaign.notice = notice = campaign.notice or papers.draft(PaperType.SUPERVISION_NOTICE, campaign.unit, actor=actor, now=now)
    db.session.flush()
    return notice


def _check_notice(paper: OversightPaper) -> None:
    """Ask once more before it goes on: units, team and questions may have been taken out since. :raise StepRefused:"""
    campaign = campaign_of(paper)
    assert campaign is not None  # made for it
    rules.check(State(campaign.state), State.ANNOUNCED, supervision.facts_of(campaign, local_date(paper.created_at)))


def _announce(paper: OversightPaper, actor: User, now: dt.datetime) -> None:
    """The notice got its number: the units hear of it. :raise ReportDayPast: it is taken back and given another day."""
    campaign = campaign_of(paper)
    assert campaign is not None  # made for it, and discarded only before it is sent
    lock(campaign)
    if campaign.report_due_on is None or campaign.report_due_on <= local_date(now):
        raise ReportDayPast
    _step(campaign, State.ANNOUNCED, actor=actor, now=now)
    campaign.announced_at = now
    for target in campaign.targets:
        campaign_news.announced(target, now=now)


def _without_notice(paper: OversightPaper, _actor: User, _now: dt.datetime) -> None:
    campaign = campaign_of(paper)
    if campaign is not None:
        campaign.notice = None
        db.session.flush()


def begin(campaign: Campaign, *, actor: User, now: dt.datetime) -> None:
    """The team goes there, or once more after what a unit said.

    :raise NotAllowed: :raise IllegalTransition: :raise StepRefused: :raise BeingSigned:
    """
    running(campaign, actor)
    if campaign.paper is not None:
        raise BeingSigned
    _step(campaign, State.UNDER_WAY, actor=actor, now=now)
    for target in campaign.targets:  # what was said of another draft is not said of the next
        target.commented_at, target.commented_by_id = None, None


def show_findings(campaign: Campaign, *, comments_due_on: dt.date, actor: User, now: dt.datetime) -> None:
    """Give the units what was found, to say what they think of it by a day.

    :raise NotAllowed: :raise IllegalTransition: :raise StepRefused:
    """
    running(campaign, actor)
    campaign.comments_due_on = comments_due_on
    _step(campaign, State.FINDINGS, actor=actor, now=now)
    for target in campaign.targets:
        campaign_news.findings_shown(target, now=now)


def draft_conclusion(campaign: Campaign, *, actor: User, now: dt.datetime) -> OversightPaper:
    """Begin the paper of the conclusion once the units were heard, or return the one there is.

    :raise NotAllowed: :raise IllegalTransition: :raise StepRefused:
    """
    running(campaign, actor)
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
        if finding.due_on is not None and (unit := _answering(finding.target.unit, now)).id != campaign.unit_id:
            recommendations.give(finding, unit, due_on=finding.due_on, actor=actor, now=now)
    for target in campaign.targets:
        campaign_news.concluded(target, now=now)


def _answering(unit: Unit, now: dt.datetime) -> Unit:
    """Return who carries out what was found at *unit*: where it ended while the paper was on its way, its heir."""
    return answering_unit(unit, place_id=None, field_id=None, on=local_date(now)) or unit


def _without_paper(paper: OversightPaper, _actor: User, _now: dt.datetime) -> None:
    campaign = campaign_of(paper)
    if campaign is not None:
        campaign.paper = None
        db.session.flush()


made.CHECKED[PaperType.SUPERVISION_NOTICE] = _check_notice
made.NUMBERED |= {PaperType.SUPERVISION_NOTICE: _announce, PaperType.SUPERVISION_CONCLUSION: _conclude}
made.DISCARDED[PaperType.SUPERVISION_NOTICE] = _without_notice
made.DISCARDED[PaperType.SUPERVISION_CONCLUSION] = _without_paper


def close(campaign: Campaign, *, actor: User, now: dt.datetime) -> None:
    """Everything recommended was confirmed or decided. :raise NotAllowed: :raise IllegalTransition: :raise StepRefused:"""
    running(campaign, actor)
    _step(campaign, State.CLOSED, actor=actor, now=now)
    campaign.closed_at = now


def cancel(campaign: Campaign, *, why: str, actor: User, now: dt.datetime) -> None:
    """Call it off; the units that were told hear why.

    :raise NotAllowed: :raise IllegalTransition: :raise ReasonMissing: :raise BeingSigned:
    """
    running(campaign, actor)
    if not why.strip():
        raise ReasonMissing
    if campaign.notice is not None and campaign.state == State.DRAFT:
        not_being_signed(campaign.notice)
        papers.discard(campaign.notice, actor=actor, now=now)
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
