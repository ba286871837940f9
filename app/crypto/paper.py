"""The copy of the keys that is kept on paper: nine lines that a person writes down and types again, each with its own check.

It holds the root and the master key that seals now, so it opens every backup made under that master; those of before a rotation need
the paper of before.
"""

from __future__ import annotations

import hashlib

from app.crypto.keyring import ID_BYTES, KEY_BYTES, Keyring, key_id

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_LOOK_ALIKES = str.maketrans("ILO", "110")
_GROUP, _GROUPS = 4, 4
_BITS = 5
_LINE_BYTES, _CHECK_BYTES = 8, 2
LINES = 2 * KEY_BYTES // _LINE_BYTES + 1


class RotationUnfinished(Exception):
    """Two masters still seal something; a copy of one would not open the rest."""


class PaperWrong(Exception):
    """What was typed is not a copy of any keys; *line* is the first that is wrong, 0 when lines are missing or of two papers."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def written(ring: Keyring) -> list[str]:
    """Return the lines to be kept on paper. :raise RotationUnfinished:."""
    if len(ring.masters) > 1:
        raise RotationUnfinished
    secret = ring.root + ring.masters[ring.current]
    parts = [secret[at : at + _LINE_BYTES] for at in range(0, len(secret), _LINE_BYTES)]
    return [_line(number, part) for number, part in enumerate([*parts, _whole(secret)], start=1)]


def read(typed: list[str]) -> Keyring:
    """Return the keys that *typed* holds; case, gaps, the lines' numbers and look-alikes do not matter. :raise PaperWrong:."""
    lines = [symbols for each in typed if (symbols := _symbols(each))]
    parts = [_part(number, symbols) for number, symbols in enumerate(lines[:LINES], start=1)]
    if len(lines) != LINES or _whole(secret := b"".join(parts[:-1])) != parts[-1]:
        raise PaperWrong(0)
    root, master = secret[:KEY_BYTES], secret[KEY_BYTES:]
    legacy = key_id(master) if root == master else None  # before its first rotation, a ring made of a lone master key
    return Keyring(root, {key_id(master): master}, legacy=legacy, escrowed=(key_id(master),))


def check(number: int, typed: str) -> None:
    """See that *typed* is the line with that *number*. :raise PaperWrong:"""
    _part(number, _symbols(typed))


def _whole(secret: bytes) -> bytes:
    return key_id(secret[KEY_BYTES:]) + hashlib.sha256(b"paper" + secret).digest()[: _LINE_BYTES - ID_BYTES]


def _check(number: int, part: bytes) -> bytes:
    return hashlib.sha256(bytes([number]) + part).digest()[:_CHECK_BYTES]


def _line(number: int, part: bytes) -> str:
    bits = int.from_bytes(part + _check(number, part))
    symbols = "".join(SYMBOLS[bits >> _BITS * place & 31] for place in reversed(range(_GROUP * _GROUPS)))
    return " ".join(symbols[at : at + _GROUP] for at in range(0, len(symbols), _GROUP))


def _symbols(line: str) -> str:
    """Return the symbols of *line* without its number, which is before them."""
    return "".join(each for each in line.upper().translate(_LOOK_ALIKES) if each.isalnum())[-_GROUP * _GROUPS :]


def _part(number: int, symbols: str) -> bytes:
    if len(symbols) != _GROUP * _GROUPS or not set(symbols) <= set(SYMBOLS):
        raise PaperWrong(number)
    bits = 0
    for symbol in symbols:
        bits = bits << _BITS | SYMBOLS.index(symbol)
    line = bits.to_bytes(_LINE_BYTES + _CHECK_BYTES)
    if _check(number, line[:_LINE_BYTES]) != line[_LINE_BYTES:]:
        raise PaperWrong(number)
    return line[:_LINE_BYTES]
