"""docs/threat-model.md names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
LINES = re.findall(r"^\| (A\d\.\d+) \|.*\| (.+) \|$", (HERE / "docs" / "threat-model.md").read_text(), re.MULTILINE)
NAMED = [(threat, each) for threat, tests in LINES for each in re.findall(r"`([^`]+)`", tests)]


def test_every_threat_has_a_place_for_its_tests():
    assert len(LINES) == len({threat for threat, _tests in LINES})
    assert all(tests == "-" or re.findall(r"`([^`]+)`", tests) for _threat, tests in LINES)


@pytest.mark.parametrize(("threat", "test"), NAMED)
def test_the_tests_of_a_threat_are_there(threat, test):
    path, _colons, name = test.partition("::")
    file = HERE / path
    assert file.is_file(), f"{threat}: {test}"
    assert not name or re.search(rf"^ *def {re.escape(name.partition('[')[0])}\(", file.read_text(), re.MULTILINE), f"{threat}: {test}"
