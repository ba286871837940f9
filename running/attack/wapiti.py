"""wapiti, as each role: it starts from every address that the role can open and no role before it could."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from running.attack import pages
from running.attack.report import Finding, Outcome
from running.attack.target import BROWSER, LEAVING, ROLES, Site, attacked, shape
from running.attack.tools import Run, last_words, outcome_of
from running.install import Refused

BASE = 25  # addresses whose time each role has beside that of its own
WALK = 0.3  # of its time; the rest is for its modules
LET_IN = 0.3  # of the addresses; with fewer it was not who it was to be, or had no time to be
MODULES_THAT_SEND = 12  # of them; the others look at what the walk brought


def wapiti(run: Run) -> Outcome:
    """Send to every page and form what breaks careless sites; what a visitor sees is tried as a visitor."""
    outcome = outcome_of("wapiti", "wapiti3")
    walks = pages.walks(run.prepared)
    outcome.remarks.append(pages.reach(walks.values()))
    starts, rules, known = {}, set[str](), set[tuple[str, str, str]]()
    for role, walk in walks.items():
        opened = [path for rule, path in walk.pages if rule not in rules]
        starts[role] = opened + [each.link for each in pages.news(walk.sent, known) if each.method == "GET" and each.values]
        rules |= {rule for rule, _path in walk.pages}
    with attacked(run.prepared, "wapiti") as site, listening() as (endpoint, heard):
        for role in ROLES:
            share = run.left * (BASE + len(starts[role])) / sum(BASE + len(each) for each in starts.values())
            own = starts.pop(role)
            try:
                site.enter(role)
                _as(site, role, run, outcome, share=share, starts=own, listening=endpoint)
            except Refused as refusal:
                outcome.missing.append(f"as {role}: {str(refusal).splitlines()[-1]}")
        outcome.add(site.answers(), [*site.faults(), *(Finding("wapiti", f"the site asked {path}") for path in heard)])
    return outcome


def _as(site: Site, role: str, run: Run, outcome: Outcome, *, share: float, starts: list[str], listening: str) -> None:
    report, listed = site.folder / f"report of {role}.json", site.folder / "starts.txt"
    listed.write_text("".join(f"{site.address}{path}\n" for path in dict.fromkeys([site.first, *starts])))
    more = [word for path in LEAVING for word in ("--exclude", f"{site.address}{path}*")]
    more += ["--cookie-value", site.cookie] if site.cookie else []  # with --drop-set-cookie it would send none at all
    times = {"walk": round(share * WALK), "attack": round(share * (1 - WALK) / MODULES_THAT_SEND, 1)}
    where = {"site": site.address, "starts": listed, "listening": listening, "folder": site.folder / "w", "report": report}
    before = site.answers().total()
    seen = site.opened()
    said = run.do("wapiti", *more, within=share * 1.5, called=role, browser=BROWSER, **times, **where)
    if report.exists():
        outcome.add(site.nothing(), _weak(report))
    else:
        outcome.missing.append(f"as {role} it left no report: {last_words(said)}")
    now = site.opened() - seen
    opened = sum(now[unquote(path.partition("?")[0])] > 0 for path in starts)
    if opened < len(starts) * LET_IN:
        outcome.missing.append(f"as {role}: of {len(starts)} addresses that it opens, {opened} were opened to it")
    told = f"of {len(starts)} addresses that no role before it opens, {opened} were opened to it"
    outcome.remarks.append(site.told(role, site.answers().total() - before, told))


def _weak(report: Path) -> Iterator[Finding]:
    said = json.loads(report.read_text())
    for category, each in ((name, each) for part in ("vulnerabilities", "anomalies") for name, all_ in said[part].items() for each in all_):
        name = f"{category}: {each['method']} {shape(each['path'])}"
        yield Finding("wapiti", f"{name} {each['parameter']}".strip(), " ".join(each["info"].split())[:300])


@contextmanager
def listening() -> Generator[tuple[str, list[str]]]:
    """Listen on this machine for the site: what it is made to fetch, it fetches from here. Yield the address and what was asked."""
    heard: list[str] = []

    class Ear(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith("/get_"):  # by which the scanner itself asks what was heard
                heard.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_PUT = do_HEAD = do_GET  # noqa: N815 - names of the server's

        def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - names of the server's
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", heard
        server.shutdown()
