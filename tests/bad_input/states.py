"""What the matrix by state is about: a kind of object, and one of it in each of its states."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from app.permissions import Role
from tests.bad_input.objects import Values


@dataclass(frozen=True)
class Kind:
    """One kind of object: its addresses begin so and name it by that argument; *objects* are arguments that lead to one, by state."""

    title: str
    how: str
    prefix: str
    named: str
    objects: dict[str, Values]
    #: Its states are its parent's too: only whoever holds every role is asked in each, others once where that one is answered alike.
    by_unit_alone: bool = False
    #: Roles that have no part in it: asked together, as one person who holds them all, and each alone where that one gets anything.
    bystanders: tuple[Role, ...] = ()


def by_hand(make: Callable[[], Any], states: Iterator[Any] | Any, column: str = "state") -> dict[str, Any]:
    """Return a new one for each of *states*, which is written into its row as nobody could do it here."""
    made: dict[str, Any] = {}
    for state in states:
        row = make()
        setattr(row, column, state)
        made[said(state)] = row
    return made


def said(state: str) -> str:
    """Return a state as the page names it."""
    return str(state).replace("_", " ")
