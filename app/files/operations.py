"""Take a file in, hand it out, throw it away.

The bytes are written before the row, and deleted after it: what is missing is then always the row, and the sweep finds the
bytes that no row names. File work happens before the row's transaction, never within it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import re
import tempfile
import uuid
from collections.abc import Collection, Iterator
from typing import IO

import structlog
from flask import current_app
from obstore.exceptions import BaseError as StoreError
from sqlalchemy import ColumnElement, select

from app import audit
from app.access import SYSTEM
from app.database import Base, db, lock
from app.files import archives, content, media, pdf, pictures, quotas, scanning, store
from app.files.content import Checked
from app.files.models import Scan, StoredFile
from app.files.refusals import FileEmpty, FileInfected, FileNamesItsMaker, FileNotKept, FileTooLarge
from app.files.scanning import NotScanned
from app.files.store import BlobMissing

log = structlog.get_logger()

PIECE = 64 * 1024  # bytes read at a time

CLEANED = "cleaned"
ORIGINAL = "original"
_OURS = re.compile(rf"(?:{CLEANED}|{ORIGINAL})/([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})")  # a bucket may hold more


def store_upload(stream: IO[bytes], filename: str, now: dt.datetime) -> StoredFile:
    """Check, clean and store a file; return its row, flushed. It is a draft until the caller points a row of its own at it.

    :raise FileRefused: by its subclasses, one for each reason.
    """
    file = keep(stream, filename, now)
    db.session.add(file)
    db.session.flush()
    return file


def keep(stream: IO[bytes], filename: str, now: dt.datetime, *, nameless: bool = False) -> StoredFile:
    """Do the part of :func:`store_upload` that does not touch the database: return a row not yet added to the session.

    *nameless*: refuse what still says who made it, before a byte of it is kept.
    """
    try:
        return _keep(stream, filename, now, nameless=nameless)
    except (OSError, StoreError) as error:
        log.warning("file_not_kept", error=type(error).__name__)
        raise FileNotKept from error


def _keep(stream: IO[bytes], filename: str, now: dt.datetime, *, nameless: bool) -> StoredFile:
    with tempfile.TemporaryFile() as received, tempfile.TemporaryFile() as fresh:
        original_size, original_sha256 = _receive(stream, received)
        quotas.check_room(original_size)
        scanned = _scanned(received)
        checked = check(received, fresh)
        if nameless and content.NAMED in checked.flags:
            raise FileNamesItsMaker
        size, sha256 = _measure(checked.cleaned)
        changed = sha256 != original_sha256
        file = StoredFile(
            uid=uuid.uuid4(),
            name=content.clean_name(filename, checked.kind),
            media_type=checked.kind.media_type,
            size=size,
            sha256=sha256,
            original_sha256=original_sha256,
            original_size=original_size if changed else None,
            flagged=",".join(sorted(checked.flags)) or None,
            scan=scanned,
            uploaded_at=now,
        )
        if changed:
            store.put(_original_key(file.uid), received)
        store.put(_key(file.uid), checked.cleaned)
    return file


def store_ours(data: bytes | IO[bytes], name: str, kind: content.Kind, now: dt.datetime) -> StoredFile:
    """Store a file that we made ourselves, as it is; return its row, not yet added to the session."""
    made = io.BytesIO(data) if isinstance(data, bytes) else data
    size, sha256 = _measure(made)
    file = StoredFile(
        uid=uuid.uuid4(),
        name=name,
        media_type=kind.media_type,
        size=size,
        sha256=sha256,
        original_sha256=sha256,
        uploaded_at=now,
    )
    store.put(_key(file.uid), made)
    return file


def check(file: IO[bytes], fresh: IO[bytes]) -> Checked:
    """Return what *file* is; a cleaned copy, where there is one, is written into *fresh*. Both lie on the disk. :raise FileRefused:."""
    file.seek(0)
    kind = content.begins_like(file.read(content.HEAD))
    if kind is None:
        return archives.check_office(file, fresh)
    if kind is content.PDF:
        return pdf.check_pdf(file, fresh)
    if kind in media.CONTAINERS:
        return media.check_media(file, kind, fresh, most_seconds=current_app.config["MAX_MEDIA_SECONDS"])
    return pictures.check_picture(file, kind, fresh)


def _receive(stream: IO[bytes], into: IO[bytes]) -> tuple[int, str]:
    """Copy *stream*, stopping as soon as it is longer than a file of its type may be; return how long it is and its SHA-256."""
    digest = hashlib.sha256()
    size = limit = 0
    while piece := stream.read(PIECE):
        limit = limit or _most_bytes(piece)
        size += len(piece)
        if size > limit:
            raise FileTooLarge
        digest.update(piece)
        into.write(piece)
    if not size:
        raise FileEmpty
    into.flush()
    return size, digest.hexdigest()


def _most_bytes(head: bytes) -> int:
    is_media = content.begins_like(head[: content.HEAD]) in media.CONTAINERS
    return current_app.config["MAX_MEDIA_BYTES" if is_media else "MAX_FILE_BYTES"]


def _scanned(file: IO[bytes]) -> Scan | None:
    """Return what the scanner says of *file*. :raise FileInfected: :raise FileNotKept: when it says nothing and must."""
    url = current_app.config["CLAMAV_URL"]
    if not url:
        return None
    try:
        signature = scanning.scan(scanning.pieces_of(file), url)
    except NotScanned as error:
        log.warning("file_not_scanned", error=str(error))
        if current_app.config["CLAMAV_REQUIRED"]:
            raise FileNotKept from error
        return Scan.WAITING
    if signature is not None:
        log.warning("file_infected", signature=signature)
        raise FileInfected
    return Scan.CLEAN


def _measure(file: IO[bytes]) -> tuple[int, str]:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return file.tell(), digest.hexdigest()


def _key(uid: uuid.UUID) -> str:
    return f"{CLEANED}/{uid}"


def _original_key(uid: uuid.UUID) -> str:
    return f"{ORIGINAL}/{uid}"


def open_stored(file: StoredFile, start: int = 0, *, sealed: bool = False) -> Iterator[bytes]:
    """Return the cleaned copy in pieces, from byte *start* on; *sealed*: of a file of the sealed register, which nobody else opens.

    :raise BlobMissing: also for an infected one, and one whose row was changed by hand in the database.
    """
    if file.scan == Scan.INFECTED or not may_leave(file, sealed=sealed):
        raise BlobMissing(_key(file.uid))
    return store.get(_key(file.uid), start)


def may_leave(file: StoredFile, *, sealed: bool) -> bool:
    """Say whether *file* is one of the sealed register's, or is not, and nobody changed that, or which bytes it is, by hand."""
    return file.id is None or (file.is_ours and bool(file.sealed_away) is sealed)


def open_original(file: StoredFile) -> Iterator[bytes]:
    """Return the file as it came, in pieces; whoever hands it out records why. :raise BlobMissing: where it was not kept."""
    if not may_leave(file, sealed=False):
        raise BlobMissing(_key(file.uid))
    return store.get(_original_key(file.uid) if file.original_size is not None else _key(file.uid))


def open_bytes(uid: uuid.UUID) -> Iterator[bytes]:
    """Return the cleaned copy of the file with that uid, as :func:`open_stored` does; :raise BlobMissing:."""
    return store.get(_key(uid))


def drafts(uids: Collection[uuid.UUID]) -> list[StoredFile]:
    """Return the files of *uids* that nothing points at yet, in that order: a signed uid must not attach a file twice."""
    found = {file.uid: file for file in db.session.scalars(select(StoredFile).where(StoredFile.uid.in_(uids), _unattached()))}
    return [found[uid] for uid in uids if uid in found]


def _unattached() -> ColumnElement[bool]:
    """Say that no row of any table points at the file. Which tables do is read from their foreign keys: the core knows no domain."""
    condition: ColumnElement[bool] = db.true()
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if column.references(StoredFile.__table__.c.id):
                condition &= StoredFile.id.not_in(select(column).where(column.is_not(None)))
    return condition


def waiting_for_scan(since: dt.datetime) -> list[tuple[uuid.UUID, bool]]:
    """Return which files uploaded *since* then the scanner has not seen, oldest first, and of which the original is kept."""
    asked = select(StoredFile.uid, StoredFile.original_size.is_not(None))
    return [(uid, kept) for uid, kept in db.session.execute(asked.where(_waiting(since)).order_by(StoredFile.id))]


def _waiting(since: dt.datetime) -> ColumnElement[bool]:
    return (StoredFile.scan == Scan.WAITING) & (StoredFile.uploaded_at >= since)


def scan_again(uid: uuid.UUID, *, original: bool) -> str | None:
    """Return what the scanner finds in a file as it came, None: nothing. It asks no database. :raise NotScanned: :raise BlobMissing:"""
    return scanning.scan(store.get(_original_key(uid) if original else _key(uid)), current_app.config["CLAMAV_URL"])


def note_scan(uid: uuid.UUID, signature: str | None, now: dt.datetime) -> None:
    """Write down what the scanner said of the file with that uid; it may be gone meanwhile, or written down by another."""
    file = db.session.scalar(select(StoredFile).where(StoredFile.uid == uid))
    if file is None:
        return
    lock(file)
    if file.scan != Scan.WAITING:
        return
    file.scan = Scan.CLEAN if signature is None else Scan.INFECTED
    if signature is not None:
        audit.record(SYSTEM, "file.infected", file, at=now, signature=signature)
    db.session.flush()


def sweep_drafts(older_than: dt.datetime) -> int:
    """Delete the rows of files uploaded before *older_than* that were never sent in; return how many. Their bytes go with the orphans."""
    unsent = db.session.scalars(select(StoredFile).where(StoredFile.uploaded_at < older_than, _unattached())).all()
    for file in unsent:
        db.session.delete(file)
    db.session.flush()
    return len(unsent)


def sweep_orphans(older_than: dt.datetime) -> int:
    """Delete bytes written before *older_than* that no row names, copies and originals; return how many of both.

    Give a time a day back at least: the bytes of a file that is just being sent in have no row yet.
    """
    gone = 0
    for page in store.keys(""):
        old = {key: uuid.UUID(ours[1]) for key, written in page if written < older_than and (ours := _OURS.fullmatch(key))}
        rows = select(StoredFile.uid, StoredFile.original_size).where(StoredFile.uid.in_(old.values()))
        known = dict(db.session.execute(rows).all())
        for key, uid in old.items():
            store.level(key)
            # An original whose row says that there is none was let go: of what is sealed none is kept.
            if uid not in known or (known[uid] is None and key == _original_key(uid)):
                store.delete(key)
                gone += 1
    return gone


def discard(file: StoredFile) -> None:
    """Delete the row of *file* in this transaction.

    Its bytes stay until :func:`discard_bytes` or the sweep, so that a rollback loses nothing.
    """
    db.session.delete(file)
    db.session.flush()


def discard_bytes(uid: uuid.UUID) -> None:
    """Delete the bytes of a file whose row is gone, after that was committed."""
    store.delete(_key(uid))
    store.delete(_original_key(uid))
