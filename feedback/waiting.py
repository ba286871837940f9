"""What waits for one person's hand: papers on their way to be signed and numbered, requests for more time."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import joinedload, load_only

from app.assignments.models import ExtensionRequest
from app.assignments.rules import OPEN
from app.counting import up_to_most
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit
from feedback.lists import not_concerning, within
from feedback.models import Feedback, FeedbackAssignment, Paper
from feedback.rules import PaperState

MOST_PAPERS = 200  # more than anybody signs in a day
#: Every page of the staff counts what waits. A statement takes longer to put together than to ask: it is kept for a person's next page.
KEPT = 256


def papers_under_way(permission: Permission, reach: Reach, *, shown: bool = True) -> list[Paper]:
    """Return the papers in somebody's hand where *permission* holds, the longest waiting first; whose turn it is says may_act_on.

    Not *shown*: only what that asks of them is read.
    """
    return list(db.session.scalars(_under_way(permission, reach, shown)))


@lru_cache(maxsize=KEPT)
def _under_way(permission: Permission, reach: Reach, shown: bool) -> Select[Paper]:  # noqa: FBT001 - part of the key
    whole = (
        joinedload(Paper.unit),
        joinedload(Paper.drafted_by),
        joinedload(Paper.assignment),
        joinedload(Paper.feedback).options(joinedload(Feedback.place), joinedload(Feedback.desk_unit)),
    )
    turn = (load_only(Paper.state, Paper.step, Paper.chain), joinedload(Paper.unit).load_only(Unit.path))
    return (
        select(Paper)
        .join(Unit, Unit.id == Paper.unit_id)
        .join(Feedback, Feedback.id == Paper.feedback_id)
        .where(Paper.state.in_([PaperState.SUBMITTED, PaperState.APPROVED]), within(Unit, reach, permission), not_concerning(reach.paths))
        .options(*(whole if shown else turn))
        .order_by(Paper.submitted_at, Paper.id)
        .limit(MOST_PAPERS)
    )


def extensions_waiting(reach: Reach) -> list[ExtensionRequest]:
    """Return the requests for more time that wait for this person, the oldest first."""
    return list(
        db.session.scalars(
            _extensions(select(ExtensionRequest), reach)
            .options(
                joinedload(ExtensionRequest.asked_by),
                joinedload(ExtensionRequest.clock),
                joinedload(ExtensionRequest.assignment.of_type(FeedbackAssignment)).joinedload(FeedbackAssignment.feedback),
            )
            .order_by(ExtensionRequest.asked_at, ExtensionRequest.id)
            .limit(MOST_PAPERS)
        )
    )


def count_extensions(reach: Reach) -> ScalarSelect[int] | None:
    """Return the question how many requests for more time wait for this person, for the menu."""
    return up_to_most(_extensions(select(ExtensionRequest.id), reach)) if reach.may_anywhere(Permission.FEEDBACK_LEAD) else None


def _extensions(statement: Any, reach: Reach) -> Any:
    return (
        statement.join(FeedbackAssignment, FeedbackAssignment.id == ExtensionRequest.assignment_id)
        .join(Feedback, Feedback.id == FeedbackAssignment.feedback_id)
        .join(Unit, Unit.id == FeedbackAssignment.unit_id)
        .where(ExtensionRequest.granted.is_(None), FeedbackAssignment.state.in_(sorted(OPEN)))
        .where(within(Unit, reach, Permission.FEEDBACK_LEAD), not_concerning(reach.paths))
    )
