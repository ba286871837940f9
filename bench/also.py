"""What is no ratio, in words: starts, memory, export, the hall, the ticker, slow statements with their plans, indexes nothing used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

PLANS = 40  # the slowest


def told(found: dict[int, dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of what was *found* at each size."""
    for size, kinds in found.items():
        for name, what in kinds.items():
            yield from (f"## {TITLES[name]}, {size:,} items", "")
            yield from _everything(what) if name == "everything" else _rows(what)
            yield ""


TITLES = {
    "start": "From the start of the web server to its first answer",
    "memory": "What one worker and its parent hold (PSS) while they answer every kind of request",
    "export": "The whole register as a file",
    "hall": "A hall that polls while its desk works",
    "due": "The ticker's jobs: first all that nobody was told of yet, then once more, then on the next working day",
    "everything": "Every page asked for once",
}


def _rows(what: Any) -> Iterator[str]:
    if isinstance(what, dict):
        yield from (f"- {name}: {value}" for name, value in what.items() if name != "seen")
        return
    for part in what if isinstance(what[0], list) else [what]:
        names = list(part[0])
        yield from (f"| {' | '.join(names)} |", "|---" * len(names) + "|")
        yield from (f"| {' | '.join(str(row[name]) for name in names)} |" for row in part)
        yield ""


def _everything(what: dict[str, Any]) -> Iterator[str]:
    pages = what["pages"]
    yield f"{len(pages):,} pages with {what['items']:,} items, {what['open']:,} duties open. Most statements:"
    yield ""
    yield from (f"- {count}: {path} ({who}, {ms:.0f} ms)" for who, path, _status, ms, count in sorted(pages, key=lambda row: -row[4])[:10])
    yield from ("", f"{len(what['slow'])} statements took over 20 ms; the slowest {PLANS}, each with its plan:", "")
    for each in what["slow"][:PLANS]:
        yield f"<details><summary>{each['again'] or each['milliseconds']:.0f} ms, {each['page']}</summary>"
        yield from ("", "```", each["statement"][:3000], "", each["plan"][:6000], "```", "", "</details>")
    yield from ("", "Indexes that nothing used:", "")
    yield from (f"- {table}.{index}, {size / 1e6:.1f} MB" for table, index, size in what["unused"])
