"""Where the bytes are: a folder or a bucket, through one API. Everything lies there as ciphertext.

Sealed piece by piece, so that a file is never whole in memory, neither on its way in nor out. A piece opens only at its
place in its own file, and the last one says that it is the last: nothing can be moved, swapped or cut off unseen.
Each file has a key of its own, which stands before the pieces, wrapped by the master key: a new master needs only that head.

obstore starts threads at the first use, and they do not survive a fork: a process that forks workers must not use the
store before it does.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, Any

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app
from obstore.exceptions import BaseError as StoreError
from obstore.store import LocalStore, ObjectStore, S3Store

from app import crypto
from app.crypto.keyring import Keyring

PIECE = 256 * 1024  # bytes sealed at a time
WAIT = "30s"  # for a bucket's answer
_TAG_BYTES = 16
_SEALED_PIECE = crypto.NONCE_BYTES + PIECE + _TAG_BYTES
#: What a file of ours begins with, before its wrapped key. One of before begins with a nonce, and this by chance once in 2^40.
_HEAD_MARK = b"\xd8tep1"
_HEAD = len(_HEAD_MARK) + crypto.MARK_BYTES + crypto.NONCE_BYTES + crypto.KEY_BYTES + _TAG_BYTES


class BlobMissing(Exception):
    """The row is there, the bytes are not."""


class BlobDamaged(Exception):
    """The bytes are not those we wrote."""


def init_app(app: Flask) -> None:
    """Open the store that STORAGE_URL names: file:///folder or s3://bucket/prefix."""
    app.extensions["store"] = opened(app.config)


def opened(config: Mapping[str, Any]) -> ObjectStore:
    """Return the store of those settings."""
    url: str = config["STORAGE_URL"]
    return LocalStore(Path(url.removeprefix("file://")), mkdir=True) if url.startswith("file://") else _bucket(config)


def _bucket(config: Mapping[str, Any]) -> ObjectStore:
    endpoint: str = config["S3_ENDPOINT"]
    given = {
        "endpoint": endpoint,
        "region": config["S3_REGION"],
        "access_key_id": config["S3_ACCESS_KEY_ID"],
        "secret_access_key": config["S3_SECRET_ACCESS_KEY"],
    }
    options: Any = {"allow_http": endpoint.startswith("http://"), "timeout": WAIT, "connect_timeout": WAIT}
    return S3Store.from_url(config["STORAGE_URL"], client_options=options, **{name: value for name, value in given.items() if value})


def _store() -> ObjectStore:
    return current_app.extensions["store"]


def put(key: str, file: IO[bytes]) -> None:
    """Seal *file* from its start and write it under *key*; when this returns it is on the disk."""
    store = _store()
    own = crypto.new_key()
    obstore.put(store, key, chain([_head(key, own)], _seal(file, AESGCM(own), key)))
    if isinstance(store, LocalStore):
        _flush(Path(str(store.prefix)) / key)


def get(key: str, start: int = 0) -> Iterator[bytes]:
    """Return the bytes under *key* from byte *start* on, in pieces, also after the request has ended.

    :raise BlobMissing: at once. :raise BlobDamaged: at once where its key does not open, later where a piece does not.
    """
    head, keys = _first(key), crypto.ring()
    if head.startswith(_HEAD_MARK):
        cipher, begins = AESGCM(_own_key(key, head, keys)), _HEAD
    elif keys.legacy is not None:
        cipher, begins = keys.cipher(keys.legacy, "stored-file"), 0
    else:
        raise BlobDamaged(key)
    number, into = divmod(start, PIECE)
    try:
        sealed = obstore.get(_store(), key, options={"range": {"offset": begins + number * _SEALED_PIECE}}).stream(min_chunk_size=PIECE)
    except FileNotFoundError as error:
        raise BlobMissing(key) from error
    except StoreError as error:  # it ends before
        raise BlobDamaged(key) from error
    return _from(into, _unseal(sealed, cipher, key, number))


def _from(start: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield next(pieces)[start:]
    yield from pieces


def delete(key: str) -> None:
    """Delete what is under *key*; it may be gone already."""
    try:
        obstore.delete(_store(), key)
    except FileNotFoundError:
        return


def keys(prefix: str) -> Iterator[list[tuple[str, dt.datetime]]]:
    """Yield, page by page, the keys below *prefix* with the time each was written, or since then copied, or its key wrapped anew."""
    store = _store()
    for page in obstore.list(store, prefix):
        if isinstance(store, LocalStore):
            yield [(key, at) for key in (entry["path"] for entry in page) if (at := _written(Path(str(store.prefix)) / key)) is not None]
        else:
            yield [(entry["path"], entry["last_modified"]) for entry in page]


def _written(path: Path) -> dt.datetime | None:
    """Return when the disk noted the file, which :func:`_flush` leaves as it is; None where it was deleted just now."""
    try:
        return dt.datetime.fromtimestamp(path.stat().st_ctime, dt.UTC)
    except FileNotFoundError:
        return None


def _flush(path: Path) -> None:
    """Have the disk hold file and folder entry before the database says that they exist.

    What everybody reads as the time of a file, and what copies of a disk keep, is the same for all: beside a log of who came when, it
    would tell whose a sealed file is. It changes with the master key alone, so that who copies what is new copies what was wrapped anew.
    """
    os.utime(path, (_level(), _level()))
    for each in (path, path.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _level() -> int:
    return int.from_bytes(crypto.ring().current[:3])


def level(key: str) -> None:
    """Give what lies under *key* the time that all have, if an earlier release wrote it; it may be gone already."""
    store = _store()
    path = Path(str(store.prefix)) / key if isinstance(store, LocalStore) else None
    if path is not None and path.exists() and path.stat().st_mtime != _level():
        os.utime(path, (_level(), _level()))


def sealed(key: str) -> tuple[int, Any]:
    """Return how many bytes lie under *key*, and a file to read them from as they lie there, sealed. :raise BlobMissing:"""
    try:
        reader = obstore.open_reader(_store(), key)
    except FileNotFoundError as error:
        raise BlobMissing(key) from error
    return reader.size, reader


def put_sealed(key: str, parts: Iterator[bytes]) -> None:
    """Write what :func:`sealed` gave, as it is."""
    store = _store()
    obstore.put(store, key, parts)
    if isinstance(store, LocalStore):
        _flush(Path(str(store.prefix)) / key)


def is_current(key: str) -> bool:
    """Say whether the master key that seals now has wrapped the key of what is under *key*."""
    return _first(key).startswith(_HEAD_MARK + crypto.mark())


def opens(key: str) -> bool:
    """Say whether a key of the ring opens the key of what is under *key*."""
    try:
        get(key)
    except BlobDamaged:
        return False
    return True


def wrap_anew(key: str) -> None:
    """Wrap the key of what is under *key* by the current master; what has none of its own yet gets one. :raise BlobDamaged:"""
    store, head = _store(), _first(key)
    if not head.startswith(_HEAD_MARK):
        with tempfile.TemporaryFile() as plain:
            for piece in get(key):
                plain.write(piece)
            put(key, plain)
        return
    new = _head(key, _own_key(key, head, crypto.ring()))
    if isinstance(store, LocalStore):
        path = Path(str(store.prefix)) / key
        with path.open("r+b") as file:
            file.write(new)  # less than a sector, and as long as what it replaces: it is there whole or not at all
        _flush(path)
    else:
        with tempfile.TemporaryFile() as whole:  # obstore does not read while it writes
            for part in obstore.get(store, key).stream(min_chunk_size=PIECE):
                whole.write(bytes(part))
            whole.seek(0)
            whole.write(new)
            whole.seek(0)
            obstore.put(store, key, whole)


def _first(key: str) -> bytes:
    try:
        return bytes(obstore.get_range(_store(), key, start=0, length=_HEAD))
    except FileNotFoundError as error:
        raise BlobMissing(key) from error
    except StoreError:  # shorter than that: one of before, with a few bytes in it
        return b""


def _head(key: str, own: bytes) -> bytes:
    return _HEAD_MARK + crypto.wrap(own, bound_to=f"{key}:key")


def _own_key(key: str, head: bytes, keys: Keyring) -> bytes:
    try:
        return crypto.unwrap(head[len(_HEAD_MARK) : _HEAD], bound_to=f"{key}:key", keys=keys)
    except crypto.CannotDecrypt as error:
        raise BlobDamaged(key) from error


def _place(key: str, number: int, *, last: bool) -> bytes:
    return f"{key}:{number}:{'last' if last else 'more'}".encode()


def _seal(file: IO[bytes], cipher: AESGCM, key: str) -> Iterator[bytes]:
    file.seek(0)
    number, piece = 0, file.read(PIECE)
    while True:
        following = file.read(PIECE)
        nonce = secrets.token_bytes(crypto.NONCE_BYTES)
        yield nonce + cipher.encrypt(nonce, piece, _place(key, number, last=not following))
        if not following:
            return
        number, piece = number + 1, following


def _unseal(sealed: Iterable[bytes], cipher: AESGCM, key: str, number: int) -> Iterator[bytes]:
    held = bytearray()
    for part in sealed:
        held += part
        while len(held) > _SEALED_PIECE:  # exactly one piece may be the last
            yield _open(cipher, bytes(held[:_SEALED_PIECE]), _place(key, number, last=False))
            del held[:_SEALED_PIECE]
            number += 1
    yield _open(cipher, bytes(held), _place(key, number, last=True))


def _open(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[: crypto.NONCE_BYTES], sealed[crypto.NONCE_BYTES :], place)
    except (InvalidTag, ValueError) as error:
        raise BlobDamaged(place.decode()) from error
