"""What the site answers to each role in each state of each kind of object is what docs/permissions-states.md says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.accounts.queries import reach_of
from feedback.sealed import queries
from feedback.sealed.shadows import Shadows
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


@pytest.fixture(autouse=True)
def _once(backend):
    if backend.name != "sqlite":
        pytest.skip("asked once: who may do what does not hang on the database")


@pytest.fixture(autouse=True)
def _accounts_stand_still(monkeypatch):
    """Who is kept out of a sealed case is reckoned from accounts, roles and units, which nothing here changes: once is enough."""
    shadows, reaches = {}, {}
    monkeypatch.setattr(queries, "Shadows", lambda on: shadows.get(on) or shadows.setdefault(on, Shadows(on)))
    monkeypatch.setattr(queries, "reach_of", lambda user, on: reaches.get(user.id) or reaches.setdefault(user.id, reach_of(user, on=on)))


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
    assert told == document([known[each] for each in PARTS]), AGAIN
    assert ear.failures == []
    tried("an object that is not theirs, in each of its states", walk.refused)
