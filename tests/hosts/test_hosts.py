"""Two hosts behind deploy/nginx.conf, one database, one queue: one is killed, both are restarted in turn, and nobody notices.

Each host is a web server, a worker and a ticker, as separate processes on an address of its own. People send all the while and try once
again where an answer fails; what they were given a code for is in the database once, and its letters came once.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from app.database import db
from app.permissions import Role
from tests import factories, services
from tests.conftest import Backend, build, opened
from tests.feedback import builders
from tests.hosts import parts
from tests.services import MailServer, free_port
from tests.started import ROOT, environment
from tests.test_kill import Ledger, below, between
from tests.tried import Tried
from tests.waiting import eventually

PEOPLE = 3  # at once
FORM_EVERY = 3  # every so many use the form, the others a program
BETWEEN = 6  # letters that get through before the next thing happens
PARTS = ("web", "worker", "ticker")

pytestmark = pytest.mark.strictest_database


@dataclass
class Host:
    """One machine: an address, and the parts of the site that run there."""

    room: subprocess.Popen[str]
    address: str
    port: int
    folder: Path
    pids: dict[str, int] = field(default_factory=dict)

    def start(self, *words: str) -> None:
        assert self.room.stdin
        assert self.room.stdout
        for word in words or PARTS:
            self.room.stdin.write(f"{word} {self.address} {self.port} {self.folder / f'{word}-{self.address}'}\n")
            self.room.stdin.flush()
            self.pids[word] = int(self.room.stdout.readline())

    def said(self, word: str) -> str:
        return (self.folder / f"{word}-{self.address}").read_text()

    def runs(self) -> bool:
        return any(Path(f"/proc/{pid}").exists() for pid in self.pids.values())

    def serves(self) -> bool:
        with contextlib.closing(http.client.HTTPConnection(self.address, self.port, timeout=30)) as connection:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            return connection.getresponse().status == http.HTTPStatus.OK

    def fall(self) -> None:
        """Lose power."""
        for pid in [each for part in self.pids.values() for each in (part, *below(part))]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        eventually(lambda: not self.runs())

    def leave(self) -> None:
        """End as systemd ends it, while somebody slow is heard: who comes later is refused at once, and does not wait for the end."""
        with socket.create_connection((self.address, self.port)) as slow:
            slow.send(b"POST /gui-y-kien/gui HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
            assert self.serves()
            for pid in self.pids.values():
                os.kill(pid, signal.SIGTERM)
            eventually(self.is_closed)
            assert Path(f"/proc/{self.pids['web']}").exists()
        eventually(lambda: not self.runs())

    def is_closed(self) -> bool:
        try:
            socket.create_connection((self.address, self.port)).close()
        except ConnectionRefusedError:
            return True
        return False


class Unavailable(Exception):
    """An answer that says that it cannot now."""


@dataclass
class Crowd:
    """People who send through the server in front, and try once again where that fails."""

    port: int
    context: ssl.SSLContext
    stop: threading.Event = field(default_factory=threading.Event)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    again: Counter[str] = field(default_factory=Counter)

    def live(self) -> None:
        while not self.stop.is_set():
            number = next(self.numbers)
            try:
                self.receipts.append((self.by_form if number % FORM_EVERY == 0 else self.by_program)(number))
            except Exception as error:  # noqa: BLE001 - whatever a person sees is counted
                self.failed.append(f"{number}: {error!r}")

    def by_program(self, number: int) -> dict[str, Any]:
        body = {"kind": "report", "body": said(number), "contact": {"name": "Nguyễn Thị Hợp", "email": f"hop{number}@example.org"}}
        headers = {"Content-Type": "application/json", "Idempotency-Key": f"hosts-test-submission-{number:05}"}
        return json.loads(self.ask(number, "POST", "/api/v1/feedback", json.dumps(body), headers)[0])

    def by_form(self, number: int) -> dict[str, Any]:
        headers = {"Referer": "https://localhost/gui-y-kien"}
        page, _ = self.ask(number, "GET", "/gui-y-kien", None, headers)
        form = {
            "csrf_token": between(page, 'name="csrf_token" type="hidden" value="'), "token": f"hosts-test-form-{number:05}",
            "kind": "report", "body": said(number), "place_id": "tinh", "happened": "unknown", "sender": "person",
            "name": "Nguyễn Thị Hợp", "email": f"hop{number}@example.org", "identity_scope": "unit",
        }  # fmt: skip
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.ask(number, "POST", "/gui-y-kien/gui", urlencode(form), headers)
        receipt, _ = self.ask(number, "GET", "/gui-y-kien/bien-nhan", None, headers)
        return {"code": between(receipt, 'class="code">')}

    def ask(self, number: int, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[str, str]:
        try:
            return self.ask_once(number, method, path, body, headers)
        except (OSError, http.client.HTTPException, Unavailable) as error:
            self.again[f"{method} {error!r}"] += 1
            return self.ask_once(number, method, path, body, headers)

    def ask_once(self, number: int, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[str, str]:
        """Return what was answered, and by whom; a cookie that comes with it joins *headers*. Each person has a network of their own."""
        own = (f"127.2.{number // 250}.{number % 250 + 1}", 0)
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, source_address=own, context=self.context)
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Host": "localhost", **headers})
            answer = connection.getresponse()
            words = answer.read().decode()
            if answer.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
                raise Unavailable(answer.status)
            assert answer.status < http.HTTPStatus.BAD_REQUEST, words
            if cookie := answer.getheader("Set-Cookie"):
                headers["Cookie"] = cookie.partition(";")[0]
            return words, answer.getheader("X-Answered-By", "")

    def reaches(self, host: Host) -> bool:
        return f"{host.address}:{host.port}" in self.ask_once(0, "GET", "/healthz", None, {})[1]

    def sends_on(self) -> None:
        """See so many more get through."""
        wanted = len(self.receipts) + BETWEEN
        eventually(lambda: len(self.receipts) >= wanted or self.failed)


def said(number: int) -> str:
    return f"Đèn đường số {number} tắt đã ba tối, đi lại khó."


@pytest.fixture
def ledger(backend: Backend) -> Ledger:
    if backend.server is None:
        pytest.skip("SQLite is one machine's")
    app = build(backend.copy(), backend.folder)
    with opened(app):
        factories.make_user(unit=builders.make_province().root, roles=[(Role.ADMINISTRATOR, None)])
        db.session.commit()
    return Ledger(app.config["SQLALCHEMY_DATABASE_URI"])


@pytest.fixture
def hosts(ledger: Ledger, backend: Backend, mail_server: MailServer, tmp_path: Path) -> Iterator[list[Host]]:
    with services.valkey() as queue:
        more = {"RATE_LIMIT_ENABLED": "0", "SMTP_HOST": mail_server.host, "SMTP_PORT": str(mail_server.port), "WEB_WORKERS": "1"}
        more |= {"HTTPS": "1", "TRUSTED_PROXIES": "1", "SITE_URL": "https://localhost", "STORAGE_URL": f"file://{tmp_path}/shared"}
        more |= {"DATABASE_URL": ledger.url, "REDIS_URL": queue, "SECRETS_DIR": str(backend.secrets)}
        command = [sys.executable, "-m", "tests.hosts.machine_room"]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=ROOT, env=environment(tmp_path, **more), start_new_session=True, **pipes) as room:
            try:
                yield [Host(room, address, free_port(), tmp_path) for address in ("127.0.0.2", "127.0.0.3")]
            finally:
                room.kill()


@pytest.fixture
def crowd(hosts: list[Host], tmp_path: Path) -> Iterator[Crowd]:
    with parts.nginx(tmp_path / "nginx", [(host.address, host.port) for host in hosts]) as port:
        context = ssl.create_default_context(cafile=str(tmp_path / "nginx" / "fullchain.pem"))
        context.check_hostname = False
        yield Crowd(port, context)


def at_version(ledger: Ledger, version: str) -> str:
    """Let the data be of that version; return of which it was."""
    with ledger.engine.begin() as connection:
        was = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    return was


def test_nobody_notices_that_a_host_is_killed_nor_that_each_is_restarted(
    ledger: Ledger, hosts: list[Host], crowd: Crowd, mail_server: MailServer, tried: Tried
):
    first, second = hosts
    # A host that comes before its data says so; one that an upgrade went ahead of serves.
    version = at_version(ledger, "0001")
    first.start("web")
    eventually(lambda: not first.runs())
    assert f"(0001 < {version})" in first.said("web")
    at_version(ledger, "9999")
    first.start()
    second.start()
    for host in hosts:
        eventually(host.serves, ignoring=OSError)
    at_version(ledger, version)

    people = [threading.Thread(target=crowd.live) for _ in range(PEOPLE)]
    for person in people:
        person.start()
    try:
        crowd.sends_on()
        first.fall()
        crowd.sends_on()
        first.start()
        for host in hosts:  # the one is up again; then each in turn
            eventually(lambda host=host: host.serves() and crowd.reaches(host), ignoring=(OSError, Unavailable))
            crowd.sends_on()
        for host in hosts:
            host.leave()
            crowd.sends_on()
            host.start()
            eventually(lambda host=host: host.serves() and crowd.reaches(host), ignoring=(OSError, Unavailable))
        crowd.sends_on()
    finally:
        crowd.stop.set()
        for person in people:
            person.join()

    assert crowd.failed == []
    codes = {receipt["code"] for receipt in crowd.receipts}
    assert len(codes) == len(crowd.receipts)
    assert {code for (code,) in ledger.ask("SELECT code FROM feedback")} == codes

    eventually(lambda: not ledger.ask("SELECT id FROM notice WHERE due_at IS NOT NULL LIMIT 1"), within=300)  # they are hundreds
    received = "FROM notice WHERE template = 'feedback/notices/received'"
    assert ledger.ask(f"SELECT count(*), count(DISTINCT subject_id), count(done_at) {received}") == [(len(codes),) * 3]
    letters = Counter(message["Message-ID"] for message in mail_server.messages if message["To"].endswith("@example.org"))
    assert len(letters) == len(codes)
    assert sum(letters.values()) - len(letters) <= 1  # the one that the killed worker was just sending

    print(f"{len(codes)} letters sent, tried again: {dict(crowd.again)}")  # noqa: T201 - the figures are the point of it; pytest -s shows them
    tried("a letter sent while a host is killed and each is restarted", len(codes))
