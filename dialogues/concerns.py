"""What people of an area wrote about in the last months: the figures, and the words that the report of public concerns begins with.

Only counts, and quotes from copies that were masked and published. Denunciations are no feedback and in no count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true

from app.clock import LOCAL
from app.database import db
from app.units.models import Field, Place
from dialogues.models import Session
from feedback.lists import not_concerning
from feedback.models import Feedback, FeedbackClock, Rating
from feedback.public import ANSWER_STAGES
from feedback.rules import Status

#: Over how many months the report may speak; a year unless an officer says otherwise.
PERIODS = (3, 6, 12)
QUOTES = 5
READ = 200  # published copies, of which the quotes are taken
MOST = 8  # fields that the report names
LOW_RATING = 2
UNKNOWN = "Chưa rõ lĩnh vực"


@dataclass(frozen=True)
class FieldLine:
    """How much of one field came in, in the period and in the one before it."""

    name: str
    now: int
    before: int

    @property
    def rose(self) -> int:
        """How many more there are than before; negative where there are fewer."""
        return self.now - self.before


@dataclass(frozen=True)
class Quote:
    """What somebody wrote, as it was published."""

    code: str
    text: str


@dataclass(frozen=True)
class Figures:
    """What the report says in numbers."""

    months: int
    since: dt.date
    until: dt.date
    lines: Sequence[FieldLine]  # most first
    late: int  # waiting for an answer, its day over
    ratings: int
    low: int  # of them 1 or 2 of 5
    quotes: Sequence[Quote]

    @property
    def received(self) -> int:
        return sum(line.now for line in self.lines)

    @property
    def before(self) -> int:
        return sum(line.before for line in self.lines)

    @property
    def rising(self) -> list[FieldLine]:
        """The fields in which more was written than in the period before, the steepest first; nothing rose from a period without any."""
        return [] if not self.before else sorted((line for line in self.lines if line.rose > 0), key=lambda line: -line.rose)


def figures(session: Session, today: dt.date, *, months: int = PERIODS[-1]) -> Figures:
    """Return the figures of the area of *session* for the *months* that end with *today*, and for as many before them.

    What is written about the unit itself is left out: nobody of it reads that.
    """
    until = dt.datetime.combine(today + dt.timedelta(days=1), dt.time(), LOCAL)
    period = dt.timedelta(days=round(365 * months / 12))
    since, before = until - period, until - 2 * period
    here = and_(_in_area(session), not_concerning([session.unit.path]), Feedback.status != Status.SPLIT)
    recent = and_(here, Feedback.received_at >= since, Feedback.received_at < until)
    ratings = db.session.execute(
        _of(select(func.count(Rating.id), func.sum(case((Rating.score <= LOW_RATING, 1), else_=0))).select_from(Rating), Rating)
        .where(here, Rating.at >= since, Rating.at < until)
    ).one()  # fmt: skip
    lines = _lines(here, since, until, before)
    return Figures(
        months=months,
        since=since.astimezone(LOCAL).date(),
        until=today,
        lines=lines,
        late=_late(here, today),
        ratings=ratings[0],
        low=ratings[1] or 0,
        quotes=_quotes(recent, [line.name for line in lines]),
    )


def _in_area(session: Session) -> ColumnElement[bool]:
    if session.place_id is None:
        return true()
    villages = select(Place.id).where(or_(Place.id == session.place_id, Place.parent_id == session.place_id))
    return Feedback.place_id.in_(villages)


def _of(query: Any, row: Any) -> Any:
    return query.join(Feedback, Feedback.id == row.feedback_id)


def _lines(here: ColumnElement[bool], since: dt.datetime, until: dt.datetime, before: dt.datetime) -> list[FieldLine]:
    now = func.sum(case((Feedback.received_at >= since, 1), else_=0))
    then = func.sum(case((Feedback.received_at < since, 1), else_=0))
    rows = db.session.execute(
        select(Field.name, now, then)
        .select_from(Feedback)
        .outerjoin(Field, Field.id == Feedback.field_id)
        .where(here, Feedback.received_at >= before, Feedback.received_at < until)
        .group_by(Field.name)
    )
    return sorted((FieldLine(name or UNKNOWN, count, earlier) for name, count, earlier in rows), key=lambda line: (-line.now, line.name))


def _late(here: ColumnElement[bool], today: dt.date) -> int:
    query = _of(select(func.count(FeedbackClock.feedback_id.distinct())).select_from(FeedbackClock), FeedbackClock).where(
        here, FeedbackClock.stage.in_(ANSWER_STAGES), FeedbackClock.stopped_at.is_(None), FeedbackClock.cancelled_at.is_(None),
        FeedbackClock.due_on < today,
    )  # fmt: skip
    return db.session.scalar(query) or 0


def _quotes(recent: ColumnElement[bool], fields: list[str]) -> list[Quote]:
    """Return what was published of the field that most was written about, the newest first, then of the others in their order."""
    query = select(Feedback.code, Feedback.public_text, Field.name).outerjoin(Field, Field.id == Feedback.field_id)
    cleared = query.where(recent, Feedback.published_at.is_not(None), Feedback.public_text.is_not(None))
    rows = db.session.execute(cleared.order_by(Feedback.published_at.desc(), Feedback.id.desc()).limit(READ)).all()
    return [Quote(code, text or "") for code, text, _name in sorted(rows, key=lambda row: fields.index(row[2] or UNKNOWN))[:QUOTES]]


def draft(found: Figures) -> str:
    """Return the words that an officer begins the report with: a paper of the unit, and so in Vietnamese whatever the page speaks."""
    period, earlier = f"Từ ngày {_day(found.since)} đến ngày {_day(found.until)}", f"{found.months} tháng trước đó"
    if not found.received:
        return f"{period}, không có ý kiến nào của người dân trên địa bàn gửi đến."
    parts = [
        "1. Số lượng",
        f"{period}, người dân trên địa bàn gửi {found.received} ý kiến; {earlier} là {found.before} ý kiến.",
        "2. Vấn đề được nói đến nhiều nhất",
        *(f"- {line.name}: {line.now} ý kiến ({earlier}: {line.before})." for line in found.lines[:MOST] if line.now),
    ]
    if found.rising:
        parts += [
            f"3. Vấn đề tăng so với {earlier}",
            *(f"- {line.name}: tăng {line.rose} ý kiến." for line in found.rising[:MOST]),
        ]
    number = 4 if found.rising else 3
    parts += [f"{number}. Việc trả lời", f"Hiện có {found.late} ý kiến quá hạn chưa trả lời."]
    if found.ratings:
        parts.append(f"Người gửi đã đánh giá {found.ratings} câu trả lời; {found.low} câu bị đánh giá 1 hoặc 2 trên 5.")
    if found.quotes:
        parts += [f"{number + 1}. Người dân viết", *(f"- “{quote.text}” ({quote.code})" for quote in found.quotes)]
    return "\n".join(parts)


def _day(day: dt.date) -> str:
    return f"{day.day}/{day.month}/{day.year}"
