"""Where the bytes are: a folder or a bucket, through one API. Everything lies there as ciphertext.

Sealed piece by piece, so that a file is never whole in memory, neither on its way in nor out. A piece opens only at its
place in its own file, and the last one says that it is the last: nothing can be moved, swapped or cut off unseen.

obstore starts threads at the first use, and they do not survive a fork: a process that forks workers must not use the
store before it does.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app
from obstore.store import LocalStore, ObjectStore, from_url

from app import crypto

PIECE = 256 * 1024  # bytes sealed at a time
_TAG_BYTES = 16
_SEALED_PIECE = crypto.NONCE_BYTES + PIECE + _TAG_BYTES


class BlobMissing(Exception):
    """The row is there, the bytes are not."""


class BlobDamaged(Exception):
    """The bytes are not those we wrote."""


def init_app(app: Flask) -> None:
    """Open the store that STORAGE_URL names: file:///folder or s3://bucket/prefix."""
    url: str = app.config["STORAGE_URL"]
    app.extensions["store"] = LocalStore(Path(url.removeprefix("file://")), mkdir=True) if url.startswith("file://") else from_url(url)


def _store() -> ObjectStore:
    return current_app.extensions["store"]


def put(key: str, file: IO[bytes]) -> None:
    """Seal *file* from its start and write it under *key*; when this returns it is on the disk."""
    store = _store()
    obstore.put(store, key, _seal(file, crypto.cipher("stored-file"), key))
    if isinstance(store, LocalStore):
        _flush(Path(str(store.prefix)) / key)


def get(key: str) -> Iterator[bytes]:
    """Return the bytes under *key* in pieces, also after the request has ended; :raise BlobMissing: at once, BlobDamaged later."""
    try:
        sealed = obstore.get(_store(), key).stream(min_chunk_size=PIECE)
    except FileNotFoundError as error:
        raise BlobMissing(key) from error
    return _unseal(sealed, crypto.cipher("stored-file"), key)


def delete(key: str) -> None:
    """Delete what is under *key*; it may be gone already."""
    try:
        obstore.delete(_store(), key)
    except FileNotFoundError:
        return


def keys(prefix: str) -> Iterator[list[tuple[str, dt.datetime]]]:
    """Yield, page by page, the keys below *prefix* with the time each was written."""
    for page in obstore.list(_store(), prefix):
        yield [(entry["path"], entry["last_modified"]) for entry in page]


def _flush(path: Path) -> None:
    """Have the disk hold file and folder entry before the database says that they exist."""
    for each in (path, path.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


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


def _unseal(sealed: Iterable[bytes], cipher: AESGCM, key: str) -> Iterator[bytes]:
    held = bytearray()
    number = 0
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
