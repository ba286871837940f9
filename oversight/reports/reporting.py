"""What a report of a unit counts over its period: each number by the query of the pages of figures, with what is below the unit."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import aliased

from app.assignments.models import Assignment
from app.assignments.rules import OPEN, Duty
from app.database import db
from app.units.models import Unit
from dialogues.duties import Span
from oversight import figures
from oversight.figures import SITE, Dimension
from oversight.models import Campaign, CampaignTarget, FindingAssignment, LetterAssignment, OversightPaper, SpotCheck
from oversight.register import Cut
from oversight.reports import petitions
from oversight.rules.papers import PaperState
from oversight.rules.supervision import State as CampaignState

#: What a report says of promises, for duties to answer and duties to act apart.
PROMISES = ("made", "kept", "open", "overdue", "on_time_share")


def petitions_asked(unit: Unit, span: Span) -> petitions.Asked:
    """Return what the counting tables of a report are about."""
    return petitions.Asked(span, SITE, unit)


def promised(unit: Unit, span: Span, duty: Duty, today: dt.date, *, by: Dimension = Dimension.WHOLE) -> list[figures.Row]:
    """Return the figures about promises of *unit* with what is below it."""
    cut = Cut(view="all", duty=duty, unit=unit)
    return figures.figures(PROMISES, by=by, cut=cut, span=span, today=today, reach=SITE)


@dataclass(frozen=True)
class Supervised:
    """What bodies that supervise had to do with a unit and what is below it."""

    campaigns: int  # concluded in the period
    recommended: int
    recommended_open: int
    looks: int  # on the spot
    not_right: int
    letters: int  # reminders and petitions
    letters_open: int


def supervised(unit: Unit, span: Span) -> Supervised:
    """Return what was supervised of *unit* in *span*, each in one statement."""
    below = Unit.path.startswith(unit.path, autoescape=True)
    paper = aliased(OversightPaper)
    numbered = (paper.state == PaperState.NUMBERED) & paper.numbered_on.between(span.first, span.last)
    concluded = (
        select(func.count(CampaignTarget.id.distinct()))
        .join(CampaignTarget.campaign)
        .join(CampaignTarget.unit)
        .join(paper, paper.id == Campaign.paper_id)
        .where(below, numbered, Campaign.state.in_([CampaignState.CONCLUDED, CampaignState.CLOSED]))
    )
    looked = (
        select(func.count(SpotCheck.id), func.coalesce(func.sum(case((SpotCheck.as_reported.is_(False), 1), else_=0)), 0))
        .join(Assignment, Assignment.id == SpotCheck.assignment_id)
        .join(Unit, Unit.id == Assignment.unit_id)
        .where(below, SpotCheck.looked_on.between(span.first, span.last))
    )
    looks, not_right = db.session.execute(looked).one()
    return Supervised(
        db.session.scalar(concluded) or 0,
        *_duties(FindingAssignment, below, span),
        looks,
        int(not_right),
        *_duties(LetterAssignment, below, span),
    )


def _duties(model: type[Assignment], below: ColumnElement[bool], span: Span) -> tuple[int, int]:
    """Return how many such duties began in *span*, and how many of these are open now."""
    still = func.coalesce(func.sum(case((model.state.in_(sorted(OPEN)), 1), else_=0)), 0)
    wanted: Any = select(func.count(model.id), still).join(Unit, Unit.id == model.unit_id)
    number, left = db.session.execute(wanted.where(below, model.opened_on.between(span.first, span.last))).one()
    return number, int(left)
