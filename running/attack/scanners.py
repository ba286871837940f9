"""What is done by each scanner, and what its report says; wapiti and sqlmap have modules of their own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from typing import Any

from running.attack.report import Finding, Outcome
from running.attack.sqlmap import sqlmap
from running.attack.target import attacked
from running.attack.tools import Run, last_words, outcome_of
from running.attack.wapiti import wapiti
from running.install import HERE

LOCKED = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt")
#: Who is asked for known weaknesses, the first that knows any: names that pip-audit has for them.
SERVICES = ("pypi", "osv")
#: A version whose weaknesses every list of them knows. Who does not tell of them was not asked.
KNOWN_BAD = "jinja2==2.4.1"
CONFIG = HERE / "running" / "attack" / "schemathesis.toml"


def bandit(run: Run) -> Outcome:
    """Read the code for what often is a weakness. Named by the line of code, which stays where lines above it change."""
    outcome = outcome_of("bandit", "bandit")
    said = run.do("bandit", within=run.seconds)
    if "{\n" not in said:
        outcome.missing.append(f"it left no report: {last_words(said)}")
        return outcome
    report = json.loads(said[said.index("{\n") :])
    outcome.tried = f"{report['metrics']['_totals']['loc']:,} lines of code"
    for each in report["results"]:
        line = (HERE / each["filename"]).read_text().splitlines()[each["line_number"] - 1].strip()
        outcome.findings.append(Finding("bandit", f"{each['test_id']} {each['filename'].removeprefix('./')}: {line}", each["issue_text"]))
    outcome.findings += (Finding("bandit", f"unread {each['filename']}", each["reason"]) for each in report["errors"])
    return outcome


def pip_audit(run: Run) -> Outcome:
    """Ask which locked versions have a known weakness: of the first service that knows of any at all."""
    outcome = outcome_of("pip-audit", "pip-audit")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as bad:
        bad.write(KNOWN_BAD)
        bad.flush()
        asked = (each for each in SERVICES if any(found.get("vulns") for found in _audited(run, each, bad.name, "--no-deps")))
        service = next(asked, None)
    if service is None:
        outcome.missing.append(
            f"none of the services that tell what is known of a version ({', '.join(SERVICES)}) answers from this machine: asked for "
            f"{KNOWN_BAD}, whose weaknesses are known since 2014, they told of none. Nothing is said here of the locked versions. "
            "Run `python3 run.py attack pip-audit` where one of them answers"
        )
        return outcome
    audited = [(name, _audited(run, service, name, "--require-hashes")) for name in LOCKED]
    outcome.missing += (f"no answer for {name}" for name, found in audited if not found)
    for name, each in ((name, each) for name, found in audited for each in found):
        if "skip_reason" in each:
            outcome.findings.append(Finding("pip-audit", f"not known: {each['name']}", each["skip_reason"]))
        for weak in each.get("vulns", []):
            where = f"{weak['id']} {each['name']} {each['version']} in {name}"
            outcome.findings.append(Finding("pip-audit", where, f"mended in {weak['fix_versions']}"))
    outcome.tried = f"{sum(len(found) for _name, found in audited)} locked versions"
    outcome.remarks.append(f"Asked of the service {service}.")
    return outcome


def _audited(run: Run, service: str, locked: str, options: str) -> list[dict[str, Any]]:
    said = run.do("pip-audit", within=run.left / 3, called=service, service=service, locked=locked, options=options)
    at = said.find('{"dependencies"')
    return [] if at < 0 else json.JSONDecoder().raw_decode(said[at:])[0]["dependencies"]


def schemathesis(run: Run) -> Outcome:
    """Ask every operation of the API's own document with what fits it and what does not."""
    outcome = outcome_of("schemathesis", "schemathesis")
    with attacked(run.prepared, "schemathesis") as site:
        report = site.folder / "report.json"
        places: dict[str, Any] = {"config": CONFIG, "report": report, "site": site.address}
        said = run.do("schemathesis", within=run.left, seconds=round(run.left), **places)
        outcome.add(site.answers(), site.faults())
        if not report.exists():
            outcome.missing.append(f"it left no report: {last_words(said)}")
            return outcome
        found = json.loads(report.read_text())
    cases, operations = found["test_cases"], found["operations"]
    outcome.tried = f"{cases['generated']:,} cases for {operations['tested']} of {operations['total']} operations"
    for each in found["failures"]:
        outcome.findings += (Finding("schemathesis", f"{each['title']}: {name}", f"{each['count']} times") for name in each["operations"])
    outcome.findings += (Finding("schemathesis", f"error: {each['title']}") for each in found["errors"])
    return outcome


#: The scanners in the order they run, each with its part of the time; what one leaves, those after it get.
SCANNERS: dict[str, tuple[Callable[[Run], Outcome], int]] = {
    "bandit": (bandit, 2),
    "pip-audit": (pip_audit, 1),
    "schemathesis": (schemathesis, 6),
    "wapiti": (wapiti, 24),
    "sqlmap": (sqlmap, 27),
}
