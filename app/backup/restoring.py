"""A backup put into an empty install: looked through to its end first, so that nothing is written of one that is not whole.

A mark lies in the data folder meanwhile. Where it is found, a restore was killed: the site does not start on what it left, and the next
restore throws that away and begins anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from flask import current_app

from app import schema
from app.backup import archive, database
from app.backup.archive import DATABASE, FILES, About, Seen
from app.crypto import rotation
from app.crypto.keyring import Keyring
from app.database import db, is_postgresql
from app.files import store

_PIECE = 256 * 1024


class NotEmpty(Exception):
    """There is data already where the backup would go."""


class Unequal(Exception):
    """What was restored is not what was backed up: which tables have other numbers of rows, or which values do not open."""


def restore(source: IO[bytes], ring: Keyring) -> Seen:
    """Restore the backup and return what was in it. :raise NotEmpty: :raise Unequal: and what archive.read raises."""
    if is_unfinished():
        _discard()
    if not database.is_empty() or any(page for page in store.keys("")):
        raise NotEmpty(current_app.config["DATA_DIR"])
    about = archive.read(source, ring).about
    source.seek(0)
    mark().touch()
    try:
        if is_postgresql():
            database.make_tables(about.revision)
        seen = archive.read(source, ring, _take)
        _finish(seen.about)
    except Unequal:  # all of it was written: whoever has nothing better decides
        mark().unlink()
        raise
    except BaseException:  # the disk is full, or somebody pressed Ctrl-C: as empty as it was, for the next try
        _discard()
        raise
    mark().unlink()
    return seen


def is_unfinished() -> bool:
    """Say whether a restore was killed before its end: what is there is not the whole of it."""
    return mark().exists()


def mark() -> Path:
    """Return the file that lies there until a restore is through."""
    return Path(current_app.config["DATA_DIR"]) / "restore-unfinished"


def _discard() -> None:
    """Throw away what a restore wrote; only then is its mark taken away."""
    db.session.remove()
    for page in store.keys(""):
        for key, _written in page:
            store.delete(key)
    if not is_postgresql():
        _arriving().unlink(missing_ok=True)
    database.drop()
    mark().unlink(missing_ok=True)


def _take(about: About, name: str, file: IO[bytes]) -> None:
    if name.startswith(FILES):
        store.put_sealed(name.removeprefix(FILES), _parts(file))
    else:
        _take_database(about, name.removeprefix(DATABASE), file)


def _take_database(about: About, name: str, file: IO[bytes]) -> None:
    if is_postgresql():
        if about.tables[name]["rows"]:
            database.fill_table(name, about.tables[name]["columns"], file)
        return
    with _arriving().open("wb") as target:
        for part in _parts(file):
            target.write(part)


def _arriving() -> Path:
    return database.sqlite_path().with_suffix(".restoring")


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(_PIECE):
        yield part


def _finish(about: About) -> None:
    if is_postgresql():
        database.finish_tables(about.tables)
    else:
        _arriving().rename(database.sqlite_path())
    there = database.counts()
    told = {table: counted["rows"] for table, counted in about.tables.items()}
    if differing := sorted(table for table in told | there if told.get(table) != there.get(table)):
        raise Unequal(", ".join(differing))
    schema.upgrade()
    _opened, closed = rotation.opened()
    closed += [key for page in store.keys("") for key, _written in page if not store.opens(key)]
    db.session.rollback()
    if closed:
        raise Unequal(", ".join(closed[:10]))
