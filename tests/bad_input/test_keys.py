"""Code, key, link and device open what is their own and nothing else: docs/keys.md."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bad_input.keys import ASKED_FOR, EVERYBODYS, Doors, rendered
from tests.bad_input.test_permissions import nothing_made

DOCUMENT = Path(__file__).parents[2] / "docs" / "keys.md"
AGAIN = "See whether that is meant, then: WRITE_PERMISSIONS=1 python -m pytest tests/bad_input/test_keys.py --database sqlite"
SHUT = {ASKED_FOR, EVERYBODYS, "404"}
#: Addresses at which nobody finds anything here, and why.
UNSEEN = {"/tra-cuu/<code>/dong": "the browser forgets the key, and so the page asks for it"}


@pytest.fixture(autouse=True)
def _once(backend):
    if backend.name != "sqlite":
        pytest.skip("asked once: who opens what does not hang on the database")


def test_what_opens_by_a_key_opens_for_its_owner_only(app, site, ear, monkeypatch, tried):
    doors = Doors(app, site)
    nothing_made(app, monkeypatch)
    monkeypatch.setattr(app.jinja_env, "get_or_select_template", lambda name, *_: doors.drawn.append(str(name)))
    rows = list(doors.rows())
    found = rendered(rows)
    if os.environ.get("WRITE_PERMISSIONS"):
        DOCUMENT.write_text(found, encoding="utf-8")
    assert [row for row in rows if not set(row[3][1:]) <= SHUT] == []
    opened = {text for text, _method, _when, said in rows if said[0] not in SHUT}
    assert {text for text, *_ in rows} - opened == set(UNSEEN), "give it something to open in keys.py, or say here why not"
    assert ear.failures == []
    assert found == DOCUMENT.read_text(encoding="utf-8"), AGAIN
    tried("an item, a seat, an invitation or a booking opened with another's key or with none", doors.refused)
