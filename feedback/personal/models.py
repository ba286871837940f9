"""What somebody asked about their data."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey
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
