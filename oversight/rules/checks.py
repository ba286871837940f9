"""Who looks on the spot, who decides whether what was found not right is opened again, and by when it is then done. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.assignments.rules import State
from app.permissions import Permission, Reach

#: What can be looked at: what is said to be done, and a second time what was found right.
LOOKABLE = frozenset({State.DONE, State.VERIFIED})
#: Promises to citizens, of both sources; letters and findings are looked after where they come from.
KINDS = ("feedback", "conclusion")


@dataclass(frozen=True)
class Done:
    """A promise as far as it matters who may look at it."""

    unit_path: str
    place_id: int | None
    helper_paths: tuple[str, ...] = ()  # units that the conclusion names to help
    officer_ids: frozenset[int] = frozenset()  # whoever had it, wherever they serve now
    hidden: bool = False  # it complains of the reader's own unit


def _same_line(one: str, other: str) -> bool:
    """Say whether one of two units is the other, or above it."""
    return one.startswith(other) or other.startswith(one)


def _is_of(reach: Reach, unit_path: str) -> bool:
    """Say whether somebody works in the unit or below it, or leads there: whoever leads what is above does not."""
    return any(own.startswith(unit_path) for own in reach.paths)


def may_verify(reach: Reach, done: Done) -> bool:
    """Say whether somebody may look whether it was done: a named body, never who did it.

    Neither the unit nor its helpers, nor who is above or below them in the same line: whoever is above decides on reopening and
    is no witness; nor a person who had it themselves and serves elsewhere now; nor one who leads or works there besides.
    """
    if done.hidden or reach.user_id in done.officer_ids:
        return False
    did = (done.unit_path, *done.helper_paths)
    if any(_same_line(own, path) for own in reach.paths for path in did):
        return False
    return reach.may(Permission.OVERSIGHT_VERIFY, unit_path=done.unit_path, place_id=done.place_id)


def may_ask(reach: Reach, done: Done) -> bool:
    """Say whether somebody may ask that it be looked at: who may look, who reminds the unit, who decides above it."""
    if done.hidden or _is_of(reach, done.unit_path):
        return False
    asks = (Permission.OVERSIGHT_VERIFY, Permission.OVERSIGHT_REMIND, Permission.OVERSIGHT_DECIDE)
    return any(reach.may(permission, unit_path=done.unit_path, place_id=done.place_id) for permission in asks)


@dataclass(frozen=True)
class Asked:
    """A question of reopening as far as it matters who decides it."""

    done: Done
    decider_path: str | None  # the unit before whom it lies; None: nobody was found
    by_superior: bool  # it lies before the unit above; else before the standing body
    looker_id: int


def may_decide(reach: Reach, asked: Asked) -> bool:
    """Say whether somebody decides: the superior, strictly above the unit, or the standing body where there is none.

    Never the unit itself, nor who is below it, nor who had it, nor who looked, nor whom the item complains of, not even as the superior.
    """
    done = asked.done
    if done.hidden or _is_of(reach, done.unit_path) or reach.user_id in {*done.officer_ids, asked.looker_id}:
        return False
    if not asked.by_superior:
        return reach.may(Permission.OVERSIGHT_DECIDE, unit_path=asked.decider_path or "/")
    above = asked.decider_path or ""
    if above == done.unit_path or not done.unit_path.startswith(above or " "):
        return False
    # A reach over the whole install makes nobody a unit's superior: the standing body decides only where there is none.
    return any(scope.unit_path is not None and above.startswith(scope.unit_path) for scope in reach.scopes(Permission.OVERSIGHT_DECIDE))


def day_fits(due_on: dt.date, today: dt.date, latest: dt.date | None) -> bool:
    """Say whether what is opened again may be owed by *due_on*: after today, and not after the *latest* day that the rule gives."""
    return today < due_on and (latest is None or due_on <= latest)
