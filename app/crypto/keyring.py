"""The keyring: one file in SECRETS_DIR, for the site's own user alone. No Flask and no database here.

Until the fourth release there was a lone master.key. It is taken into the ring as its first master and its root, and what it sealed
stays readable; ciphertext of that time names no key.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
ID_BYTES = 4

FILE = "keyring.json"
LEGACY_FILE = "master.key"


class KeyringInvalid(Exception):
    """The file of the keys is not one."""


def key_id(master: bytes) -> bytes:
    """Return what *master* is called; it says nothing of the key."""
    return hashlib.sha256(b"key-id" + master).digest()[:ID_BYTES]


def derive(key: bytes, purpose: str) -> bytes:
    """Return the key that *key* gives for *purpose*."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


@dataclass(frozen=True)
class Keyring:
    """The root of the peppers and the master keys by their ids, the newest last: that one seals, the others only open."""

    root: bytes
    masters: dict[bytes, bytes]
    legacy: bytes | None = None  # id of the master whose ciphertext names no key
    escrowed: tuple[bytes, ...] = ()  # ids of the masters whose copy on paper somebody typed back
    _ciphers: dict[tuple[bytes, str], AESGCM] = field(default_factory=dict, compare=False, repr=False)
    _peppers: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    @property
    def current(self) -> bytes:
        """The id of the master that seals."""
        return next(reversed(self.masters))

    def cipher(self, id_: bytes, purpose: str) -> AESGCM:
        """Return the cipher of the master *id_* for *purpose*. :raise KeyError: when it is not here."""
        if (id_, purpose) not in self._ciphers:
            self._ciphers[id_, purpose] = AESGCM(derive(self.masters[id_], purpose))
        return self._ciphers[id_, purpose]

    def pepper(self, purpose: str) -> bytes:
        """Return the pepper of *purpose*, which no rotation changes."""
        if purpose not in self._peppers:
            self._peppers[purpose] = derive(self.root, purpose)
        return self._peppers[purpose]

    def with_new_master(self) -> Keyring:
        """Return the ring with a new master that seals from now on."""
        master = secrets.token_bytes(KEY_BYTES)
        return replace(self, masters=self.masters | {key_id(master): master}, _ciphers={})

    def with_current_only(self) -> Keyring:
        """Return the ring without the masters that no longer seal."""
        return replace(self, masters={self.current: self.masters[self.current]}, legacy=None, _ciphers={})


def load(folder: Path) -> Keyring:
    """Return the keyring in *folder*, made on the very first call. :raise KeyringInvalid:."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / FILE
    legacy = _legacy(folder / LEGACY_FILE)
    if not path.exists():
        _write(path, _first(legacy), over=False)
    ring = _read(path)
    if legacy == ring.root:
        (folder / LEGACY_FILE).unlink(missing_ok=True)  # a second copy would outlive its rotation
    return ring


def save(folder: Path, ring: Keyring) -> None:
    """Put *ring* in place of the one in *folder*: after a power cut there is the one or the other."""
    _write(folder / FILE, ring, over=True)


def there(folder: Path) -> bool:
    """Say whether there are keys in *folder*; :func:`load` would make some where there are none."""
    return (folder / FILE).exists() or (folder / LEGACY_FILE).exists()


def restore(folder: Path, ring: Keyring) -> None:
    """Put *ring*, typed from paper, into *folder*. What lies there and is another is set aside, not thrown away."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in (folder / FILE, folder / LEGACY_FILE):
        if path.exists():
            path.rename(path.with_name(f"{path.name}.before-{ring.current.hex()}"))
    _write(folder / FILE, ring, over=False)


def _legacy(path: Path) -> bytes | None:
    try:
        return _key(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise KeyringInvalid(str(path)) from error


def _first(legacy: bytes | None) -> Keyring:
    if legacy is not None:
        return Keyring(legacy, {key_id(legacy): legacy}, legacy=key_id(legacy))
    master = secrets.token_bytes(KEY_BYTES)
    return Keyring(secrets.token_bytes(KEY_BYTES), {key_id(master): master})


def _key(text: str | bytes) -> bytes:
    key = base64.b64decode(text)
    if len(key) != KEY_BYTES:
        raise ValueError(len(key))
    return key


def _read(path: Path) -> Keyring:
    try:
        kept = json.loads(path.read_bytes())
        masters = {bytes.fromhex(id_): _key(text) for id_, text in kept["masters"].items()}
        if not masters or any(key_id(master) != id_ for id_, master in masters.items()):
            raise KeyringInvalid(str(path))
        return Keyring(
            root=_key(kept["root"]),
            masters=masters,
            legacy=bytes.fromhex(kept["legacy"]) if kept["legacy"] else None,
            escrowed=tuple(bytes.fromhex(id_) for id_ in kept["escrowed"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyringInvalid(str(path)) from error


def _write(path: Path, ring: Keyring, *, over: bool) -> None:
    """Write under a name of our own, then link it: two processes that start at once never see half a ring, nor make two."""
    kept: dict[str, Any] = {
        "root": _text(ring.root),
        "masters": {id_.hex(): _text(master) for id_, master in ring.masters.items()},
        "legacy": ring.legacy.hex() if ring.legacy else None,
        "escrowed": [id_.hex() for id_ in ring.escrowed],
    }
    handle, own = tempfile.mkstemp(dir=path.parent)  # readable by us alone
    try:
        with os.fdopen(handle, "w") as file:
            file.write(json.dumps(kept, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if over:
            Path(own).replace(path)
        else:
            with suppress(FileExistsError):
                os.link(own, path)
    finally:
        Path(own).unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode()
