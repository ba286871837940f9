"""What becomes of letters, recommendations and subscriptions when a unit ends: its heir answers, judges and is read of."""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import select

from app import clock as time
from app.access import Actor, require
from app.assignments import operations as assignments
from app.assignments.models import Assignment
from app.assignments.rules import OPEN
from app.calendar.queries import work_calendar
from app.database import db, lock
from app.units.models import Unit, UnitSuccession
from app.units.queries import answering_unit
from oversight import letters, supervision
from oversight.models import (
    Campaign,
    CampaignTarget,
    FindingAssignment,
    Letter,
    LetterAssignment,
    LetterTo,
    OversightPaper,
    Report,
    SavedView,
    Subscription,
)
from oversight.operations import campaign_news, heirs, letter_news, papers, reports
from oversight.papers.letters import FACTS
from oversight.rules.papers import PaperState
from oversight.rules.reports import State as ReportState
from oversight.rules.supervision import OVER, SELF_CHECKED_IN, State


def succeed(row: UnitSuccession, *, actor: Actor, now: dt.datetime) -> int:
    """Give what is open to the heir that *row* names; return how many duties moved. :raise NotAllowed: before its day.

    Letters and recommendations are to a unit, not to an area or a field of it: they go to who follows it in the whole.
    """
    today = time.local_date(now)
    require(row.effective_on <= today)
    if row.place_id is not None or row.field_id is not None:
        return 0
    to = answering_unit(row.to, place_id=None, field_id=None, on=today)
    if to is None:
        return 0
    _move_senders(row.from_id, to, actor=actor, now=now)
    asked = select(LetterAssignment).where(LetterAssignment.unit_id == row.from_id, LetterAssignment.state.in_(sorted(OPEN)))
    moved = sum(_move_letter(duty, to, actor=actor, now=now) for duty in db.session.scalars(asked.order_by(LetterAssignment.id)).all())
    told = select(FindingAssignment).where(FindingAssignment.unit_id == row.from_id, FindingAssignment.state.in_(sorted(OPEN)))
    moved += sum(_move_finding(duty, to, actor=actor, now=now) for duty in db.session.scalars(told.order_by(FindingAssignment.id)).all())
    _move_targets(row.origin, to, now=now)
    _move_drafts(row.from_id, to)
    _move_reports(row.from_id, to, actor=actor, now=now)
    _move_addresses(row.origin, to)
    db.session.flush()
    return moved


def _move_senders(from_id: int, to: Unit, *, actor: Actor, now: dt.datetime) -> None:
    """Let the heir read and judge what its forerunner sent, but not what it owes itself; the paper keeps the name of who issued it.

    What is not out yet would bear that name: papers of a campaign are the heir's drafts from now on, letters are begun anew.
    """
    out = select(Letter).join(Letter.paper).where(Letter.unit_id == from_id, OversightPaper.state == PaperState.NUMBERED)
    for letter in db.session.scalars(out).all():
        letter.unit, letter.unit_id = to, to.id
        for duty in letter.duties:
            if _owes(to, duty):
                _end_letter(duty, "own", actor=actor, now=now)
    led = select(Campaign).where(Campaign.unit_id == from_id, Campaign.state.not_in(sorted(OVER)))
    for campaign in db.session.scalars(led).all():
        lock(campaign)
        for paper in (campaign.notice, campaign.paper):
            if paper is not None:
                papers.inherit(paper, to, actor=actor, now=now)
        campaign.unit, campaign.unit_id = to, to.id
        for duty in [duty for finding in campaign.findings for duty in finding.duties]:
            if _owes(to, duty):
                assignments.cancel(duty, why="own", actor=actor, now=now)
        if campaign.state == State.DRAFT:
            campaign.targets = [target for target in campaign.targets if not target.is_own]


def _owes(unit: Unit, duty: Assignment) -> bool:
    """Hold *duty* and say whether *unit* still owes it."""
    lock(duty)
    return duty.unit_id == unit.id and duty.is_open


def _end_letter(duty: LetterAssignment, why: str, *, actor: Actor, now: dt.datetime) -> None:
    """Nobody answers any more; the sender hears of it, to ask another."""
    assignments.cancel(duty, why=why, actor=actor, now=now)
    letter_news.tell(letter_news.of_sender(duty, now), duty, "ended", actor, now)


def _move_letter(duty: LetterAssignment, to: Unit, *, actor: Actor, now: dt.datetime) -> bool:
    """Offer the answer to the heir, but to none that would answer itself, and to none that an item of the letter accuses."""
    lock(duty)
    if not duty.is_open:
        return False
    if (why := heirs.barred(duty, to)) is not None:
        _end_letter(duty, why, actor=actor, now=now)
        return False
    assignments.transfer(duty, to, reason="succession", rule_facts=FACTS, calendar=work_calendar(), actor=actor, now=now)
    letter_news.tell(letter_news.of_unit(duty, now), duty, "came", actor, now)
    return True


def _move_finding(duty: FindingAssignment, to: Unit, *, actor: Actor, now: dt.datetime) -> bool:
    """Offer what was recommended to the heir; a body recommends nothing to itself."""
    lock(duty)
    if not duty.is_open:
        return False
    if (why := heirs.barred(duty, to)) is not None:
        assignments.cancel(duty, why=why, actor=actor, now=now)
        return False
    assignments.transfer(duty, to, reason="succession", rule_facts=supervision.TERMS, calendar=work_calendar(), actor=actor, now=now)
    campaign_news.to_unit(duty, "offered", now=now)
    return True


def _move_targets(origin: Unit, to: Unit, *, now: dt.datetime) -> None:
    """Let the heir answer what a campaign asks of its forerunner, and be heard on what was found there.

    What was seen was seen at the unit of the time, and stays with its name. An heir that is itself under that supervision answers for
    both; who supervises asks nothing of itself.
    """
    asked = select(CampaignTarget).join(CampaignTarget.campaign)
    asked = asked.where(CampaignTarget.answering_id == origin.id, Campaign.state.not_in(sorted(OVER)), Campaign.unit_id != to.id)
    for target in db.session.scalars(asked.order_by(CampaignTarget.id)).all():
        lock(target.campaign)
        target.answering, target.answering_id = to, to.id
        db.session.flush()
        if target.campaign.state in SELF_CHECKED_IN and target.reported_at is None:
            campaign_news.announced(target, now=now)
        elif target.campaign.state == State.FINDINGS and target.commented_at is None:
            campaign_news.findings_shown(target, now=now)


def _move_drafts(from_id: int, to: Unit) -> None:
    """Address to the heir what is a draft yet. What was sent to be signed names who has ended: it is taken back and addressed by hand."""
    asked = select(LetterTo).join(LetterTo.letter).join(Letter.paper)
    drafts = asked.where(LetterTo.unit_id == from_id, OversightPaper.state == PaperState.DRAFT)
    for line in db.session.scalars(drafts.order_by(LetterTo.id)).all():
        letter = line.letter
        if to.id in {letter.unit_id, *(each.unit_id for each in letter.to)} or letter.id in letters.accusing([to.path]):
            if len(letter.to) > 1:
                letter.to.remove(line)
        else:
            line.unit, line.unit_id = to, to.id
        db.session.flush()


def _move_reports(from_id: int, to: Unit, *, actor: Actor, now: dt.datetime) -> None:
    """Let the heir receive what was for its forerunner, and write what that one had still to write; what was signed stays its own.

    Nobody hands up to itself: it is for whoever is above then.
    """
    waiting = select(Report).where(Report.to_id == from_id, Report.state != ReportState.ACCEPTED)
    for report in db.session.scalars(waiting.order_by(Report.id)).all():
        lock(report)
        report.to = to if to.id != report.unit_id else to.parent
    written = select(Report).where(Report.unit_id == from_id, Report.state.in_([ReportState.DRAFT, ReportState.RETURNED]))
    for report in db.session.scalars(written.order_by(Report.id)).all():
        lock(report)
        reports.inherit(report, to, actor=actor, now=now)


def _move_addresses(origin: Unit, to: Unit) -> None:
    """Let kept views and subscriptions of a unit be of its heir; who has the news of the heir already has them once."""
    for view in db.session.scalars(select(SavedView).where(SavedView.address.contains("don-vi="))).all():
        view.address = _for_heir(view.address, origin, to) or view.address
    for kept in db.session.scalars(select(Subscription).where(Subscription.address.contains("don-vi=")).order_by(Subscription.id)).all():
        address = _for_heir(kept.address, origin, to)
        if address is None:
            continue
        mine = select(Subscription.id).where(Subscription.user_id == kept.user_id, Subscription.address == address)
        if db.session.scalar(mine) is not None:
            db.session.delete(kept)
        else:
            kept.address = address
        db.session.flush()


def _for_heir(address: str, origin: Unit, to: Unit) -> str | None:
    """Return the address that means of the heir what *address* means of its forerunner; None where it is not about that one."""
    asked = dict(parse_qsl(address))
    return urlencode(sorted((asked | {"don-vi": to.code}).items())) if asked.get("don-vi") == origin.code else None
