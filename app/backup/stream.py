"""A stream sealed piece by piece, for files that leave the machine. Memory stays flat, whatever their size.

It begins with who can open it: a mark, the id of the master key, and a random word that gives this one file a key of its own. Each
piece opens only at its place, and the last one says that it is the last: nothing can be moved, swapped or cut off unseen.
"""

from __future__ import annotations

import secrets
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.crypto.keyring import ID_BYTES, Keyring, derive

MARK = b"Y-KIEN-BACKUP-1\n"
PIECE = 1024 * 1024  # bytes sealed at a time
_WORD_BYTES = 16
_TAG_BYTES = 16
_NONCE_BYTES = 12
HEAD = len(MARK) + ID_BYTES + _WORD_BYTES


class NotABackup(Exception):
    """The file does not begin like one."""


class BackupKeyMissing(Exception):
    """It was sealed under a master key that is not in the keyring: its id."""


class BackupDamaged(Exception):
    """It was changed, or its end is missing."""


def _cipher(ring: Keyring, head: bytes) -> AESGCM:
    """Return the cipher of the one file with that *head*."""
    id_ = head[len(MARK) : len(MARK) + ID_BYTES]
    return AESGCM(derive(derive(ring.masters[id_], "backup"), head.hex()))


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE_BYTES)  # each file has its own key, so a count never comes twice


class Sealer:
    """A file to write plain bytes to; *into* gets them sealed."""

    def __init__(self, into: IO[bytes], ring: Keyring) -> None:
        head = MARK + ring.current + secrets.token_bytes(_WORD_BYTES)
        self._into, self._cipher, self._held, self._number = into, _cipher(ring, head), bytearray(), 0
        into.write(head)

    def write(self, data: bytes) -> int:
        """Take *data*; whole pieces go out at once."""
        self._held += data
        while len(self._held) > PIECE:  # the last piece is never empty-handed: it waits for what follows
            self._put(bytes(self._held[:PIECE]), b"more")
            del self._held[:PIECE]
        return len(data)

    def finish(self) -> None:
        """Write the last piece."""
        self._put(bytes(self._held), b"last")

    def _put(self, piece: bytes, place: bytes) -> None:
        self._into.write(self._cipher.encrypt(_nonce(self._number), piece, place))
        self._number += 1


class Opener:
    """A file to read plain bytes from; *source* holds them sealed. :raise NotABackup: :raise BackupKeyMissing: :raise BackupDamaged:"""

    def __init__(self, source: IO[bytes], ring: Keyring) -> None:
        head = source.read(HEAD)
        if not head.startswith(MARK) or len(head) != HEAD:
            raise NotABackup
        id_ = head[len(MARK) : len(MARK) + ID_BYTES]
        if id_ not in ring.masters:
            raise BackupKeyMissing(id_.hex())
        self._source, self._cipher, self._held, self._number = source, _cipher(ring, head), bytearray(), 0
        self._sealed = source.read(PIECE + _TAG_BYTES)
        self._ended = False

    def read(self, size: int) -> bytes:
        """Return the next *size* bytes, fewer only at the end."""
        while len(self._held) < size and not self._ended:
            following = self._source.read(PIECE + _TAG_BYTES)
            try:
                self._held += self._cipher.decrypt(_nonce(self._number), self._sealed, b"more" if following else b"last")
            except (InvalidTag, ValueError) as error:
                raise BackupDamaged from error
            self._number, self._sealed, self._ended = self._number + 1, following, not following
        piece = bytes(self._held[:size])
        del self._held[:size]
        return piece

    def drain(self) -> None:
        """Read to the end: only there is it certain that nothing was cut off."""
        while self.read(PIECE):
            pass
