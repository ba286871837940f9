"""What a session looks like, from what the desk's devices said of it. Pure: no database, no web.

Devices may be without network for ten minutes, send twice, and send in any order. So what stands is computed from the *set* of events
and never from the order in which they arrived: the same events, the same session.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from dialogues.rules import EventKind

E = EventKind
RUNNING = frozenset({E.ITEM_BEGUN, E.ITEM_ENDED})
#: What begins the life of its subject, whose id was made on the device.
CREATIONS = frozenset({E.QUEUED, E.ASKED, E.CAME, E.HANDS})
#: What several may write at the same time: kind → the register that it writes.
REGISTERS = {E.ASKED: "text", E.TEXT_CHANGED: "text", E.ANSWERED: "answer", E.REJECTED: "rejected", E.COUNTED: "people"}

#: Whoever takes a speaker off the queue takes no question away that another device, without network, writes down at that moment.
SPEAKER = "speaker"


@dataclass(frozen=True)
class Event:
    """One thing a device said. *base*: the events it saw standing in the register that it writes, which it replaces."""

    uid: uuid.UUID
    kind: EventKind
    subject: uuid.UUID
    at: dt.datetime
    base: frozenset[uuid.UUID] = frozenset()
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def order(self) -> tuple[dt.datetime, uuid.UUID]:
        """Where it stands among others, on every machine alike."""
        return self.at, self.uid

    @property
    def value(self) -> Any:
        """What it writes into its register."""
        match self.kind:
            case E.ASKED:
                return self.facts["text"]
            case E.TEXT_CHANGED:
                return self.facts["value"]
            case E.ANSWERED:
                return {name: self.facts[name] for name in ("kind", "by", "text")}
            case E.REJECTED:
                return {name: self.facts[name] for name in ("wants", "taken_back")}
            case E.COUNTED:
                return self.facts["people"]
        raise ValueError(self.kind)


@dataclass(frozen=True)
class Run:
    """When an item of the programme really ran."""

    begun_at: dt.datetime
    ended_at: dt.datetime | None


@dataclass
class Told:
    """What was said of one subject: a speaker and the question of the same id, a hall, somebody who came, a show of hands."""

    withdrawn: bool = False
    left: bool = False  # the queue of speakers only
    made: dict[EventKind, Event] = field(default_factory=dict)  # the creation that counts
    heads: dict[str, tuple[Event, ...]] = field(default_factory=dict)  # register → what stands, the one shown last
    called_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None  # when it was answered first

    def shown(self, register: str) -> Any:
        """Return what stands in a register; None where nobody wrote into it."""
        return self.heads[register][-1].value if register in self.heads else None


_ORDER = attrgetter("order")


def heads(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return those of one register that no other replaces, the one shown last. More than one: two devices did not see each other."""
    written = sorted(events, key=_ORDER)
    replaced = {uid for event in written for uid in event.base - {event.uid}}
    # No device of ours makes a circle; where one does, all of it stands.
    return tuple(event for event in written if event.uid not in replaced) or tuple(written)


def in_conflict(standing: Iterable[Event]) -> bool:
    """Say whether what stands in a register says two things."""
    values = [event.value for event in standing]
    return any(value != values[0] for value in values[1:])


def runs(events: Iterable[Event]) -> dict[uuid.UUID, Run]:
    """Return when each item ran. One runs at a time: who begins one ends the other; one that goes on later began when it first did."""
    begun: dict[uuid.UUID, dt.datetime] = {}
    ended: dict[uuid.UUID, dt.datetime] = {}
    running = None
    for event in sorted((each for each in events if each.kind in RUNNING), key=_ORDER):
        if event.kind == E.ITEM_ENDED and event.subject != running:
            continue
        if event.kind == E.ITEM_BEGUN and event.subject == running:
            continue
        if running is not None:
            ended[running] = event.at
        running = None
        if event.kind == E.ITEM_BEGUN:
            running = event.subject
            begun.setdefault(running, event.at)
            ended.pop(running, None)
    return {item: Run(at, ended.get(item)) for item, at in begun.items()}


def fold(events: Iterable[Event]) -> dict[uuid.UUID, Told]:
    """Return what is known of each subject, items of the programme apart. Any part of the subjects can be folded without the rest."""
    by_subject: dict[uuid.UUID, list[Event]] = {}
    for event in events:
        if event.kind not in RUNNING:
            by_subject.setdefault(event.subject, []).append(event)
    return {subject: _told(said) for subject, said in by_subject.items()}


def _told(said: list[Event]) -> Told:
    withdrawn = [event for event in said if event.kind == E.WITHDRAWN]
    if any(event.facts.get("of") != SPEAKER for event in withdrawn):
        return Told(withdrawn=True)
    told = Told(left=bool(withdrawn))
    registers: dict[str, list[Event]] = {}
    for event in sorted(said, key=_ORDER):
        if event.kind in CREATIONS and not (told.left and event.kind == E.QUEUED):
            told.made.setdefault(event.kind, event)
        if event.kind in REGISTERS:
            # Two secretaries may write down the same speaker's question: who spoke is said once, but neither text is lost.
            registers.setdefault(REGISTERS[event.kind], []).append(event)
        if event.kind == E.CALLED:
            told.called_at = event.at
        if event.kind == E.ANSWERED:
            told.answered_at = told.answered_at or event.at
    told.heads = {name: heads(written) for name, written in registers.items()}
    return told
