"""Waiting for something to become true, without guessing how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSES = (0.02, 0.25)  # seconds between two looks, at first and in the end: who looks without rest keeps busy what it waits for


class NeverHappened(AssertionError):
    """What was waited for did not come."""


def eventually(look: Callable[[], T], *, within: float = 60, ignoring: type[Exception] | tuple[type[Exception], ...] = ()) -> T:
    """Return the first true answer of *look*; errors in *ignoring* count as "not yet". Raise NeverHappened after *within* seconds."""
    until = time.monotonic() + within
    why: object = None
    pause, longest = PAUSES
    while time.monotonic() < until:
        try:
            if why := look():
                return why
        except ignoring as error:
            why = error
        time.sleep(pause)
        pause = min(pause * 1.3, longest)
    raise NeverHappened(f"not within {within} s; the last answer was {why!r}")
