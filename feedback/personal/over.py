"""Which items are kept too long, asked of the database: what retaining says of one item, in time however many there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, false, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from app.assignments.rules import OPEN
from app.clock import LOCAL
from feedback.models import Feedback, FeedbackAssignment
from feedback.personal.models import RetentionEnd
from feedback.personal.rules import OVER, Term, over_before, years_kept
from feedback.rules import Kind, Status


def oldest(desks: Sequence[int], terms: Collection[Term], today: dt.date, wanted: ColumnElement[bool], *, most: int) -> CompoundSelect[Any]:
    """Return the question what is over at *desks*, is *wanted*, and nobody decided: ids, when each ended, how many years it was kept.

    What ended by itself is walked in the order of an index, up to *most* of each desk, status and term. What goes on as others do is a
    small part; of what was split the years are the shortest, for its parts may be kept for different ones.
    """
    into, other = aliased(Feedback), aliased(Feedback)
    ways: dict[tuple[str, int], list[str]] = {}
    for status, kind in product(sorted(OVER), Kind):
        if (years := years_kept(kind, status, terms)) is not None:
            ways.setdefault((status, years), []).append(kind)

    def ended(of: Any, status: str, years: int) -> ColumnElement[bool]:
        since = dt.datetime.combine(over_before(today, years), dt.time(), LOCAL)
        return and_(of.status == status, of.closed_at < since, Feedback.kind.in_(ways[status, years]))

    def first(years: int, ended_at: Any) -> Select[Any]:
        found = select(Feedback.id, ended_at.label("ended_at"), literal(years).label("years")).where(Feedback.parent_id.is_(None), wanted)
        return found.where(~_decided(), no_part_open, ~_duty_open(Feedback)).order_by(ended_at).limit(most)

    here, part = Feedback.desk_unit_id.in_(desks), select(other.id).where(other.parent_id == Feedback.id)
    no_part_open = ~part.where(other.status.not_in(sorted(OVER))).exists()
    every = []
    for (status, years), desk in product(ways, desks):
        alone = first(years, Feedback.closed_at).where(Feedback.desk_unit_id == desk, ended(Feedback, status, years))
        every.append(alone.where(Feedback.merged_into_id.is_(None)))
    for years in {years for _status, years in ways}:
        merged = first(years, into.closed_at).join(into, into.id == Feedback.merged_into_id).where(here, Feedback.status == Status.MERGED)
        every.append(merged.where(or_(*(ended(into, *way) for way in ways if way[1] == years)), ~_duty_open(into)))
    last = select(func.max(other.closed_at)).where(other.parent_id == Feedback.id).scalar_subquery()
    going_on = part.where(or_(other.closed_at.is_(None), ~or_(false(), *(ended(other, *way) for way in ways)), _duty_open(other)))
    split = first(min((years for _status, years in ways), default=0), last).where(
        here, Feedback.status == Status.SPLIT, part.exists(), ~going_on.exists()
    )
    every.append(split)
    return union_all(*(select(each.subquery()) for each in every))


def _decided() -> ColumnElement[bool]:
    return select(RetentionEnd.id).where(RetentionEnd.feedback_id == Feedback.id, RetentionEnd.done_at.is_not(None)).exists()


def _duty_open(of: Any) -> ColumnElement[bool]:
    return select(FeedbackAssignment.id).where(FeedbackAssignment.feedback_id == of.id, FeedbackAssignment.state.in_(sorted(OPEN))).exists()
