"""One session in which the head of a unit meets the people."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.clock import local_date
from app.database import Base
from app.files import StoredFile
from app.units.models import Field, Place, Unit
from dialogues import rules
from dialogues.models.year import PlanLine

if TYPE_CHECKING:
    from dialogues.models.asking import ConclusionAssignment, Question, Theme
    from dialogues.models.dossier import Addendum, DossierRow, MinutesVersion, SessionFile, SessionPaper
    from dialogues.models.live import Attendance, HandVote, Speaker
    from dialogues.models.preparing import AgendaItem, EarlierPromise, Invitation, Override, PreparationTask, Registration


class Session(Base):
    """A dialogue session, from the line of a plan to the archived dossier."""

    __tablename__ = "dialogue_session"
    __table_args__ = (
        Index("ix_dialogue_session_unit", "unit_id", "status", "starts_at"),
        Index("ix_dialogue_session_day", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    code: Mapped[str] = mapped_column(unique=True, comment="public: BN-DT-26-004")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="whose head meets the people; issues the papers")
    plan_line_id: Mapped[int | None] = mapped_column(ForeignKey("plan_line.id"), index=True)
    trigger: Mapped[str | None] = mapped_column(comment="rules.Trigger, when no plan names it")
    trigger_note: Mapped[str] = mapped_column(default="", comment="who asked, how many voters of how many, which directive")
    status: Mapped[str] = mapped_column(default=rules.Status.DRAFT)
    topic: Mapped[str]
    audience: Mapped[str] = mapped_column(default="")
    field_id: Mapped[int | None] = mapped_column(ForeignKey("field.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True, comment="the area; empty: the whole province")
    form: Mapped[str] = mapped_column(default=rules.Form.IN_PERSON)
    paper_format: Mapped[str] = mapped_column(default=rules.PaperFormat.STATE, comment="of the body that issues the papers")
    starts_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    ends_at: Mapped[dt.datetime | None]
    capacity: Mapped[int | None] = mapped_column(comment="seats for citizens who register; empty: no limit")
    online_link: Mapped[str] = mapped_column(default="")
    recording_link: Mapped[str] = mapped_column(default="")
    house_rules: Mapped[str] = mapped_column(default="", comment="nội quy")
    concerns: Mapped[str] = mapped_column(default="", comment="report of public concerns, edited by the officer")
    concerns_done_at: Mapped[dt.datetime | None]
    promises_frozen_at: Mapped[dt.datetime | None] = mapped_column(comment="the report on earlier promises stands from then on")
    questions_until: Mapped[dt.datetime | None] = mapped_column(comment="until when questions are taken beforehand; empty: the day")
    conclusion: Mapped[str] = mapped_column(default="", comment="the chair's conclusion as a whole")
    public_conclusion: Mapped[str] = mapped_column(default="", comment="masked copy")
    names_reviewed_at: Mapped[dt.datetime | None] = mapped_column(comment="somebody read it for names before it was published")
    corrections_until: Mapped[dt.datetime | None] = mapped_column(comment="until when those present may correct the minutes")
    announced_at: Mapped[dt.datetime | None]
    ready_at: Mapped[dt.datetime | None]
    begun_at: Mapped[dt.datetime | None]
    held_at: Mapped[dt.datetime | None]
    concluded_at: Mapped[dt.datetime | None]
    published_at: Mapped[dt.datetime | None]
    archived_at: Mapped[dt.datetime | None]
    live_version: Mapped[int] = mapped_column(default=0, comment="goes up with whatever the live pages show: their ETag")
    archive_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), comment="the ZIP of its dossier")
    put_off_why: Mapped[str] = mapped_column(default="", comment="postponed or cancelled: the reason that everybody is told")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[dt.datetime]

    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    plan_line: Mapped[PlanLine | None] = relationship()
    field: Mapped[Field | None] = relationship()
    place: Mapped[Place | None] = relationship()
    created_by: Mapped[User | None] = relationship()
    archive: Mapped[StoredFile | None] = relationship()
    chairs: Mapped[list[Chair]] = relationship(back_populates="session", order_by="Chair.position", cascade="all, delete-orphan")
    staff: Mapped[list[SessionStaff]] = relationship(back_populates="session", order_by="SessionStaff.id", cascade="all, delete-orphan")
    halls: Mapped[list[Hall]] = relationship(back_populates="session", order_by="Hall.position", cascade="all, delete-orphan")
    agenda: Mapped[list[AgendaItem]] = relationship(back_populates="session", order_by="AgendaItem.position", cascade="all, delete-orphan")
    tasks: Mapped[list[PreparationTask]] = relationship(back_populates="session", order_by="PreparationTask.due_on")
    invitations: Mapped[list[Invitation]] = relationship(back_populates="session", order_by="Invitation.position")
    registrations: Mapped[list[Registration]] = relationship(back_populates="session", order_by="Registration.id")
    overrides: Mapped[list[Override]] = relationship(back_populates="session", order_by="Override.id")
    earlier: Mapped[list[EarlierPromise]] = relationship(back_populates="session", order_by="EarlierPromise.id")
    themes: Mapped[list[Theme]] = relationship(back_populates="session", order_by="Theme.position")
    questions: Mapped[list[Question]] = relationship(back_populates="session", order_by="Question.position, Question.id")
    promises: Mapped[list[ConclusionAssignment]] = relationship(back_populates="session", order_by="ConclusionAssignment.id")
    attendances: Mapped[list[Attendance]] = relationship(back_populates="session", order_by="Attendance.id")
    speakers: Mapped[list[Speaker]] = relationship(back_populates="session", order_by="Speaker.at, Speaker.id")
    hand_votes: Mapped[list[HandVote]] = relationship(back_populates="session", order_by="HandVote.id")
    papers: Mapped[list[SessionPaper]] = relationship(back_populates="session", order_by="SessionPaper.id")
    files: Mapped[list[SessionFile]] = relationship(back_populates="session", order_by="SessionFile.id")
    minutes: Mapped[list[MinutesVersion]] = relationship(back_populates="session", order_by="MinutesVersion.number")
    dossier: Mapped[list[DossierRow]] = relationship(back_populates="session", order_by="DossierRow.position")
    addenda: Mapped[list[Addendum]] = relationship(back_populates="session", order_by="Addendum.id")

    @property
    def day(self) -> dt.date | None:
        """The day on which it is held, in Vietnam."""
        return local_date(self.starts_at) if self.starts_at else None

    @property
    def running(self) -> AgendaItem | None:
        """The item of the programme that is on now."""
        return next((item for item in self.agenda if item.begun_at is not None and item.ended_at is None), None)

    @property
    def chairing(self) -> list[Chair]:
        """Who chairs it; MTTQ and others only organise it along."""
        return [chair for chair in self.chairs if chair.part == rules.ChairPart.CHAIR]


class Chair(Base):
    """A co-chair or a co-organiser: a body, and who speaks for it."""

    __tablename__ = "session_chair"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    part: Mapped[str] = mapped_column(default=rules.ChairPart.CHAIR)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    name: Mapped[str]
    title: Mapped[str] = mapped_column(comment="chức vụ, as the papers print it")
    is_deputy: Mapped[bool] = mapped_column(default=False, comment="in the head's place")
    present: Mapped[bool] = mapped_column(default=False)

    session: Mapped[Session] = relationship(back_populates="chairs")
    unit: Mapped[Unit] = relationship(lazy="joined", innerjoin=True)  # by it one sees whose session it is, on every page
    user: Mapped[User | None] = relationship()


class SessionStaff(Base):
    """Who does what for it: the secretary, the door, the microphones."""

    __tablename__ = "session_staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    duty: Mapped[str] = mapped_column(comment="rules.StaffDuty")
    present: Mapped[bool] = mapped_column(default=False)

    session: Mapped[Session] = relationship(back_populates="staff")
    user: Mapped[User] = relationship()


class Hall(Base):
    """Where people sit: the main hall, or a satellite one on video (điểm cầu)."""

    __tablename__ = "session_hall"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    seats: Mapped[int | None]
    people_counted: Mapped[int | None] = mapped_column(comment="people in it, as the secretary counted them")

    session: Mapped[Session] = relationship(back_populates="halls")
