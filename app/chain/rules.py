"""What is hashed of an entry of the record, and what a break in the chain of hashes means. Pure.

The form, for whoever checks it with tools of their own. An entry is one line of JSON, UTF-8, no spaces, keys sorted, letters unescaped:

    [id, at, action, actor_kind, actor_id, actor_unit_id, subject_type, subject_id, facts]

Instants are UTC: 2026-11-23T01:05:00.000000Z. The hash of link n is SHA-256, in hex, of four lines joined by line feeds: the hash of
link n-1 (before link 1: 64 zeros), n, the instant it was sealed, the entry. Links are numbered from 1 without a gap, so that the
number of the last one is also how many there are; an anchor is a number and its hash, kept where nobody here can rewrite it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.entries import canonical as canonical
from app.entries import instant as instant

GENESIS = "0" * 64
HASH_LEAST = 32  # of a hash's 64 letters, as many must be given: nobody finds another text for these
_ANCHOR = re.compile(r"(?<![\w:])([0-9]{1,18}):([0-9a-f]{32,64})(?![\w:])")


class AnchorUnreadable(ValueError):
    """What was given is no anchor: neither a number, a colon and 32 to 64 letters, nor a text with such lines."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far the record went at some instant: the number of its last link, and that link's hash or how it begins."""

    seq: int
    hash: str
    at: str = ""

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


@dataclass(frozen=True, slots=True)
class Link:
    """One link as it is stored, and the entry that it seals; no *entry*: it is gone."""

    seq: int
    entry_id: int
    sealed_at: Any
    hash: str
    entry: Sequence[Any] | None
    seal: Any = None  # of the entry, by whoever recorded it (app.audit)


@dataclass(frozen=True, slots=True)
class Reached:
    """The last link that was looked at, when a chain is gone through in pieces; none yet: the beginning."""

    seq: int = 0
    hash: str = GENESIS
    sealed_at: str = ""


BEGINNING = Reached()


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was sealed: its *kind* (app.chain.words has the sentence) and what is known of it."""

    kind: str
    facts: dict[str, Any] = field(default_factory=dict)


def readable(value: Any) -> str:
    """Return an instant as it is hashed, or what stands there instead of one."""
    try:
        return instant(value)
    except (ValueError, TypeError, AttributeError):
        return str(value)


def link_hash(previous: str, seq: int, sealed_at: dt.datetime | str, entry: Sequence[Any]) -> str:
    """Return the hash of the link *seq* behind one whose hash is *previous*."""
    lines = (previous, str(seq), instant(sealed_at), canonical(entry))
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def matches(link: Link, previous: str) -> bool:
    """Say whether *link* seals its entry as it stands now; what cannot be read does not match."""
    try:
        return link.entry is not None and link_hash(previous, link.seq, link.sealed_at, link.entry) == link.hash
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return False


def anchors_in(text: str) -> list[Anchor]:
    """Return the anchors that stand in *text*; in one typed alone the hash may be in groups. :raise AnchorUnreadable: none does."""
    lowered = text.lower()
    found = _ANCHOR.findall(lowered) or _ANCHOR.findall("".join(lowered.split()))
    if not found:
        raise AnchorUnreadable
    return [Anchor(int(seq), hash_) for seq, hash_ in found]


def forged(entry: Sequence[Any]) -> Fault:
    """Return what is said of an entry that nobody here recorded."""
    return Fault("entry_forged", {"entry": entry[0], "at": readable(entry[1]), "action": str(entry[2])})


def examine(
    links: Iterable[Link], anchors: Iterable[Anchor], *, after: Reached = BEGINNING, ours: Callable[[Link], bool] = lambda _link: True
) -> Iterator[Fault]:
    """Yield what is wrong with the chain, in its order; then what is wrong at its end. *links* go on *after* those of before.

    *ours* says whether this site recorded what a link seals: an entry written by hand is sealed as the others are.

    A link is held against the stored hash of the one before, so that what was changed in one place is told of in that place.
    """
    expected: dict[int, list[Anchor]] = {}
    for anchor in anchors:
        expected.setdefault(anchor.seq, []).append(anchor)
    last, previous, sealed_at = after.seq, after.hash, after.sealed_at
    for link in links:
        if link.seq != last + 1:
            facts = {"first": last + 1, "last": link.seq - 1, "after": sealed_at, "before": readable(link.sealed_at)}
            yield Fault("links_missing", facts)
        told = {"seq": link.seq, "entry": link.entry_id, "sealed_at": readable(link.sealed_at)}
        if link.entry is None:
            yield Fault("entry_missing", told)
        elif link.seq == last + 1 and not matches(link, previous):
            yield Fault("changed", told | {"now": _now(link.entry)})
        elif not ours(link):
            yield forged(link.entry)
        yield from (Fault("rewritten", {"seq": a.seq, "at": a.at}) for a in expected.pop(link.seq, ()) if not link.hash.startswith(a.hash))
        last, previous, sealed_at = link.seq, link.hash, readable(link.sealed_at)
    for seq in sorted(expected):
        yield from (Fault("cut", {"seq": seq, "at": a.at, "last": last, "after": sealed_at}) for a in expected[seq])


def _now(entry: Sequence[Any]) -> str:
    """Return what stands in an entry now, readable or not."""
    return " ".join(str(each) for each in entry[1:])
