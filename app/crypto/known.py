"""Which master keys this database was sealed by: a site that starts with another keyring must say so, not write on with it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Mapped, mapped_column

from app.crypto.ciphers import KeyMissing, ring
from app.database import Base, db


class KeyVersion(Base):
    """A master key under which something here was sealed."""

    __tablename__ = "key_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True, comment="id of the master key, in hex; the key is in the keyring only")
    since: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None] = mapped_column(comment="nothing here names it any more")


def lacking() -> list[str]:
    """Return the keys that something here was sealed by and the keyring does not hold."""
    held = {id_.hex() for id_ in ring().masters}
    return sorted(set(db.session.scalars(db.select(KeyVersion.name).where(KeyVersion.ended_at.is_(None)))) - held)


def recognise(now: dt.datetime) -> bool:
    """Note the key that seals from now on; return whether this database knew none before. Flushes.

    :raise KeyMissing: when the keyring lacks one that something here was sealed by.
    """
    if missing := lacking():
        raise KeyMissing(", ".join(missing))
    rows = set(db.session.scalars(db.select(KeyVersion.name)))
    current = ring().current.hex()
    if current not in rows:
        db.session.add(KeyVersion(name=current, since=now))
        db.session.flush()
    return not rows
