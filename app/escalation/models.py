"""The rungs of the ladder with their dates, and every step that a promise climbed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assignments.models import Assignment
from app.database import Base, db
from app.units.models import Unit


class EscalationRule(Base):
    """A rung from one day to another. Never edited while in force: a change ends it and adds the next version."""

    __tablename__ = "escalation_rule"
    __table_args__ = (
        UniqueConstraint("code", "effective_from"),
        CheckConstraint("effective_to IS NULL OR effective_from <= effective_to", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    level: Mapped[str] = mapped_column(comment="app.escalation.rules.Level: whom it reaches")
    days: Mapped[int] = mapped_column(comment="working days after the day that is owed; negative or 0: before it, or on it")
    kinds: Mapped[list[str]] = mapped_column(default=list, comment="kinds of assignment; empty: any")
    duties: Mapped[list[str]] = mapped_column(default=list, comment="answer, act; empty: any")
    source: Mapped[str] = mapped_column(comment="number and name of the text")
    article: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(comment="seen, partly, memory: how sure we are of the text")
    effective_from: Mapped[dt.date] = mapped_column(Date)
    effective_to: Mapped[dt.date | None] = mapped_column(Date, comment="last day; empty: in force")
    local: Mapped[bool] = mapped_column(default=False, comment="the province's own, not the law's")


class Escalation(Base):
    """A step that a promise climbed, and who was told. Written once for a rung, a day owed and the unit that owes it."""

    __tablename__ = "escalation"
    __table_args__ = (
        UniqueConstraint("assignment_id", "matter", "code", "due_on", "unit_id"),
        Index("ix_escalation_to_tell", "id", postgresql_where=db.text("told_at IS NULL"), sqlite_where=db.text("told_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    matter: Mapped[str] = mapped_column(default="", comment="what else is owed about it (reopening: that decision); empty: itself")
    rule_id: Mapped[int] = mapped_column(ForeignKey("escalation_rule.id"))
    code: Mapped[str] = mapped_column(comment="of the rung: a later version of it is the same step")
    level: Mapped[str]
    days: Mapped[int] = mapped_column(comment="as the rung had it")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="had it then")
    due_on: Mapped[dt.date] = mapped_column(Date, comment="the day that was owed then")
    climbed_on: Mapped[dt.date] = mapped_column(Date)
    reached: Mapped[str | None] = mapped_column(comment="where somebody stood: the level itself or one above; empty: nobody anywhere")
    told: Mapped[list[int]] = mapped_column(default=list, comment="accounts that were to be told")
    told_at: Mapped[dt.datetime | None] = mapped_column(comment="their notices are written; empty: the job was interrupted before")

    assignment: Mapped[Assignment] = relationship()
    rule: Mapped[EscalationRule] = relationship()
    unit: Mapped[Unit] = relationship()
