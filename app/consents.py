"""What somebody agreed to: for what, in which words, when, by which form; and when they took it back.

Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15 (wording from memory): consent is given for a stated purpose, can be shown afterwards, and is
taken back as easily. What the law itself orders, as the handling of a petition, asks for none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, insert
from sqlalchemy.orm import Mapped, mapped_column

from app.audit import record, register
from app.database import Base, db


class Purpose(StrEnum):
    """What is agreed to."""

    NOTICES = "notices"  # e-mail or SMS about what one sent
    PUBLISH = "publish"  # one's words, masked, before everyone
    ACCOUNT = "account"  # to find what one sent by one's e-mail


#: Version of the words → the words, as the form says them. Words are never changed here: another version is added.
WORDINGS: dict[str, Any] = {
    "before": _l("Đã đồng ý trước khi trang ghi từng lần đồng ý."),
    "account-1": _l("Chỉ dùng để gửi mã và tìm những gì đã gửi với e-mail này."),
}


class Consent(Base):
    """One thing that somebody agreed to; subject: their row, or that of what they sent."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_subject", "subject_type", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_type: Mapped[str] = mapped_column(comment="name of the subject's table")
    subject_id: Mapped[int]
    purpose: Mapped[str] = mapped_column(comment="consents.Purpose")
    wording: Mapped[str] = mapped_column(comment="version of the words: a key of consents.WORDINGS")
    form: Mapped[str] = mapped_column(comment="by which form: web, api, phone, paper…")
    given_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]

    @property
    def words(self) -> Any:
        """What was agreed to, as it was said."""
        return WORDINGS.get(self.wording, "")


def give(subject: Any, purpose: Purpose, wording: str, *, form: str, now: dt.datetime) -> Consent:
    """Write down that it was agreed to; the record of what *subject* is tells by whom."""
    assert wording in WORDINGS, wording
    row = Consent(subject_type=subject.__tablename__, subject_id=subject.id, purpose=purpose, wording=wording, form=form, given_at=now)
    db.session.add(row)
    return row


def give_all(subjects: Iterable[Any], purpose: Purpose, wording: str, *, form: str, now: dt.datetime) -> None:
    """Write down the same of several stored rows, at once."""
    assert wording in WORDINGS, wording
    said = {"purpose": purpose, "wording": wording, "form": form, "given_at": now}
    rows = [said | {"subject_type": each.__tablename__, "subject_id": each.id} for each in subjects]
    if rows:
        db.session.connection().execute(_GIVEN, rows)


_GIVEN = insert(Consent)


def withdraw(subject: Any, purpose: Purpose, *, actor: Any, now: dt.datetime) -> bool:
    """Write down that it was taken back; say whether there was anything to take back. Also what was given before it was written down."""
    rows = [row for row in of([subject]) if row.purpose == purpose]
    standing = [row for row in rows if row.withdrawn_at is None]
    if rows and not standing:
        return False
    for row in standing or [give(subject, purpose, "before", form="", now=now)]:
        row.withdrawn_at = now
    record(actor, "consent.withdrawn", subject, at=now, purpose=purpose)
    return True


def end(subjects: Iterable[Any], *, actor: Any, now: dt.datetime) -> None:
    """Write down that whatever these rows of one table still agreed to is over."""
    rows = {row.id: row for row in subjects}
    standing = {(row.subject_id, Purpose(row.purpose)) for row in of(rows.values()) if row.withdrawn_at is None}
    for subject_id, purpose in sorted(standing):
        withdraw(rows[subject_id], purpose, actor=actor, now=now)


def stands(subject: Any, purpose: Purpose) -> bool:
    """Say whether *subject* agreed to it and has not taken it back."""
    return any(row.purpose == purpose and row.withdrawn_at is None for row in of([subject]))


def of(subjects: Iterable[Any]) -> list[Consent]:
    """Return what was agreed to about these rows of one table, oldest first."""
    rows = list(subjects)
    if not rows:
        return []
    about = Consent.subject_type == rows[0].__tablename__, Consent.subject_id.in_([row.id for row in rows])
    return list(db.session.scalars(db.select(Consent).where(*about).order_by(Consent.id)))


def withdrawn(subjects: Iterable[Any], purpose: Purpose) -> set[int]:
    """Return the ids of those of *subjects* who took it back and have not given it again."""
    last = {row.subject_id: row for row in of(subjects) if row.purpose == purpose}
    return {id_ for id_, row in last.items() if row.withdrawn_at is not None}


def forget(subject: Any) -> None:
    """Delete what was agreed to about *subject*: there is no such person any more."""
    db.session.execute(db.delete(Consent).where(Consent.subject_type == subject.__tablename__, Consent.subject_id == subject.id))


register({"consent.withdrawn": {"purpose"}})
