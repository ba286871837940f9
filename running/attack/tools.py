"""The scanners' commands, and how one of them is run."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from running.attack.report import Outcome
from running.install import ATTACK, HERE, VENV

#: Each scanner's command, as docs/attack.md shows it. wapiti's modules: not those that only list what there is, ask a server elsewhere,
#: or look for what is not here (LDAP, Apache's files).
COMMANDS = {
    "bandit": """
        bandit --recursive --quiet --format json app config.py demo dialogues feedback gunicorn.conf.py oversight run.py running wsgi.py""",
    "pip-audit": """
        pip-audit --disable-pip --vulnerability-service {service} --format json --desc off --progress-spinner off {options}
        --requirement {locked}""",
    "schemathesis": """
        st --config-file {config} run --checks all --phases examples,coverage,fuzzing,stateful --continue-on-failure --max-time {seconds}
        --no-color --generation-database none --request-timeout 60 --report-json-path {report} {site}/api/v1/openapi.json""",
    "wapiti": """
        wapiti --url {site}/ --start {starts} --scope folder --max-scan-time {walk} --max-attack-time {attack}
        --module cookieflags,crlf,csp,csrf,exec,file,http_headers,methods,permanentxss,redirect,sql,ssrf,upload,xss,xxe
        --depth 1 --tasks 4 --timeout 30 --skip csrf_token --endpoint {listening} --dns-endpoint localhost
        --flush-session --store-session {folder} --store-config {folder} --no-bugreport --format json --output {report} --verbose 1
        --user-agent {browser}""",
    "sqlmap": """
        sqlmap -l {requests} {depth} --batch --dbms sqlite --level 1 --risk 1 --technique BEUST --time-limit {seconds}
        --skip-waf --drop-set-cookie --ignore-redirects --timeout 30 --retries 1 --disable-coloring
        --output-dir {folder} --results-file {report}""",
}
READ_US = {"bandit", "pip-audit"}  # their commands name files of ours
GRACE = 45  # seconds beyond its budget after which a scanner is ended


@dataclass(frozen=True)
class Run:
    """What a scanner gets: the site to copy, and how long it may take. What it said stays beside the site."""

    prepared: Path
    seconds: float
    began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """The seconds that are left of its time; never none at all, so that each part of it is tried."""
        return max(5, self.began + self.seconds - time.monotonic())

    def do(self, name: str, *more: str, within: float, called: str = "", **given: object) -> str:
        """Run the command *name* with what it is *given*; return what it said, also when its time was over."""
        tool, *words = (word.format(**given) for word in COMMANDS[name].split())
        path = (VENV if tool == "st" else ATTACK) / "bin" / tool
        environment = {**os.environ, "NO_COLOR": "1", "PYTHONWARNINGS": "ignore", "COLUMNS": "200"}
        said = self.prepared.parent / f"{name} {called}.txt".replace(" .", ".")
        with (
            said.open("wb") as out,
            subprocess.Popen(
                [str(path), *filter(None, words), *more],
                cwd=HERE if name in READ_US else self.prepared.parent,  # what others leave behind stays beside the site
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            try:
                process.wait(within + GRACE)
            except subprocess.TimeoutExpired:
                pass
            finally:
                process.kill()
        return said.read_text(errors="replace")


def outcome_of(name: str, package: str) -> Outcome:
    """Return an empty outcome with the version of *package* in the environment of the scanners, or of the tests."""
    places = [str(next((place / "lib").glob("python*/site-packages"))) for place in (ATTACK, VENV)]
    found = importlib.metadata.distributions(name=package, path=places)
    return Outcome(name, next(iter(found)).version, " ".join(COMMANDS[name].split()))


def last_words(said: str) -> str:
    """Return the last line of what a scanner said, for who reads why it was not done."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:200] if lines else "it said nothing"
