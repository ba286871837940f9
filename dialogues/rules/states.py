"""Where a session stands, and which step leads where. Late is derived from dates; no state."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where a session stands."""

    DRAFT = "draft"
    PLANNED = "planned"
    ANNOUNCED = "announced"
    READY = "ready"
    IN_SESSION = "in_session"
    HELD = "held"
    CONCLUDED = "concluded"
    PUBLISHED = "published"
    ARCHIVED = "archived"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


S = Status

TRANSITIONS: dict[Status, frozenset[Status]] = {
    S.DRAFT: frozenset({S.PLANNED, S.CANCELLED}),
    S.PLANNED: frozenset({S.ANNOUNCED, S.POSTPONED, S.CANCELLED}),
    S.ANNOUNCED: frozenset({S.READY, S.POSTPONED, S.CANCELLED}),
    S.READY: frozenset({S.IN_SESSION, S.POSTPONED, S.CANCELLED}),
    # Once begun it can be broken off, and then it was held; what was said is not unsaid.
    S.IN_SESSION: frozenset({S.HELD}),
    S.HELD: frozenset({S.CONCLUDED}),
    S.CONCLUDED: frozenset({S.PUBLISHED}),
    S.PUBLISHED: frozenset({S.ARCHIVED}),
    S.ARCHIVED: frozenset(),  # what comes later is an addendum
    # A new day is a new announcement: those who were told the old one are told the new one.
    S.POSTPONED: frozenset({S.PLANNED, S.CANCELLED}),
    S.CANCELLED: frozenset(),
}

#: While what is prepared for a session may still be changed.
EDITABLE = frozenset({S.DRAFT, S.PLANNED, S.ANNOUNCED, S.READY, S.POSTPONED})

#: While where it is held may still be corrected: a line breaks, people are led to another room.
NOT_OVER = EDITABLE | {S.IN_SESSION}

#: While it is written down what was said and given out; the minutes may be corrected until the dossier is closed.
RECORDED_IN = frozenset({S.IN_SESSION, S.HELD})

MINUTES_IN = frozenset({S.HELD, S.CONCLUDED, S.PUBLISHED})

#: What was published may be masked better afterwards.
REVIEWED_IN = frozenset({S.CONCLUDED, S.PUBLISHED})

#: Once its day is over the public is owed the result, whether or not anybody wrote down that it was held.
RESULT_OWED = frozenset({S.ANNOUNCED, S.READY, S.IN_SESSION, S.HELD, S.CONCLUDED})

#: Nothing of a conclusion is public before the result is.
OUT = frozenset({Status.PUBLISHED, Status.ARCHIVED})

#: Papers and dossier stand as they are.
CLOSED = frozenset({Status.ARCHIVED, Status.CANCELLED})
