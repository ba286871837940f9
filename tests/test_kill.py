"""Nothing lost, nothing doubled: submissions at once while the site's processes are killed at random.

Every receipt that a citizen saw exists; every notice that was promised arrives at the mail server. A letter may come
twice where a kill fell between the server's OK and our commit, and then carries the same Message-ID. Items and notices
on the site are exactly once.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine, NullPool, create_engine, text

from app.database import db
from app.permissions import Role
from tests import factories
from tests.conftest import Backend, build, opened
from tests.feedback import builders
from tests.services import MailServer
from tests.started import Site, children_of, started
from tests.tried import Tried
from tests.waiting import eventually

SUBMISSIONS = int(os.environ.get("KILL_SUBMISSIONS", "150"))  # with every other test; KILL_SUBMISSIONS=1000 for the whole of it
AT_ONCE = 8
PAUSES = (0.3, 2.0)  # seconds between two kills; a web server shot each time it starts would never answer anyone
PATIENCE = 240  # seconds a citizen tries again, and a notice may take: leases, restarts and pauses add up
FORM_EVERY = 4  # every so many citizens use the form, the others a program
CREATED = (200, 201)


def below(pid: int) -> list[int]:
    """Every process that descends from *pid*."""
    with contextlib.suppress(OSError):
        return [each for child in children_of(pid) for each in (child, *below(child))]
    return []


def kill_at_random(site: Site, stop: threading.Event, killed: Counter[str]) -> None:
    chance = random.Random(2026)
    while not stop.wait(chance.uniform(*PAUSES)):
        if victims := below(site.process.pid):
            victim = chance.choice(victims)
            with contextlib.suppress(OSError):  # it ended by itself meanwhile
                name = Path(f"/proc/{victim}/comm").read_text().strip()
                os.kill(victim, signal.SIGKILL)
                killed[name] += 1


def send(port: int, number: int) -> dict[str, Any]:
    """Send one submission as a patient citizen does: again and again, as the same, until a receipt comes back."""
    by = by_form if number % FORM_EVERY == 0 else by_program
    until = time.monotonic() + PATIENCE
    why: object = None
    while time.monotonic() < until:
        try:
            return by(port, number)
        except (OSError, http.client.HTTPException, Unavailable) as error:
            why = error
        time.sleep(0.1)
    raise AssertionError(f"no receipt for {number}: {why!r}")


def by_program(port: int, number: int) -> dict[str, Any]:
    """Send it through the API; the key in the header says that it is the same."""
    body = {"kind": "report", "body": said(number), "contact": {"name": "Nguyễn Thị Hợp", "email": address(number)}}
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"kill-test-submission-{number:05}"}
    return json.loads(ask(port, "POST", "/api/v1/feedback", json.dumps(body), headers, CREATED)[1])


def by_form(port: int, number: int) -> dict[str, Any]:
    """Send it through the form and copy the receipt; the form's own token says that it is the same."""
    cookies: dict[str, str] = {}
    page = ask(port, "GET", "/gui-y-kien", None, cookies, (200,))[1]
    form = {
        "csrf_token": between(page, 'name="csrf_token" type="hidden" value="'), "token": f"kill-test-form-{number:05}",
        "kind": "report", "body": said(number), "place_id": "tinh", "happened": "unknown", "sender": "person",
        "name": "Nguyễn Thị Hợp", "email": address(number), "identity_scope": "unit",
    }  # fmt: skip
    cookies["Content-Type"] = "application/x-www-form-urlencoded"
    ask(port, "POST", "/gui-y-kien/gui", urlencode(form), cookies, (303,))
    receipt = ask(port, "GET", "/gui-y-kien/bien-nhan", None, cookies, (200,))[1]
    return {"code": between(receipt, 'class="code">'), "key": between(receipt, 'class="key">')}


def ask(port: int, method: str, path: str, body: str | None, headers: dict[str, str], wanted: tuple[int, ...]) -> tuple[int, str]:
    """Return status and words of one answer; a cookie that comes with it joins *headers*. Raise Unavailable for a fault of the server."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        words = answer.read().decode()
        if answer.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Unavailable(answer.status)
        assert answer.status in wanted, words
        if cookie := answer.getheader("Set-Cookie"):
            headers["Cookie"] = cookie.partition(";")[0]
        return answer.status, words


class Unavailable(Exception):
    """The site is there and says that it cannot now."""


def said(number: int) -> str:
    return f"Đèn đường số {number} tắt đã ba tối, đi lại khó."


def address(number: int) -> str:
    return f"hop{number}@example.org"


def between(page: str, before: str) -> str:
    """Return what stands in *page* behind *before*, up to the end of the attribute or element."""
    return re.split(r'["<]', page.partition(before)[2], maxsplit=1)[0]


def look_up(port: int, receipt: dict[str, Any]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", f"/api/v1/feedback/{receipt['code']}", headers={"X-Feedback-Key": receipt["key"]})
        return connection.getresponse().status


@dataclass
class Ledger:
    """What the database says, asked from outside."""

    url: str

    @cached_property
    def engine(self) -> Engine:
        return create_engine(self.url, poolclass=NullPool)

    def ask(self, question: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(question)).all())


@pytest.fixture
def ledger_and_site(backend: Backend, mail_server: MailServer, tmp_path: Path) -> Iterator[tuple[Ledger, Site]]:
    app = build(backend.copy(), backend.folder)
    with opened(app):  # a desk, who hears there that something came in, and an administrator, or run.py would ask for one
        factories.make_user(unit=builders.make_province().root, roles=[(Role.ADMINISTRATOR, None)])
        db.session.commit()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    more: dict[str, Any] = {"RATE_LIMIT_ENABLED": "0", "SMTP_HOST": mail_server.host, "SMTP_PORT": str(mail_server.port)}
    with started(tmp_path, **more, DATABASE_URL=url, SECRETS_DIR=str(backend.secrets)) as site:
        yield Ledger(url), site


def test_what_was_submitted_survives_kills(ledger_and_site: tuple[Ledger, Site], mail_server: MailServer, tried: Tried):
    ledger, site = ledger_and_site
    stop, killed = threading.Event(), Counter[str]()
    killer = threading.Thread(target=kill_at_random, args=(site, stop, killed))
    killer.start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as citizens:
            receipts = list(citizens.map(lambda number: send(site.port, number), range(SUBMISSIONS)))
    finally:
        stop.set()
        killer.join()
    eventually(lambda: site.get() == http.HTTPStatus.OK, within=PATIENCE, ignoring=(OSError, http.client.HTTPException))
    eventually(lambda: not ledger.ask("SELECT id FROM notice WHERE due_at IS NOT NULL LIMIT 1"), within=PATIENCE)

    # Each receipt is one item, and opens it.
    assert len({receipt["code"] for receipt in receipts}) == SUBMISSIONS
    assert ledger.ask("SELECT count(*), count(DISTINCT code) FROM feedback") == [(SUBMISSIONS, SUBMISSIONS)]
    assert {look_up(site.port, receipt) for receipt in receipts} == {http.HTTPStatus.OK}

    # Each item told its sender, by one notice, and its desk: the same people for each.
    about = "FROM notice WHERE subject_type = 'feedback'"
    told = ledger.ask(f"SELECT subject_id, channel, count(*) {about} AND template = 'feedback/notices/received' GROUP BY 1, 2")
    at_desk = ledger.ask(f"SELECT subject_id, count(*) {about} AND channel = 'site' GROUP BY 1")
    assert sorted(Counter((channel, count) for _, channel, count in told).items()) == [(("email", 1), SUBMISSIONS)]
    assert len(at_desk) == SUBMISSIONS
    assert len({count for _, count in at_desk}) == 1

    # Each notice by e-mail arrived, under its own Message-ID.
    assert ledger.ask("SELECT count(*) FROM notice WHERE dead_at IS NOT NULL") == [(0,)]
    promised = {str(uid).replace("-", "") for (uid,) in ledger.ask(f"SELECT uid {about} AND channel = 'email'")}
    arrived = Counter(message["Message-ID"].partition("@")[0].lstrip("<").replace("-", "") for message in mail_server.messages)
    assert promised <= set(arrived)
    senders = Counter(message["To"] for message in mail_server.messages if message["To"].endswith("@example.org"))
    assert len(senders) == SUBMISSIONS

    repeats = sum(arrived.values()) - len(arrived)
    report = f"{SUBMISSIONS} submissions, {sum(killed.values())} kills {dict(killed)}, {len(promised)} letters promised, {repeats} repeated"
    print(report)  # noqa: T201 - the figures are the point of it; pytest -s shows them
    tried("a letter sent while processes of the site are killed at random", SUBMISSIONS)
