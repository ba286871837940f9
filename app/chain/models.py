"""The links that seal the entries of the record one after another, and the anchors that say how far it went: both append-only.

And how far the check of this night is.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class AuditLink(Base):
    """One entry sealed: its place in the chain, and the hash over it and over the link before (app.chain.rules)."""

    __tablename__ = "audit_link"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, comment="from 1 without a gap, in the order of sealing")
    entry_id: Mapped[int] = mapped_column(unique=True, comment="audit_entry.id; no foreign key: the link tells that an entry is gone")
    sealed_at: Mapped[dt.datetime]
    hash: Mapped[str] = mapped_column(comment="SHA-256 in hex")


class AuditAnchor(Base):
    """How far the record went on a day: as it is printed, mailed and sent elsewhere."""

    __tablename__ = "audit_anchor"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    seq: Mapped[int] = mapped_column(unique=True, comment="the last link, and so how many there were")
    hash: Mapped[str] = mapped_column(comment="of that link")
    seal: Mapped[str] = mapped_column(comment="peppered: only this site can have written the row")


class AuditCheck(Base):
    """The check of the whole record that is on its way: it goes in pieces, each a job, and the next goes on where the last was."""

    __tablename__ = "audit_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[dt.datetime]
    upto: Mapped[int] = mapped_column(default=0, comment="the links up to this number were looked at")
    seq: Mapped[int] = mapped_column(default=0, comment="the last of them that was there")
    hash: Mapped[str] = mapped_column(comment="of that link")
    sealed_at: Mapped[str] = mapped_column(default="", comment="as it is hashed")
    found: Mapped[int] = mapped_column(default=0, comment="faults so far")
    seal: Mapped[str] = mapped_column(comment="peppered: only this site can have written the row")
