"""How long those around a session or a reception day are kept, who lets them go, and what stays needed."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from app.permissions import Reach
from dialogues.rules.standing import Standing, may_lead
from dialogues.rules.states import OUT, S, Status

#: What the rules of retention call them, where those of items name a kind: no item is of such a kind, so no rule is taken for another.
SESSION_PEOPLE, RECEPTION_PEOPLE = "dialogue_people", "reception_people"

#: Nobody prepares them, and nobody is owed their result: only then can their people go.
DONE_WITH = OUT | {S.CANCELLED}


class Kept(StrEnum):
    """Why somebody stays although the term is over."""

    OWED = "owed"  # what they sent or brought forward is not finished, or somebody has to decide on a wish about their data
    PROMISED = "promised"  # something that was promised there is not done: whoever asked or follows is told of it
    UNDECIDED = "undecided"  # what they said the minutes have wrong, or what came late from the desk, waits for a decision


def ended(status: Status, *, held: dt.date | None, cancelled: dt.date | None) -> dt.date | None:
    """Return the day from which the term of a session's people is counted; None: it goes on."""
    if status not in DONE_WITH:
        return None
    return cancelled if status == S.CANCELLED else held


def may_let_go(reach: Reach, standing: Standing) -> bool:
    """Say whether the people of a session or reception day may be let go: by the head of the unit that held it."""
    return may_lead(reach, standing)
