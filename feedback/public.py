"""What the public and the API read: one picture of an item, the public list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, Text, bindparam, case, cast, exists, func, literal, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from app import search
from app.assignments.models import Clock
from app.assignments.rules import OPEN, Duty, State
from app.audit import entries_about
from app.calendar.rules import Rule, Stage, TermUnit
from app.clock import local_date
from app.database import BigId, UtcDateTime, db
from app.units.models import Field, Place, Unit
from app.units.queries import Named, named_fields, named_places
from feedback.models import Feedback, FeedbackAssignment, FeedbackClock, Message, MessageKind, Paper
from feedback.papers import form
from feedback.rules import PaperState, PaperType, Status

#: The clocks that owe an answer on the matter, the latest first.
ANSWER_STAGES = (Stage.SETTLE, Stage.REPLY, Stage.OPENING)


def answer_clock(item: Feedback) -> FeedbackClock | None:
    """Return the clock of the answer on the matter: of the settlement once a complaint's case is open, else of the reply."""
    return next((clock for stage in ANSWER_STAGES if (clock := item.clock(stage))), None)


def unit_in_charge(item: Feedback) -> Unit:
    """Return who has it: the unit with the duty to answer, the last that had it, else its desk."""
    answers = [each for each in item.assignments if each.duty == Duty.ANSWER and each.state not in {State.RETURNED, State.CANCELLED}]
    return answers[-1].unit if answers else item.desk_unit


def answers(item: Feedback) -> list[Paper]:
    """Return every answer that was issued, oldest first; after its own those that were given to it and what it was merged into.

    None is ever taken back: a second round adds an answer and leaves the first to be read. What the other had been answered
    before they went together was addressed to its sender, and is not shown.
    """
    own = issued(item)
    if item.merged_into is None:
        return own
    merged_at = max((entry.at for entry in entries_about(item) if entry.action == "feedback.merged"), default=item.received_at)
    return own + [paper for paper in issued(item.merged_into) if paper.published_at and paper.published_at > merged_at]


def issued(item: Feedback) -> list[Paper]:
    """Return the answers of the item itself that were issued, oldest first."""
    return [paper for paper in item.papers if (paper.type, paper.state) == (PaperType.REPLY, PaperState.PUBLISHED)]


def words_of(paper: Paper) -> str:
    """Return what an issued paper says on a page. Whoever's item was merged reads it too, so there it addresses nobody by name."""
    return form.address(paper.body)[1] if paper.feedback.merged else paper.body


def answer_on_page(item: Feedback) -> Paper | None:
    """Return the answer whose masked words stand on the public page: the last that was out when a clerk last wrote the copy."""
    written = max((entry.at for entry in entries_about(item) if entry.action == "feedback.published"), default=None)
    given = [paper for paper in answers(item) if written and paper.published_at and paper.published_at <= written]
    return given[-1] if item.public_reply and given else None


def promise_title(duty: FeedbackAssignment) -> str:
    """Return what everyone may read of a promise: the words it was signed with, but never those of the item's sender."""
    return title_for_others(duty.feedback, duty.title)


def title_for_others(item: Feedback, title: str) -> str:
    """Return *title*, of a point of *item*'s answer, unless it is its sender's own words: then the public title, or nothing."""
    of_sender = title == item.title or item.body.startswith(title.rstrip("…"))  # a point begins with the item's title
    return (item.public_title or "") if of_sender else title


def title_read_by(item: Feedback, of: Feedback, title: str) -> str:
    """Return what the sender of *item* reads over a point of the answer to *of*: in a merge, nobody else's words."""
    return title if item is of else title_for_others(of, title) or _("Việc đã nêu")


def due_reason(clock: Clock | None) -> str | None:
    """Return in a sentence why the clock's day is the day it is."""
    if clock is None:
        return None
    rule = Rule.from_json(clock.rule)
    amount = abs(rule.amount)
    term = _("%(n)s ngày làm việc", n=amount) if rule.unit is TermUnit.WORKING else _("%(n)s ngày", n=amount)
    whose = _("cam kết của địa phương") if rule.local else _("theo luật")
    source = ", ".join(part for part in (rule.article, rule.source) if part)
    return _(
        "%(name)s: %(term)s kể từ ngày %(day)s (%(whose)s: %(source)s).",
        name=rule.name,
        term=term,
        day=clock.started_on.strftime("%d/%m/%Y"),
        whose=whose,
        source=source,
    )


def picture(item: Feedback, today: dt.date) -> dict[str, Any]:
    """Return what everyone may know of *item*."""
    answer, notice = answer_clock(item), item.clock(Stage.NOTICE)
    unit = unit_in_charge(item)
    return {
        "code": item.code,
        "kind": item.kind,
        "status": item.status,
        "field": item.field,
        "area": item.place,
        "unit": unit,
        "received_on": local_date(item.received_at),
        "notice_due_on": notice.due_on if notice else None,
        "due_on": answer.due_on if answer else None,
        "due_reason": due_reason(answer or notice),
        "answered_on": local_date(item.answered_at) if item.answered_at else None,
        "late": any(clock.is_late(today) for clock in (answer, notice) if clock is not None),
        "title": item.public_title,
        "text": item.public_text,
        "reply": item.public_reply,
        "merged_into": item.merged_into.code if item.merged_into else None,
        "parts": [part.code for part in item.parts],
    }


class Listed(NamedTuple):
    """What the public list shows of an item."""

    code: str
    title: str
    kind: str
    status: str
    waits: str | None
    place: Named | None
    answered_at: dt.datetime | None


class PublicPage(NamedTuple):
    """A page of the public list, where the next one begins, and the fields of which anything is published."""

    items: tuple[Listed, ...]
    next: tuple[dt.datetime, int] | None
    fields: tuple[Named, ...]


_ITEM, _QUESTION, _DUTY = Feedback.__table__.c, Message.__table__.c, FeedbackAssignment.__table__.c
_ASKED = exists().where(_QUESTION.feedback_id == _ITEM.id, _QUESTION.kind == MessageKind.QUESTION, _QUESTION.answered_at.is_(None))
_OPEN_ANSWER = select(_DUTY.state).where(_DUTY.feedback_id == _ITEM.id, _DUTY.duty == Duty.ANSWER, _DUTY.state.in_(sorted(OPEN)))
#: Whom an item in hand waits for, for words.status_word: the sender, who was asked; the unit, to take it; else nobody.
WAITS = case(
    (_ITEM.status != Status.IN_HAND, None),
    (_ASKED, "sender"),
    (_OPEN_ANSWER.order_by(_DUTY.id).limit(1).scalar_subquery() == State.OFFERED, "unit"),
).label("waits")

_FIELD, _OTHER = Field.__table__.c, Feedback.__table__.alias().c
_OF_FIELD = select(literal(1)).where(_OTHER.field_id == _FIELD.id, _OTHER.published_at.is_not(None)).limit(1).scalar_subquery()
#: The ids of the fields of which anything is published, as "1,5,12": one look at the index for each field.
_USED = select(func.aggregate_strings(cast(_FIELD.id, Text), ",")).where(_OF_FIELD.is_not(None))
_LISTED = _ITEM.code, _ITEM.public_title, _ITEM.kind, _ITEM.status, WAITS, _ITEM.place_id, _ITEM.answered_at, _ITEM.published_at, _ITEM.id

_NEWEST = _ITEM.published_at.desc(), _ITEM.id.desc()
_FILTERS: dict[str, ColumnElement[bool]] = {
    "kind": _ITEM.kind == bindparam("kind"),
    "status": _ITEM.status == bindparam("status"),
    "field_id": _ITEM.field_id == bindparam("field_id"),
    "place_id": _ITEM.place_id == bindparam("place_id"),
    "unit_id": exists().where(_DUTY.feedback_id == _ITEM.id, _DUTY.unit_id == bindparam("unit_id")),
    "at": tuple_(_ITEM.published_at, _ITEM.id) < tuple_(bindparam("at", type_=UtcDateTime), bindparam("id", type_=BigId)),
}


@lru_cache
def _listed(filters: tuple[str, ...]) -> Select[Any]:
    """Return the statement of the list with these filters; making one anew takes longer than asking it."""
    wanted: Any = select(*_LISTED, _USED.scalar_subquery()).where(_ITEM.published_at.is_not(None), *(_FILTERS[name] for name in filters))
    return wanted.order_by(*_NEWEST).limit(bindparam("limit"))


def listed(*, q: str = "", before: tuple[dt.datetime, int] | None = None, limit: int, **filters: Any) -> PublicPage:
    """Return *limit* published items, newest first, from behind the keyset *before*, in one statement; *filters* are those of _FILTERS."""
    given = {name: value for name, value in filters.items() if value} | (dict(zip(("at", "id"), before, strict=True)) if before else {})
    wanted = _listed(tuple(name for name in _FILTERS if name in given))
    if q:
        wanted = wanted.where(_ITEM.id.in_(search.matching("public", q, Feedback)))
    rows = db.session.execute(wanted, given | {"limit": limit + 1}).all()
    used = ((rows[0][-1] if rows else db.session.scalar(_USED)) or "").split(",")
    places = named_places()
    last = rows[limit - 1] if len(rows) > limit else None
    return PublicPage(
        tuple(
            [
                Listed(row.code, row.public_title, row.kind, row.status, row.waits, places.get(row.place_id), row.answered_at)
                for row in rows[:limit]
            ]
        ),
        (last.published_at, last.id) if last else None,
        tuple([field for field in named_fields().values() if str(field.id) in used]),
    )


def published(
    *,
    ids: Any = None,
    kind: str = "",
    field: Field | None = None,
    place: Place | None = None,
    unit: Unit | None = None,
    status: str = "",
    before: tuple[dt.datetime, int] | None = None,
    limit: int = 25,
) -> Sequence[Feedback]:
    """Return published items, newest first, from behind the keyset *before* (published_at, id)."""
    wanted = select(Feedback).where(Feedback.published_at.is_not(None))
    if ids is not None:
        wanted = wanted.where(Feedback.id.in_(ids))
    if kind:
        wanted = wanted.where(Feedback.kind == kind)
    if status:
        wanted = wanted.where(Feedback.status == status)
    if field is not None:
        wanted = wanted.where(Feedback.field_id == field.id)
    if place is not None:
        wanted = wanted.where(Feedback.place_id == place.id)
    if unit is not None:
        wanted = wanted.where(Feedback.assignments.any(FeedbackAssignment.unit_id == unit.id))
    if before is not None:
        at, id_ = before
        wanted = wanted.where((Feedback.published_at < at) | ((Feedback.published_at == at) & (Feedback.id < id_)))
    # What a picture of an item reads, in a few statements for the whole page instead of a few for each row.
    wanted = wanted.options(
        joinedload(Feedback.merged_into),
        selectinload(Feedback.clocks),
        selectinload(Feedback.parts),
        selectinload(Feedback.assignments),
    )
    return db.session.scalars(wanted.order_by(Feedback.published_at.desc(), Feedback.id.desc()).limit(limit)).all()
