"""How each kind of promise tells of a step: domains register what the ladder, which knows none of them, cannot say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.sql.base import ExecutableOption

from app.accounts.models import User
from app.assignments.models import Assignment
from app.escalation.models import Escalation
from app.permissions import Reach
from app.units.models import Unit

#: An endpoint with its values: where the promise is opened.
Address = tuple[str, dict[str, Any]]


def _everybody(_promise: Assignment, _user: User, _today: dt.date) -> bool:
    return True


def _no_words(_step: Escalation, _user: User, _now: dt.datetime) -> bool:
    return False


@dataclass(frozen=True)
class Voice:
    """A kind's own part of the ladder."""

    #: Where whoever has this reach opens the promise; None where they may not.
    address: Callable[[Assignment, Reach], Address | None]
    #: May this person hear of it at all on that day? None of the accused does, not even as the superior.
    may_hear: Callable[[Assignment, User, dt.date], bool] = _everybody
    #: Tell it in the kind's own words, and say whether it has any for this step; else it goes into the list of the day.
    tell: Callable[[Escalation, User, dt.datetime], bool] = _no_words
    #: What is read with promises of this kind, for these.
    along: Sequence[ExecutableOption] = ()


@dataclass(frozen=True)
class Matter:
    """Something else that a unit owes by a day about a promise: the decision whether it is opened again."""

    name: str
    promise: Assignment
    unit: Unit
    due_on: dt.date
    officer: None = None  # it is asked of who leads the unit, and of those above


#: By kind of assignment, and by name of a matter.
VOICES: dict[str, Voice] = {}
#: For kinds that say nothing themselves: set by whoever has a page for promises of every kind.
FALLBACK: list[Voice] = []
#: What is owed beside the promises themselves and has passed its day; few, so each is asked for as a whole.
late_matters: list[Callable[[dt.date], Iterable[Matter]]] = []


def voice_of(promise: Assignment, matter: str = "") -> Voice | None:
    """Return how the kind of *promise*, or what else is owed about it, speaks; None where nobody gave it a voice."""
    return VOICES.get(matter or promise.kind) or next(iter(FALLBACK), None)


def address_of(promise: Assignment, matter: str, reach: Reach) -> Address | None:
    """Return where whoever has *reach* opens *promise*, by its own kind's page or else by the page for all; None where they may not."""
    own = VOICES.get(matter or promise.kind)
    pages = (voice.address(promise, reach) for voice in ([own] if own is not None else []) + FALLBACK)
    return next((page for page in pages if page is not None), None)
