"""What a device of the secretary's desk says, and what the server makes of it."""

from __future__ import annotations

from enum import StrEnum

from dialogues.rules.states import S, Status


class EventKind(StrEnum):
    """What a device of the secretary's desk may say."""

    ITEM_BEGUN = "item_begun"
    ITEM_ENDED = "item_ended"
    QUEUED = "queued"  # somebody asks for the floor
    CALLED = "called"  # the chair gives the floor
    ASKED = "asked"
    ANSWERED = "answered"
    TEXT_CHANGED = "text_changed"
    REJECTED = "rejected"  # the asker does not accept the answer
    CAME = "came"
    COUNTED = "counted"  # people in a satellite hall
    HANDS = "hands"
    WITHDRAWN = "withdrawn"  # recorded by mistake


class EventState(StrEnum):
    """What the server made of it."""

    APPLIED = "applied"
    LATE = "late"  # came after the session was held: waits to be accepted
    REFUSED = "refused"
    CONFLICT = "conflict"  # another device said otherwise: shown side by side
    ADDENDUM = "addendum"  # came after archiving


#: While somebody may be looking at its live pages.
LIVE = frozenset({S.READY, S.IN_SESSION, S.HELD, S.CONCLUDED, S.PUBLISHED})

#: While the secretary's desk is at work.
AT_DESK = frozenset({S.READY, S.IN_SESSION})

#: What becomes of an event that is received at each status; at any other there is nothing to record yet, or nothing more.
RECEIVED: dict[Status, EventState] = {
    **dict.fromkeys(AT_DESK, EventState.APPLIED),
    S.HELD: EventState.LATE,
    S.CONCLUDED: EventState.LATE,
    S.PUBLISHED: EventState.LATE,
    S.ARCHIVED: EventState.ADDENDUM,
}


def unvoiced(agree: int, disagree: int | None, present: int | None) -> int:
    """Return how many of those *present* raised their hand neither for nor against; 0 where one of the numbers is not known."""
    return max(present - agree - disagree, 0) if disagree is not None and present is not None else 0


class CountedIn(StrEnum):
    """What a show of hands counts."""

    PEOPLE = "people"
    HOUSEHOLDS = "households"
