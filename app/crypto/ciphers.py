"""Text sealed by the master key or by a data key, data keys wrapped, and the peppered digests.

The forms of what is sealed, by their first bytes:

* `MASTER`, id of the master, nonce, ciphertext: sealed, or a data key wrapped, by a master key;
* `OWN`, nonce, ciphertext: sealed by the data key of its row;
* anything else: nonce, ciphertext of before there were ids, by the keyring's legacy master.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from app.crypto.keyring import ID_BYTES, KEY_BYTES, Keyring

NONCE_BYTES = 12
MASTER = b"\xd6"
OWN = b"\xd7own\x00"  # as long as MASTER and an id: by chance a nonce begins like either once in 2^40
MARK_BYTES = len(OWN)


class CannotDecrypt(Exception):
    """The value was encrypted with another key, or was changed or moved in the database."""


class KeyMissing(CannotDecrypt):
    """The keyring lacks the master key that the value names."""


def ring() -> Keyring:
    """Return the keyring of the running site."""
    return current_app.extensions["keyring"]


def mark() -> bytes:
    """Return the first bytes of everything that the current master seals."""
    return MASTER + ring().current


def new_key() -> bytes:
    """Return a data key."""
    return secrets.token_bytes(KEY_BYTES)


def wrap(key: bytes, *, bound_to: str) -> bytes:
    """Return the data key *key*, sealed by the master key."""
    return _seal_by_master(key, bound_to, "data-key")


def unwrap(wrapped: bytes, *, bound_to: str, keys: Keyring | None = None) -> bytes:
    """Return the data key of :func:`wrap`; *keys*: for what outlives the request. :raise CannotDecrypt:."""
    return _open_by_master(wrapped, bound_to, "data-key", keys or ring())


def encrypt(text: str, *, bound_to: str, purpose: str = "personal-data", key: bytes | None = None) -> bytes:
    """Return *text* as ciphertext that opens only with the same *bound_to* (table:column:row), by the master key or by data key *key*."""
    if key is None:
        return _seal_by_master(text.encode(), bound_to, purpose)
    nonce = secrets.token_bytes(NONCE_BYTES)
    return OWN + nonce + AESGCM(key).encrypt(nonce, text.encode(), bound_to.encode())


def decrypt(sealed: bytes, *, bound_to: str, purpose: str = "personal-data", key: bytes | None = None) -> str:
    """Return the text of :func:`encrypt`; :raise CannotDecrypt: when it does not open."""
    try:
        if key is not None and sealed.startswith(OWN):
            return _open(AESGCM(key), sealed[MARK_BYTES:], bound_to).decode()
        return _open_by_master(sealed, bound_to, purpose, ring()).decode()
    except UnicodeDecodeError as error:
        raise CannotDecrypt(bound_to) from error


def _seal_by_master(data: bytes, bound_to: str, purpose: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return mark() + nonce + ring().cipher(ring().current, purpose).encrypt(nonce, data, bound_to.encode())


def _open_by_master(sealed: bytes, bound_to: str, purpose: str, keys: Keyring) -> bytes:
    id_ = sealed[1:MARK_BYTES]
    if sealed.startswith(MASTER) and id_ in keys.masters:
        return _open(keys.cipher(id_, purpose), sealed[MARK_BYTES:], bound_to)
    if keys.legacy is not None:
        return _open(keys.cipher(keys.legacy, purpose), sealed, bound_to)
    if sealed.startswith(MASTER) and len(id_) == ID_BYTES:
        raise KeyMissing(f"{bound_to}: {id_.hex()}")
    raise CannotDecrypt(bound_to)


def _open(by: AESGCM, sealed: bytes, bound_to: str) -> bytes:
    try:
        return by.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError) as error:  # ValueError: too short to be one
        raise CannotDecrypt(bound_to) from error


# --- digests -----------------------------------------------------------------------------------------------------------


def blind_index(value: str) -> str:
    """Return what a phone number or e-mail is looked up by without being readable."""
    return hmac.new(ring().pepper("blind-index"), value.strip().casefold().encode(), hashlib.sha256).hexdigest()


def key_digest(key: str) -> str:
    """Return what is stored of a receipt's secret key: a peppered HMAC of it."""
    return hmac.new(ring().pepper("receipt-key"), key.encode(), hashlib.sha256).hexdigest()


def mac(purpose: str, text: str) -> str:
    """Return the peppered HMAC of *text* for *purpose*."""
    return hmac.digest(ring().pepper(purpose), text.encode("utf-8", "surrogatepass"), "sha256").hex()


def digest_matches(key: str, digest: str) -> bool:
    """Say, in constant time, whether *key* is the one behind *digest*."""
    return hmac.compare_digest(key_digest(key), digest)
