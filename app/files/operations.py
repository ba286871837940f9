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

from app.database import Base, db
from app.files import archives, content, pdf, pictures, store
from app.files.content import Checked
from app.files.models import StoredFile
from app.files.refusals import FileEmpty, FileNotKept, FileTooLarge

log = structlog.get_logger()

PIECE = 64 * 1024  # bytes read at a time

CLEANED = "cleaned"
_OURS = re.compile(rf"{CLEANED}/([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})")  # a bucket may hold more


def store_upload(stream: IO[bytes], filename: str, now: dt.datetime) -> StoredFile:
    """Check, clean and store a file; return its row, flushed. It is a draft until the caller points a row of its own at it.

    :raise FileRefused: by its subclasses, one for each reason.
    """
    file = keep(stream, filename, now)
    db.session.add(file)
    db.session.flush()
    return file


def keep(stream: IO[bytes], filename: str, now: dt.datetime) -> StoredFile:
    """Do the part of :func:`store_upload` that does not touch the database: return a row not yet added to the session."""
    try:
        return _keep(stream, filename, now)
    except (OSError, StoreError) as error:
        log.warning("file_not_kept", error=type(error).__name__)
        raise FileNotKept from error


def _keep(stream: IO[bytes], filename: str, now: dt.datetime) -> StoredFile:
    with tempfile.TemporaryFile() as received, tempfile.TemporaryFile() as fresh:
        original_sha256 = _receive(stream, received, current_app.config["MAX_FILE_BYTES"])
        checked = check(received, fresh)
        size, sha256 = _measure(checked.cleaned)
        file = StoredFile(
            uid=uuid.uuid4(),
            name=content.clean_name(filename, checked.kind),
            media_type=checked.kind.media_type,
            size=size,
            sha256=sha256,
            original_sha256=original_sha256,
            flagged=",".join(sorted(checked.flags)) or None,
            uploaded_at=now,
        )
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
    return pictures.check_picture(file, kind, fresh)


def _receive(stream: IO[bytes], into: IO[bytes], limit: int) -> str:
    """Copy *stream*, stopping as soon as it is longer than *limit* bytes; return its SHA-256."""
    digest = hashlib.sha256()
    size = 0
    while piece := stream.read(PIECE):
        size += len(piece)
        if size > limit:
            raise FileTooLarge
        digest.update(piece)
        into.write(piece)
    if not size:
        raise FileEmpty
    into.flush()
    return digest.hexdigest()


def _measure(file: IO[bytes]) -> tuple[int, str]:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return file.tell(), digest.hexdigest()


def _key(uid: uuid.UUID) -> str:
    return f"{CLEANED}/{uid}"


def open_stored(file: StoredFile) -> Iterator[bytes]:
    """Return the cleaned copy in pieces; :raise BlobMissing:."""
    return open_bytes(file.uid)


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


def sweep_drafts(older_than: dt.datetime) -> int:
    """Delete the rows of files uploaded before *older_than* that were never sent in; return how many. Their bytes go with the orphans."""
    unsent = db.session.scalars(select(StoredFile).where(StoredFile.uploaded_at < older_than, _unattached())).all()
    for file in unsent:
        db.session.delete(file)
    db.session.flush()
    return len(unsent)


def sweep_orphans(older_than: dt.datetime) -> int:
    """Delete bytes written before *older_than* that no row names; return how many.

    Give a time a day back at least: the bytes of a file that is just being sent in have no row yet.
    """
    gone = 0
    for page in store.keys(""):
        old = {key: uuid.UUID(ours[1]) for key, written in page if written < older_than and (ours := _OURS.fullmatch(key))}
        known = set(db.session.scalars(select(StoredFile.uid).where(StoredFile.uid.in_(old.values()))))
        for key, uid in old.items():
            if uid not in known:
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
