"""The programme of a session: the parts in their order, the minutes of each, and the hours that come of them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from dialogues.rules import Part

#: Hướng dẫn 04-HD/BDVTU II.2.2, with how many minutes of three hours each part is given. Most of them are the people's.
TEMPLATE: tuple[tuple[Part, int], ...] = (
    (Part.INTRODUCTION, 10),
    (Part.REPORT, 20),
    (Part.FLOOR, 60),
    (Part.ANSWERS, 50),
    (Part.FLOOR_AGAIN, 25),
    (Part.CONCLUSION, 15),
)
STEP = 5  # minutes: nobody plans a hall more finely
WHOLE = 180


def shares(whole: int = WHOLE) -> list[tuple[Part, int]]:
    """Return the parts with their minutes so that they add up to *whole* minutes; what rounding leaves goes to the floor.

    No part is shorter than :data:`STEP`, so a very short session is planned longer than it has.
    """
    rounded = {part: max(STEP, round(minutes * whole / WHOLE / STEP) * STEP) for part, minutes in TEMPLATE}
    rounded[Part.FLOOR] = max(STEP, rounded[Part.FLOOR] + whole - sum(rounded.values()))
    return list(rounded.items())


def hours(begins: dt.datetime | None, minutes: Iterable[int]) -> list[tuple[dt.datetime, dt.datetime] | None]:
    """Return from when to when each item goes, one after the other from *begins* on; None each while no hour is set."""
    slots: list[tuple[dt.datetime, dt.datetime] | None] = []
    at = begins
    for length in minutes:
        if at is None:
            slots.append(None)
            continue
        slots.append((at, at + dt.timedelta(minutes=length)))
        at += dt.timedelta(minutes=length)
    return slots


def too_long(begins: dt.datetime | None, ends: dt.datetime | None, minutes: Sequence[int]) -> int:
    """Return by how many minutes the items run past the end; 0 when they do not, or no end is set."""
    if begins is None or ends is None:
        return 0
    return max(0, sum(minutes) - int((ends - begins).total_seconds()) // 60)
