"""The site that is attacked: the demo on a folder of its own, answering on 127.0.0.1 alone, and somebody signed in to it."""

from __future__ import annotations

import contextlib
import html
import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

from running.attack.report import Finding
from running.install import HERE, PYTHON, Refused

READY = "Trang đang chạy"
READY_WITHIN = 600  # seconds; a busy machine takes its time to invent a province
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"  # a sign-in holds in one kind of browser
CITIZEN = "nguoi.dan@example.vn"

#: Who attacks: a name for the page → the login of the demo's person; nobody, and a citizen's account, have none.
ROLES = {
    "a visitor": "",
    "a citizen's account": CITIZEN,
    "an officer": "khong.van.nam",
    "a head": "bui.trong.hoat",
    "reception": "luong.thi.hanh",
    "MTTQ": "vi.van.thuan",
    "an auditor": "phung.minh.duc",
    "sealed intake": "chu.thi.ngan",
    "a division's head": "mac.thi.dung",
    "a ward's office": "ngo.thi.lan.anh",
    "the steering committee": "la.van.quyet",
    "an overseer": "tran.quoc.dat",
    "a trade union": "chu.van.hai",
    "an administrator": "nguyen.tuan.kiet",
}
#: What ends the sign-in that attacks: a scanner that presses it goes on as a visitor.
LEAVING = ("/dang-xuat", "/dang-nhap", "/tai-khoan-cua-toi/thoat", "/tai-khoan-cua-toi/xoa", "/tai-khoan/thiet-bi", "/ngon-ngu")

#: The citizen's code goes by e-mail, and there is no mail server: what computes it is asked.
_CODE = """
from wsgi import app
from app.citizens import queries
from app.citizens.models import CitizenCode
from app.database import db
with app.app_context():
    print(queries.digits_of(db.session.scalars(db.select(CitizenCode).order_by(CitizenCode.id.desc()).limit(1)).one()))
"""


@dataclass
class Site:
    """One start of the site, and who is signed in to it."""

    folder: Path
    port: int
    cookie: str = ""
    token: str = ""  # of its forms
    first: str = "/"  # the page its person comes to
    passed: int = 0  # of what it was asked, how much does not count
    environment: dict[str, str] = field(default_factory=dict)  # its settings

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_in(self) -> bool:
        """Say whether who signed in is still in."""
        request = urllib.request.Request(self.address + self.first, headers={"Cookie": self.cookie, "User-Agent": BROWSER})  # noqa: S310 - ours
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return "/dang-nhap" not in answer.url and ("/dang-xuat" in (page := answer.read().decode()) or "/thoat" in page)
        return False

    def enter(self, role: str) -> None:
        """Sign in as *role* and do what follows as who that is; raise Refused where it cannot be done."""
        self.cookie, self.token, self.first = "", "", "/"
        if login := ROLES[role]:
            try:
                sign_in(self, login)
            except (OSError, AssertionError, IndexError, subprocess.CalledProcessError) as failed:
                raise Refused(f"Không đăng nhập được để thử: {login}.", f"Nobody could be signed in as {login}: {failed!r}") from failed

    def told(self, role: str, requests: int, more: str) -> str:
        """Return what is to be said of what was done as *role*."""
        still = "" if not self.cookie else "; signed in to the end" if self.is_in() else "; **no longer signed in at the end**"
        return f"As {role}: {requests:,} requests{still}; {more}."

    def nothing(self) -> Counter[str]:
        """Return no answers, for what is counted by itself."""
        return Counter()

    def count_from_here(self) -> None:
        """Forget what it was asked until now."""
        self.passed = len(self._answered())

    def answers(self) -> Counter[str]:
        """Return how often it answered with which status."""
        return Counter(status for status, *_asked in self._answered()[self.passed :])

    def opened(self) -> Counter[str]:
        """Return how often it gave each of its addresses, without their queries."""
        return Counter(urllib.parse.unquote(where.partition("?")[0]) for status, _method, where, *_ in self._answered() if status == "200")

    def faults(self) -> list[Finding]:
        """Return what the site says of itself that no attack may make it say: answers of 500 and more, tracebacks."""
        found = {f"{status} at {method} {shape(where)}" for status, method, where, *_ in self._answered() if status.startswith("5")}
        lines = (self.folder / "said.txt").read_text(errors="replace").splitlines()
        for number, line in enumerate(lines):
            if line.startswith("Traceback"):
                last = next((each for each in lines[number + 1 :] if not each.startswith(" ")), "")
                found.add(f"traceback: {last.partition(':')[0]}")
            elif line.startswith("{"):
                with contextlib.suppress(ValueError):
                    said = json.loads(line)
                    if said.get("level") in {"error", "critical"}:
                        found.add(f"log: {said.get('event')} {said.get('type', '')} {said.get('route', '')}".strip())
        return [Finding("site", name) for name in sorted(found)]

    def _answered(self) -> list[list[str]]:
        """Return of each request the status, the method, the address."""
        log = self.folder / "asked.txt"
        return [words for line in log.read_text().splitlines() if len(words := line.split(" ")) > 2] if log.exists() else []  # noqa: PLR2004


def shape(path: str) -> str:
    """Return an address without what differs from row to row and from run to run: numbers, codes, keys."""
    path = urllib.parse.unquote(path.partition("?")[0])
    return "/".join("…" if len(part) > 60 or (re.search(r"\d", part) and part != "v1") else part for part in path.split("/"))  # noqa: PLR2004


def prepare(folder: Path) -> None:
    """Start once with the demo, stop again: *folder* is what each attack gets a copy of. There is none when that fails."""
    begun = folder.with_suffix(".begun")
    shutil.rmtree(begun, ignore_errors=True)
    with started(begun):
        pass
    begun.rename(folder)


@contextlib.contextmanager
def attacked(prepared: Path, scanner: str) -> Generator[Site]:
    """Start a copy of the *prepared* site; what it says stays beside it under the name of the *scanner*."""
    with tempfile.TemporaryDirectory(prefix="attacked-") as name:
        folder = Path(name)
        for part in ("data", "secrets"):
            shutil.copytree(prepared / part, folder / part, ignore=shutil.ignore_patterns("*.sock", "run.lock"))
        with started(folder) as site:
            site.count_from_here()
            try:
                yield site
            finally:
                shutil.copy(folder / "said.txt", prepared.parent / f"site of {scanner}.txt")


@contextlib.contextmanager
def started(folder: Path) -> Generator[Site]:
    """Start the site on *folder* and wait until it answers. Without limits: a scanner is to reach what lies behind them."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        site = Site(folder, free.getsockname()[1])
    site.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | {
        "DATA_DIR": str(folder / "data"),
        "SECRETS_DIR": str(folder / "secrets"),
        "SITE_URL": site.address,
        "PORT": str(site.port),
        "BIND": "127.0.0.1",
        "RATE_LIMIT_ENABLED": "0",
        "GUNICORN_CMD_ARGS": f"--access-logfile {folder / 'asked.txt'} --access-logformat '%(s)s %(r)s'",
    }
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "said.txt").open("w") as said:
        command = [PYTHON, str(HERE / "run.py")]
        process = subprocess.Popen(
            command, env=site.environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
    try:
        until = time.monotonic() + READY_WITHIN
        while READY not in (folder / "said.txt").read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() > until:
                raise Refused(
                    "Trang để thử không mở được.", f"The site to attack did not start: {(folder / 'said.txt').read_text()[-2000:]}"
                )
            time.sleep(0.2)
        yield site
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def sign_in(site: Site, login: str) -> None:
    """Sign in as a person does, and keep the cookie."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.addheaders = [("User-Agent", BROWSER)]

    def token(page: str) -> str:
        with opener.open(site.address + page, timeout=30) as answer:
            found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
        assert found is not None, page
        return html.unescape(found[1])

    def send(page: str, **values: str) -> None:
        body = urllib.parse.urlencode({**values, "csrf_token": token(page)}).encode()
        opener.open(site.address + page, body, timeout=30).close()

    if login == CITIZEN:
        site.first = "/tai-khoan-cua-toi"
        told = {"kind": "report", "body": "Đường hỏng từ tháng trước.", "contact": {"name": "Nguyễn Văn Tám", "email": CITIZEN}}
        asked = urllib.request.Request(site.address + "/api/v1/feedback", json.dumps(told).encode(), {"Content-Type": "application/json"})  # noqa: S310
        opener.open(asked, timeout=30).close()
        send(site.first, email=CITIZEN)
        said = subprocess.run([PYTHON, "-c", _CODE], cwd=HERE, env=site.environment, check=True, capture_output=True, text=True).stdout
        send(f"{site.first}/ma", code=said.split()[-1])
    else:
        site.first = "/bat-dau"
        users = tomllib.loads((HERE / "demo" / "data" / "users.toml").read_text())
        send("/dang-nhap", email=f"{login}@bacninh.example", password=users["password"])
    site.token = token("/tra-cuu")
    opener.open(site.address + site.first, timeout=30).close()
    site.cookie = "; ".join(f"{each.name}={each.value}" for each in jar)
    if not site.is_in():
        raise Refused(f"Không đăng nhập được để thử: {login}.", f"Nobody could be signed in as {login}.")
