"""What is hashed of an entry, and what each way of tampering with a chain is told as. No database."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import pytest

from app.chain.rules import GENESIS, Anchor, AnchorUnreadable, Link, anchors_in, canonical, examine, link_hash

HANOI = dt.timezone(dt.timedelta(hours=7))
AT = dt.datetime(2026, 8, 3, 9, 0, 0, 5, tzinfo=HANOI)


def entry(number: int, *, at: dt.datetime | str = AT, facts: dict | str | None = None) -> list:
    return [number, at, "unit.closed", "user", 7, 3, "unit", 12, {"on": "2026-08-03"} if facts is None else facts]


def sealed(entries: list[list]) -> list[Link]:
    links, previous = [], GENESIS
    for seq, each in enumerate(entries, 1):
        links.append(Link(seq, each[0], AT, link_hash(previous, seq, AT, each), each))
        previous = links[-1].hash
    return links


CHAIN = sealed([entry(number) for number in (3, 1, 2, 5, 4)])


def anchor(seq: int) -> Anchor:
    return Anchor(seq, CHAIN[seq - 1].hash)


def told(links: list[Link], *anchors: Anchor) -> list[tuple]:
    return [(fault.kind, fault.facts.get("seq", fault.facts.get("first"))) for fault in examine(links, anchors)]


def test_the_form_of_an_entry_is_what_the_module_says_whatever_the_database_returns():
    said = '[9,"2026-08-03T02:00:00.000005Z","unit.closed","user",7,3,"unit",12,{"a":"Đ","b":[1,null]}]'
    for at in (AT, AT.astimezone(dt.UTC), "2026-08-03 02:00:00.000005"):
        for facts in ({"b": [1, None], "a": "Đ"}, '{"b": [1, null], "a": "\\u0110"}', '{"a":"Đ","b":[1,null]}'):
            assert canonical(entry(9, at=at, facts=facts)) == said
    by_hand = hashlib.sha256(f"{GENESIS}\n1\n2026-08-03T02:00:00.000005Z\n{said}".encode()).hexdigest()
    assert link_hash(GENESIS, 1, AT, entry(9, facts={"a": "Đ", "b": [1, None]})) == by_hand


def test_a_chain_nobody_touched_is_whole_with_every_anchor():
    assert told(CHAIN, *map(anchor, range(1, 6))) == []
    assert told([]) == []


def changed(**over) -> list[Link]:
    return [*CHAIN[:2], replace(CHAIN[2], entry=entry(2, **over)), *CHAIN[3:]]


def swapped() -> list[Link]:
    return [CHAIN[0], replace(CHAIN[1], entry=entry(2)), replace(CHAIN[2], entry=entry(1)), *CHAIN[3:]]


def inserted() -> list[Link]:
    """One more in the middle, all later ones numbered anew, with the hashes they had."""
    return [*CHAIN[:2], replace(CHAIN[2], entry=entry(9), entry_id=9), *(replace(link, seq=link.seq + 1) for link in CHAIN[2:])]


@pytest.mark.parametrize(
    ("links", "anchors", "faults"),
    [
        (changed(facts={"on": "2026-08-04"}), [], [("changed", 3)]),
        (changed(at=AT - dt.timedelta(days=1)), [], [("changed", 3)]),
        (changed(facts="no JSON"), [], [("changed", 3)]),
        (changed(at="no time"), [], [("changed", 3)]),
        ([*CHAIN[:2], replace(CHAIN[2], entry=None), *CHAIN[3:]], [], [("entry_missing", 3)]),
        ([*CHAIN[:2], *CHAIN[3:]], [], [("links_missing", 3)]),
        (CHAIN[1:], [], [("links_missing", 1)]),
        (swapped(), [], [("changed", 2), ("changed", 3)]),
        (inserted(), [], [("changed", 3), ("changed", 4), ("changed", 5), ("changed", 6)]),
        (CHAIN[:3], [], []),  # without an anchor a tail that was cut off cleanly is not missed
        (CHAIN[:3], [5], [("cut", 5)]),
        (CHAIN[:3], [3, 4, 5], [("cut", 4), ("cut", 5)]),
        ([], [5], [("cut", 5)]),
        (sealed([entry(number) for number in (3, 1, 2, 5, 9)]), [], []),  # hashed anew from end to end
        (sealed([entry(number) for number in (3, 1, 2, 5, 9)]), [4, 5], [("rewritten", 5)]),
        (sealed([entry(number) for number in (9, 1, 2, 5, 4)]), [2, 5], [("rewritten", 2), ("rewritten", 5)]),
    ],
)
def test_what_was_done_to_a_chain_is_told_where_it_was_done(links, anchors, faults):
    assert told(links, *map(anchor, anchors)) == faults


def test_an_anchor_is_read_from_a_file_from_a_letter_and_as_it_was_typed():
    one, two = anchor(2), anchor(5)
    file = f"Mốc khóa nhật ký, lập lúc 02:40\n2026-11-23T01:05:00.000000Z\n{one}\n"
    grouped = " ".join(one.hash[start : start + 8] for start in range(0, 64, 8)).upper()
    assert anchors_in(file) == [one]
    assert anchors_in(f"{file}\n{two}") == [one, two]
    assert anchors_in(f"{one.seq}: {grouped}") == [one]
    assert told(CHAIN, *anchors_in(f"{one.seq}:{one.hash[:32]}")) == []  # half of it is enough to type
    for wrong in ("", "5", f"5:{two.hash[:31]}", f"5:{two.hash}0", "5:" + "g" * 64, two.hash):
        with pytest.raises(AnchorUnreadable):
            anchors_in(wrong)
