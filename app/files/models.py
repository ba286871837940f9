"""The row of a file. Its bytes are in the store, under its uid."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from app.crypto import Bound
from app.database import Base


class Scan(StrEnum):
    """What the scanner said of a file."""

    CLEAN = "clean"
    WAITING = "waiting"  # it was away: asked again later
    INFECTED = "infected"  # found later: nothing of it is handed out any more


class StoredFile(Base):
    """A file somebody gave us. Until a row of a domain points at it, it is a draft, and swept after some days."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True, comment="its name in the store and in links")
    name: Mapped[str] = mapped_column(comment="as it was called, cleaned")
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(comment="bytes of the cleaned copy")
    sha256: Mapped[str] = mapped_column(comment="of the cleaned copy")
    original_sha256: Mapped[str] = mapped_column(comment="of the file as it came")
    original_size: Mapped[int | None] = mapped_column(comment="bytes of the file as it came, kept sealed as evidence; empty: not kept")
    flagged: Mapped[str | None] = mapped_column(comment="active content found: shown as a warning, never opened inline")
    scan: Mapped[str | None] = mapped_column(comment="Scan; empty: there was no scanner")
    uploaded_at: Mapped[dt.datetime]
    sealed_away: Mapped[bool | None] = mapped_column(comment="of the sealed register: nothing else hands it out, whatever points at it")
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have said which bytes these are, and whose")

    is_ours = Bound("seal", "id", "uid", "sealed_away")

    @property
    def flags(self) -> list[str]:
        """The names of what staff are told before they open it, see `app.files.WARNINGS`."""
        flags = self.flagged.split(",") if self.flagged else []
        return [*flags, self.scan] if self.scan in {Scan.WAITING, Scan.INFECTED} else flags

    @property
    def is_picture(self) -> bool:
        """Whether a page may show it: we wrote every picture anew ourselves."""
        return self.media_type.startswith("image/")

    @property
    def plays(self) -> str:
        """What plays it in a page: video, audio; empty: nothing does."""
        kind = self.media_type.partition("/")[0]
        return kind if kind in {"video", "audio"} else ""


StoredFile.is_ours.by_itself(StoredFile)
