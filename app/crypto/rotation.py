"""A new master key takes the old one's place: every wrapped key is wrapped anew, every sealed column sealed anew.

The site is stopped meanwhile (run.py holds its lock). What is done is found by the first bytes of each value, so a rotation that was
killed goes on where it was; at every moment each value opens by a key of the ring. The old master goes when nothing names it.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, func, or_

from app.crypto import keyring
from app.crypto.ciphers import OWN, CannotDecrypt, KeyMissing, mark, ring
from app.crypto.columns import DataKey, Encrypted, EncryptedFact
from app.crypto.known import KeyVersion, recognise
from app.database import Base, db
from app.files import store

ROWS = 200  # in one transaction

Sealed = DataKey | Encrypted | EncryptedFact


@dataclass
class Done:
    """What a rotation did."""

    values: int = 0
    files: int = 0
    closed: list[str] = field(default_factory=list)  # what no key of the ring opens: the old master stays for it
    dropped: bool = False


def rotate(*, now: dt.datetime) -> Done:
    """Put a new master key in place, or finish what was begun. Commits."""
    folder = Path(current_app.config["SECRETS_DIR"])
    if len(ring().masters) == 1:
        _use(folder, ring().with_new_master())
    recognise(now)
    db.session.commit()
    done = Done()
    for model, name, sealed in places():
        done.values += _seal_anew(model, name, sealed, done.closed)
    for key in _stale_files():
        try:
            store.wrap_anew(key)
            done.files += 1
        except (store.BlobDamaged, store.BlobMissing):
            done.closed.append(key)
    if not done.closed and not left():
        db.session.execute(
            db.update(KeyVersion).where(KeyVersion.name != ring().current.hex(), KeyVersion.ended_at.is_(None)).values(ended_at=now)
        )
        db.session.commit()
        _use(folder, ring().with_current_only())
        done.dropped = True
    return done


def settle(now: dt.datetime) -> None:
    """Note the key that seals from now on, and the first time try whether it opens what is there. Flushes. :raise KeyMissing:"""
    if recognise(now) and (closed := opened(sample=1)[1]):
        raise KeyMissing(closed[0])


def _use(folder: Path, new: keyring.Keyring) -> None:
    keyring.save(folder, new)
    current_app.extensions["keyring"] = new


def places() -> list[tuple[Any, str, Sealed]]:
    """Return every sealed attribute of every model; the keys of rows first, for they seal the rest."""
    found = [
        (mapper.class_, name, value)
        for mapper in Base.registry.mappers
        for name, value in vars(mapper.class_).items()
        if isinstance(value, DataKey | Encrypted | EncryptedFact)
    ]
    return sorted(found, key=lambda place: (not isinstance(place[2], DataKey), place[0].__tablename__, place[1]))


def left() -> list[str]:
    """Return what still names another master than the current one, or none."""
    values = [f"{model.__tablename__}.{sealed.column}" for model, _, sealed in places() if next(_stale(model, sealed, 0), None) is not None]
    return values + list(_stale_files())


def _stale_files() -> Iterator[str]:
    return (key for page in store.keys("") for key, _written in page if not store.is_current(key))


def _seal_anew(model: Any, name: str, sealed: Sealed, closed: list[str]) -> int:
    last = count = 0
    while rows := list(_stale(model, sealed, last)):
        last = rows[-1].id
        for row in rows:
            try:
                _renew(row, name, sealed)
                count += 1
            except CannotDecrypt:
                closed.append(f"{model.__tablename__}.{sealed.column}, id {row.id}")
        db.session.commit()
        db.session.expunge_all()
    return count


def _renew(row: Any, name: str, sealed: Sealed) -> None:
    if not isinstance(sealed, DataKey):
        setattr(row, name, _value(row, name, sealed))
    elif getattr(row, sealed.column) is None:
        sealed.make(row)  # its texts, still sealed by a master, open by it until they are sealed anew
    else:
        sealed.wrap_anew(row)


def _value(row: Any, name: str, sealed: Sealed) -> Any:
    return sealed.opened(row) if isinstance(sealed, Encrypted) else getattr(row, name)


def _stale(model: Any, sealed: Sealed, after: int) -> Iterator[Any]:
    """Yield the next rows whose value the current master, or the row's own key, did not seal."""
    rows = db.select(model).where(model.id > after).order_by(model.id)
    if not isinstance(sealed, EncryptedFact):
        yield from db.session.scalars(rows.where(_is_stale(model, sealed)).limit(ROWS))
        return
    while batch := db.session.scalars(rows.where(model.id > after, getattr(model, sealed.column).is_not(None)).limit(ROWS)).all():
        after = batch[-1].id
        texts = [(row, getattr(row, sealed.column).get(sealed.NAME)) for row in batch]
        if stale := [row for row, text in texts if text and not base64.b64decode(text).startswith(mark())]:
            yield from stale
            return


def _is_stale(model: Any, sealed: DataKey | Encrypted) -> ColumnElement[bool]:
    column = getattr(model, sealed.column)
    expected = OWN if isinstance(sealed, Encrypted) and sealed.key_of is not None else mark()
    differs = func.substr(column, 1, len(expected)) != expected
    return or_(column.is_(None), differs) if isinstance(sealed, DataKey) else differs


def opened(*, sample: int | None = None) -> tuple[int, list[str]]:
    """Return how many sealed values open (of each column at most *sample*), and where those are that do not."""
    count, closed = 0, []
    for model, name, sealed in places():
        last = 0
        while rows := db.session.scalars(db.select(model).where(model.id > last).order_by(model.id).limit(sample or ROWS)).all():
            for row in rows:
                try:
                    count += _value(row, name, sealed) is not None
                except CannotDecrypt:
                    closed.append(f"{model.__tablename__}.{sealed.column}, id {row.id}")
            last = rows[-1].id
            db.session.expunge_all()
            if sample:
                break
    return count, closed
