"""What the site answers to each role at each address is what docs/permissions.md says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import templating

from app import typesetting
from app.accounts import signing_in
from app.accounts.queries import reach_of
from dialogues.papers import word
from feedback.sealed import queries
from feedback.sealed.shadows import Shadows
from tests.bad_input.matrix import UNSEEN, Walker, let_in_unduly, rendered, unseen
from tests.bad_input.routes import rules_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.md"
AGAIN = "See whether that is meant, then: WRITE_PERMISSIONS=1 python -m pytest tests/bad_input/test_permissions.py --database sqlite"


@pytest.fixture(autouse=True)
def _once(backend):
    if backend.name != "sqlite":
        pytest.skip("asked once, where nine thousand requests cost more than a minute")


def nothing_made(app, monkeypatch):
    """Who gets a page or a paper does not hang on what stands on it, and what somebody may does not change in a walk that is undone."""
    monkeypatch.setattr(templating, "_render", lambda *_: '<main id="noi-dung"></main>')
    monkeypatch.setattr(app.jinja_env, "get_or_select_template", lambda *_: None)
    monkeypatch.setattr(typesetting, "pdf", lambda *_: b"%PDF")
    monkeypatch.setattr(word, "docx_of", lambda *_: b"PK")
    known, shadows = {}, {}
    for reader in (signing_in, queries):
        monkeypatch.setattr(reader, "reach_of", lambda user, on: known.get(user.id) or known.setdefault(user.id, reach_of(user, on=on)))
    # Who is kept out of a sealed case is reckoned from the units, roles and delegations of everybody: once is enough.
    monkeypatch.setattr(queries, "Shadows", lambda on: shadows.get(on) or shadows.setdefault(on, Shadows(on)))


def test_everybody_gets_at_every_address_what_the_table_says(app, site, ear, monkeypatch, tried):
    walker = Walker(app, site)
    nothing_made(app, monkeypatch)
    rows = list(walker.rows())
    found = rendered(rows)
    if os.environ.get("WRITE_PERMISSIONS"):
        DOCUMENT.write_text(found, encoding="utf-8")
    assert {row.rule for row in rows} == {rule.rule for rule in rules_of(app)}
    assert unseen(rows) == set(UNSEEN), "give it an object in objects.py, or say in matrix.UNSEEN why nobody finds anything there"
    assert let_in_unduly(rows) == set()
    told = DOCUMENT.read_text(encoding="utf-8")
    lines, known = found.splitlines(), set(told.splitlines())
    changed = [line for line in lines if line not in known] + [line for line in told.splitlines() if line not in set(lines)]
    assert changed == [], AGAIN
    assert found == told, AGAIN
    assert ear.failures == []
    tried("an object that is not theirs to see or to change", walker.refused)
