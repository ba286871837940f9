"""The chain of hands a paper goes through, and which successor takes what. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from app.fold import fold

SIGNER, RECORDS = "signer", "records"


class ChainInvalid(ValueError):
    """A signing chain that leads nowhere; *why* is empty, twice, no_signer, or order (a paper gets its number after signing, last)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def path_ids(path: str) -> list[int]:
    """Return the ids that a unit's path is made of, from the top down to its own; none of an empty one."""
    return [int(step) for step in path.strip("/").split("/") if step]


def check_chain(steps: Sequence[str]) -> None:
    """:raise ChainInvalid: unless a paper that goes through *steps* ends up signed, and numbered last if at all."""
    # NĐ 30/2020, Điều 14-15: người có thẩm quyền ký; rồi văn thư "cấp số và thời gian ban hành văn bản".
    if not steps:
        raise ChainInvalid("empty")
    if len(set(steps)) != len(steps):
        raise ChainInvalid("twice")
    if SIGNER not in steps:
        raise ChainInvalid("no_signer")
    if list(steps[steps.index(SIGNER) + 1 :]) not in ([], [RECORDS]) or RECORDS in steps[: steps.index(SIGNER)]:
        raise ChainInvalid("order")


#: What everybody writes for the long names; static/js/combobox.js knows the same.
SHORT_FOR = {"ubnd": "uy ban nhan dan", "hdnd": "hoi dong nhan dan", "mttq": "mat tran to quoc"}
MOST_ALIKE = 10  # more are no answer to a question


def called(typed: str, names: Mapping[str, str]) -> list[str]:
    """Return the keys of those *names* that *typed* is all of, with or without diacritics."""
    words = _words(typed)
    return [key for key, name in names.items() if _words(name) == words]


def alike(typed: str, names: Mapping[str, str]) -> list[str]:
    """Return the keys of the *names* that have most words of *typed*, two at least if it has so many, the shortest first.

    Where some have them one after the other, only those; none where they are too many to choose from.
    """
    said = " ".join(_words(typed))
    words = set(said.split())
    hits = {key: len(words.intersection(_words(name))) for key, name in names.items()}
    most = max(hits.values(), default=0)
    near = [key for key in names if hits[key] == most]
    together = [key for key in near if f" {said} " in f" {' '.join(_words(names[key]))} "]
    found = sorted(together or near, key=lambda key: (len(names[key]), names[key]))
    return found if most >= min(2, len(words)) > 0 and len(found) <= MOST_ALIKE else []


def _words(text: str) -> list[str]:
    return " ".join(SHORT_FOR.get(word, word) for word in fold(text).split()).split()


class Succession(Protocol):
    """From a day on, an area or field of a unit, or all of it, is another unit's."""

    place_id: int | None
    field_id: int | None
    effective_on: dt.date


S = TypeVar("S", bound=Succession)


def successor(successions: Iterable[S], *, place_id: int | None, field_id: int | None, on: dt.date) -> S | None:
    """Return which of one unit's *successions* takes a matter of that place and field on that day, or None.

    What says most about the matter wins: area and field, then area, then field, then the row for everything.
    """
    fitting = [
        each for each in successions if each.effective_on <= on and each.place_id in {None, place_id} and each.field_id in {None, field_id}
    ]
    return max(fitting, key=lambda each: (specificity(each), each.effective_on), default=None)


def specificity(succession: Succession) -> int:
    """Return how much the row says: 3 area and field, 2 area, 1 field, 0 everything."""
    return 2 * (succession.place_id is not None) + (succession.field_id is not None)
