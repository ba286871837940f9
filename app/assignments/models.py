"""Assignments, their clocks, and the ledger of who held them. Domains subclass them with the real foreign key."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.accounts.models import User
from app.assignments import rules
from app.assignments.facts import ClockFacts, PauseFacts
from app.clock import local_date
from app.database import Base
from app.units.models import Field, Place, Unit

#: Sorts what has no date (paused, or beyond the loaded calendar) behind everything that has one.
NO_DATE = dt.date(9999, 12, 31)
_STILL_OPEN, _RUNNING = text("closed_on IS NULL"), text("stopped_at IS NULL AND cancelled_at IS NULL")
_SHOWN, _SHOWN_OF_UNIT = text("shown IS NOT NULL"), ("unit_id", "shown", "due_sort", "id", "due_on", "closed_on")
_OFFERED_BY_CHAIR = text("kind = 'conclusion' AND state = 'offered'")


class Assignment(Base):
    """What a unit must do by a day. One table for all domains, so that the register is one query."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_unit_list", "unit_id", "state", "due_sort", "id"),
        Index("ix_assignment_officer_list", "officer_id", "state", "due_sort", "id"),
        Index("ix_assignment_state_list", "state", "due_sort", "id"),
        Index("ix_assignment_field_list", "field_id", "state", "due_sort", "id"),
        Index("ix_assignment_place_list", "place_id", "state", "due_sort", "id"),
        Index("ix_assignment_due_list", "due_sort", "id"),
        # What is open is a small part of what there is, and what most lists begin with; each database takes one of these two.
        Index("ix_assignment_closed_list", "closed_on", "due_sort", "id"),
        Index("ix_assignment_open_list", "due_sort", "id", sqlite_where=_STILL_OPEN, postgresql_where=_STILL_OPEN),
        Index("ix_assignment_conclusion_offered", "unit_id", sqlite_where=_OFFERED_BY_CHAIR, postgresql_where=_OFFERED_BY_CHAIR),
        # What everyone may read: the list of it, of a unit too, and all counts (app.assignments.published).
        Index("ix_assignment_shown", "shown", "due_sort", "id", sqlite_where=_SHOWN, postgresql_where=_SHOWN),
        Index("ix_assignment_shown_unit", *_SHOWN_OF_UNIT, sqlite_where=_SHOWN, postgresql_where=_SHOWN),
        Index("ix_assignment_closed_on", "closed_on", "unit_id"),
        Index("ix_assignment_opened_on", "opened_on", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    duty: Mapped[str]
    title: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    from_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), comment="who sent it: a return goes back there")
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    field_id: Mapped[int | None] = mapped_column(ForeignKey("field.id"))
    state: Mapped[str] = mapped_column(default=rules.State.OFFERED)
    round: Mapped[int] = mapped_column(default=1)
    hops: Mapped[int] = mapped_column(default=0, comment="how often it moved from unit to unit")
    due_on: Mapped[dt.date | None] = mapped_column(Date, comment="of the clock that governs it")
    first_due_on: Mapped[dt.date | None] = mapped_column(Date, comment="before any extension")
    due_sort: Mapped[dt.date] = mapped_column(Date, default=NO_DATE)
    opened_at: Mapped[dt.datetime]
    opened_on: Mapped[dt.date] = mapped_column(Date, comment="the day of opened_at in Vietnam, by which figures count")
    taken_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    closed_on: Mapped[dt.date | None] = mapped_column(
        Date, comment="the day of closed_at in Vietnam: a promise closed on its due day is kept"
    )
    shown: Mapped[int | None] = mapped_column(comment="rules.Shown: everyone may read it; written by triggers (app.assignments.beside)")

    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    from_unit: Mapped[Unit | None] = relationship(foreign_keys=from_unit_id)
    officer: Mapped[User | None] = relationship()
    place: Mapped[Place | None] = relationship()
    field: Mapped[Field | None] = relationship()
    clocks: Mapped[list[AssignmentClock]] = relationship(back_populates="assignment", order_by="AssignmentClock.id")
    holdings: Mapped[list[Holding]] = relationship(back_populates="assignment", order_by="Holding.id")

    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_abstract": True}

    @validates("opened_at", "closed_at")
    def _keep_the_day(self, name: str, at: dt.datetime | None) -> dt.datetime | None:
        """Keep the day in Vietnam beside the instant: no database counts local days the same way as the other."""
        setattr(self, name.replace("_at", "_on"), local_date(at) if at is not None else None)
        return at

    @property
    def reference(self) -> str:
        """What a person finds it by: the code of the item, the number of the conclusion."""
        raise NotImplementedError

    @property
    def is_open(self) -> bool:
        return self.state in rules.OPEN

    def is_late(self, today: dt.date) -> bool:
        """Say whether it is, or was when it closed, past its day."""
        return rules.is_late(self.due_on, self.closed_on, today)


class Clock(Base):
    """A term that runs from a legal event to a day, with the rule as it was when it started."""

    __tablename__ = "clock"
    __table_args__ = (Index("ix_clock_running", "stage", "due_on", "id", sqlite_where=_RUNNING, postgresql_where=_RUNNING),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    stage: Mapped[str] = mapped_column(comment="app.calendar.rules.Stage")
    round: Mapped[int] = mapped_column(default=1)
    rule_code: Mapped[str]
    rule: Mapped[dict[str, Any]] = mapped_column(comment="snapshot of the deadline rule")
    variants: Mapped[list[str]] = mapped_column(default=list, comment="complex, remote: which amount of the rule holds")
    extensions: Mapped[list[dict[str, Any]]] = mapped_column(default=list, comment="amount, unit, ground, on")
    start_event: Mapped[str]
    started_at: Mapped[dt.datetime]
    started_on: Mapped[dt.date] = mapped_column(Date, comment="day of the event; it is not counted")
    due_on: Mapped[dt.date | None] = mapped_column(Date, index=True, comment="empty: paused, or beyond the loaded calendar")
    first_due_on: Mapped[dt.date | None] = mapped_column(Date)
    stopped_at: Mapped[dt.datetime | None]
    cancelled_at: Mapped[dt.datetime | None] = mapped_column(comment="the matter ended otherwise; neither met nor missed")

    pauses: Mapped[list[ClockPause]] = relationship(back_populates="clock", order_by="ClockPause.id")

    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_abstract": True}

    @property
    def is_running(self) -> bool:
        """Not yet stopped; it may be paused."""
        return self.stopped_at is None and self.cancelled_at is None

    @property
    def is_paused(self) -> bool:
        return self.is_running and any(pause.ends_on is None for pause in self.pauses)

    @property
    def facts(self) -> ClockFacts:
        """What its day is reckoned from, as values."""
        rule, variants, extensions = (json.dumps(each) for each in (self.rule, self.variants, self.extensions))
        pauses = tuple([PauseFacts(each.ground, each.starts_on, each.ends_on) for each in self.pauses])
        return ClockFacts(rule, variants, extensions, self.start_event, self.started_on, self.is_running, pauses)

    @property
    def stopped_on(self) -> dt.date | None:
        return local_date(self.stopped_at) if self.stopped_at else None

    def is_late(self, today: dt.date) -> bool:
        """Say whether it is, or was when it stopped, past its day."""
        return self.cancelled_at is None and rules.is_late(self.due_on, self.stopped_on, today)


class AssignmentClock(Clock):
    """A clock of the assignment itself: to take or return it, to do what was promised."""

    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"), index=True, nullable=True)
    assignment: Mapped[Assignment] = relationship(back_populates="clocks")

    __mapper_args__ = {"polymorphic_identity": "assignment"}


class ClockPause(Base):
    """Days that do not count, on a ground the rule names."""

    __tablename__ = "clock_pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"), index=True)
    ground: Mapped[str]
    starts_on: Mapped[dt.date] = mapped_column(Date)
    ends_on: Mapped[dt.date | None] = mapped_column(Date)

    clock: Mapped[Clock] = relationship(back_populates="pauses")


class ExtensionRequest(Base):
    """An officer asks for more time on a ground the rule allows; whoever leads the unit decides."""

    __tablename__ = "extension_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clock.id"))
    ground: Mapped[str]
    reason: Mapped[str] = mapped_column(comment="in words, told to the sender when granted")
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[dt.datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[dt.datetime | None]
    granted: Mapped[bool | None]
    remarks: Mapped[str] = mapped_column(default="")

    assignment: Mapped[Assignment] = relationship()
    clock: Mapped[Clock] = relationship()
    asked_by: Mapped[User] = relationship(foreign_keys=asked_by_id)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)


class Holding(Base):
    """Who had it, from when to when: the ledger behind "who sat on this, and how long"."""

    __tablename__ = "holding"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    from_at: Mapped[dt.datetime]
    to_at: Mapped[dt.datetime | None]

    assignment: Mapped[Assignment | None] = relationship(back_populates="holdings")
    unit: Mapped[Unit] = relationship()
    officer: Mapped[User | None] = relationship()

    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "assignment"}
