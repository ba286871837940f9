"""Looks on the spot at what was reported done, the question of reopening, and the sample that is drawn each month."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.assignments.models import Assignment, Clock
from app.database import Base
from app.files import StoredFile
from app.units.models import Unit


class SpotCheck(Base):
    """What somebody other than the unit found when they looked. Never changed: a second look is another row, and the last counts."""

    __tablename__ = "spot_check"
    __table_args__ = (Index("ix_spot_check_promise", "assignment_id", "id"), Index("ix_spot_check_body", "body_id", "looked_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    round: Mapped[int] = mapped_column(comment="of the promise when it was looked at")
    body_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="whose people looked")
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    looked_on: Mapped[dt.date] = mapped_column(Date)
    place: Mapped[str] = mapped_column(default="", comment="where they looked")
    companions: Mapped[str] = mapped_column(default="", comment="who went along")
    as_reported: Mapped[bool] = mapped_column(comment="right: it is as the unit says")
    note: Mapped[str] = mapped_column(comment="for staff only")
    public_note: Mapped[str] = mapped_column(default="", comment="a sentence for everyone, names masked")
    reported: Mapped[str] = mapped_column(default="", comment="what the unit had said was done, when it was looked at")
    recorded_at: Mapped[dt.datetime]

    assignment: Mapped[Assignment] = relationship()
    body: Mapped[Unit] = relationship()
    by: Mapped[User] = relationship()
    photos: Mapped[list[SpotCheckPhoto]] = relationship(back_populates="check", order_by="SpotCheckPhoto.id")
    question: Mapped[ReopeningQuestion | None] = relationship(back_populates="check", foreign_keys="ReopeningQuestion.check_id")


class SpotCheckPhoto(Base):
    """A photograph that was taken there."""

    __tablename__ = "spot_check_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("spot_check.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    caption: Mapped[str] = mapped_column(default="")

    check: Mapped[SpotCheck] = relationship(back_populates="photos")
    file: Mapped[StoredFile] = relationship()


class ReopeningQuestion(Base):
    """Is what was found not right opened again? Put before the superior, never before the unit itself."""

    __tablename__ = "reopening_question"
    __table_args__ = (
        # One at a time: whoever else finds it not right adds to the question that is open.
        Index(
            "uq_reopening_question_open", "assignment_id", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    check_id: Mapped[int] = mapped_column(ForeignKey("spot_check.id"), unique=True)
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True, comment="before whom it lies")
    by_superior: Mapped[bool] = mapped_column(comment="the unit above; else the standing body, where nobody above decides")
    asked_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None] = mapped_column(comment="decided, or withdrawn by a later look of the same body")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    reopened: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="", comment="MTTQ and the citizen read it")
    due_on: Mapped[dt.date | None] = mapped_column(Date, comment="by when it is done again")
    was_closed_on: Mapped[dt.date | None] = mapped_column(Date, comment="when it had been reported done")
    was_due_on: Mapped[dt.date | None] = mapped_column(Date, comment="by when it had been owed: late stays late")

    assignment: Mapped[Assignment] = relationship()
    check: Mapped[SpotCheck] = relationship(back_populates="question", foreign_keys=check_id)
    decider: Mapped[Unit | None] = relationship()
    decided_by: Mapped[User | None] = relationship()
    clock: Mapped[ReopeningClock | None] = relationship(back_populates="question", uselist=False)

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided, and it was not withdrawn."""
        return self.ended_at is None

    @property
    def due(self) -> dt.date | None:
        """By when it is to be decided."""
        return self.clock.due_on if self.clock is not None else None


class ReopeningClock(Clock):
    """By when the superior decides."""

    question_id: Mapped[int | None] = mapped_column(ForeignKey("reopening_question.id"), index=True, nullable=True)
    question: Mapped[ReopeningQuestion] = relationship(back_populates="clock")

    __mapper_args__ = {"polymorphic_identity": "reopening"}


class SamplingRule(Base):
    """How much of what was reported done in a month is looked at: the province's own word, in versions."""

    __tablename__ = "sampling_rule"
    __table_args__ = (UniqueConstraint("code", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    share: Mapped[int] = mapped_column(comment="per cent of what was reported done")
    minimum: Mapped[int]
    maximum: Mapped[int]
    source: Mapped[str]
    article: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(comment="seen, partly, memory")
    local: Mapped[bool] = mapped_column(default=True)
    effective_from: Mapped[dt.date] = mapped_column(Date)
    effective_to: Mapped[dt.date | None] = mapped_column(Date, comment="last day; empty: in force")


class CheckSample(Base):
    """The draw of one month, with all that is needed to draw it again."""

    __tablename__ = "check_sample"

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[dt.date] = mapped_column(Date, unique=True, comment="first day of the month in which they were reported done")
    drawn_at: Mapped[dt.datetime]
    drawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="empty: the job")
    algorithm: Mapped[str]
    seed: Mapped[str]
    candidates: Mapped[dict[str, Any]] = mapped_column(deferred=True, comment="by stratum, the ids among which it was drawn")
    candidates_digest: Mapped[str] = mapped_column(comment="SHA-256 of them; the audit has it too")
    number: Mapped[int] = mapped_column(comment="how many candidates there were")
    size: Mapped[int] = mapped_column(comment="how many of them were drawn")
    share: Mapped[int]
    minimum: Mapped[int]
    maximum: Mapped[int]

    tasks: Mapped[list[CheckTask]] = relationship(back_populates="sample", order_by="CheckTask.position")


class CheckTask(Base):
    """Something to be looked at: drawn, or asked for."""

    __tablename__ = "check_task"
    __table_args__ = (UniqueConstraint("sample_id", "assignment_id"), Index("ix_check_task_promise", "assignment_id", "check_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    sample_id: Mapped[int | None] = mapped_column(ForeignKey("check_sample.id"), comment="empty: somebody asked for it")
    position: Mapped[int] = mapped_column(default=0, comment="in the draw")
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    made_at: Mapped[dt.datetime]
    looker_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="who goes")
    planned_on: Mapped[dt.date | None] = mapped_column(Date)
    check_id: Mapped[int | None] = mapped_column(ForeignKey("spot_check.id"), index=True, comment="what was found")

    assignment: Mapped[Assignment] = relationship()
    sample: Mapped[CheckSample | None] = relationship(back_populates="tasks")
    looker: Mapped[User | None] = relationship(foreign_keys=looker_id)
    asked_by: Mapped[User | None] = relationship(foreign_keys=asked_by_id)
    check: Mapped[SpotCheck | None] = relationship()
