"""What is kept too long: found by rule, read text by text before it goes, decided by whoever leads the desk.

What goes is what names a person; the matter, its answer, its counts and the record stay. TT 05/2021/TT-TTCP Điều 28: a letter that was
filed is kept for a year, then the head decides; so nothing here goes by itself.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import and_, true
from sqlalchemy.orm import joinedload, selectinload

from app import clock as time
from app import versions
from app.access import require
from app.accounts.models import User
from app.audit import record
from app.calendar.rules import Evidence
from app.clock import LOCAL
from app.database import db, lock
from app.permissions import Permission, Reach
from app.units.models import Unit
from feedback.lists import not_concerning, within
from feedback.models import Feedback
from feedback.personal import erasing, over
from feedback.personal.models import RetentionEnd, RetentionRule
from feedback.personal.rules import Term, kept_until, last_day
from feedback.rules import Status

SHIPPED = Path(__file__).parents[1] / "data" / "retention.toml"
BOOK = versions.Book(RetentionRule, "retention_rule")
MOST = 200  # on a page


@dataclass(frozen=True)
class Due:
    """An item that is kept too long, since when."""

    item: Feedback
    kept_until: dt.date

    @property
    def ended_on(self) -> dt.date:
        """The day on which the last of it ended."""
        return max(time.local_date(each.closed_at) for each in _ends_of(self.item) if each.closed_at is not None)


def load_shipped(*, now: dt.datetime, shipped: Path = SHIPPED) -> None:
    """Add the *shipped* rules that the table lacks; may run at every start."""
    for each in tomllib.loads(shipped.read_text(encoding="utf-8"))["rule"]:
        BOOK.bring(RetentionRule(**each), now=now)


def change(row: RetentionRule, *, actor: User, now: dt.datetime, **said: Any) -> RetentionRule:
    """Let a version of *row*, as *said*, follow it. Raises what app.versions raises."""
    same = {name: getattr(row, name) for name in ("code", "name", "kinds", "statuses")}
    return BOOK.follow(RetentionRule(**same, evidence=Evidence.SEEN, **said), actor=actor, now=now)


def all_rules() -> list[RetentionRule]:
    """Return every version of every rule."""
    return list(db.session.scalars(db.select(RetentionRule).order_by(RetentionRule.code, RetentionRule.effective_from)))


def rules_on(day: dt.date) -> list[RetentionRule]:
    """Return the rules in force on *day*."""
    return [row for row in all_rules() if versions.in_force(row, day)]


def terms_on(day: dt.date) -> list[Term]:
    """Return the terms of the rules in force on *day*."""
    return [Term(row.kinds, row.statuses, row.years) for row in rules_on(day)]


def oldest(terms: Collection[Term], today: dt.date) -> dt.datetime:
    """Return the moment after which nothing that ended need be looked at: the shortest of *terms*, counted generously."""
    return dt.datetime.combine(today, dt.time(), LOCAL) - dt.timedelta(days=365 * min(term.years for term in terms))


def due(reach: Reach, *, today: dt.date, code: str | None = None) -> list[Due]:
    """Return what is over at the desks that somebody of *reach* leads, the oldest first, at most MOST; with a *code* that item alone.

    What is decided is left out. Three statements, and two more for what is found, however many there are.
    """
    terms = terms_on(today)
    begun = db.select(Feedback.id).where(Feedback.desk_unit_id == Unit.id).exists()
    desks = db.session.scalars(db.select(Unit.id).where(within(Unit, reach, Permission.FEEDBACK_LEAD), begun).order_by(Unit.id)).all()
    if not terms or not desks:
        return []
    wanted = and_(not_concerning(reach.paths), Feedback.code == code if code else true())
    found: Any = db.session.execute(over.oldest(desks, terms, today, wanted, most=MOST))
    first = sorted((last_day(time.local_date(ended_at), years), id_) for id_, ended_at, years in found)[:MOST]
    shown = db.select(Feedback).where(Feedback.id.in_([id_ for _day, id_ in first]))
    items = db.session.scalars(shown.options(joinedload(Feedback.merged_into), selectinload(Feedback.parts)))
    due_ = [Due(item, last) for item in items if (last := _last_day(item, terms)) is not None]
    return sorted(due_, key=lambda each: (each.kept_until, each.item.id))


def decide(feedback: Feedback, texts: list[str], *, seen: str, actor: User, now: dt.datetime) -> list[Any]:
    """Let everybody go out of an item that :func:`due` shows *actor*; each text becomes what they have read and left of it (*texts*).

    *seen*: the digest of what they have read. Return what erasing returns. :raise erasing.TextsChanged:.
    """
    lock(feedback)
    require(bool(due(actor.reach, today=time.local_date(now), code=feedback.code)))
    row = db.session.scalar(db.select(RetentionEnd).filter_by(feedback_id=feedback.id)) or RetentionEnd(feedback_id=feedback.id)
    row.decided_by_id, row.decided_at, row.done_at = actor.id, now, now
    db.session.add(row)
    record(actor, "retention.decided", feedback, at=now)
    return erasing.erase_everybody(feedback, texts, seen=seen, actor=actor, now=now)


def is_done(code: str, reach: Reach) -> bool:
    """Say whether somebody has decided on that item, to who leads its desk."""
    ended = db.select(RetentionEnd.id).join(RetentionEnd.feedback).join(Unit, Unit.id == Feedback.desk_unit_id)
    mine = within(Unit, reach, Permission.FEEDBACK_LEAD), not_concerning(reach.paths)
    return db.session.scalar(ended.where(Feedback.code == code, RetentionEnd.done_at.is_not(None), *mine).limit(1)) is not None


def _ends_of(item: Feedback) -> list[Feedback]:
    """Return what says when *item* ended: the parts it was split into, what it was merged into, else itself."""
    if item.status == Status.SPLIT:
        return list(item.parts)
    return [item.merged_into] if item.merged_into is not None else [item]


def _last_day(item: Feedback, terms: Collection[Term]) -> dt.date | None:
    """Return the last day of the last of its ends; None where one has not ended, or is kept for good."""
    days = [
        kept_until(time.local_date(each.closed_at), item.kind, each.status, terms) if each.closed_at is not None else None
        for each in _ends_of(item)
    ]
    return None if None in days else max((day for day in days if day is not None), default=None)
