"""The keys as nine lines on paper, typed by people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crypto import keyring, paper
from app.crypto.paper import PaperWrong, RotationUnfinished


@pytest.fixture(scope="module")
def ring(tmp_path_factory) -> keyring.Keyring:
    return keyring.load(tmp_path_factory.mktemp("secrets"))


def test_what_was_written_down_is_read_back(ring):
    back = paper.read(paper.written(ring))
    assert (back.root, back.masters, back.legacy) == (ring.root, ring.masters, None)


@pytest.mark.parametrize(
    "typed",
    [
        lambda number, line: line.lower(),
        lambda number, line: line.replace(" ", ""),
        lambda number, line: line.replace(" ", "-"),
        lambda number, line: f"{number}.  {line}",
        lambda number, line: f"  {line}\n",
        lambda number, line: line.replace("0", "O").replace("1", "l"),
    ],
    ids=["small letters", "no gaps", "dashes", "numbered", "space around", "look-alikes"],
)
def test_how_it_is_typed_does_not_matter(ring, typed):
    assert paper.read([typed(number, line) for number, line in enumerate(paper.written(ring), start=1)]).root == ring.root


def test_a_wrong_symbol_is_found_in_its_line(ring):
    lines = paper.written(ring)
    for number in range(len(lines)):
        wrong = "Z" if lines[number][0] != "Z" else "Y"
        with pytest.raises(PaperWrong) as told:
            paper.read([*lines[:number], wrong + lines[number][1:], *lines[number + 1 :]])
        assert told.value.line == number + 1


def test_lines_in_another_order_are_found(ring):
    lines = paper.written(ring)
    with pytest.raises(PaperWrong):
        paper.read([lines[1], lines[0], *lines[2:]])


def test_lines_of_two_papers_do_not_make_one(ring):
    other = paper.written(ring.with_new_master().with_current_only())
    mine = paper.written(ring)
    with pytest.raises(PaperWrong):
        paper.read([*mine[:6], *other[6:8], mine[8]])
    with pytest.raises(PaperWrong):
        paper.read(mine[:8])


def test_no_copy_is_made_while_two_keys_are_in_use(ring):
    with pytest.raises(RotationUnfinished):
        paper.written(ring.with_new_master())


def test_a_ring_made_of_a_lone_master_key_still_opens_what_names_no_key():
    ring = keyring.Keyring(b"k" * 32, {keyring.key_id(b"k" * 32): b"k" * 32}, legacy=keyring.key_id(b"k" * 32))
    assert paper.read(paper.written(ring)).legacy == ring.legacy


@given(st.lists(st.text(), max_size=12))
def test_whatever_is_typed_is_refused_by_name(typed):
    with pytest.raises(PaperWrong):
        paper.read(typed)


def test_typed_keys_never_throw_others_away(ring, tmp_path):
    held = keyring.load(tmp_path)
    keyring.restore(tmp_path, ring)
    assert keyring.load(tmp_path) == ring
    [aside] = tmp_path.glob("*.before-*")
    assert keyring._read(aside) == held
