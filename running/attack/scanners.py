"""Each scanner: its command, and what its report says."""

from __future__ import annotations

import base64
import csv
import http.server
import importlib.metadata
import json
import os
import re
import subprocess
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running.attack import pages
from running.attack.report import Finding, Outcome
from running.attack.target import BROWSER, LEAVING, ROLES, Site, attacked, shape
from running.install import ATTACK, HERE, VENV

#: Each scanner's command, as docs/attack.md shows it. wapiti's modules: not those that only list what there is, or ask a server elsewhere.
COMMANDS = {
    "bandit": """
        bandit --recursive --quiet --format json app config.py demo dialogues feedback gunicorn.conf.py oversight run.py running wsgi.py""",
    "pip-audit": """
        pip-audit --disable-pip --vulnerability-service pypi --format json --desc off --progress-spinner off {options}
        --requirement {locked}""",
    "schemathesis": """
        st run --checks all --phases examples,coverage,fuzzing,stateful --continue-on-failure --max-time {seconds} --no-color
        --generation-database none --request-timeout 60 --report-json-path {report} {site}/api/v1/openapi.json""",
    "wapiti": """
        wapiti --url {site}/ --start {site}{first} --scope folder --max-scan-time {walk} --max-attack-time {attack}
        --module cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,redirect,sql,ssrf,upload,xss,xxe
        --max-files-per-dir 4 --depth 8 --tasks 4 --timeout 30 --skip csrf_token --endpoint {listening} --dns-endpoint localhost
        --flush-session --store-session {folder} --store-config {folder} --no-bugreport --format json --output {report} --verbose 1
        --user-agent {browser}""",
    "sqlmap": """
        sqlmap -l {requests} {depth} --batch --dbms sqlite --level 1 --risk 1 --technique BEUST --skip csrf_token --time-limit {seconds}
        --drop-set-cookie --threads 2 --timeout 30 --retries 1 --disable-coloring --output-dir {folder} --results-file {report}""",
}
LOCKED = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt")
#: A version whose weaknesses every list of them knows. Who does not tell of them was not asked.
KNOWN_BAD = "jinja2==2.4.1"
GRACE = 45  # seconds beyond its budget after which a scanner is ended
WALK = 0.2  # of wapiti's time; the rest is for its modules
MODULES_THAT_SEND = 14  # of them; the others look at what the walk brought


@dataclass(frozen=True)
class Run:
    """What a scanner gets: the site to copy, and how long it may take. What it said stays beside the site."""

    prepared: Path
    seconds: float

    def do(self, name: str, *more: str, within: float, called: str = "", **given: object) -> str:
        """Run the command *name* with what it is *given*; return what it said, also when its time was over."""
        tool, *words = (word.format(**given) for word in COMMANDS[name].split())
        path = (VENV if tool == "st" else ATTACK) / "bin" / tool
        environment = {**os.environ, "NO_COLOR": "1", "PYTHONWARNINGS": "ignore", "COLUMNS": "200"}
        said = self.prepared.parent / f"{name} {called}.txt".replace(" .", ".")
        with (
            said.open("wb") as out,
            subprocess.Popen(
                [str(path), *words, *more], cwd=HERE, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            ) as process,
        ):
            try:
                process.wait(within + GRACE)
            except subprocess.TimeoutExpired:
                pass
            finally:
                process.kill()
        return said.read_text(errors="replace")


def _outcome(name: str, package: str) -> Outcome:
    """Return an empty outcome with the version of *package* in the environment of the scanners, or of the tests."""
    places = [str(next((place / "lib").glob("python*/site-packages"))) for place in (ATTACK, VENV)]
    found = importlib.metadata.distributions(name=package, path=places)
    return Outcome(name, next(iter(found)).version, " ".join(COMMANDS[name].split()))


# --- the code ----------------------------------------------------------------------------------------------------------


def bandit(run: Run) -> Outcome:
    """Read the code for what often is a weakness. Named by the line of code, which stays where lines above it change."""
    outcome = _outcome("bandit", "bandit")
    said = run.do("bandit", within=run.seconds)
    report = json.loads(said[said.index("{\n") :])
    outcome.tried = f"{report['metrics']['_totals']['loc']:,} lines of code"
    for each in report["results"]:
        line = (HERE / each["filename"]).read_text().splitlines()[each["line_number"] - 1].strip()
        outcome.findings.append(Finding("bandit", f"{each['test_id']} {each['filename'].removeprefix('./')}: {line}", each["issue_text"]))
    outcome.findings += (Finding("bandit", f"unread {each['filename']}", each["reason"]) for each in report["errors"])
    return outcome


def pip_audit(run: Run) -> Outcome:
    """Ask the package registry which locked versions have a known weakness; first whether it knows of any at all."""
    outcome = _outcome("pip-audit", "pip-audit")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as bad:
        bad.write(KNOWN_BAD)
        bad.flush()
        if not any(each.get("vulns") for each in _audited(run, bad.name, "--no-deps")):
            outcome.asked = False
            outcome.remarks.append(
                f"The registry that this machine reaches does not say what is known of a version: asked for {KNOWN_BAD}, whose weaknesses "
                "are known since 2014, it told of none. So nothing was asked, and nothing is said here of the locked versions. "
                "Run `python3 run.py attack pip-audit` where the public registry answers."
            )
            return outcome
    audited = [(name, each) for name in LOCKED for each in _audited(run, name, "--require-hashes")]
    for name, each in audited:
        if "skip_reason" in each:
            outcome.findings.append(Finding("pip-audit", f"not known: {each['name']}", each["skip_reason"]))
        for weak in each.get("vulns", []):
            where = f"{weak['id']} {each['name']} {each['version']} in {name}"
            outcome.findings.append(Finding("pip-audit", where, f"mended in {weak['fix_versions']}"))
    outcome.tried = f"{len(audited)} locked versions"
    return outcome


def _audited(run: Run, locked: str, options: str) -> list[dict[str, Any]]:
    said = run.do("pip-audit", within=run.seconds / 4, locked=locked, options=options)
    at = said.find('{"dependencies"')
    return [] if at < 0 else json.JSONDecoder().raw_decode(said[at:])[0]["dependencies"]


# --- the API -----------------------------------------------------------------------------------------------------------


def schemathesis(run: Run) -> Outcome:
    """Ask every operation of the API's own document with what fits it and what does not."""
    outcome = _outcome("schemathesis", "schemathesis")
    with attacked(run.prepared) as site:
        report = site.folder / "report.json"
        run.do("schemathesis", within=run.seconds, seconds=round(run.seconds), report=report, site=site.address)
        outcome.add(site.answers(), site.faults())
        if not report.exists():
            outcome.asked = False
            outcome.remarks.append("It left no report.")
            return outcome
        found = json.loads(report.read_text())
    cases, operations = found["test_cases"], found["operations"]
    outcome.tried = f"{cases['generated']:,} cases for {operations['tested']} of {operations['total']} operations"
    for each in found["failures"]:
        outcome.findings += (Finding("schemathesis", f"{each['title']}: {name}", f"{each['count']} times") for name in each["operations"])
    outcome.findings += (Finding("schemathesis", f"error: {each['title']}") for each in found["errors"])
    return outcome


# --- the site ----------------------------------------------------------------------------------------------------------


def wapiti(run: Run) -> Outcome:
    """Walk the site as each role and send to every form what breaks careless sites; what a visitor sees is tried as a visitor."""
    outcome = _outcome("wapiti", "wapiti3")
    public: set[str] = set()
    share = run.seconds / len(ROLES)
    for role in ROLES:
        with attacked(run.prepared, role) as site, listening() as (endpoint, heard):
            report = site.folder / "report.json"
            more = [word for path in (*LEAVING, *sorted(public)) for word in ("--exclude", f"{site.address}{path}*")]
            more += ["--cookie-value", site.cookie, "--drop-set-cookie"] if site.cookie else []
            times = {"walk": round(share * WALK), "attack": round(share * (1 - WALK) / MODULES_THAT_SEND, 1)}
            places = {"site": site.address, "first": site.first, "listening": endpoint, "folder": site.folder / "w", "report": report}
            run.do("wapiti", *more, within=share * 2, called=role, browser=BROWSER, **times, **places)
            answers, public = site.answers(), public or site.parts()
            outcome.add(answers, [*_weak(report), *site.faults(), *(Finding("wapiti", f"the site asked {path}") for path in heard)])
            outcome.remarks.append(_told(role, site, answers.total(), ended=report.exists()))
    return outcome


def _told(role: str, site: Site, requests: int, *, ended: bool) -> str:
    told = f"As {role}: {requests:,} requests"
    if site.cookie:
        told += "; signed in to the end" if site.is_in() else "; **no longer signed in at the end**"
    return told + ("." if ended else "; **it left no report**.")


def _weak(report: Path) -> Iterator[Finding]:
    if not report.exists():
        return
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


def sqlmap(run: Run) -> Outcome:
    """Try SQL in every parameter of every kind of request that pages send; each kind once, by whichever role meets it first.

    First what each parameter says to a broken quote, for all of them; then every technique, for as many as there is time.
    """
    outcome = _outcome("sqlmap", "sqlmap")
    known: set[object] = set()
    began, quoted, tested = time.monotonic(), 0, 0
    for place, role in enumerate(ROLES):
        share = (run.seconds - (time.monotonic() - began)) / (len(ROLES) - place)
        with attacked(run.prepared, role) as site:
            sent = [each for each in pages.sent_by(site, seconds=share / 5) if each.kind not in known]
            known |= {each.kind for each in sent}
            site.count_from_here()  # the walk is no attack
            requests, report = site.folder / "requests.xml", site.folder / "results.csv"
            requests.write_text("".join(_logged(site, each) for each in sent))
            for depth in ("--smart", "--flush-session"):
                places = {"requests": requests, "report": report, "folder": site.folder / "s", "depth": depth}
                said = run.do("sqlmap", within=share * 2 / 5, called=f"{role} {depth}", seconds=round(share * 2 / 5), **places)
                outcome.add(Counter(), _injected(report))
                quoted += said.count("heuristic (basic) test shows") if depth == "--smart" else 0
                tested += len(re.findall(r"does not seem to be injectable|is vulnerable", said)) if depth != "--smart" else 0
            answers = site.answers()
            outcome.add(answers, site.faults())
            told = _told(role, site, answers.total(), ended=True).removesuffix(".")
            outcome.remarks.append(f"{told}; {len(sent)} kinds of requests that no role before it sends.")
    outcome.tried = f"{quoted:,} parameters with what breaks a statement, {tested:,} of them with every technique"
    return outcome


def _logged(site: Site, sent: pages.Sent) -> str:
    """Return a request as the log of a proxy holds it."""
    values = urllib.parse.urlencode(sent.values)
    path = f"{sent.path}?{values}" if sent.method == "GET" else sent.path
    head = f"{sent.method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\nUser-Agent: {BROWSER}\r\nCookie: {site.cookie}\r\n"
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


#: The scanners in the order they run, each with its part of the whole time in seconds of an hour.
SCANNERS: dict[str, tuple[Callable[[Run], Outcome], int]] = {
    "bandit": (bandit, 60),
    "pip-audit": (pip_audit, 180),
    "schemathesis": (schemathesis, 400),
    "wapiti": (wapiti, 1500),
    "sqlmap": (sqlmap, 800),
}
