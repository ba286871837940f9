"""How long a code opens, how often it may be tried, how long somebody stays in. Pure."""

from __future__ import annotations

import datetime as dt

CODE_DIGITS = 6
CODE_LASTS = dt.timedelta(minutes=10)
TRIES = 5  # of a million: whoever guesses all of them has one chance in 200,000
STAYS = dt.timedelta(hours=2)  # much is read on a telephone that is lent, or at the counter of the commune


def code_of(digest: str) -> str:
    """Return the digits that the hexadecimal *digest* of a question stands for."""
    return f"{int(digest, 16) % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def read_code(typed: str) -> str:
    """Return the digits of what was typed: telephones put spaces between them."""
    return "".join(sign for sign in typed if sign.isascii() and sign.isdigit())


def may_try(*, asked_at: dt.datetime, tries: int, used: bool, now: dt.datetime) -> bool:
    """Say whether a code still opens anything."""
    return not used and tries < TRIES and now - asked_at < CODE_LASTS


def is_in(made_at: dt.datetime, now: dt.datetime) -> bool:
    """Say whether who came in then is in still."""
    return now - made_at < STAYS
