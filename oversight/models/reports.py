"""Reports of units, the rules by which they are due, and the targets of a year with what units declare."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Base
from app.files import StoredFile
from app.units.models import Unit
from oversight.models.papers import OversightPaper
from oversight.rules import reports as rules
from oversight.rules import targets


class ReportDuty(Base):
    """Which units report when to whom, in versions, with the source. Never edited while in force."""

    __tablename__ = "report_duty"
    __table_args__ = (UniqueConstraint("code", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    period: Mapped[str] = mapped_column(comment="rules.reports.Period")
    month: Mapped[int] = mapped_column(comment="with day: it is handed up before this day")
    day: Mapped[int]
    receiver: Mapped[str] = mapped_column(comment="rules.reports.Receiver")
    unit_kinds: Mapped[list[str]] = mapped_column(default=list, comment="UnitKind; empty: any")
    levels: Mapped[list[str]] = mapped_column(default=list, comment="province, commune; empty: any")
    source: Mapped[str]
    article: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(comment="seen, partly, memory")
    local: Mapped[bool] = mapped_column(default=True, comment="the province's own, not the law's")
    note: Mapped[str] = mapped_column(default="", comment="what speaks for or against it")
    effective_from: Mapped[dt.date] = mapped_column(Date)
    effective_to: Mapped[dt.date | None] = mapped_column(Date, comment="last day; empty: in force")
    watched_from: Mapped[dt.date] = mapped_column(Date, comment="before this day the site kept nothing: nobody is late for it")


class Report(Base):
    """One report of a unit about a period. What it says is its paper; one that was returned gets another."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("unit_id", "duty_code", "year"), Index("ix_report_to", "to_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), comment="to whom it is handed up; empty: nobody is above")
    duty_code: Mapped[str | None] = mapped_column(comment="ReportDuty.code; empty: asked for once")
    period: Mapped[str]
    year: Mapped[int]
    title: Mapped[str] = mapped_column(comment="what it is about")
    first_on: Mapped[dt.date] = mapped_column(Date)
    last_on: Mapped[dt.date] = mapped_column(Date)
    due_on: Mapped[dt.date | None] = mapped_column(Date, comment="the last day, by the rule in force when it was begun")
    state: Mapped[str] = mapped_column(default=rules.State.DRAFT)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("oversight_paper.id"), unique=True)
    created_at: Mapped[dt.datetime]
    handed_up_at: Mapped[dt.datetime | None] = mapped_column(comment="the last time")

    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    to: Mapped[Unit | None] = relationship(foreign_keys=to_id)
    paper: Mapped[OversightPaper | None] = relationship()
    steps: Mapped[list[ReportStep]] = relationship(back_populates="report", order_by="ReportStep.id", cascade="all, delete-orphan")


class ReportStep(Base):
    """What somebody did with a report; it keeps the paper of then."""

    __tablename__ = "report_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(comment="where the report stood after it")
    at: Mapped[dt.datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    note: Mapped[str] = mapped_column(default="", comment="why it was returned")
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("oversight_paper.id"))

    report: Mapped[Report] = relationship(back_populates="steps")
    by: Mapped[User] = relationship()
    paper: Mapped[OversightPaper | None] = relationship()


class Target(Base):
    """What every unit of a kind is to reach in a year, in versions, with the source."""

    __tablename__ = "target"
    __table_args__ = (UniqueConstraint("code", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    position: Mapped[int]
    name: Mapped[str]
    short_name: Mapped[str] = mapped_column(comment="as it stands above a column")
    counted_by: Mapped[str] = mapped_column(default="", comment="rules.targets; empty: units declare it")
    unit_kinds: Mapped[list[str]] = mapped_column(default=list, comment="UnitKind; empty: any")
    levels: Mapped[list[str]] = mapped_column(default=list, comment="province, commune; empty: any")
    source: Mapped[str]
    article: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(comment="seen, partly, memory")
    local: Mapped[bool] = mapped_column(default=True)
    effective_from: Mapped[dt.date] = mapped_column(Date)
    effective_to: Mapped[dt.date | None] = mapped_column(Date, comment="last day; empty: in force")


class TargetDeclaration(Base):
    """What a unit says of a target in a year, and what it shows for it. Kept whatever becomes of it."""

    __tablename__ = "target_declaration"
    __table_args__ = (Index("ix_target_declaration_unit", "unit_id", "year"), Index("ix_target_declaration_year", "year", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    code: Mapped[str] = mapped_column(comment="Target.code")
    year: Mapped[int]
    outcome: Mapped[str] = mapped_column(comment="rules.targets.Outcome")
    paper_number: Mapped[str] = mapped_column(default="", comment="of the paper that shows it")
    paper_on: Mapped[dt.date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    state: Mapped[str] = mapped_column(default=targets.State.DECLARED)
    declared_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    declared_at: Mapped[dt.datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="who confirmed or returned it")
    decided_at: Mapped[dt.datetime | None]
    reason: Mapped[str] = mapped_column(default="", comment="why it was returned, or withdrawn")

    unit: Mapped[Unit] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    declared_by: Mapped[User] = relationship(foreign_keys=declared_by_id)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)
