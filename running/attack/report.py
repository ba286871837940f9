"""What was found, what of it is known to be nothing and why, and docs/attack.md."""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from running.install import HERE

PAGE = HERE / "docs" / "attack.md"
ACCEPTED = Path(__file__).with_name("accepted.toml")
SHOWN = 6  # findings of one reason; the page is read by people
HEAD = """# The site under independent scanners

Written by `python3 run.py attack`: each part is the last run of one scanner, on a demo of its own on 127.0.0.1, without the limits of how
often somebody may ask, so that what lies behind them is reached. What the suite itself tries stands in `security.md`. What is accepted,
with its reason, stands in `running/attack/accepted.toml`; anything else fails the command.
"""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that a scanner says is wrong: a name that stays the same from run to run, and more for who looks into it."""

    scanner: str
    name: str
    more: str = field(default="", compare=False)


@dataclass
class Outcome:
    """What one scanner did."""

    scanner: str
    version: str
    command: str
    seconds: float = 0
    load: float = 0  # of the machine meanwhile: how many programs ran or waited for a core
    tried: str = ""  # in words, where it is no request
    answers: Counter[str] = field(default_factory=Counter)  # status → how often
    findings: list[Finding] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # what it could not do, and why: of that nothing is known

    def add(self, answers: Counter[str], findings: Iterable[Finding]) -> None:
        """Take in what one of several runs got."""
        self.answers += answers
        self.findings += (each for each in findings if each not in self.findings)


class Accepted:
    """The list of what is known and no fault, each with its reason."""

    def __init__(self) -> None:
        self.rows = tomllib.loads(ACCEPTED.read_text())["accepted"]
        self.met: set[int] = set()

    def reason(self, finding: Finding) -> str | None:
        """Return why *finding* is no fault, or None."""
        for number, row in enumerate(self.rows):
            pattern = re.escape(row["finding"]).replace(r"\*", ".*")
            if row["scanner"] == finding.scanner and re.fullmatch(pattern, finding.name, re.DOTALL):
                self.met.add(number)
                return row["reason"]
        return None

    def gone(self, scanner: str) -> list[str]:
        """Return what *scanner* was allowed to find and did not."""
        return [row["finding"] for number, row in enumerate(self.rows) if row["scanner"] == scanner and number not in self.met]


def write(outcome: Outcome, *, day: str, minutes: float) -> int:
    """Write the page anew with what the scanner did; return how many findings are not accepted."""
    accepted = Accepted()
    parts = dict(_parts(PAGE.read_text()) if PAGE.exists() else [])
    parts[outcome.scanner], unknown = _part(outcome, accepted, day=day, minutes=minutes)
    if not outcome.missing and (gone := accepted.gone(outcome.scanner)):
        parts[outcome.scanner] += "\nAccepted, and not met in this run:\n\n" + "".join(f"- `{each}`\n" for each in gone)
    PAGE.write_text(HEAD + "".join(f"\n## {name}\n\n{text}" for name, text in sorted(parts.items())))
    return unknown


def _parts(page: str) -> Iterable[tuple[str, str]]:
    for part in page.split("\n## ")[1:]:
        name, _newline, text = part.partition("\n")
        yield name, text.strip() + "\n"


def _part(outcome: Outcome, accepted: Accepted, *, day: str, minutes: float) -> tuple[str, int]:
    known: dict[str, list[Finding]] = {}
    unknown = []
    for finding in sorted(outcome.findings):
        reason = accepted.reason(finding)
        (unknown if reason is None else known.setdefault(reason, [])).append(finding)
    asked = f"{sum(outcome.answers.values()):,} requests" if outcome.answers else ""
    lines = [
        f"| Version | {outcome.version} |\n|---|---|\n",
        f"| Command | `{outcome.command}` |\n",
        f"| Run | {day}, {outcome.seconds / 60:.1f} minutes, of {minutes:.0f} for all scanners together |\n",
        f"| Machine | {os.cpu_count()} cores, which {outcome.load:.0f} programs wanted at a time, the scanner and the site among them |\n",
        f"| Tried | {', '.join(filter(None, [asked, outcome.tried])) or '-'} |\n",
    ]
    if outcome.answers:
        lines.append(f"| Answers | {', '.join(f'{status}: {times:,}' for status, times in sorted(outcome.answers.items()))} |\n")
    result = f"{len(unknown)} findings that are not accepted, {len(outcome.findings) - len(unknown)} accepted"
    if outcome.missing:
        result = f"**not done**; of what was done: {result}" if outcome.tried or outcome.answers else "**not done**"
    lines.append(f"| Result | {result} |\n")
    lines += [f"\nNot done: {each}.\n" for each in outcome.missing]
    lines += [f"\n{remark}\n" for remark in outcome.remarks]
    if unknown:
        lines.append("\nNot accepted:\n\n" + "".join(f"- `{each.name}` {each.more}\n" for each in unknown))
    for reason, findings in known.items():
        names = "".join(f"- `{each.name}`\n" for each in findings[:SHOWN])
        more = f"- and {len(findings) - SHOWN} more\n" if len(findings) > SHOWN else ""
        lines.append(f"\nAccepted: {reason}\n\n{names}{more}")
    return "".join(lines), len(unknown)
