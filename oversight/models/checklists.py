"""The questions with which the supervision of a type of base begins."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class Checklist(Base):
    """The questions for one type of base, in versions, with the source. Never edited while in force; a campaign has a copy of its own."""

    __tablename__ = "supervision_checklist"
    __table_args__ = (UniqueConstraint("code", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(comment="rules.supervision.Base")
    name: Mapped[str]
    questions: Mapped[list[str]]
    source: Mapped[str]
    article: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(comment="seen, partly, memory")
    local: Mapped[bool] = mapped_column(default=True, comment="the province's own, not the law's")
    effective_from: Mapped[dt.date] = mapped_column(Date)
    effective_to: Mapped[dt.date | None] = mapped_column(Date, comment="last day; empty: in force")
