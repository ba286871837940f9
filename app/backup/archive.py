"""The file of a backup: a sealed stream (:mod:`app.backup.stream`) of a tar archive.

First `about.json`, which says what it is and how much of what is in it; then the database, then the stored files, as sealed as they
lie in the store; last `digests`, a line for each of them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from app import schema
from app.backup import database
from app.backup.stream import BackupDamaged, Opener, Sealer
from app.crypto.keyring import Keyring
from app.files import store

FORMAT = 1
ABOUT, DIGESTS = "about.json", "digests"
DATABASE, FILES = "database/", "files/"
_PIECE = 1024 * 1024


class BackupNewer(Exception):
    """It was made by a later release: the revision of its database."""


class BackupOfOther(Exception):
    """It is of the other kind of database."""


class MasterMissing(Exception):
    """What is in it was sealed by keys that are not in the keyring: their ids."""


@dataclass
class About:
    """What a backup says of itself."""

    made_at: str
    kind: str
    revision: str
    keys: list[str]  # ids of the master keys that sealed what is in it
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    format: int = FORMAT


@dataclass
class Seen:
    """What was in it."""

    about: About
    files: int = 0
    bytes: int = 0


class _Digested:
    """A file that is read through, and its digest."""

    def __init__(self, file: Any) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = bytes(self._file.read(size))
        self._digest.update(data)
        return data

    def line(self, member: tarfile.TarInfo) -> bytes:
        while self.read(_PIECE):
            pass  # what nobody wanted counts too
        return f"{self._digest.hexdigest()} {member.size} {member.name}\n".encode()


def write(into: IO[bytes], ring: Keyring, *, now: dt.datetime, work: Path) -> Seen:
    """Write a backup; *work*: a folder for the database's copy, in the data folder, for there it lies in the clear as it does there."""
    sealer = Sealer(into, ring)
    with tempfile.TemporaryDirectory(dir=work, prefix="backup-") as folder, tempfile.TemporaryFile(dir=work) as digests:
        # The database first: files are written before their row and deleted after it, so each row's file is still to come.
        snapshot = database.take(Path(folder))
        about = About(now.isoformat(), snapshot.kind, snapshot.revision, [id_.hex() for id_ in ring.masters], snapshot.tables)
        seen = Seen(about)
        with tarfile.open(fileobj=sealer, mode="w|", bufsize=_PIECE, format=tarfile.PAX_FORMAT) as tar:  # ty: ignore[no-matching-overload] - it is only written to

            def add(name: str, size: int, file: Any) -> None:
                member = tarfile.TarInfo(name)
                member.size = size
                digested = _Digested(file)
                tar.addfile(member, digested)
                tar.members.clear()  # it would remember them all
                digests.write(digested.line(member))
                seen.bytes += size

            text = json.dumps(asdict(about)).encode()
            add(ABOUT, len(text), io.BytesIO(text))
            for path in snapshot.files:
                with path.open("rb") as file:
                    add(DATABASE + path.name, path.stat().st_size, file)
                path.unlink()
            for key in _keys():
                try:
                    size, file = store.sealed(key)
                except store.BlobMissing:
                    continue  # its row was deleted since
                add(FILES + key, size, file)
                seen.files += 1
            last = tarfile.TarInfo(DIGESTS)
            last.size = digests.tell()
            digests.seek(0)
            tar.addfile(last, digests)
        sealer.finish()
    return seen


def _keys() -> Iterator[str]:
    return (key for page in store.keys("") for key, _written in page)


Take = Callable[[About, str, IO[bytes]], None]


def read(source: IO[bytes], ring: Keyring, take: Take | None = None) -> Seen:
    """Read a backup to its end, and have *take* take each part; without it, only see that all is there and as it was.

    :raise NotABackup: :raise BackupKeyMissing: :raise BackupDamaged: :raise BackupNewer: :raise BackupOfOther: :raise MasterMissing:
    """
    opener = Opener(source, ring)
    with tarfile.open(fileobj=opener, mode="r|", bufsize=_PIECE) as tar, tempfile.TemporaryFile() as digests:  # ty: ignore[no-matching-overload]
        seen: Seen | None = None
        while (member := tar.next()) is not None:
            tar.members.clear()
            file = tar.extractfile(member)
            if file is None:
                raise BackupDamaged(member.name)
            if member.name == DIGESTS:
                _compare(file, digests)
                break
            digested = _Digested(file)
            if seen is None:
                seen = Seen(_about(digested, ring))
            elif take is not None:
                take(seen.about, member.name, digested)  # ty: ignore[invalid-argument-type]
            digests.write(digested.line(member))
            seen.files += member.name.startswith(FILES)
            seen.bytes += member.size
        opener.drain()
    if seen is None or member is None:
        raise BackupDamaged(DIGESTS)
    return seen


def _about(file: _Digested, ring: Keyring) -> About:
    said = json.loads(file.read())
    if said.get("format") != FORMAT or said["revision"] > schema.newest():
        raise BackupNewer(said.get("revision", ""))
    about = About(**said)
    if about.kind != database.kind():
        raise BackupOfOther(about.kind)
    held = {id_.hex() for id_ in ring.masters}
    if lacking := sorted(set(about.keys) - held):
        raise MasterMissing(", ".join(lacking))
    return about


def _compare(told: IO[bytes], found: IO[bytes]) -> None:
    found.seek(0)
    while (line := told.read(_PIECE)) == found.read(_PIECE):
        if not line:
            return
    raise BackupDamaged(DIGESTS)
