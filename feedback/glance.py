"""What everyone may know of one item by its code: read as columns, in one statement, or two where it was merged or split."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, bindparam, cast, exists, select

from app.assignments.facts import ClockFacts, PauseFacts
from app.assignments.models import ClockPause
from app.assignments.rules import Duty, State
from app.calendar.rules import Stage
from app.clock import local_date
from app.database import BigId, db
from app.units.queries import named_units
from feedback.models import Feedback, FeedbackAssignment, FeedbackClock
from feedback.public import ANSWER_STAGES, WAITS


@dataclass(frozen=True, slots=True)
class Running:
    """A clock of the matter: its facts, its day, and when it stopped."""

    stage: str
    facts: ClockFacts
    due_on: dt.date | None
    stopped_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Part:
    """One of the items that it was split into."""

    code: str
    status: str
    waits: str | None


@dataclass(frozen=True, slots=True)
class Glance:
    """An item, and where the matter stands: the item it was merged into, else itself."""

    row: Any  # its columns
    matter: Any
    unit: str  # in charge of the matter
    clocks: dict[str, Running]  # of the matter, by stage
    parts: tuple[Part, ...]

    @property
    def answer_clock(self) -> Running | None:
        """The clock that owes an answer on the matter, as public.answer_clock() of the rows."""
        return next((self.clocks[stage] for stage in ANSWER_STAGES if stage in self.clocks), None)

    @property
    def notice_clock(self) -> Running | None:
        return self.clocks.get(Stage.NOTICE)


_ITEM, _DUTY, _CLOCK, _PAUSE = Feedback.__table__.c, FeedbackAssignment.__table__.c, FeedbackClock.__table__.c, ClockPause.__table__.c
_WHOLE, _PART = Feedback.__table__.alias().c, Feedback.__table__.alias().c

#: Who has it, as public.unit_in_charge() of the rows: the last unit with the duty to answer; else the desk.
_IN_CHARGE = (
    select(_DUTY.unit_id)
    .where(_DUTY.feedback_id == _ITEM.id, _DUTY.duty == Duty.ANSWER, _DUTY.state.not_in([State.RETURNED, State.CANCELLED]))
    .order_by(_DUTY.id.desc())
    .limit(1)
    .scalar_subquery()
)
_COLUMNS: Any = (
    select(
        *(_ITEM[name] for name in ("id", "code", "kind", "status", "received_at", "answered_at", "field_id", "desk_unit_id")),
        *(_ITEM[name] for name in ("public_title", "published_at", "merged_into_id")),
        WAITS,
        _IN_CHARGE.label("unit_id"),
        select(_WHOLE.code).where(_WHOLE.id == _ITEM.parent_id).scalar_subquery().label("whole"),
        exists().where(_PART.parent_id == _ITEM.id).label("split"),
        _CLOCK.id.label("clock_id"),
        *(_CLOCK[name] for name in ("stage", "start_event", "started_on", "due_on", "stopped_at")),
        *(cast(_CLOCK[name], Text).label(name) for name in ("rule", "variants", "extensions")),
        *(_PAUSE[name] for name in ("ground", "starts_on", "ends_on")),
    )
    .outerjoin_from(Feedback.__table__, FeedbackClock.__table__, (_CLOCK.feedback_id == _ITEM.id) & _CLOCK.cancelled_at.is_(None))
    .outerjoin(ClockPause.__table__, _PAUSE.clock_id == _CLOCK.id)
    .order_by(_CLOCK.id, _PAUSE.id)
)
_BY_CODE = _COLUMNS.where(_ITEM.code == bindparam("code"))
_BY_ID = _COLUMNS.where(_ITEM.id == bindparam("id", type_=BigId))
_PARTS: Any = select(_ITEM.code, _ITEM.status, WAITS).where(_ITEM.parent_id == bindparam("id", type_=BigId)).order_by(_ITEM.id)


def glance(code: str) -> Glance | None:
    """Return what everyone may know of the item with that code (as stored)."""
    rows = db.session.execute(_BY_CODE, {"code": code}).all()
    if not rows:
        return None
    row = rows[0]
    if row.merged_into_id is not None:
        rows = db.session.execute(_BY_ID, {"id": row.merged_into_id}).all()
    parts = db.session.execute(_PARTS, {"id": row.id}).all() if row.split else ()
    matter = rows[0]
    unit = named_units()[matter.unit_id or matter.desk_unit_id].name
    return Glance(row, matter, unit, _clocks(rows), tuple([Part(*part) for part in parts]))


def _clocks(rows: Iterable[Any]) -> dict[str, Running]:
    """Return the latest clock of each stage from *rows*: one for each pause of each clock, in order."""
    found: dict[str, Running] = {}
    for clock_id in dict.fromkeys(row.clock_id for row in rows if row.clock_id is not None):
        own = [row for row in rows if row.clock_id == clock_id]
        clock = own[0]
        pauses = tuple([PauseFacts(row.ground, row.starts_on, row.ends_on) for row in own if row.starts_on is not None])
        facts = ClockFacts(
            clock.rule, clock.variants, clock.extensions, clock.start_event, clock.started_on, clock.stopped_at is None, pauses
        )
        stopped_on = local_date(clock.stopped_at) if clock.stopped_at is not None else None
        found[clock.stage] = Running(clock.stage, facts, clock.due_on, stopped_on)
    return found
