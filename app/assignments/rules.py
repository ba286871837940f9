"""What an assignment may become, and when it is late. Pure: no database, no web.

An assignment is a promise: what, by which unit, by when, and what came of it. Its duty is *to answer* or *to act*,
and answering is not doing: figures never mix the two.
"""

from __future__ import annotations

import datetime as dt
from enum import IntEnum, StrEnum


class Duty(StrEnum):
    """What was promised."""

    ANSWER = "answer"
    ACT = "act"


class State(StrEnum):
    """Where a promise stands; whether it is late is derived from dates, never a state."""

    OFFERED = "offered"  # sent to a unit, which has a short clock of its own to take or return it
    TAKEN = "taken"
    DONE = "done"
    VERIFIED = "verified"  # looked at by someone other than the unit
    RETURNED = "returned"
    CANCELLED = "cancelled"


OPEN = frozenset({State.OFFERED, State.TAKEN})


class Shown(IntEnum):
    """What everyone may read of it, in the order of the public list; what nobody may has none."""

    OPEN = 1
    DONE = 2


TRANSITIONS: dict[State, frozenset[State]] = {
    # A transfer to another unit offers it again: same row, same clock, one more hop.
    State.OFFERED: frozenset({State.TAKEN, State.RETURNED, State.CANCELLED, State.OFFERED}),
    State.TAKEN: frozenset({State.OFFERED, State.DONE, State.RETURNED, State.CANCELLED}),
    # Not right on the spot, or a reply sent back: the promise is open again.
    State.DONE: frozenset({State.VERIFIED, State.TAKEN}),
    State.RETURNED: frozenset(),
    # A later look found it not right: it is what its unit says, until whoever decides says more.
    State.VERIFIED: frozenset({State.DONE}),
    State.CANCELLED: frozenset(),
}

#: "Chuyển lòng vòng": from this hop on, an alarm goes to the superior.
HOPS_ALARM = 3


class IllegalTransition(Exception):
    """That step is not in the table."""

    def __init__(self, old: StrEnum, new: StrEnum) -> None:
        super().__init__(f"{old} → {new}")
        self.old, self.new = old, new


def check(old: State, new: State) -> None:
    """:raise IllegalTransition: when an assignment may not go from *old* to *new*."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(old, new)


def is_late(due_on: dt.date | None, closed_on: dt.date | None, today: dt.date) -> bool:
    """Say whether a promise is, or was when it closed, past its day: late stays late after closing.

    The due day ends at 24:00 in Vietnam, so only the day after is late.
    """
    return due_on is not None and (closed_on or today) > due_on
