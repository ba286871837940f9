"""What a unit owes the people in a year: the duty to meet them, the plan, the days on which its head receives citizens."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Date, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.crypto import Encrypted
from app.database import Base
from app.units.models import Field, Place, Unit
from dialogues import rules


class MeetingDuty(Base):
    """How often a head must meet the people, by kind and level of unit, with its source. Never edited while in force."""

    __tablename__ = "meeting_duty"
    __table_args__ = (UniqueConstraint("code", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(comment="session (đối thoại) or reception (tiếp công dân định kỳ)")
    unit_kinds: Mapped[list[str]] = mapped_column(default=list, comment="UnitKind; empty: any")
    levels: Mapped[list[str]] = mapped_column(default=list, comment="province, commune; empty: any")
    times: Mapped[int]
    per: Mapped[str] = mapped_column(comment="year or month")
    with_front: Mapped[bool] = mapped_column(default=False, comment="together with MTTQ of the same level")
    in_person: Mapped[bool] = mapped_column(default=False, comment="no deputy in the head's place")
    source: Mapped[str]
    article: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(comment="seen, partly, memory: how sure we are of the text")
    effective_from: Mapped[dt.date] = mapped_column(Date)
    effective_to: Mapped[dt.date | None] = mapped_column(Date, comment="last day; empty: in force")
    local: Mapped[bool] = mapped_column(default=False, comment="the province's own, not the law's")
    watched_from: Mapped[dt.date] = mapped_column(Date, comment="before this day the site kept nothing: nobody is late for it")


class YearPlan(Base):
    """The plan of one unit for one year; once approved, it is ended by a new version, never edited."""

    __tablename__ = "year_plan"
    __table_args__ = (UniqueConstraint("unit_id", "year", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(default=rules.PlanState.DRAFT)
    number: Mapped[str | None] = mapped_column(comment="of the paper, after signing")
    approved_on: Mapped[dt.date | None] = mapped_column(Date)
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[dt.datetime]

    unit: Mapped[Unit] = relationship()
    approved_by: Mapped[User | None] = relationship()
    lines: Mapped[list[PlanLine]] = relationship(back_populates="plan", order_by="PlanLine.position", cascade="all, delete-orphan")


class PlanLine(Base):
    """One meeting that the plan names."""

    __tablename__ = "plan_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("year_plan.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    quarter: Mapped[int]
    topic: Mapped[str]
    audience: Mapped[str]
    form: Mapped[str] = mapped_column(comment="rules.Form")
    field_id: Mapped[int | None] = mapped_column(ForeignKey("field.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    head: Mapped[str] = mapped_column(default="", comment="who meets the people, by title")
    copied_from_id: Mapped[int | None] = mapped_column(
        ForeignKey("plan_line.id"), comment="in the version before: its session follows when this one is approved"
    )

    plan: Mapped[YearPlan] = relationship(back_populates="lines")
    field: Mapped[Field | None] = relationship()
    place: Mapped[Place | None] = relationship()


class ReceptionDay(Base):
    """Tiếp công dân định kỳ: a day on which the head receives citizens. No dialogue session: it has a register and a notice."""

    __tablename__ = "reception_day"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    day: Mapped[dt.date] = mapped_column(Date, index=True)
    begins: Mapped[dt.time]
    ends: Mapped[dt.time]
    venue: Mapped[str]
    slot_minutes: Mapped[int] = mapped_column(default=20)
    state: Mapped[str] = mapped_column(default=rules.ReceptionState.PLANNED)
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="the head who was there")
    why_not: Mapped[str] = mapped_column(default="", comment="moved or cancelled: the reason, told to those who had booked")
    moved_to_id: Mapped[int | None] = mapped_column(ForeignKey("reception_day.id"))
    minutes: Mapped[str] = mapped_column(default="")
    conclusion: Mapped[str] = mapped_column(default="")
    number: Mapped[str | None] = mapped_column(comment="of the notice of conclusion")
    numbered_on: Mapped[dt.date | None] = mapped_column(Date)

    unit: Mapped[Unit] = relationship()
    received_by: Mapped[User | None] = relationship()
    visits: Mapped[list[ReceptionVisit]] = relationship(back_populates="day", order_by="ReceptionVisit.position")


class ReceptionVisit(Base):
    """One citizen on such a day, booked before or come by themselves: a line of the register (sổ tiếp công dân)."""

    __tablename__ = "reception_visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    day_id: Mapped[int] = mapped_column(ForeignKey("reception_day.id"), index=True)
    position: Mapped[int]
    code: Mapped[str] = mapped_column(unique=True, comment="with which the citizen finds or cancels it")
    name_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    email_sealed: Mapped[bytes | None]
    address_sealed: Mapped[bytes | None]
    subject: Mapped[str]
    booked_at: Mapped[dt.datetime]
    token_digest: Mapped[str | None] = mapped_column(unique=True, comment="of the form's token: sent twice, booked once")
    locale: Mapped[str] = mapped_column(default="vi")
    state: Mapped[str] = mapped_column(default=rules.VisitState.BOOKED)
    said: Mapped[str] = mapped_column(default="", comment="what was brought forward")
    result: Mapped[str] = mapped_column(default="", comment="what the head said or directed")
    feedback_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"), comment="the item it became or belongs to")

    day: Mapped[ReceptionDay] = relationship(back_populates="visits")
    name = Encrypted("name_sealed")
    phone = Encrypted("phone_sealed")
    email = Encrypted("email_sealed")
    address = Encrypted("address_sealed")
