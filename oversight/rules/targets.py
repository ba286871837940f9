"""The targets of a year: what a unit declares of itself with a paper to show for it, and who confirms that. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.assignments.rules import IllegalTransition
from app.permissions import Permission, Reach
from oversight.rules.papers import issues_for

#: The target that is counted from the sessions that took place; nobody declares it.
DIALOGUE = "dialogue"
#: The target that a plan of supervision issued here meets; who issues it elsewhere declares it.
PLAN = "supervision_plan"


class Outcome(StrEnum):
    """What a unit says of a target."""

    MET = "met"
    NOT_YET = "not_yet"
    NOT_BOUND = "not_bound"  # no project in the area, no enterprise: it is in no denominator once that is confirmed


class State(StrEnum):
    """Where a declaration stands."""

    DECLARED = "declared"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.DECLARED: frozenset({State.CONFIRMED, State.RETURNED, State.WITHDRAWN}),
    State.CONFIRMED: frozenset({State.WITHDRAWN}),  # whoever finds out it was wrong says so
    State.RETURNED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
#: One of these stands in the way of another declaration.
STANDING = (State.DECLARED, State.CONFIRMED)


def check(old: State, new: State) -> None:
    """:raise IllegalTransition: when a declaration may not go from *old* to *new*."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(old, new)


def may_declare(reach: Reach, unit: Any) -> bool:
    """Say whether a person declares for *unit*, and withdraws: nobody does so for another unit."""
    return issues_for(reach, Permission.OVERSIGHT_REPORT, unit_id=unit.id, unit_path=unit.path)


def may_confirm(reach: Reach, unit: Any, standing_body: Any | None) -> bool:
    """Say whether a person confirms or returns what *unit* declared: the standing body does, none of the unit's people."""
    if standing_body is None or unit.id == standing_body.id or reach.is_of(unit_id=unit.id, unit_path=unit.path):
        return False
    return issues_for(reach, Permission.OVERSIGHT_REMIND, unit_id=standing_body.id, unit_path=standing_body.path)


def may_see(reach: Reach, unit: Any, standing_body: Any | None) -> bool:
    """Say whether a person sees how *unit* stands: its own people, the standing body, whoever oversees."""
    own = reach.may(Permission.OVERSIGHT_REPORT, unit_path=unit.path)
    return (
        own or may_confirm(reach, unit, standing_body) or reach.may(Permission.REGISTER_READ, unit_path=unit.path, place_id=unit.place_id)
    )


@dataclass(frozen=True)
class Share:
    """Of so many units that a target binds, so many."""

    met: int
    bound: int
    waiting: int = 0  # declared, and nobody has confirmed it


def share(said: Iterable[tuple[str, str] | None]) -> Share:
    """Return the share of units that met a target, from (outcome, state) of each unit it binds; None: it said nothing.

    Only what was confirmed counts, as met or as not bound.
    """
    met = bound = waiting = 0
    for each in said:
        outcome, state = each or ("", "")
        confirmed = state == State.CONFIRMED
        bound += not (confirmed and outcome == Outcome.NOT_BOUND)
        met += confirmed and outcome == Outcome.MET
        waiting += state == State.DECLARED
    return Share(met, bound, waiting)
