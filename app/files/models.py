"""The row of a file. Its bytes are in the store, under its uid."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class StoredFile(Base):
    """A file somebody gave us. Until a row of a domain points at it, it is a draft, and swept after some days."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True, comment="its name in the store and in links")
    name: Mapped[str] = mapped_column(comment="as it was called, cleaned")
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(comment="bytes of the cleaned copy")
    sha256: Mapped[str] = mapped_column(comment="of the cleaned copy")
    original_sha256: Mapped[str] = mapped_column(comment="of the file as it came, which is not kept: its sender has it")
    flagged: Mapped[str | None] = mapped_column(comment="active content found: shown as a warning, never opened inline")
    uploaded_at: Mapped[dt.datetime]

    @property
    def flags(self) -> list[str]:
        """The names of the active content found, see `app.files.WARNINGS`."""
        return self.flagged.split(",") if self.flagged else []

    @property
    def is_picture(self) -> bool:
        """Whether a page may show it: we wrote every picture anew ourselves."""
        return self.media_type.startswith("image/")
