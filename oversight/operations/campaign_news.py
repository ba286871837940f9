"""Who is told of what about supervision: the units and the team. A notice names the campaign and the day, never what was found."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.accounts.models import User
from app.accounts.queries import holders
from app.clock import local_date
from app.outbox import notify_users
from app.permissions import Permission
from oversight.models import Campaign, CampaignTarget, FindingAssignment
from oversight.rules.supervision import SPEAKS


def team(campaign: Campaign) -> list[User]:
    """Return whoever of the team has an account, and who began the campaign."""
    people = [member.user for member in campaign.members if member.user is not None]
    return list({user.id: user for user in (*people, campaign.created_by)}.values())


def _unit(target: CampaignTarget, now: dt.datetime) -> list[User]:
    """Return who speaks for the unit, or who works in it where nobody does; nobody above it, who does not open it."""
    if target.is_own:
        return []
    by = (*reversed(SPEAKS), Permission.FEEDBACK_HANDLE)
    return next((people for each in by if (people := holders(each, target.answering, on=local_date(now), above=False))), [])


def _tell(people: list[User], what: str, about: CampaignTarget | Campaign, *, now: dt.datetime, occasion: str = "", **facts: Any) -> None:
    campaign, target = (about.campaign, about) if isinstance(about, CampaignTarget) else (about, None)
    facts |= {"what": what, "code": campaign.code, "campaign_id": campaign.id, "body": campaign.unit.name}
    facts |= {"target_id": target.id, "unit": target.unit.name} if target is not None else {"target_id": None, "unit": ""}
    notify_users(people, "oversight/notices/campaign", about, f"{what}:{occasion or now.isoformat()}", now=now, **facts)


def in_team(campaign: Campaign, user: User, *, now: dt.datetime) -> None:
    """Somebody hears that they are in the team."""
    _tell([user], "in_team", campaign, now=now, due_on=campaign.starts_on)


def announced(target: CampaignTarget, *, now: dt.datetime) -> None:
    """The unit hears that it is supervised, and by when it answers."""
    _tell(_unit(target, now), "announced", target, now=now, due_on=target.campaign.report_due_on)


def reported(target: CampaignTarget, *, now: dt.datetime) -> None:
    """The team hears that a unit sent its report."""
    _tell(team(target.campaign), "reported", target, now=now, due_on=None)


def findings_shown(target: CampaignTarget, *, now: dt.datetime) -> None:
    """The unit hears that it may read what was found, and until when it may say what it thinks."""
    _tell(_unit(target, now), "findings", target, now=now, due_on=target.campaign.comments_due_on)


def commented(target: CampaignTarget, *, now: dt.datetime) -> None:
    """The team hears that a unit said what it thinks of the findings."""
    _tell(team(target.campaign), "commented", target, now=now, due_on=None)


def concluded(target: CampaignTarget, *, now: dt.datetime) -> None:
    """The unit hears that the conclusion is out."""
    _tell(_unit(target, now), "concluded", target, now=now, due_on=None)


def cancelled(target: CampaignTarget, *, now: dt.datetime) -> None:
    """The unit hears that it was called off."""
    _tell(_unit(target, now), "cancelled", target, now=now, due_on=None)


def _about_duty(people: list[User], what: str, duty: FindingAssignment, *, now: dt.datetime) -> None:
    facts = {"what": what, "code": duty.reference, "assignment_id": duty.id, "unit": duty.unit.name, "due_on": duty.due_on}
    notify_users(people, "oversight/notices/recommendation", duty, f"{what}:{now.isoformat()}", now=now, **facts)


def to_unit(duty: FindingAssignment, what: str, *, now: dt.datetime) -> None:
    """Whoever has a recommendation in the unit, or may take it, hears *what* became of it."""
    doing = (
        [duty.officer]
        if duty.officer is not None and what != "offered"
        else holders(Permission.FEEDBACK_HANDLE, duty.unit, on=local_date(now))
    )
    _about_duty(doing, what, duty, now=now)


def to_team(duty: FindingAssignment, what: str, *, now: dt.datetime) -> None:
    """The team hears what the unit did with a recommendation."""
    _about_duty(team(duty.finding.target.campaign), what, duty, now=now)
