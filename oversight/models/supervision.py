"""Supervision: the yearly plan of a body, its campaigns with team, checklist and answers, what was found, and what that obliges to."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.assignments.models import Assignment
from app.database import Base
from app.files.models import StoredFile
from app.units.models import Unit
from oversight.models.papers import OversightPaper
from oversight.rules import supervision as rules


class SupervisionPlan(Base):
    """What a body supervises in a year; once approved, it is ended by a new version, never edited."""

    __tablename__ = "supervision_plan"
    __table_args__ = (UniqueConstraint("unit_id", "year", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    year: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(default=rules.PlanState.DRAFT)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("oversight_paper.id"), unique=True, comment="its number puts it into force")
    created_at: Mapped[dt.datetime]

    unit: Mapped[Unit] = relationship()
    paper: Mapped[OversightPaper | None] = relationship()
    lines: Mapped[list[SupervisionLine]] = relationship(
        back_populates="plan", order_by="(SupervisionLine.quarter, SupervisionLine.position)", cascade="all, delete-orphan"
    )


class SupervisionLine(Base):
    """One theme of the plan."""

    __tablename__ = "supervision_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("supervision_plan.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    quarter: Mapped[int]
    theme: Mapped[str]
    form: Mapped[str] = mapped_column(comment="rules.supervision.Form")
    whom: Mapped[str] = mapped_column(comment="the units, or the kind of units")
    lead: Mapped[str] = mapped_column(default="", comment="who leads, by name or title")
    copied_from_id: Mapped[int | None] = mapped_column(
        ForeignKey("supervision_line.id"), comment="in the version before: its campaign follows when this one is approved"
    )

    plan: Mapped[SupervisionPlan] = relationship(back_populates="lines")


class Campaign(Base):
    """One cuộc giám sát: a theme, the units, a period looked at, a team and a checklist."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True, comment="the body that supervises")
    theme: Mapped[str]
    form: Mapped[str] = mapped_column(comment="rules.supervision.Form")
    base: Mapped[str] = mapped_column(comment="rules.supervision.Base: whose checklist it began with")
    line_id: Mapped[int | None] = mapped_column(ForeignKey("supervision_line.id"), index=True)
    trigger: Mapped[str | None] = mapped_column(comment="rules.supervision.Trigger, where no plan names it")
    trigger_why: Mapped[str] = mapped_column(default="")
    period_from: Mapped[dt.date] = mapped_column(Date, comment="first day of what is looked at")
    period_to: Mapped[dt.date] = mapped_column(Date)
    starts_on: Mapped[dt.date] = mapped_column(Date)
    ends_on: Mapped[dt.date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(default=rules.State.DRAFT)
    prepare: Mapped[str] = mapped_column(default="", comment="what the units are asked to prepare")
    report_due_on: Mapped[dt.date | None] = mapped_column(Date, comment="of the unit's own answers and report")
    comments_due_on: Mapped[dt.date | None] = mapped_column(Date)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("oversight_paper.id"), unique=True, comment="its number announces it")
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("oversight_paper.id"), unique=True, comment="the conclusion")
    cancelled_why: Mapped[str] = mapped_column(default="")
    created_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[dt.datetime]
    announced_at: Mapped[dt.datetime | None]
    concluded_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]

    unit: Mapped[Unit] = relationship()
    line: Mapped[SupervisionLine | None] = relationship()
    created_by: Mapped[User] = relationship()
    notice: Mapped[OversightPaper | None] = relationship(foreign_keys=notice_id)
    paper: Mapped[OversightPaper | None] = relationship(foreign_keys=paper_id)
    targets: Mapped[list[CampaignTarget]] = relationship(
        back_populates="campaign", order_by="CampaignTarget.id", cascade="all, delete-orphan"
    )
    members: Mapped[list[CampaignMember]] = relationship(
        back_populates="campaign", order_by="CampaignMember.id", cascade="all, delete-orphan"
    )
    questions: Mapped[list[CampaignQuestion]] = relationship(
        back_populates="campaign", order_by="CampaignQuestion.position", cascade="all, delete-orphan"
    )

    @property
    def code(self) -> str:
        """What people call it by: the year it was begun in and its number."""
        return f"GS-{self.created_at.year % 100:02}-{self.id:03}"

    @property
    def findings(self) -> list[SupervisionFinding]:
        """What was found, unit by unit."""
        return [finding for target in self.targets for finding in target.findings]


class CampaignTarget(Base):
    """A unit under supervision: its report, what was answered about it, what was found."""

    __tablename__ = "campaign_target"
    __table_args__ = (UniqueConstraint("campaign_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    answering_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True, comment="itself; its heir, once it ended")
    report: Mapped[str] = mapped_column(default="")
    reported_at: Mapped[dt.datetime | None]
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    comments: Mapped[str] = mapped_column(default="", comment="what the unit says of what was found; empty: it agrees")
    commented_at: Mapped[dt.datetime | None]
    commented_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))

    campaign: Mapped[Campaign] = relationship(back_populates="targets")
    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    answering: Mapped[Unit] = relationship(foreign_keys=answering_id)
    reported_by: Mapped[User | None] = relationship(foreign_keys=reported_by_id)
    commented_by: Mapped[User | None] = relationship(foreign_keys=commented_by_id)
    answers: Mapped[list[CampaignAnswer]] = relationship(back_populates="target", cascade="all, delete-orphan")
    files: Mapped[list[CampaignFile]] = relationship(back_populates="target", order_by="CampaignFile.id")
    findings: Mapped[list[SupervisionFinding]] = relationship(
        back_populates="target", order_by="SupervisionFinding.id", cascade="all, delete-orphan"
    )

    @property
    def is_own(self) -> bool:
        """Whether who would answer is by now the body that supervises, which asks nothing of itself and judges nothing of its own."""
        return self.answering_id == self.campaign.unit_id


class CampaignMember(Base):
    """One of the team; who has no account is there by name."""

    __tablename__ = "campaign_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    part: Mapped[str] = mapped_column(comment="rules.supervision.Part")

    campaign: Mapped[Campaign] = relationship(back_populates="members")
    user: Mapped[User | None] = relationship()


class CampaignQuestion(Base):
    """One line of the checklist."""

    __tablename__ = "campaign_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    text: Mapped[str]

    campaign: Mapped[Campaign] = relationship(back_populates="questions")


class CampaignAnswer(Base):
    """What the unit, or the team, says of one question about that unit."""

    __tablename__ = "campaign_answer"
    __table_args__ = (UniqueConstraint("target_id", "question_id", "side"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("campaign_target.id", ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(ForeignKey("campaign_question.id", ondelete="CASCADE"), index=True)
    side: Mapped[str] = mapped_column(comment="rules.supervision.Side")
    result: Mapped[str] = mapped_column(comment="rules.supervision.Result")
    note: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[dt.datetime]

    target: Mapped[CampaignTarget] = relationship(back_populates="answers")
    question: Mapped[CampaignQuestion] = relationship()


class SupervisionFinding(Base):
    """What was found at a unit; a fault is recommended to be put right by a day."""

    __tablename__ = "supervision_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("campaign_target.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(comment="rules.supervision.FindingKind")
    text: Mapped[str]
    undemocratic: Mapped[bool] = mapped_column(default=False, comment="the fault stems from not observing democracy")
    cause: Mapped[str] = mapped_column(default="", comment="what was not observed: named, where it is so")
    recommendation: Mapped[str] = mapped_column(default="")
    due_on: Mapped[dt.date | None] = mapped_column(Date)
    outcome: Mapped[str] = mapped_column(default="", comment="what the unit says was done, or why it returned it")
    remarks: Mapped[str] = mapped_column(default="", comment="what the body said of that: not yet, and why; or why it is dropped")
    dropped_at: Mapped[dt.datetime | None] = mapped_column(comment="returned, and the body leaves it at that")

    target: Mapped[CampaignTarget] = relationship(back_populates="findings")
    duties: Mapped[list[FindingAssignment]] = relationship(back_populates="finding", order_by="FindingAssignment.id")
    files: Mapped[list[CampaignFile]] = relationship(back_populates="finding", order_by="CampaignFile.id")

    @property
    def duty(self) -> FindingAssignment | None:
        """What it obliges to now; the last, where it was returned and given again."""
        return self.duties[-1] if self.duties else None


class CampaignFile(Base):
    """A file of a unit under supervision."""

    __tablename__ = "campaign_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("campaign_target.id"), index=True)
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("supervision_finding.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    purpose: Mapped[str] = mapped_column(comment="rules.supervision.Purpose")
    added_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    added_at: Mapped[dt.datetime]

    target: Mapped[CampaignTarget] = relationship(back_populates="files")
    finding: Mapped[SupervisionFinding | None] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship()


class FindingAssignment(Assignment):
    """What the conclusion of a supervision recommends a unit to do by a day."""

    finding_id: Mapped[int | None] = mapped_column(ForeignKey("supervision_finding.id"), index=True, nullable=True)

    finding: Mapped[SupervisionFinding] = relationship(back_populates="duties")

    __mapper_args__ = {"polymorphic_identity": "finding"}

    @property
    def reference(self) -> str:
        return self.finding.target.campaign.code
