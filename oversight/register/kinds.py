"""The kinds of promises: each one's word, what a list must read with it, and the page of the item it belongs to.

The register treats a row of any kind alike and asks here where kinds differ. Who adds a kind of assignment adds its line to
:data:`KINDS` where its model is defined, or in its package's `init_app`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload, selectin_polymorphic, selectinload

from app.assignments.models import Assignment
from app.permissions import Reach
from app.units.models import Field
from dialogues import queries as dialogue_queries
from dialogues import rules as dialogue_rules
from dialogues.models import Chair, ConclusionAssignment, Session
from feedback import queries as feedback_queries
from feedback import rules as feedback_rules
from feedback.models import Feedback, FeedbackAssignment

#: The endpoint of a page and what its address is made of.
Address = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Kind:
    """What the register knows of one kind of promise."""

    label: Any  # the source, as a filter names it: "phản ánh, kiến nghị"
    model: type[Assignment]
    may_read: Callable[[Any, Reach], bool]  # may who has this reach open the item?
    opens: Callable[[Any], Address]  # the page of the item, for whoever may read it
    options: tuple[Any, ...] = ()  # loader options: what `reference`, `may_read` and the words look at, read with the list
    to_citizens: bool = False  # counted where no source is asked for: the others have figures of their own


def _feedback_read(row: FeedbackAssignment, reach: Reach) -> bool:
    return feedback_rules.may_read(reach, feedback_queries.standing_of(row.feedback))


def _conclusion_read(row: ConclusionAssignment, reach: Reach) -> bool:
    return dialogue_rules.may_read(reach, dialogue_queries.standing_of(row.session))


#: By Assignment.kind.
KINDS: dict[str, Kind] = {
    "feedback": Kind(
        _l("Phản ánh, kiến nghị"),
        FeedbackAssignment,
        _feedback_read,
        lambda row: ("staff.item", {"code": row.reference}),
        (
            joinedload(FeedbackAssignment.feedback).options(
                joinedload(Feedback.desk_unit),
                joinedload(Feedback.accused_unit),
                joinedload(Feedback.field).joinedload(Field.copied_to),
                selectinload(Feedback.assignments).joinedload(FeedbackAssignment.unit),
            ),
        ),
        to_citizens=True,
    ),
    "conclusion": Kind(
        _l("Kết luận đối thoại"),
        ConclusionAssignment,
        _conclusion_read,
        lambda row: ("dialogue_staff.promise", {"promise_id": row.id}),
        (joinedload(ConclusionAssignment.session).options(joinedload(Session.unit), selectinload(Session.chairs).joinedload(Chair.unit)),),
        to_citizens=True,
    ),
}


def to_citizens() -> list[str]:
    """Return the kinds of what was promised to citizens."""
    return [name for name, kind in KINDS.items() if kind.to_citizens]


def may_read(row: Assignment, reach: Reach) -> bool:
    """Say whether the item that *row* belongs to opens for whoever has *reach*."""
    kind = KINDS.get(row.kind)
    return kind is not None and kind.may_read(row, reach)


def opens(row: Assignment) -> Address | None:
    """Return the page of the item that *row* belongs to."""
    kind = KINDS.get(row.kind)
    return kind.opens(row) if kind else None


def loader_options() -> list[Any]:
    """Return what reads every kind of row with all that a list shows of it, in a number of statements that does not grow with the list."""
    known = KINDS.values()
    return [selectin_polymorphic(Assignment, [kind.model for kind in known]), *(option for kind in known for option in kind.options)]
