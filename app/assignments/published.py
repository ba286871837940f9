"""The duties to act that everyone may read, of all domains: one list and one count. Each domain says which of its own are public.

Which of them are is kept beside them, in `assignment.shown`: the list and the count go by that. What the list shows is asked again of its
rows: what is kept opens nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true
from sqlalchemy.orm import selectin_polymorphic
from sqlalchemy.sql.base import ExecutableOption

from app import hooks
from app.assignments import beside
from app.assignments.beside import Change
from app.assignments.models import Assignment
from app.assignments.rules import OPEN, Duty, Shown, State
from app.database import db

#: What is late or due first, then what was done.
URGENT_FIRST = (Assignment.shown, Assignment.due_sort, Assignment.id)

_OPEN, _DONE = Assignment.shown == Shown.OPEN, Assignment.shown == Shown.DONE

#: What the list can be cut to, and the condition on a row.
VIEWS: dict[str, Callable[[dt.date], ColumnElement[bool]]] = {
    "open": lambda today: _OPEN & (func.coalesce(Assignment.due_on, today) >= today),
    "overdue": lambda today: _OPEN & (Assignment.due_on < today),
    "done": lambda _today: _DONE,
    "late_done": lambda _today: _DONE & (Assignment.closed_on > Assignment.due_on),
    "in_time": lambda _today: _DONE & func.coalesce(Assignment.closed_on <= Assignment.due_on, true()),
}
#: Those of VIEWS of which each row is in one: what came of it.
_OUTCOMES = ("in_time", "late_done", "open", "overdue")


@dataclass(frozen=True)
class Source:
    """What a domain says of its assignments: which class they are, which of them are public, and what is read with a page of them."""

    model: type[Assignment]
    public: Callable[[], ColumnElement[bool]]  # of columns of the table: an attribute of the class would leave the other kinds out
    changes: Sequence[Change]
    read_along: Sequence[ExecutableOption]
    told: Callable[[Any], dict[str, Any]]  # of one, for everyone: its `title`, `url`, and the words `promised` of when, and at what


#: By kind of assignment.
sources: dict[str, Source] = {}
#: What those who looked on the spot say to everyone, by the id of what they verified; a domain above brings it.
remarks: list[Callable[[Sequence[int]], dict[int, str]]] = []
#: Which of what is reported done was found otherwise on the spot, by id, and nobody has decided yet whether it is opened again.
doubted: list[Callable[[Sequence[int]], set[int]]] = []


def remarked(duties: Sequence[Assignment]) -> dict[int, str]:
    """Return what is said to everyone of those of *duties* that somebody looked at."""
    ids = [duty.id for duty in duties if duty.state == State.VERIFIED]
    return {id_: text for say in remarks for id_, text in say(ids).items()} if ids else {}


def reviewed(duties: Sequence[Assignment]) -> set[int]:
    """Return the ids of those of *duties* that their unit reports done while that is looked into again.

    That it is, everyone may know, for else the report stands alone; what was found is told when the superior has decided.
    """
    ids = [duty.id for duty in duties if duty.state == State.DONE]
    return {id_ for doubt in doubted for id_ in doubt(ids)} if ids else set()


def page(today: dt.date, *, view: str = "", unit_id: int | None = None, begin: int = 0, limit: int) -> Sequence[Assignment]:
    """Return up to *limit* of them from the row *begin* on, the most urgent first; *view* is one of VIEWS, or all."""
    found = select(Assignment.id).where(VIEWS[view](today) if view else Assignment.shown.is_not(None))
    if unit_id is not None:
        found = found.where(Assignment.unit_id == unit_id)
    found = found.order_by(*URGENT_FIRST).offset(begin).limit(limit)
    return db.session.scalars(_read(found).order_by(*URGENT_FIRST)).all()


def news(since: dt.date, today: dt.date, *, unit_ids: Sequence[int] | None, limit: int) -> Sequence[Assignment]:
    """Return those that were done, or became late, from the day *since* on, the latest first; of these units, or of all."""
    found = select(Assignment.id).where(
        or_(
            _DONE & (Assignment.closed_on >= since),
            VIEWS["overdue"](today) & (Assignment.due_on >= since),
        )
    )
    if unit_ids is not None:
        found = found.where(Assignment.unit_id.in_(unit_ids))
    order = (func.coalesce(Assignment.closed_on, Assignment.due_on).desc(), Assignment.id.desc())
    return db.session.scalars(_read(found.order_by(*order).limit(limit)).order_by(*order)).all()


def _read(found: Any) -> Any:
    """Return the question for the duties that *found* has the ids of, if they are public, with what is read with them."""
    page = found.subquery()  # joined, for its rows are few: what is public is then asked of each of them
    wanted = select(Assignment).join(page, page.c.id == Assignment.id).where(are_public())
    return wanted.options(
        selectin_polymorphic(Assignment, [source.model for source in sources.values()]),
        *(option for source in sources.values() for option in source.read_along),
    )


def told(duty: Assignment) -> dict[str, Any]:
    """Return what the domain of *duty* says of it to everyone."""
    return sources[duty.kind].told(duty)


def sums(today: dt.date, *, unit_id: int | None = None) -> dict[str, int]:
    """Return how many there are, of a unit or of all, by what came of them: each number is as long as the list of that view."""
    wanted = select(*(func.count().filter(VIEWS[name](today)) for name in _OUTCOMES)).where(Assignment.shown.is_not(None))
    if unit_id is not None:
        wanted = wanted.where(Assignment.unit_id == unit_id)
    return dict(zip(_OUTCOMES, db.session.execute(wanted).one(), strict=True))


def are_public() -> ColumnElement[bool]:
    """Return the condition of what everyone may read, on the table of duties."""
    kinds = [(Assignment.kind == kind) & source.public() for kind, source in sources.items()]
    # What was returned or cancelled is nobody's any more: another has it, or it was written down by mistake.
    return and_(Assignment.duty == Duty.ACT, Assignment.state.not_in([State.RETURNED, State.CANCELLED]), or_(false(), *kinds))


# --- what is kept beside them -------------------------------------------------------------------------------------------

_DUTY: Any = Assignment.__table__
_DECIDES = ("kind", "duty", "state", "feedback_id", "session_id", "question_id", "beyond")


def _shown() -> Any:
    return case((are_public(), case((_DUTY.c.state.in_(sorted(OPEN)), Shown.OPEN.value), else_=Shown.DONE.value)))


def _changes() -> Iterator[Change]:
    when = f"NEW.duty = '{Duty.ACT.value}' OR NEW.shown IS NOT NULL"
    yield Change("assignment", _DECIDES, when, lambda new: _DUTY.c.id == new, added=True)
    for source in sources.values():
        yield from source.changes


hooks.add(beside.columns, beside.Beside("shown", _shown, _changes, nothing=0))
