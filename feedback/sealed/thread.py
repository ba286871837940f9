"""What who sent sealed information and those who read it write to each other: with code and key, without an account.

Nothing of it is mailed. When a message was written is ciphertext too: a fine date could name who wrote.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import crypto
from app.accounts.models import User
from app.crypto import Bound, Encrypted
from app.database import Base, db
from app.files import StoredFile
from feedback import codes
from feedback.sealed import rules
from feedback.sealed.models import PURPOSE, SealedCase, SealedCaseStep

LOOK_HOLDS = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    """What a message holds."""

    text: str
    at: dt.datetime


class SealedMessage(Base):
    """One message. Without a user it is the sender's."""

    __tablename__ = "sealed_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sealed_case.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="none: who sent the information wrote it")
    after_step_id: Mapped[int] = mapped_column(
        default=0, comment="the newest step of the case when it was written: no later look, nobody read it"
    )
    said_sealed: Mapped[bytes] = mapped_column(comment="text and instant, as JSON")
    submission_digest: Mapped[str | None] = mapped_column(unique=True)
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have said who wrote it, and about which case")

    case: Mapped[SealedCase] = relationship()
    user: Mapped[User | None] = relationship()
    files: Mapped[list[SealedFile]] = relationship(back_populates="message", order_by="SealedFile.id")

    _said = Encrypted("said_sealed", purpose=PURPOSE, key_of=lambda message: message.case.key)
    is_ours = Bound("seal", "uid", "case_id", "user_id")

    @property
    def said(self) -> Said:
        kept = json.loads(self._said)
        return Said(kept["text"], dt.datetime.fromisoformat(kept["at"]))

    @said.setter
    def said(self, said: Said) -> None:
        self._said = json.dumps({"text": said.text, "at": said.at.isoformat()}, ensure_ascii=False)


SealedMessage.is_ours.by_itself(SealedMessage)


class SealedFile(Base):
    """A file that came with the case, or later with a message."""

    __tablename__ = "sealed_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sealed_case.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("sealed_message.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    seal: Mapped[str | None] = mapped_column(comment="peppered, over the others: only this site can have put the file with its case")

    case: Mapped[SealedCase] = relationship()
    message: Mapped[SealedMessage | None] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship()

    is_ours = Bound("seal", "case_id", "message_id", "file_id")


SealedFile.is_ours.by_itself(SealedFile)


def of_sender(code: str, key: str) -> SealedCase | None:
    """Return the case that *code* and *key* open; None alike for a code that is none, one of nothing, and a wrong key."""
    try:
        code = codes.read_code(code)
    except codes.CodeInvalid:
        code = ""
    index = crypto.blind_index(f"sealed:{code}")
    case = db.session.scalar(db.select(SealedCase).where(SealedCase.code_index == index))
    # The same work for a code that nobody has: how long the answer took tells nothing.
    fits = crypto.digest_matches(codes.read_key(key), case.key_digest if case is not None else index)
    return case if case is not None and fits and case.key_is_ours else None


def messages(case: SealedCase) -> Sequence[SealedMessage]:
    """Return what was written about *case*, the oldest first."""
    rows = db.session.scalars(db.select(SealedMessage).where(SealedMessage.case_id == case.id).order_by(SealedMessage.id))
    return [row for row in rows if row.is_ours]


def files(case: SealedCase) -> Sequence[SealedFile]:
    """Return the files that came with *case* itself and later, the oldest first."""
    rows = db.session.scalars(db.select(SealedFile).where(SealedFile.case_id == case.id).order_by(SealedFile.id))
    return [row for row in rows if row.is_ours]


def looked_lately(case: SealedCase, user_id: int, *, now: dt.datetime, at: rules.SealedStep = rules.SealedStep.OPENED) -> bool:
    """Say whether that person opened *case* (or its copy) so shortly ago that the look still holds."""
    return any(step.kind == at and step.user_id == user_id and now - step.at < LOOK_HOLDS for step in case.taken)


def is_unread() -> ColumnElement[bool]:
    """Say of a case that its sender wrote after it was last opened."""
    step = (
        db.select(SealedCaseStep.id)
        .where(
            SealedCaseStep.case_id == SealedMessage.case_id,
            SealedCaseStep.kind == rules.SealedStep.OPENED,
            SealedCaseStep.id > SealedMessage.after_step_id,
        )
        .exists()
    )
    return db.exists().where(SealedMessage.case_id == SealedCase.id, SealedMessage.user_id.is_(None), ~step)
