"""Passwords: how they are kept, and which are too easy to guess."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from threading import Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.fold import compose, fold

SHORTEST = 12
LONGEST = 200  # hashing costs time by length; nobody types more

# OWASP's second choice: 19 MiB and two passes, about 33 ms here.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)

#: What people here reach for first, folded and without spaces; a password made of one of these and digits is refused.
_COMMON = frozenset(
    """
    admin administrator anhyeuem bacninh baomat chinhquyen congan congdan doithoai hanoi hethong iloveyou letmein matkhau
    matkhaumoi mattran nguoidung password passwordpassword quanly quantri quantrivien qwerty qwertyuiop taikhoan thunghiem
    tiepcongdan tinhbacninh tuyetmat ubnd ubndphuong ubndtinh ubndxa vietnam welcome xinchao yeuem ykien
    """.split()  # noqa: SIM905 — a list of words is read as words
)


#: Ten to the power of this many guesses are few for who stole the digests: the lists and habits that zxcvbn knows, and our own words.
_GUESSES = 10.5
_ESTIMATED = 72  # characters: more are not looked at
_estimating = Lock()  # zxcvbn keeps the person's own words where every thread finds them


class PasswordTooEasy(ValueError):
    """A password that would be guessed; *why* is short, long, common or own."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def digest(password: str) -> str:
    """Return what is stored of *password*. Takes some 30 ms: hold no write transaction meanwhile."""
    return _HASHER.hash(_same(password))


def matches(password: str, stored: str | None) -> bool:
    """Say whether *password* is the one behind *stored*; without a stored one it takes as long and says no."""
    try:
        _HASHER.verify(stored or _nobodys(), _same(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def check(password: str, *, own_words: Iterable[str] = ()) -> None:
    """:raise PasswordTooEasy: for a password too short, too long, on every guesser's list, or made of the person's *own_words*."""
    if len(password) < SHORTEST:
        raise PasswordTooEasy("short")
    if len(password) > LONGEST:
        raise PasswordTooEasy("long")
    letters = "".join(c for c in fold(password) if c.isalpha())
    if letters in _COMMON or len(set(password.casefold())) < 5 or fold(password) in "0123456789012345678901234567890":  # noqa: PLR2004
        raise PasswordTooEasy("common")
    if letters in {"".join(c for c in fold(word) if c.isalpha()) for word in own_words}:
        raise PasswordTooEasy("own")
    if _guesses(password, own_words) < _GUESSES:
        raise PasswordTooEasy("common")


def _guesses(password: str, own_words: Iterable[str]) -> float:
    """Return how many guesses, as a power of ten, somebody needs who tries what people choose, in its order."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take a seventh of a second that only who chooses a password waits for

    words = [*sorted(_COMMON), *(part for each in own_words for part in re.findall(r"\w+", fold(each)))]
    with _estimating:
        return min(zxcvbn(each[:_ESTIMATED], user_inputs=words)["guesses_log10"] for each in (fold(password), compose(password)))


@cache
def _nobodys() -> str:
    # An unknown account must cost as much time as a wrong password.
    return digest("mật khẩu của không ai cả")


def _same(password: str) -> str:
    # The same password typed on two keyboards may arrive composed or not.
    return compose(password)
