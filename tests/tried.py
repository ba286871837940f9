"""What was tried against the site, how often, and how much of it got through: docs/security.md, written anew by each run of the suite.

A test calls `tried("codes and keys guessed", 20_000)` once it has tried that often; that it then passes says that nothing got through.
Rows of tests that did not run stay as they are; rows of tests that are no more go.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "security.md"
HEAD = """# What was tried against the site

Written by the suite (`python3 run.py test`): each row is one test of the last run, with how often it tried, on all databases together, and
how often something got through. Which threat each answers stands in `threat-model.md`.

| What was tried | Test | Tries | Got through |
|---|---|---:|---:|
"""
_ROW = re.compile(r"^\| (.+) \| `(.+)` \| ([\d,]+) \| (.+) \|$", re.MULTILINE)

Tried = Callable[[str, int], None]


def noting(request: pytest.FixtureRequest) -> Tried:
    """Return what notes for the table that something was tried so often."""

    def note(what: str, times: int) -> None:
        assert times > 0
        request.node.user_properties.append(("tried", (what, times)))

    return note


class Table:
    """Gathers what the tests of all workers tried."""

    def __init__(self) -> None:
        self.times: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.failed: set[tuple[str, str]] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        noted: list[Any] = [value for name, value in report.user_properties if name == "tried"]
        for what, times in noted if report.when == "call" else []:
            key = (report.nodeid.partition("[")[0], what)
            self.times[key] += times
            if not report.passed:
                self.failed.add(key)

    def pytest_sessionfinish(self) -> None:
        if self.times:
            text = self.written(TABLE.read_text() if TABLE.exists() else "")
            TABLE.write_text(text)

    def written(self, before: str) -> str:
        """Return the table with what this run tried, in place of what the same tests tried *before*."""
        rows = {(test, what): (what, test, times, through) for what, test, times, through in _ROW.findall(before) if _is_there(test)}
        ran = {test for test, _what in self.times}
        rows = {key: row for key, row in rows.items() if key[0] not in ran}
        for key, times in self.times.items():
            rows[key] = (key[1], key[0], f"{times:,}", "yes" if key in self.failed else "0")
        lines = (f"| {what} | `{test}` | {times} | {through} |\n" for _key, (what, test, times, through) in sorted(rows.items()))
        return HEAD + "".join(lines)


def _is_there(test: str) -> bool:
    path, _colons, name = test.partition("::")
    return (ROOT / path).is_file() and f"def {name.rpartition('::')[2]}(" in (ROOT / path).read_text()


def gather(config: pytest.Config) -> None:
    """Gather in the one process that all workers report to; a run on one database only would halve the numbers."""
    if not hasattr(config, "workerinput") and config.getoption("--database") == "both":
        config.pluginmanager.register(Table(), "tried")
