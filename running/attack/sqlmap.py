"""sqlmap, as each role: in every parameter of every request that its pages send or its views read, each once."""

from __future__ import annotations

import base64
import csv
import re
import time
import urllib.parse
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from running.attack import pages
from running.attack.pages import Sent
from running.attack.report import Finding, Outcome
from running.attack.target import BROWSER, ROLES, Site, attacked, shape
from running.attack.tools import Run, last_words, outcome_of
from running.install import Refused

AT_ONCE = 2  # of it; each waits for one answer at a time
TOGETHER = 6  # requests of one start of it, which share their time
OF_A_PAGE = 2  # as long as so many parameters it takes to look at the page that they belong to
LEAST = 5  # seconds with which it is started at all
NEARLY_ALL = 0.9  # of the parameters; of some it says nothing although it tried
QUOTES = 0.5  # of a role's time: what breaks a statement, for all of them; then every technique, for as many as there is time
QUOTED = re.compile(r"heuristic \(basic\) test shows|possible (?:integer|boolean) casting detected")
TESTED = re.compile(r"does not seem to be injectable|is vulnerable|appears to be .* injectable")


def sqlmap(run: Run) -> Outcome:
    """Try SQL in every parameter; each of them as whichever role meets it first."""
    outcome = outcome_of("sqlmap", "sqlmap")
    known: set[tuple[str, str, str]] = set()
    walks = pages.walks(run.prepared)
    outcome.remarks.append(pages.reach(walks.values()))
    tries = {role: list(pages.news(walk.sent, known)) for role, walk in walks.items()}
    left, quoted, tested = {role: cost(sent) for role, sent in tries.items()}, 0, 0
    total = sum(sum(map(parameters, sent)) for sent in tries.values())
    with attacked(run.prepared, "sqlmap") as site:
        for role in ROLES:
            before, share = site.answers().total(), run.left * left[role] / max(1, sum(left.values()))
            try:
                site.enter(role)
                for depth, part in (("--smart", share * QUOTES), ("", share * (1 - QUOTES))):
                    said = _tried(site, role, run, outcome, sent=tries[role], depth=depth, seconds=part)
                    quoted += len(QUOTED.findall(said)) if depth else 0
                    tested += len(TESTED.findall(said)) if not depth else 0
            except Refused as refusal:
                outcome.missing.append(f"as {role}: {str(refusal).splitlines()[-1]}")
            new = sum(map(parameters, tries[role]))
            outcome.remarks.append(site.told(role, site.answers().total() - before, f"{new} parameters that no role before it has"))
            del left[role]
        outcome.add(site.answers(), site.faults())
    if quoted < total * NEARLY_ALL:
        outcome.missing.append(f"{total - quoted:,} of {total:,} parameters had no turn in its time")
    outcome.tried = f"{quoted:,} of {total:,} parameters with what breaks a statement, {tested:,} with every technique"
    return outcome


def parameters(sent: Sent) -> int:
    """Return how many parameters of a request are to be tried: the new ones, or the one in its address."""
    return len(sent.new) or 1


def cost(sent: Iterable[Sent]) -> int:
    """Return how long requests take beside others: each parameter, and to look at each page first."""
    return sum(OF_A_PAGE + parameters(each) for each in sent)


def _tried(site: Site, role: str, run: Run, outcome: Outcome, *, sent: list[Sent], depth: str, seconds: float) -> str:
    """Try them, several at once, for so many *seconds*; return what was said."""
    kinds = [each for each in sent if each.new], [each for each in sent if not each.new]
    groups = [kind[at : at + TOGETHER] for kind in kinds for at in range(0, len(kind), TOGETHER)]
    until, waiting = time.monotonic() + seconds, list(groups)

    def attempt(number: int) -> str:
        group, name = groups[number], f"{role} {depth.strip('-') or 'every technique'} {number}"
        budget = (until - time.monotonic()) * AT_ONCE * cost(group) / sum(map(cost, waiting))
        waiting.remove(group)
        if budget < LEAST:
            return ""
        requests, report = site.folder / f"{name}.xml", site.folder / f"{name}.csv"
        requests.write_text("".join(_logged(site, each) for each in group))
        names = sorted({name for each in group for name in each.new})
        places = {"requests": requests, "report": report, "folder": site.folder / name, "depth": depth, "seconds": round(budget)}
        said = run.do("sqlmap", *(["-p", ",".join(names)] if names else []), within=budget, called=name, **places)
        if "[*] starting" not in said:
            outcome.missing.append(f"as {role}: {last_words(said)}")
        outcome.add(site.nothing(), _injected(report))
        return said

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return "".join(pool.map(attempt, range(len(groups))))


def _logged(site: Site, sent: Sent) -> str:
    """Return a request as the log of a proxy holds it, with the token of who is signed in now."""
    values = urllib.parse.urlencode([(name, site.token if name.endswith("csrf_token") else value) for name, value in sent.values])
    head = f"{sent.method} {sent.link} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nUser-Agent: {BROWSER}\r\nCookie: {site.cookie}\r\n"
    if sent.method == "POST":
        head += f"Content-Type: application/x-www-form-urlencoded\r\nReferer: {site.address}{sent.path}\r\n"
    request = base64.b64encode(f"{head}\r\n{values if sent.method == 'POST' else ''}".encode()).decode()
    return f'<port>{site.port}</port><request base64="true"><![CDATA[{request}]]></request>\n'


def _injected(report: Path) -> Iterator[Finding]:
    if report.exists():
        for row in csv.DictReader(report.read_text().splitlines()):
            if techniques := row.get("Technique(s)"):
                where = shape(urllib.parse.urlsplit(row["Target URL"]).path)
                yield Finding("sqlmap", f"{where} {row['Place']} {row['Parameter']}", f"technique {techniques} {row.get('Note(s)', '')}")
