"""The public code of an item and the secret key of its sender: made, read as people type them, shown. Pure."""

from __future__ import annotations

import re
import secrets

#: 31 symbols, a prime: with distinct weights every wrong symbol and every swap of two neighbours is caught.
#: No 0/O, 1 only (no I, L), no U.
CODE_SYMBOLS = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 6
#: 32 symbols, 5 bits each: 16 of them are 80 bits.
KEY_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY_LENGTH = 16
_CODE = re.compile(rf"^([A-Z]{{2,4}})(\d{{2}})([0-9A-Z]{{{CODE_LENGTH}}})([0-9A-Z])(?:\.(\d{{1,2}}))?$", re.ASCII)
_LOOKS_LIKE = str.maketrans("IL", "11")
_SEPARATORS = re.compile(r"[\s‐-―-]+")  # telephones write all kinds of dashes
MUCH_TYPED = 100  # characters; what is longer is no code and no key


class CodeInvalid(ValueError):
    """What was typed cannot be a receipt code: a symbol is wrong or missing."""


def make_code(prefix: str, year: int) -> str:
    """Return a fresh public code, like BN-26-7K3FQ2-9: it says nothing about how many there are."""
    body = "".join(secrets.choice(CODE_SYMBOLS) for _ in range(CODE_LENGTH))
    return f"{prefix}-{year % 100:02}-{body}-{check_symbol(prefix, year % 100, body)}"


def example(prefix: str) -> str:
    """Return a code as an install with that prefix makes them, for showing what one looks like."""
    return f"{prefix}-26-7K3FQ2-{check_symbol(prefix, 26, '7K3FQ2')}"


def check_symbol(prefix: str, year: int, body: str) -> str:
    """Return the symbol that makes a mistyped code show."""
    weighted = sum(weight * CODE_SYMBOLS.index(symbol) for weight, symbol in enumerate(body, start=2))
    salt = sum(weight * ord(letter) for weight, letter in enumerate(prefix, start=1)) + year
    return CODE_SYMBOLS[(weighted + salt) % len(CODE_SYMBOLS)]


def read_code(typed: str) -> str:
    """Return the code as stored from what a person typed (any case, spaces, dashes or none); :raise CodeInvalid:."""
    squeezed = _SEPARATORS.sub("", typed[:MUCH_TYPED].upper())
    match = _CODE.match(squeezed)
    if match is None:
        raise CodeInvalid(typed[:40])
    prefix, year, body, symbol, part = match.groups()
    body, symbol = body.translate(_LOOKS_LIKE), symbol.translate(_LOOKS_LIKE)
    if not set(body + symbol) <= set(CODE_SYMBOLS) or check_symbol(prefix, int(year), body) != symbol:
        raise CodeInvalid(typed[:40])
    return f"{prefix}-{year}-{body}-{symbol}" + (f".{int(part)}" if part else "")


def make_key() -> str:
    """Return a fresh secret key: 16 symbols, 80 bits."""
    return "".join(secrets.choice(KEY_SYMBOLS) for _ in range(KEY_LENGTH))


def read_key(typed: str) -> str:
    """Return the key as made from what a person typed; what cannot be one comes back as typed and matches nothing."""
    return _SEPARATORS.sub("", typed[:MUCH_TYPED].upper()).replace("O", "0").replace("I", "1").replace("L", "1")


def show_key(key: str) -> str:
    """Return the key in groups of four, as printed on a receipt."""
    return "-".join(key[i : i + 4] for i in range(0, len(key), 4))
