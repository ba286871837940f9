"""Notices: written in the transaction of what they tell of, delivered after it.

On the site exactly once: the row *is* the notice. By e-mail and SMS at least once: a repeat after a lost OK, an expired
lease or a crash carries the same Message-ID. A notice names a template and ids, never content.
"""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.crypto import Encrypted, blind_index
from app.database import Base, db


class Channel(StrEnum):
    """How a notice reaches someone."""

    SITE = "site"
    EMAIL = "email"
    SMS = "sms"


class Notice(Base):
    """One message to one person by one channel."""

    __tablename__ = "notice"
    __table_args__ = (
        # What the drainer asks: not done, not dead, due; kept short because done rows leave it.
        Index("ix_notice_to_send", "due_at", "id", postgresql_where=db.text("done_at IS NULL"), sqlite_where=db.text("done_at IS NULL")),
        Index("ix_notice_inbox", "user_id", "channel", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, comment="the Message-ID: the same at every try")
    dedup: Mapped[str] = mapped_column(unique=True, comment="what it tells, to whom, by what: told once")
    channel: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    address_sealed: Mapped[bytes | None] = mapped_column(comment="e-mail or phone of someone without an account")
    locale: Mapped[str] = mapped_column(default="vi")
    template: Mapped[str] = mapped_column(comment="feedback/notices/answered, without ending")
    facts: Mapped[dict[str, Any]] = mapped_column(comment="ids, codes and dates for the template, never content")
    subject_type: Mapped[str | None] = mapped_column(comment="table of what it is about, to purge with it")
    subject_id: Mapped[int | None]
    created_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    lease_until: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[dt.datetime | None] = mapped_column(comment="sent; on the site: read")
    dead_at: Mapped[dt.datetime | None] = mapped_column(comment="given up after NOTICE_RETRY_HOURS; on the visible dead list")
    last_error: Mapped[str | None]

    address: ClassVar[Any] = Encrypted("address_sealed")


def notify(
    *,
    channel: Channel,
    template: str,
    about: Any,
    now: dt.datetime,
    occasion: str,
    user: Any = None,
    address: str | None = None,
    locale: str = "vi",
    **facts: Any,
) -> Notice:
    """Promise a notice in the running transaction; it is delivered after the commit.

    *occasion* (with the template, what it is about and whom it goes to) makes it unique: the same occasion is told once.
    """
    whom = f"u{user.id}" if user is not None else blind_index(address or "")[:16]
    notice = Notice(
        uid=uuid.uuid4(),
        dedup=f"{template}:{about.__tablename__}:{about.id}:{occasion}:{channel}:{whom}",
        channel=channel,
        user_id=None if user is None else user.id,
        locale=locale,
        template=template,
        facts=facts,
        subject_type=about.__tablename__,
        subject_id=about.id,
        created_at=now,
        due_at=now,
    )
    if address:
        notice.address = address
    db.session.add(notice)
    return notice
