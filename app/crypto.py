"""Secrets at rest: personal data is ciphertext, keys of receipts are peppered hashes.

One master key, made on first use in SECRETS_DIR (never in DATA_DIR, never in the database), gives each purpose a key
of its own by HKDF. Ciphertext is bound to table, column and row (AAD), so a value copied elsewhere does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import tempfile
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app

KEY_BYTES = 32
NONCE_BYTES = 12


class CannotDecrypt(Exception):
    """The value was encrypted with another key, or was changed or moved in the database."""


class MasterKeyInvalid(Exception):
    """The file of the master key is not one."""


def init_app(app: Flask) -> None:
    """Load the master key (making it on the very first start) and derive the keys from it."""
    master = _master_key(Path(app.config["SECRETS_DIR"]) / "master.key")
    app.extensions["keys"] = {
        purpose: HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(master)
        for purpose in ("personal-data", "blind-index", "receipt-key", "session", "sealed-case", "stored-file")
    }
    app.config["SECRET_KEY"] = base64.b64encode(app.extensions["keys"]["session"]).decode()


def _master_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _make_master_key(path)
    try:
        key = base64.b64decode(path.read_bytes())
    except binascii.Error as error:
        raise MasterKeyInvalid(str(path)) from error
    if len(key) != KEY_BYTES:
        raise MasterKeyInvalid(str(path))
    return key


def _make_master_key(path: Path) -> None:
    """Write a key under a name of our own, then link it: two processes that start at once never see half a key, nor make two."""
    handle, own = tempfile.mkstemp(dir=path.parent)  # readable by us alone
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(own, path)
    Path(own).unlink()


def _key(purpose: str) -> bytes:
    return current_app.extensions["keys"][purpose]


def cipher(purpose: str) -> AESGCM:
    """Return the cipher of *purpose* for what is sealed piece by piece, such as files; it outlives the request."""
    return AESGCM(_key(purpose))


def encrypt(text: str, *, bound_to: str, purpose: str = "personal-data") -> bytes:
    """Return *text* as ciphertext that opens only with the same *bound_to* (table:column:row)."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + cipher(purpose).encrypt(nonce, text.encode(), bound_to.encode())


def decrypt(sealed: bytes, *, bound_to: str, purpose: str = "personal-data") -> str:
    """Return the text of :func:`encrypt`; :raise CannotDecrypt: when it does not open."""
    try:
        return cipher(purpose).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode()).decode()
    except (InvalidTag, ValueError) as error:  # ValueError: too short to be one
        raise CannotDecrypt(bound_to) from error


def blind_index(value: str) -> str:
    """Return what a phone number or e-mail is looked up by without being readable."""
    return hmac.new(_key("blind-index"), value.strip().casefold().encode(), hashlib.sha256).hexdigest()


def key_digest(key: str) -> str:
    """Return what is stored of a receipt's secret key: a peppered HMAC of it."""
    return hmac.new(_key("receipt-key"), key.encode(), hashlib.sha256).hexdigest()


def digest_matches(key: str, digest: str) -> bool:
    """Say, in constant time, whether *key* is the one behind *digest*."""
    return hmac.compare_digest(key_digest(key), digest)


class Encrypted:
    """A model attribute that is ciphertext in its column: ``name = Encrypted("name_sealed")``.

    The model has a ``uid`` (uuid) column; the ciphertext is bound to table, column and that uid.
    """

    def __init__(self, column: str, *, purpose: str = "personal-data") -> None:
        self.column, self.purpose = column, purpose

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        sealed = getattr(row, self.column)
        return None if sealed is None else decrypt(sealed, bound_to=self._bound_to(row), purpose=self.purpose)

    def __set__(self, row: Any, text: str | None) -> None:
        setattr(row, self.column, encrypt(text, bound_to=self._bound_to(row), purpose=self.purpose) if text else None)

    def _bound_to(self, row: Any) -> str:
        if row.uid is None:
            row.uid = uuid.uuid4()
        return f"{row.__tablename__}:{self.column}:{row.uid}"
