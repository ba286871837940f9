"""What the site answers to each role at each address is what docs/permissions.md says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import templating

from tests.bad_input.matrix import Walker, rendered
from tests.bad_input.routes import rules_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "permissions.md"
AGAIN = "See whether that is meant, then: WRITE_PERMISSIONS=1 python -m pytest tests/bad_input/test_permissions.py --database sqlite"


@pytest.fixture(autouse=True)
def _once(backend):
    if backend.name != "sqlite":
        pytest.skip("asked once, where five thousand requests cost a minute")


def test_everybody_gets_at_every_address_what_the_table_says(app, site, ear, monkeypatch):
    walker = Walker(app, site)
    monkeypatch.setattr(templating, "_render", lambda *_: "")  # who gets a page does not hang on what stands on it
    rows = list(walker.rows())
    assert {row.rule for row in rows} == {rule.rule for rule in rules_of(app)}
    found = rendered(rows)
    if os.environ.get("WRITE_PERMISSIONS"):
        DOCUMENT.write_text(found, encoding="utf-8")
    told = DOCUMENT.read_text(encoding="utf-8")
    lines, known = found.splitlines(), set(told.splitlines())
    changed = [line for line in lines if line not in known] + [line for line in told.splitlines() if line not in set(lines)]
    assert changed == [], AGAIN
    assert found == told, AGAIN
    assert ear.failures == []
