"""The working copy of sealed information: what is left of it for who checks it, without what names who wrote.

Luật Tố cáo 2018 Điều 56 (law.md §2.5): họ tên, địa chỉ, bút tích are left out of the papers before they are given to be verified.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.crypto import Bound, Encrypted
from app.database import Base, db
from app.files import StoredFile
from feedback.sealed.covering import Area, Covers, Point
from feedback.sealed.models import PURPOSE, SealedCase
from feedback.sealed.thread import SealedFile


class SealedCopy(Base):
    """One working copy. It is worked on until somebody looked at it once more and confirmed it; then it stays as it is."""

    __tablename__ = "sealed_copy"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sealed_case.id"), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    made_at: Mapped[dt.datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), comment="who typed or covered last: not who looks again")
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    confirmed_at: Mapped[dt.datetime | None]
    text_sealed: Mapped[bytes] = mapped_column(comment="what was written, masked and then typed over")
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have said who changed it last, and who confirmed it")

    case: Mapped[SealedCase] = relationship()
    made_by: Mapped[User] = relationship(foreign_keys=[made_by_id])
    changed_by: Mapped[User] = relationship(foreign_keys=[changed_by_id])
    confirmed_by: Mapped[User | None] = relationship(foreign_keys=[confirmed_by_id])
    pages: Mapped[list[SealedCopyPage]] = relationship(back_populates="copy", order_by="SealedCopyPage.id")

    text = Encrypted("text_sealed", purpose=PURPOSE, key_of=lambda copy: copy.case.key)
    bound = Bound("seal", "uid", "case_id", "changed_by_id", "confirmed_by_id", "confirmed_at")

    @property
    def is_ours(self) -> bool:
        """Say whether this site wrote it, and each of its pages."""
        return self.bound and all(page.is_ours for page in self.pages)

    @property
    def by_one_alone(self) -> bool:
        """Say whether who made it what it is confirmed it too: there was nobody else."""
        return self.confirmed_by_id == self.changed_by_id


class SealedCopyPage(Base):
    """A page of a file as a picture: what covers it, and once the copy was confirmed the picture with that burned in."""

    __tablename__ = "sealed_copy_page"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    copy_id: Mapped[int] = mapped_column(ForeignKey("sealed_copy.id"), index=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sealed_file.id"))
    page: Mapped[int] = mapped_column(comment="of the source, from 0")
    covers_sealed: Mapped[bytes] = mapped_column(comment="areas, a first corner, whether it is left out, as JSON")
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have put the picture in its place")

    copy: Mapped[SealedCopy] = relationship(back_populates="pages")
    source: Mapped[SealedFile] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    _covers = Encrypted("covers_sealed", purpose=PURPOSE, key_of=lambda page: page.copy.case.key)
    is_ours = Bound("seal", "uid", "copy_id", "source_id", "page", "file_id")

    @property
    def covers(self) -> Covers:
        kept: dict[str, Any] = json.loads(self._covers)
        corner = Point(*kept["corner"]) if kept["corner"] else None
        return Covers(tuple(Area(*each) for each in kept["areas"]), corner, left_out=kept["left_out"])

    @covers.setter
    def covers(self, covers: Covers) -> None:
        self._covers = json.dumps({"areas": covers.areas, "corner": covers.corner, "left_out": covers.left_out})


SealedCopy.bound.by_itself(SealedCopy)
SealedCopyPage.is_ours.by_itself(SealedCopyPage)


def of_case(case: SealedCase) -> Sequence[SealedCopy]:
    """Return the working copies of *case*, the newest first; none that was confirmed, or led to other pages, by hand in the database."""
    rows = db.session.scalars(db.select(SealedCopy).where(SealedCopy.case_id == case.id).order_by(SealedCopy.id.desc()))
    return [copy for copy in rows if copy.is_ours]


def is_confirmed(case: SealedCase) -> bool:
    """Say whether a copy of *case* is there to be given."""
    return any(copy.confirmed_at is not None for copy in of_case(case))


def page_of(case: SealedCase, uid: uuid.UUID) -> SealedCopyPage | None:
    """Return the page with that uid, if it is one of *case*."""
    query = db.select(SealedCopyPage).join(SealedCopyPage.copy).where(SealedCopyPage.uid == uid, SealedCopy.case_id == case.id)
    page = db.session.scalar(query)
    return page if page is not None and page.copy.is_ours else None
