"""What somebody asked about their data, how long items are kept, and what was decided to go when that is over."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Base
from feedback.models import Feedback, ReceiptKey


class DataRequest(Base):
    """A request about one item, by who holds a key of it."""

    __tablename__ = "data_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"), index=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("receipt_key.id", ondelete="CASCADE"), comment="whose request it is")
    kind: Mapped[str] = mapped_column(comment="rules.RequestKind")
    state: Mapped[str] = mapped_column(index=True, comment="rules.RequestState")
    asked_at: Mapped[dt.datetime]
    due_on: Mapped[dt.date | None] = mapped_column(Date, comment="the last day, by the rule in force then; empty: no rule")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[dt.datetime | None]
    ground: Mapped[str | None] = mapped_column(comment="rules.Ground of a refusal")

    feedback: Mapped[Feedback] = relationship()
    key: Mapped[ReceiptKey] = relationship()
    decided_by: Mapped[User | None] = relationship()


class RetentionRule(Base):
    """How long items are kept after they ended, in versions (app.versions)."""

    __tablename__ = "retention_rule"
    __table_args__ = (UniqueConstraint("code", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(default=list, comment="feedback.rules.Kind; empty: any")
    statuses: Mapped[list[str]] = mapped_column(default=list, comment="feedback.rules.Status; empty: any")
    years: Mapped[int]
    source: Mapped[str] = mapped_column(comment="number and name of the text")
    article: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(comment="seen, partly, memory: how sure we are of the text")
    local: Mapped[bool] = mapped_column(default=False, comment="the province's own, not the law's")
    effective_from: Mapped[dt.date] = mapped_column(Date)
    effective_to: Mapped[dt.date | None] = mapped_column(Date, comment="last day; empty: in force")


class RetentionEnd(Base):
    """Somebody read an item whose term is over, and let the persons go out of it."""

    __tablename__ = "retention_end"

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"), unique=True)
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]

    feedback: Mapped[Feedback] = relationship()
