"""What came out, written down: one table, one picture of each kind of work, and all of it as JSON. `bench/results/`."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
import subprocess
import time
from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from markupsafe import Markup

from bench import also
from bench.rounds import Figure

RESULTS = Path(__file__).parent / "results"
WIDTH, HEIGHT, EDGE = 640, 260, 90
LIBRARIES = ("flask", "sqlalchemy", "psycopg", "gunicorn", "redis")


def about(database: str) -> dict[str, Any]:
    """Say on what it was measured."""
    root = Path(__file__).parents[1]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    return {
        "day": time.strftime("%Y-%m-%d"),
        "commit": commit.stdout.strip(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load": [round(each, 1) for each in os.getloadavg()],
        "python": platform.python_version(),
        "database": database,
        "libraries": {name: version(name) for name in LIBRARIES},
    }


def write(name: str, figures: Sequence[Figure], found: dict[int, dict[str, Any]], said: dict[str, Any]) -> Path:
    """Write *figures* as `name.json`, `name.md` and a picture for each kind of work; return the page."""
    RESULTS.mkdir(exist_ok=True)
    facts = {"about": said, "figures": [each.facts() for each in figures], "also": found}
    (RESULTS / f"{name}.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
    by_work = defaultdict(list)
    for each in figures:
        by_work[each.name].append(each)
    pictures = []
    for number, (work, rows) in enumerate(by_work.items(), start=1):
        path = RESULTS / f"{name}-{number}.svg"
        path.write_text(drawn(work, rows), encoding="utf-8")
        pictures.append(f"![{work}]({path.name})")
    page = RESULTS / f"{name}.md"
    measured = [*_ratios(), *table(figures), "", *pictures, ""] if figures else []
    page.write_text("\n".join([*_head(said), *measured, *also.told(found), ""]), encoding="utf-8")
    return page


def _head(said: dict[str, Any]) -> list[str]:
    libraries = ", ".join(f"{name} {number}" for name, number in said["libraries"].items())
    return [
        "# The site beside a bare reference",
        "",
        f"Written by `python3 run.py bench` on {said['day']}, commit {said['commit']}: {said['machine']}, load {said['load'][0]},",
        f"Python {said['python']}, {said['database']}, {libraries}.",
        "",
    ]


def _ratios() -> list[str]:
    return [
        "Ratio: requests a second of the site ÷ those of `bench/reference.py`, asked in turn by the same eight connections; the",
        "median of the rounds, and how far they lie apart. One marked *noisy* is not to be quoted. Processor: milliseconds of one",
        "request, the database's among them, of the site and of the reference. *Wanted* is what issue and design ask for at 200,000.",
        "Of the register and the league table, which the reference has nothing like, the 95th of a hundred answers counts, one person",
        "asking. A form's page is fetched once, before: its token and cookie are then sent with each form.",
        "",
    ]


def table(figures: Sequence[Figure]) -> list[str]:
    """Return the table, a line for each kind of work and size."""
    lines = [
        "| Work | Items | Ratio | Wanted | Spread | Site/s | Reference/s | p95 ms | Processor ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for each in figures:
        ours, theirs = each.site, each.reference
        noisy = " *noisy*" if each.is_noisy else ""
        wrong = f" **{len(ours.wrong)} wrong answers**" if ours.wrong else ""
        ratio, wanted = (f"{each.ratio:.2f}{noisy}", f"{each.wanted:.2f}") if each.within is None else ("–", f"p95 {each.within:.0f} ms")
        lines.append(
            f"| {each.name}{wrong} | {each.size:,} | {ratio} | {wanted} | {each.spread:.0%} "
            f"| {_middle(ours.per_second):.0f} | {_middle(theirs.per_second):.0f} | {_middle(ours.slow):.0f} "
            f"| {_middle(ours.processor):.1f} / {_middle(theirs.processor):.1f} |"
        )
    return lines


def _middle(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0


def drawn(work: str, rows: Sequence[Figure]) -> str:
    """Draw what a request costs the processor against the size: the site's line whole, the reference's broken."""
    sizes = [each.size for each in rows]
    most = max(max(_middle(each.site.processor), _middle(each.reference.processor)) for each in rows) or 1

    def place(at: int, value: float) -> tuple[float, float]:
        whole = math.log(sizes[-1] / sizes[0]) or 1.0
        across = EDGE + (WIDTH - 2 * EDGE) * math.log(sizes[at] / sizes[0]) / whole
        return round(across, 1), round(HEIGHT - EDGE / 2 - (HEIGHT - EDGE) * value / most, 1)

    parts = [Markup('<text x="8" y="16" font-weight="bold">{}, ms</text>').format(work)]
    for css, side in (("", "site"), ("5 4", "reference"))[: 2 if rows[0].within is None else 1]:
        points = [(*place(at, value), value) for at, each in enumerate(rows) for value in [_middle(getattr(each, side).processor)]]
        line = " ".join(f"{x},{y}" for x, y, _ in points)
        parts.append(Markup('<polyline points="{}" fill="none" stroke="#124" stroke-width="2" stroke-dasharray="{}"/>').format(line, css))
        parts += [Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(x, y - 7, f"{value:.1f}") for x, y, value in points]
        x, y, _value = points[-1]
        parts.append(Markup('<text x="{}" y="{}">{}</text>').format(x + 18, y + 4, side))
    parts += [
        Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(place(at, 0)[0], HEIGHT - 4, f"{size:,}")
        for at, size in enumerate(sizes)
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">'
    return f"{head}{Markup('').join(parts)}</svg>\n"
