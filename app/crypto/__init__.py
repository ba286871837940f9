"""Secrets at rest: what names a person and what is sealed is ciphertext, keys of receipts are peppered hashes.

The keys lie in a keyring in SECRETS_DIR, never in DATA_DIR, the database or a backup (:mod:`app.crypto.keyring`). A master key gives
each purpose a key of its own by HKDF, and wraps the data keys: each sealed case and each stored file has one of its own. Ciphertext
is bound to table, column and row (AAD), so a value copied elsewhere does not open, and names the master key that seals it, so that
a new one can take its place (:mod:`app.crypto.rotation`, `run.py keys rotate`).

The peppers (of blind indexes, of receipts' keys, of sessions) come from the keyring's root and never change: what they made cannot
be made anew without the plain text, which nobody kept.
"""

from __future__ import annotations

import base64
from pathlib import Path

from flask import Flask

from app.crypto import keyring
from app.crypto.ciphers import (
    KEY_BYTES,
    MARK_BYTES,
    NONCE_BYTES,
    CannotDecrypt,
    KeyMissing,
    blind_index,
    decrypt,
    digest_matches,
    encrypt,
    key_digest,
    mac,
    mark,
    new_key,
    ring,
    unwrap,
    wrap,
)
from app.crypto.columns import Bound, DataKey, Encrypted, EncryptedFact
from app.crypto.keyring import KeyringInvalid


def init_app(app: Flask) -> None:
    """Load the keyring, making it on the very first start."""
    ring = app.extensions["keyring"] = keyring.load(Path(app.config["SECRETS_DIR"]))
    app.config["SECRET_KEY"] = base64.b64encode(ring.pepper("session")).decode()


__all__ = [
    "KEY_BYTES",
    "MARK_BYTES",
    "NONCE_BYTES",
    "Bound",
    "CannotDecrypt",
    "DataKey",
    "Encrypted",
    "EncryptedFact",
    "KeyMissing",
    "KeyringInvalid",
    "blind_index",
    "decrypt",
    "digest_matches",
    "encrypt",
    "init_app",
    "key_digest",
    "mac",
    "mark",
    "new_key",
    "ring",
    "unwrap",
    "wrap",
]
