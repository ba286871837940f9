"""The register of promises: every assignment a person may see, by unit, area, field, duty and state, latest due first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, false, func, or_, select
from sqlalchemy.orm import joinedload, selectin_polymorphic, selectinload

from app.assignments.models import Assignment
from app.assignments.rules import OPEN, State
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Field, Unit
from dialogues.duties import Span
from dialogues.models import Chair, ConclusionAssignment, Session
from feedback.lists import not_concerning
from feedback.models import ExternalRef, Feedback, FeedbackAssignment, Paper, ReplyPoint
from feedback.rules import PaperState, PaperType
from oversight import populations

#: How the register can be cut: what is late first, because that is what it is for.
VIEWS = ("all", "late", "soon", "open", "undated", "done", "ended")
SOON_DAYS = 3
PAGE = 25
#: What feedback.queries.standing_of looks at, read with the page and not line by line.
_STANDING = (
    joinedload(Feedback.desk_unit),
    joinedload(Feedback.accused_unit),
    joinedload(Feedback.field).joinedload(Field.copied_to),
    selectinload(Feedback.assignments).joinedload(FeedbackAssignment.unit),
)
#: And what dialogues.queries.standing_of looks at.
_SESSION = (joinedload(Session.unit), selectinload(Session.chairs).joinedload(Chair.unit))
BATCH = 500


@dataclass(frozen=True)
class Cut:
    """What part of the register is wanted."""

    view: str = "open"
    duty: str = ""
    unit: Unit | None = None  # with what is below it
    place_id: int | None = None
    field_id: int | None = None
    source: str = ""  # kind of assignment: feedback, conclusion, letter, finding
    counted: str = ""  # a name of oversight.populations: only what that figure counts
    span: Span | None = None  # in which it counts


def visible(reach: Reach, own_path: str) -> Any:
    """Return the condition of what *reach* may see of the register: never what accuses the reader's own unit, or one above it."""
    scopes = reach.scopes(Permission.REGISTER_READ)
    if any(scope.everywhere for scope in scopes):
        return not_concerning(own_path)
    below = [Unit.path.startswith(scope.unit_path, autoescape=True) for scope in scopes if scope.unit_path]
    areas = [Assignment.place_id == scope.place_id for scope in scopes if scope.place_id]
    return not_concerning(own_path) & or_(false(), *below, *areas)


def _in_view(view: str, today: dt.date) -> Any:
    open_ = Assignment.state.in_(sorted(OPEN))
    soon = today + dt.timedelta(days=SOON_DAYS)
    return {
        "late": open_ & (Assignment.due_on < today),
        "soon": open_ & Assignment.due_on.between(today, soon),
        "open": open_,
        "undated": open_ & Assignment.due_on.is_(None),
        "done": Assignment.state.in_([State.DONE, State.VERIFIED]),
        "ended": Assignment.state.in_([State.RETURNED, State.CANCELLED]),
    }.get(view)


def narrowed(wanted: Select[Any], cut: Cut, today: dt.date, reach: Reach, own_path: str) -> Select[Any]:
    """Narrow a statement over assignments to *cut* and to what *reach* may see, for lists, counts and figures alike."""
    wanted = (
        wanted.join(Unit, Unit.id == Assignment.unit_id)
        .outerjoin(Feedback, Feedback.id == FeedbackAssignment.__table__.c.feedback_id)
        .where(visible(reach, own_path))
    )
    if cut.duty:
        wanted = wanted.where(Assignment.duty == cut.duty)
    if cut.unit is not None:
        wanted = wanted.where(Unit.path.startswith(cut.unit.path, autoescape=True))
    if cut.place_id is not None:
        wanted = wanted.where(Assignment.place_id == cut.place_id)
    if cut.field_id is not None:
        wanted = wanted.where(Assignment.field_id == cut.field_id)
    if cut.source:
        wanted = wanted.where(Assignment.kind == cut.source)
    if cut.counted and cut.span is not None:
        wanted = wanted.where(populations.condition(cut.counted, cut.span, today))
    return wanted


def page(
    cut: Cut, reach: Reach, today: dt.date, *, own_path: str, after: tuple[dt.date, int] | None, limit: int = PAGE
) -> list[Assignment]:
    """Return up to *limit* promises behind the keyset *after* (due_sort, id)."""
    wanted = narrowed(select(Assignment), cut, today, reach, own_path)
    if (in_view := _in_view(cut.view, today)) is not None:
        wanted = wanted.where(in_view)
    if after is not None:
        due_sort, id_ = after
        wanted = wanted.where(or_(Assignment.due_sort > due_sort, (Assignment.due_sort == due_sort) & (Assignment.id > id_)))
    wanted = wanted.options(
        joinedload(Assignment.unit),
        joinedload(Assignment.place),
        joinedload(Assignment.field),
        selectin_polymorphic(Assignment, [FeedbackAssignment, ConclusionAssignment]),
        joinedload(FeedbackAssignment.feedback).options(*_STANDING),
        joinedload(ConclusionAssignment.session).options(*_SESSION),
    )
    return list(db.session.scalars(wanted.order_by(Assignment.due_sort, Assignment.id).limit(limit)))


def counts(cut: Cut, reach: Reach, today: dt.date, *, own_path: str) -> dict[str, int]:
    """Return how many promises each view of this cut holds, in one statement."""
    columns = [func.count().label("all")]
    columns += [func.sum(case((_in_view(view, today), 1), else_=0)).label(view) for view in VIEWS[1:]]
    wanted: Any = select(*columns).select_from(Assignment)
    row = db.session.execute(narrowed(wanted, cut, today, reach, own_path)).mappings().one()
    return {view: row[view] or 0 for view in VIEWS}


def everything(cut: Cut, reach: Reach, today: dt.date, *, own_path: str) -> Iterator[tuple[Assignment, Paper | None, str]]:
    """Yield the whole cut, each with its answer and its outside numbers, in batches, so that an export's memory stays flat."""
    after = None
    while rows := page(cut, reach, today, own_path=own_path, after=after, limit=BATCH):
        after, numbers, answers = (rows[-1].due_sort, rows[-1].id), outside_numbers(rows), answers_of(rows)
        yield from ((row, answers.get(row.id), numbers.get(row.id, "")) for row in rows)
        db.session.expunge_all()


def answers_of(rows: list[Assignment]) -> dict[int, Paper]:
    """Return, by assignment, the answer that was given, or the one in which the work was promised."""
    ids = [row.id for row in rows]
    issued = (Paper.type == PaperType.REPLY) & (Paper.state == PaperState.PUBLISHED)
    given = select(Paper.assignment_id, Paper).where(Paper.assignment_id.in_(ids), issued)
    promised = select(ReplyPoint.act_id, Paper).join(Paper, Paper.id == ReplyPoint.paper_id).where(ReplyPoint.act_id.in_(ids), issued)
    return {id_: paper for found in (given, promised) for id_, paper in db.session.execute(found) if id_ is not None}


def outside_numbers(rows: list[Assignment]) -> dict[int, str]:
    """Return, by assignment, the numbers its item has in other systems, so that an export matches theirs."""
    found: dict[int, list[str]] = {}
    pairs = db.session.execute(
        select(FeedbackAssignment.id, ExternalRef.number)
        .join(ExternalRef, ExternalRef.feedback_id == FeedbackAssignment.feedback_id)
        .where(FeedbackAssignment.id.in_([row.id for row in rows]))
        .order_by(ExternalRef.id)
    )
    for id_, number in pairs:
        found.setdefault(id_, []).append(number)
    return {id_: "; ".join(numbers) for id_, numbers in found.items()}


def promise(assignment_id: int, reach: Reach, today: dt.date, *, own_path: str) -> Assignment | None:
    """Return one promise, if *reach* may see it."""
    return db.session.scalar(narrowed(select(Assignment), Cut(view="all"), today, reach, own_path).where(Assignment.id == assignment_id))
