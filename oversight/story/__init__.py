"""What happened to one promise, told once: every matter adds its own entries, and what may be done about it now.

A matter registers in its `init_app`: ``hooks.add(story.further, entries)`` and ``hooks.add(story.actions, buttons)``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.assignments.models import Assignment
from app.assignments.rules import HOPS_ALARM
from app.audit import AuditEntry, entries_about
from app.database import db
from app.formats import upper_first
from app.permissions import Reach
from app.units.models import Unit
from oversight import words
from oversight.register import kinds


@dataclass(frozen=True)
class Reader:
    """Who reads the story: a link is given only to who may open what it leads to."""

    reach: Reach

    def may_open(self, row: Assignment) -> bool:
        """Say whether the item that *row* belongs to opens for this reader."""
        return kinds.may_read(row, self.reach)


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


#: Entries of the matters that this module does not know: reminders, looks on the spot, steps of the ladder.
further: list[Callable[[Assignment, Reader], Iterable[Entry]]] = []
#: What this reader may do about the promise, each matter its own.
actions: list[Callable[[Assignment, Reader], Iterable[Action]]] = []


def of(row: Assignment, reader: Reader) -> list[Entry]:
    """Return all that happened to *row*, the latest first; what is not this reader's to open has no link."""
    told = [entry for hook in further for entry in hook(row, reader)]
    # Of one step the matter itself says more than the ledger: who answered, and the paper.
    steps = {(entry.at, entry.icon) for entry in told}
    told = [*(entry for entry in _of_itself(row) if (entry.at, entry.icon) not in steps), *told]
    return sorted(told, key=lambda entry: entry.at)[::-1]


def since(row: Assignment, reader: Reader, after: dt.datetime) -> list[Entry]:
    """Return what happened after an instant, the latest first."""
    return [entry for entry in of(row, reader) if entry.at > after]


def buttons(row: Assignment, reader: Reader) -> list[Action]:
    """Return what this reader may do about *row*."""
    return [action for hook in actions for action in hook(row, reader)]


#: What others did to the promise itself: action → icon.
_ICONS = {
    "assignment.made": "inbox",
    "assignment.taken": "person",
    "assignment.given": "person",
    "assignment.freed": "people",
    "assignment.returned": "back",
    "assignment.transferred": "move",
    "assignment.done": "done",
    "assignment.verified": "eye",
    "assignment.doubted": "eye",
    "assignment.reopened": "redo",
    "assignment.cancelled": "off",
}


def _of_itself(row: Assignment) -> list[Entry]:
    entries = [entry for entry in entries_about(row) if entry.action in _ICONS]
    names = named(entries)
    return [Entry(entry.at, _sentence(entry, row, names), _ICONS[entry.action]) for entry in entries]


def named(entries: Iterable[AuditEntry]) -> dict[tuple[type, int], str]:
    """Return the names of the units and people that the facts of *entries* give by id, each table asked once."""
    wanted: dict[type[Unit | User], set[int]] = {Unit: set(), User: set()}
    for entry in entries:
        for fact, model in (("unit_id", Unit), ("from_id", Unit), ("to_id", Unit), ("officer_id", User)):
            if id_ := entry.facts.get(fact):
                wanted[model].add(id_)
    return {
        (model, row.id): row.name
        for model, ids in wanted.items()
        if ids
        for row in db.session.scalars(db.select(model).where(model.id.in_(ids)))
    }


def _sentence(entry: AuditEntry, row: Assignment, names: dict[tuple[type, int], str]) -> str:
    unit, officer = (names.get((model, entry.facts.get(fact) or 0), "") for model, fact in ((Unit, "unit_id"), (User, "officer_id")))
    if entry.action == "assignment.transferred":
        came, went = (names.get((Unit, entry.facts[fact]), "") for fact in ("from_id", "to_id"))
        hop = _("Chuyển từ %(came)s sang %(went)s, lần thứ %(number)s", came=came, went=went, number=entry.facts["hops"])
        return _("%(hop)s: chuyển lòng vòng", hop=hop) if entry.facts["hops"] >= HOPS_ALARM else hop
    said: dict[str, Any] = {
        "assignment.made": _l("Đã giao việc cho %(unit)s", unit=unit),
        "assignment.taken": _l("%(who)s nhận xử lý", who=officer),
        "assignment.given": _l("Đã giao cho %(who)s", who=officer),
        "assignment.freed": _l("Người được giao thôi giữ việc, chờ đơn vị giao người khác"),
        "assignment.returned": _l("%(unit)s trả lại", unit=unit),
    }
    return str(said.get(entry.action) or upper_first(str(words.event(entry.action, row.duty))))
