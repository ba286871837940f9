"""Who comes before whom, fairly: like with like, few cases not ranked, equal numbers on equal ranks. Pure: numbers in, ranks out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Entry:
    """A unit with its number, and of how many cases that is the share, the median or the mean."""

    key: int
    name: str
    name_sort: str
    kind: str
    level: str
    value: float
    cases: int
    thing: Any = None  # what the caller shows of it


@dataclass(frozen=True)
class Placed:
    """An entry and its rank: two firsts are followed by a third."""

    entry: Entry
    rank: int
    tied: bool


@dataclass(frozen=True)
class Group:
    """Units of one kind and level. Those with few cases stand apart, by name: one case more or less would move them from top to bottom."""

    kind: str
    level: str
    placed: tuple[Placed, ...]
    few: tuple[Entry, ...]


def groups(entries: Iterable[Entry], *, least: int, higher_is_better: bool) -> list[Group]:
    """Return *entries* by kind and level, the province first; those of at least *least* cases ranked, the best first, equals by name."""
    of: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        of.setdefault((entry.level, entry.kind), []).append(entry)
    return [
        Group(
            kind,
            level,
            tuple(_placed([each for each in found if each.cases >= least], higher_is_better=higher_is_better)),
            tuple(sorted((each for each in found if each.cases < least), key=_by_name)),
        )
        for (level, kind), found in sorted(of.items(), key=lambda each: (each[0][0] != "province", each[0]))
    ]


def _placed(entries: list[Entry], *, higher_is_better: bool) -> Iterable[Placed]:
    values = [each.value for each in entries]
    for entry in sorted(entries, key=lambda each: (-each.value if higher_is_better else each.value, *_by_name(each))):
        ahead = sum(value > entry.value if higher_is_better else value < entry.value for value in values)
        yield Placed(entry, ahead + 1, values.count(entry.value) > 1)


def _by_name(entry: Entry) -> tuple[str, int]:
    return entry.name_sort, entry.key
