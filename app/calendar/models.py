"""What is special about a day, which years are loaded, and the deadline rules with their dates."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Date, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.calendar.days import DayKind
from app.calendar.rules import FIELDS, Rule
from app.database import Base


class CalendarYear(Base):
    """A year whose calendar is loaded. What a year without a row looks like is not known, and not guessed."""

    __tablename__ = "calendar_year"

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(unique=True)
    source: Mapped[str]
    confirmed: Mapped[bool] = mapped_column(comment="the yearly decision on holidays is known; else an estimate")


class CalendarDay(Base):
    """A day that differs from what its weekday says."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint(f"kind IN ({', '.join(repr(str(kind)) for kind in DayKind)})", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[dt.date] = mapped_column(Date, unique=True)
    kind: Mapped[str] = mapped_column(comment="holiday, swap_off, swap_work, local_off")
    name: Mapped[str]
    source: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True, comment="switched off: known, and not observed (24/11 until a law says so)")
    edited: Mapped[bool] = mapped_column(default=False, comment="an administrator's: loading leaves it alone")


class DeadlineRule(Base):
    """A deadline rule from one day to another. Never edited while in force: a change ends it and adds the next one."""

    __tablename__ = "deadline_rule"
    __table_args__ = (
        UniqueConstraint("code", "effective_from"),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("effective_to IS NULL OR effective_from <= effective_to", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    stage: Mapped[str]
    start_event: Mapped[str]
    amount: Mapped[int] = mapped_column(comment="in `unit`; negative: before the event")
    unit: Mapped[str] = mapped_column(comment="working or calendar days")
    source: Mapped[str] = mapped_column(comment="number and name of the text")
    article: Mapped[str]
    evidence: Mapped[str] = mapped_column(comment="seen, partly, memory: how sure we are of the text")
    effective_from: Mapped[dt.date] = mapped_column(Date)
    effective_to: Mapped[dt.date | None] = mapped_column(Date, comment="last day; empty: in force")
    applies_to: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="fact → accepted values")
    variants: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="traits joined by + → amount")
    extension_steps: Mapped[list[dict[str, Any]]] = mapped_column(default=list, comment="ground, times, amount, unit")
    pause_grounds: Mapped[list[str]] = mapped_column(default=list)
    progress_every: Mapped[int | None]
    roll_forward: Mapped[bool] = mapped_column(default=True, comment="a last day that is off moves to the next working day")
    local: Mapped[bool] = mapped_column(default=False, comment="the province's own promise, not the law's")
    active: Mapped[bool] = mapped_column(default=True)
    note: Mapped[str] = mapped_column(default="")

    @property
    def rule(self) -> Rule:
        """The row as the rules know it. Raises RuleInvalid."""
        return Rule.from_json({name: getattr(self, name) for name in FIELDS})

    @classmethod
    def of(cls, rule: Rule) -> DeadlineRule:
        """Return a new row that holds *rule*."""
        return cls(**{**rule.to_json(), "effective_from": rule.effective_from, "effective_to": rule.effective_to})
