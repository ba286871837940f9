"""What the site answers to each role in each state of each kind of object is what docs/permissions-states.md says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bad_input.by_state import ByState, document, part, parts_of, table
from tests.bad_input.states_of_accounts import of_accounts
from tests.bad_input.states_of_dialogues import of_dialogues
from tests.bad_input.states_of_feedback import of_feedback
from tests.bad_input.states_of_oversight import of_oversight
from tests.bad_input.states_of_sealed import of_sealed
from tests.bad_input.test_permissions import nothing_made

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions-states.md"
AGAIN = (
    "See whether that is meant, then: WRITE_PERMISSIONS=1 python -m pytest tests/bad_input/test_permissions_by_state.py --database sqlite"
)
PARTS = {
    "Feedback and accounts": (of_feedback, of_accounts),
    "Sealed cases": (of_sealed,),
    "Dialogues": (of_dialogues,),
    "Oversight": (of_oversight,),
}
#: Addresses that answer people of another unit, and why.
OPEN_ELSEWHERE = {
    "/can-bo/doi-thoai/<code>/cau-hoi/nhap": "Whoever writes down what a citizen says asks in any session that takes questions.",
    "/tai-khoan/giao-vai-tro/<int:request_id>": "Auditors and sealed intake keep watch over who is given these roles.",
    "/tai-khoan/giao-vai-tro/<int:request_id>/<any('dong-y', khong):answer>": "The same: they read it, and are refused with a sentence.",
}


@pytest.fixture(autouse=True)
def _once(backend):
    if backend.name != "sqlite":
        pytest.skip("asked once: who may do what does not hang on the database")


@pytest.mark.parametrize("title", PARTS)
def test_everybody_gets_in_each_state_what_the_table_says(title, app, site, ear, monkeypatch, tried):
    walk = ByState(app, site)
    kinds = [kind for of in PARTS[title] for kind in of(walk.cast)]
    walk.about(kinds)
    nothing_made(app, monkeypatch)
    found = part(title, [table(kind, list(walk.rows(kind, kinds))) for kind in kinds], walk)
    told = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    if os.environ.get("WRITE_PERMISSIONS"):
        known = parts_of(told) | {title: found}
        told = document([known[each] for each in PARTS if each in known])
        DOCUMENT.write_text(told, encoding="utf-8")
    known = parts_of(told)
    lines, before = found.splitlines(), known[title].splitlines()
    assert [line for line in lines if line not in before] + [line for line in before if line not in lines] == [], AGAIN
    assert found.strip() == known[title].strip(), AGAIN
    if set(known) == set(PARTS):  # else it is being made
        assert told == document([known[each] for each in PARTS]), AGAIN
    assert walk.open_elsewhere <= set(OPEN_ELSEWHERE)
    assert ear.failures == []
    tried("an object that is not theirs, in each of its states", walk.refused)
