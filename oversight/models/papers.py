"""A paper of oversight: drafted, signed in the system, numbered by văn thư, kept as it left."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.crypto import EncryptedFact
from app.database import Base
from app.files import StoredFile
from app.units.models import Unit
from oversight.rules.papers import PaperState

if TYPE_CHECKING:
    from oversight.models.letters import Letter


class OversightPaper(Base):
    """A paper of a body; what it is about points here by one of the nullable keys, each made with its matter."""

    __tablename__ = "oversight_paper"
    __table_args__ = (
        UniqueConstraint("unit_id", "series", "numbered_year", "number"),
        Index("ix_oversight_paper_state", "state", "unit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="who issues it")
    type: Mapped[str] = mapped_column(comment="rules.papers.PaperType")
    format: Mapped[str] = mapped_column(comment="dialogues.rules.PaperFormat")
    state: Mapped[str] = mapped_column(default=PaperState.DRAFT)
    words: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="parts that an officer wrote or changed, by name")
    facts: Mapped[dict[str, Any] | None] = mapped_column(comment="sealed: what it says since it went to be signed")
    series: Mapped[str] = mapped_column(comment="CV, KH, TB, BC: numbers run in each")
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    signed_at: Mapped[dt.datetime | None]
    signer: Mapped[str] = mapped_column(default="", comment="as it stands below the signature")
    signer_title: Mapped[str] = mapped_column(default="")
    signed_for: Mapped[str] = mapped_column(default="", comment="KT., TL. or TUQ.: signed by delegation")
    giver_title: Mapped[str] = mapped_column(default="", comment="of whom they stood in for")
    number: Mapped[str | None] = mapped_column(comment="entered by văn thư after signing")
    numbered_on: Mapped[dt.date | None] = mapped_column(Date)
    numbered_year: Mapped[int | None]
    numbered_at: Mapped[dt.datetime | None] = mapped_column(comment="it was out from then on")
    gap_why: Mapped[str] = mapped_column(default="", comment="why the number before it was left out")
    pdf_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    signed_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), comment="scanned, in place of the made one")
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"), unique=True)

    unit: Mapped[Unit] = relationship()
    drafted_by: Mapped[User | None] = relationship(foreign_keys=drafted_by_id)
    signed_by: Mapped[User | None] = relationship(foreign_keys=signed_by_id)
    pdf: Mapped[StoredFile | None] = relationship(foreign_keys=pdf_id)
    signed_file: Mapped[StoredFile | None] = relationship(foreign_keys=signed_file_id)
    letter: Mapped[Letter | None] = relationship(back_populates="paper")

    frozen = EncryptedFact("facts")
