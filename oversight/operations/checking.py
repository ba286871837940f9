"""What is answered and found in a campaign: the unit's own check and report, what the team saw, its findings, the unit's comments."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields

from app.access import require
from app.accounts.models import User
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.files import StoredFile
from dialogues.operations import editing
from oversight.models import Campaign, CampaignAnswer, CampaignFile, CampaignTarget, SupervisionFinding
from oversight.operations import campaign_news
from oversight.operations.recommendations import DayPast
from oversight.operations.supervision_plans import BeingSigned, may_plan
from oversight.rules import supervision as rules
from oversight.rules.papers import PaperState
from oversight.rules.supervision import FindingKind, Purpose, Side, State


class NothingSaid(Exception):
    """A report says something, or has a file."""


class Unfinished(Exception):
    """A fault needs what is recommended and by when."""


class CauseMissing(Exception):
    """A fault that stems from not observing democracy names what was not observed."""


@dataclass(frozen=True)
class AnswerData:
    """One answer as typed."""

    result: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class FindingData:
    """A finding as typed."""

    kind: str
    text: str
    undemocratic: bool = False
    cause: str = ""
    recommendation: str = ""
    due_on: dt.date | None = None


def may_check(actor: User, target: CampaignTarget) -> bool:
    """Say whether *actor* writes down what the team saw: who supervises, and whoever is in the team; of nothing of their own body."""
    campaign = target.campaign
    return not target.is_own and (may_plan(actor, campaign.unit) or any(member.user_id == actor.id for member in campaign.members))


def may_self_check(actor: User, target: CampaignTarget) -> bool:
    """Say whether *actor* answers for the unit."""
    told = target.campaign.announced_at is not None and not target.is_own
    return told and rules.may_answer(actor.reach, unit_path=target.answering.path)


def may_speak(actor: User, target: CampaignTarget) -> bool:
    """Say whether *actor* sends the unit's report and its comments."""
    told = target.campaign.announced_at is not None and not target.is_own
    return told and rules.may_speak(actor.reach, unit_path=target.answering.path)


def answers_of(target: CampaignTarget, side: Side) -> dict[int, CampaignAnswer]:
    """Return the answers of one side by question."""
    return {answer.question_id: answer for answer in target.answers if answer.side == side}


def fingerprint(target: CampaignTarget, side: Side) -> str:
    """Return what tells one state of a side's answers from another."""
    return editing.fingerprint({str(id_): [row.result, row.note] for id_, row in answers_of(target, side).items()})


def answer(
    target: CampaignTarget,
    side: Side,
    said: Mapping[int, AnswerData],
    *,
    seen: str | None = None,
    files: list[StoredFile] | None = None,
    actor: User,
    now: dt.datetime,
) -> None:
    """Keep what one *side* says of the questions (question.id → answer); what is not among them is not answered any more.

    :raise NotAllowed: :raise IllegalTransition: :raise ChangedMeanwhile: since *seen*.
    """
    campaign = target.campaign
    lock(campaign)
    if side == Side.UNIT:
        require(may_self_check(actor, target))
        _check_state(campaign, rules.SELF_CHECKED_IN)
        if target.reported_at is not None:
            raise IllegalTransition(State(campaign.state), State(campaign.state))  # sent is sent
    else:
        require(may_check(actor, target))
        _check_state(campaign, rules.CHECKED_IN)
    asked = {question.id for question in campaign.questions}
    wanted = {id_: each for id_, each in said.items() if id_ in asked and each.result}
    editing.require_seen(
        seen, fingerprint(target, side), editing.fingerprint({str(id_): [each.result, each.note] for id_, each in wanted.items()})
    )
    there = answers_of(target, side)
    for id_, row in there.items():
        if id_ not in wanted:
            target.answers.remove(row)
    for id_, each in wanted.items():
        row = there.get(id_)
        if row is None:
            row = CampaignAnswer(question_id=id_, side=side, by_id=actor.id, at=now, result=each.result, note=each.note)
            target.answers.append(row)
        elif (row.result, row.note) != (each.result, each.note):
            row.result, row.note, row.by_id, row.at = each.result, each.note, actor.id, now
    _attach(target, files or [], Purpose.REPORT if side == Side.UNIT else Purpose.CHECK, actor=actor, now=now)
    db.session.flush()
    record(actor, "campaign.answered", target, at=now, side=side, number=len(wanted))


def report(target: CampaignTarget, *, text: str, files: list[StoredFile], actor: User, now: dt.datetime) -> None:
    """Send the unit's report, once. :raise NotAllowed: :raise IllegalTransition: :raise NothingSaid:"""
    lock(target.campaign)
    require(may_speak(actor, target))
    _check_state(target.campaign, rules.SELF_CHECKED_IN)
    if target.reported_at is not None:
        raise IllegalTransition(State(target.campaign.state), State(target.campaign.state))
    if not text and not files:
        raise NothingSaid
    target.report, target.reported_at, target.reported_by = text, now, actor
    _attach(target, files, Purpose.REPORT, actor=actor, now=now)
    record(actor, "campaign.reported", target, at=now)
    campaign_news.reported(target, now=now)


def comment(target: CampaignTarget, *, text: str, actor: User, now: dt.datetime) -> None:
    """Say what the unit thinks of what was found, once; nothing said: it agrees. :raise NotAllowed: :raise IllegalTransition:

    The last day counts; after it the body may have concluded without.
    """
    campaign = target.campaign
    lock(campaign)
    require(may_speak(actor, target))
    _check_state(campaign, frozenset({State.FINDINGS}))
    if target.commented_at is not None:
        raise IllegalTransition(State(campaign.state), State.CONCLUDED)
    target.comments, target.commented_at, target.commented_by = text, now, actor
    record(actor, "campaign.commented", target, at=now, agrees=not text)
    campaign_news.commented(target, now=now)


def add_finding(target: CampaignTarget, data: FindingData, *, actor: User, now: dt.datetime) -> SupervisionFinding:
    """Write down what was found; the same once more is the same.

    :raise NotAllowed: :raise IllegalTransition: :raise Unfinished: :raise CauseMissing: :raise DayPast:
    """
    _to_find(target, actor)
    data = _checked(data, now)
    for each in target.findings:
        if (each.kind, each.text) == (data.kind, data.text):
            return each
    made = SupervisionFinding(**_said(data))
    target.findings.append(made)
    db.session.flush()
    record(actor, "campaign.found", target, at=now, finding_id=made.id, kind=data.kind, undemocratic=data.undemocratic)
    return made


def finding_seen(finding: SupervisionFinding) -> str:
    """Return what tells one state of a finding from another."""
    return editing.fingerprint({name: str(value) for name, value in _said(finding).items()})


def change_finding(finding: SupervisionFinding, data: FindingData, *, seen: str | None = None, actor: User, now: dt.datetime) -> None:
    """Change what was found before it is concluded.

    :raise NotAllowed: :raise IllegalTransition: :raise ChangedMeanwhile: and as it is added.
    """
    _to_find(finding.target, actor)
    data = _checked(data, now)
    editing.require_seen(seen, finding_seen(finding), editing.fingerprint({name: str(value) for name, value in _said(data).items()}))
    for name, value in _said(data).items():
        setattr(finding, name, value)
    record(
        actor, "campaign.found", finding.target, at=now, finding_id=finding.id, kind=data.kind, undemocratic=data.undemocratic
    )  # fmt: skip


def remove_finding(finding: SupervisionFinding, *, actor: User, now: dt.datetime) -> None:
    """Take back what was written down by mistake. :raise NotAllowed: :raise IllegalTransition:"""
    target = finding.target
    _to_find(target, actor)
    record(actor, "campaign.finding_removed", target, at=now, finding_id=finding.id)
    target.findings.remove(finding)
    db.session.flush()


def _said(data: SupervisionFinding | FindingData) -> dict[str, object]:
    return {each.name: getattr(data, each.name) for each in fields(FindingData)}


def _checked(data: FindingData, now: dt.datetime) -> FindingData:
    if data.kind == FindingKind.RIGHT:
        return FindingData(kind=data.kind, text=data.text)
    # Chỉ thị 09-CT/TU điểm 7 (as told in law.md §6 item 23): where a fault stems from not observing democracy it "phải nêu rõ".
    if data.undemocratic and not data.cause:
        raise CauseMissing
    if not data.recommendation or data.due_on is None:
        raise Unfinished
    if data.due_on <= local_date(now):
        raise DayPast
    return data if data.undemocratic else dataclasses.replace(data, cause="")


def _to_find(target: CampaignTarget, actor: User) -> None:
    lock(target.campaign)
    require(may_check(actor, target))
    _check_state(target.campaign, rules.FOUND_IN)
    if target.campaign.paper is not None and target.campaign.paper.state != PaperState.DRAFT:
        raise BeingSigned


def _check_state(campaign: Campaign, states: frozenset[State]) -> None:
    if campaign.state not in states:
        raise IllegalTransition(State(campaign.state), State(campaign.state))


def _attach(target: CampaignTarget, files: list[StoredFile], purpose: Purpose, *, actor: User, now: dt.datetime) -> None:
    for file in files:
        target.files.append(CampaignFile(file=file, purpose=purpose, added_by_id=actor.id, added_at=now))
