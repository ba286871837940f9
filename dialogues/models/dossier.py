"""The papers of a session and its dossier: made from data, signed on paper or file, numbered, archived."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Date, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.crypto import Encrypted, EncryptedFact
from app.database import Base
from app.files import StoredFile
from app.units.models import Unit
from dialogues import rules
from dialogues.models.session import Session
from dialogues.models.year import YearPlan


class SessionPaper(Base):
    """A paper that the system writes: the words an officer changed, number and date after signing, the file that was signed."""

    __tablename__ = "session_paper"
    __table_args__ = (UniqueConstraint("unit_id", "series", "numbered_year", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("year_plan.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="whose paper it is")
    type: Mapped[str] = mapped_column(comment="rules.PaperType")
    format: Mapped[str] = mapped_column(comment="rules.PaperFormat")
    internal: Mapped[bool] = mapped_column(default=False, comment="nội bộ: never on a public page")
    state: Mapped[str] = mapped_column(default=rules.PaperState.DRAFT)
    words: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="sections that an officer wrote or changed, by name")
    facts: Mapped[dict[str, Any] | None] = mapped_column(comment="the data as it stood when it went to be signed")
    signer: Mapped[str] = mapped_column(default="")
    signer_title: Mapped[str] = mapped_column(default="")
    signed_for: Mapped[str] = mapped_column(
        default="", comment="TL. or TUQ.: signed for the head alone; a deputy's KT. follows from the title"
    )
    giver_title: Mapped[str] = mapped_column(default="", comment="whose order or warrant that is")
    series: Mapped[str] = mapped_column(default="", comment="KH, TB, GM, BC, BB: numbers run in each")
    number: Mapped[str | None] = mapped_column(comment="entered by văn thư after signing")
    numbered_on: Mapped[dt.date | None] = mapped_column(Date)
    numbered_year: Mapped[int | None]
    gap_why: Mapped[str] = mapped_column(default="", comment="why the number before it was left out")
    pdf_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    signed_file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), comment="signed or scanned, in place of the made one")
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]

    session: Mapped[Session | None] = relationship(back_populates="papers")
    plan: Mapped[YearPlan | None] = relationship()
    unit: Mapped[Unit] = relationship()
    drafted_by: Mapped[User | None] = relationship()
    pdf: Mapped[StoredFile | None] = relationship(foreign_keys=pdf_id)
    signed_file: Mapped[StoredFile | None] = relationship(foreign_keys=signed_file_id)

    frozen = EncryptedFact("facts")


class SessionFile(Base):
    """A file that belongs to a session: a speech, a photograph, an attachment of the agenda."""

    __tablename__ = "session_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    agenda_item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id"))
    promise_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"), comment="proof of what a promise came to")
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    purpose: Mapped[str] = mapped_column(comment="rules.FilePurpose")
    caption: Mapped[str] = mapped_column(default="")
    public: Mapped[bool] = mapped_column(default=False)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    added_at: Mapped[dt.datetime]

    session: Mapped[Session] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship()


class PaperWording(Base):
    """What papers of a type and format say around their data, from a day on; earlier words stay for what was begun under them."""

    __tablename__ = "paper_wording"
    __table_args__ = (UniqueConstraint("type", "format", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(comment="rules.PaperType")
    format: Mapped[str] = mapped_column(comment="rules.PaperFormat")
    parts: Mapped[dict[str, Any]] = mapped_column(comment="by part, with names in braces that the data fill")
    source: Mapped[str] = mapped_column(comment="which paper asks for these words")
    effective_from: Mapped[dt.date] = mapped_column(Date)


class MinutesVersion(Base):
    """The minutes as somebody left them; every version stays and can be compared."""

    __tablename__ = "minutes_version"
    __table_args__ = (UniqueConstraint("session_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"))
    number: Mapped[int]
    text: Mapped[str]
    why: Mapped[str] = mapped_column(default="")
    written_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="empty: built from what was recorded")
    at: Mapped[dt.datetime]

    session: Mapped[Session] = relationship(back_populates="minutes")
    written_by: Mapped[User | None] = relationship()
    signatures: Mapped[list[MinutesSignature]] = relationship(back_populates="version", order_by="MinutesSignature.id")


class MinutesSignature(Base):
    """The chair or the secretary agrees with one version."""

    __tablename__ = "minutes_signature"
    __table_args__ = (UniqueConstraint("version_id", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("minutes_version.id", ondelete="CASCADE"))
    part: Mapped[str] = mapped_column(comment="chair, secretary")
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[dt.datetime]

    version: Mapped[MinutesVersion] = relationship(back_populates="signatures")
    user: Mapped[User] = relationship()


class MinutesCorrection(Base):
    """Somebody who was there says what the minutes have wrong."""

    __tablename__ = "minutes_correction"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    from_sealed: Mapped[bytes | None]
    text: Mapped[str]
    at: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(default=rules.CorrectionState.OPEN)
    decided_why: Mapped[str] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    token_digest: Mapped[str | None] = mapped_column(unique=True)

    session: Mapped[Session] = relationship()
    decided_by: Mapped[User | None] = relationship()
    sender = Encrypted("from_sealed")


class DossierRow(Base):
    """A row of the dossier's checklist: filled by a paper or a file, or "không có" with a reason."""

    __tablename__ = "dossier_row"
    __table_args__ = (UniqueConstraint("session_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(comment="rules.DOSSIER")
    position: Mapped[int]
    absent_why: Mapped[str] = mapped_column(default="")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("session_file.id"))

    session: Mapped[Session] = relationship(back_populates="dossier")
    file: Mapped[SessionFile | None] = relationship()


class Addendum(Base):
    """What came after archiving: the dossier itself stays as it is."""

    __tablename__ = "addendum"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("device_event.id"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[dt.datetime]

    session: Mapped[Session] = relationship(back_populates="addenda")
    file: Mapped[StoredFile | None] = relationship()
    user: Mapped[User | None] = relationship()
