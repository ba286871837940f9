"""An item with all that its page for colleagues shows, in few statements: what it has none of is learnt at once, and not asked again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, inspect, or_, select
from sqlalchemy.orm import aliased, joinedload, with_polymorphic
from sqlalchemy.orm.attributes import set_committed_value

from app.assignments.models import Assignment, AssignmentClock, Clock, ExtensionRequest, Holding
from app.database import db
from feedback.models import Attachment, DeskHolding, ExternalRef, Feedback, FeedbackAssignment, FeedbackClock, Message, Paper, Person

_ID, _DUTIES = bindparam("id"), bindparam("duties", expanding=True)


# All models are known by the time that somebody asks: statements are made then, once.
@cache
def _many() -> dict[str, tuple[Any, Any, tuple[Any, ...]]]:
    """Return what an item may have many of: its model, the column that names the item, and what is read with it."""
    other: Any = aliased(Feedback)
    return {
        "people": (Person, Person.feedback_id, ()),
        "messages": (Message, Message.feedback_id, (joinedload(Message.user),)),
        "papers": (Paper, Paper.feedback_id, (joinedload(Paper.drafted_by),)),
        "attachments": (Attachment, Attachment.feedback_id, (joinedload(Attachment.file),)),
        "external_refs": (ExternalRef, ExternalRef.feedback_id, ()),
        "parts": (other, other.parent_id, ()),
        "merged": (other, other.merged_into_id, ()),
    }


#: What others have of an item: name → whether there is any, in SQL, of the item Feedback; see :func:`may_have`.
elsewhere: dict[str, ColumnElement[bool]] = {
    "extension": exists().where(
        Assignment.__table__.c.feedback_id == Feedback.id,
        ExtensionRequest.assignment_id == Assignment.__table__.c.id,
        ExtensionRequest.granted.is_(None),
    )
}


def by_code(code: str) -> Feedback | None:
    """Return the item with that public code, with its duties, and knowing what it has none of."""
    row = db.session.execute(_item(), {"code": code}).unique().one_or_none()
    if row is None:
        return None
    item: Feedback = row[0]
    for name in _many():
        if not row._mapping[name]:  # noqa: SLF001 - SQLAlchemy's public name for it
            set_committed_value(item, name, [])
    inspect(item).info["elsewhere"] = {name: row._mapping[name] for name in elsewhere}  # noqa: SLF001
    return item


def may_have(item: Feedback, name: str) -> bool:
    """Say whether there is any of :data:`elsewhere`; true where *item* was found otherwise, and nobody knows."""
    return inspect(item).info.get("elsewhere", {}).get(name, True)


@cache
def _item() -> Select[Any]:
    none_of = [select(model.id).where(of == Feedback.id).exists().label(name) for name, (model, of, _more) in _many().items()]
    above = [condition.label(name) for name, condition in elsewhere.items()]
    duties = joinedload(Feedback.assignments).joinedload(FeedbackAssignment.officer)
    return select(Feedback, *none_of, *above).where(Feedback.code == bindparam("code")).options(duties)


def fill(item: Feedback) -> None:
    """Read all else that the page of *item* shows, which :func:`by_code` found: each table once."""
    for name in [name for name in _many() if name not in vars(item)]:
        set_committed_value(item, name, list(db.session.scalars(_reading(name), {"id": item.id})))
    facts = {"id": item.id, "duties": [duty.id for duty in item.assignments]}
    _hang(item, "clocks", "clocks", db.session.scalars(_clocks(), facts).unique())
    _hang(item, "desk_holdings", "holdings", db.session.scalars(_holdings(), facts))


def _hang(item: Feedback, of_item: str, of_duty: str, rows: Iterable[Any]) -> None:
    """Give each of *rows* to its duty, and those of no duty to *item*."""
    found = defaultdict(list)
    for row in rows:
        found[row.assignment_id if hasattr(row, "assignment_id") else None].append(row)
    set_committed_value(item, of_item, found[None])
    for duty in item.assignments:
        set_committed_value(duty, of_duty, found[duty.id])


@cache
def _reading(name: str) -> Select[Any]:
    model, of, more = _many()[name]
    return select(model).where(of == _ID).order_by(model.id).options(*more)


@cache
def _clocks() -> Select[Any]:
    clock: Any = with_polymorphic(Clock, [FeedbackClock, AssignmentClock])
    its = or_(clock.FeedbackClock.feedback_id == _ID, clock.AssignmentClock.assignment_id.in_(_DUTIES))
    return select(clock).where(its).options(joinedload(clock.pauses)).order_by(clock.id)


@cache
def _holdings() -> Select[Any]:
    holding: Any = with_polymorphic(Holding, [DeskHolding])
    its = or_(holding.DeskHolding.feedback_id == _ID, holding.assignment_id.in_(_DUTIES))
    return select(holding).where(its).options(joinedload(holding.officer)).order_by(holding.id)
