"""What the public and the API read: one picture of an item, the public list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.assignments.models import Clock
from app.assignments.rules import Duty, State
from app.audit import entries_about
from app.calendar.rules import Rule, Stage, TermUnit
from app.clock import local_date
from app.database import db
from app.units.models import Field, Place, Unit
from feedback.models import Feedback, FeedbackAssignment, FeedbackClock, Message, Paper
from feedback.papers import form
from feedback.rules import PaperState, PaperType

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
        joinedload(Feedback.place),
        joinedload(Feedback.field),
        joinedload(Feedback.desk_unit),
        joinedload(Feedback.merged_into),
        selectinload(Feedback.clocks),
        selectinload(Feedback.parts),
        selectinload(Feedback.messages).load_only(Message.feedback_id, Message.kind, Message.answered_at),
        selectinload(Feedback.assignments).joinedload(FeedbackAssignment.unit),
    )
    return db.session.scalars(wanted.order_by(Feedback.published_at.desc(), Feedback.id.desc()).limit(limit)).all()
