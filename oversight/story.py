"""What happened to one promise, told once: every matter adds its own entries, and what may be done about it now.

A matter registers in its `init_app`: ``story.add(story.further, entries)`` and ``story.add(story.actions, buttons)``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from app.assignments.models import Assignment
from app.permissions import Reach


@dataclass(frozen=True)
class Reader:
    """Who reads the story: a link is given only to who may open what it leads to."""

    reach: Reach
    own_path: str


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    at: dt.datetime
    text: Any  # a sentence, in the language of the reader, without a full stop
    icon: str = "flag"  # of components/icon.html
    url: str | None = None  # a page of it; None where this reader may not open it
    words: str = ""  # what was said, in the words of who said it; names that the reader may not know masked


@dataclass(frozen=True)
class Action:
    """A button at the head of the promise's page: a link to the page where the thing is done."""

    text: Any
    url: str


Hook = Callable[[Assignment, Reader], Iterable[Any]]

#: Entries of the matters that this module does not know: reminders, looks on the spot, steps of the ladder.
further: list[Callable[[Assignment, Reader], Iterable[Entry]]] = []
#: What this reader may do about the promise, each matter its own.
actions: list[Callable[[Assignment, Reader], Iterable[Action]]] = []


def add(hooks: list[Any], hook: Hook) -> None:
    """Add *hook* once: several sites may be made in one process, as the tests do."""
    if hook not in hooks:
        hooks.append(hook)
