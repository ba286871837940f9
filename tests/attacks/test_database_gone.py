"""The database gone for a while: stopped, frozen, held by another. What was typed is sent again, and all goes on by itself."""

from __future__ import annotations

import http.client
import os
import signal
import tempfile
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import create_engine

from app import clock, database, schema, settings
from app.calendar.operations import load_shipped
from app.database import db
from app.permissions import Role
from feedback.models import Feedback
from tests import factories, services
from tests.conftest import build, opened
from tests.feedback import builders
from tests.feedback.page_forms import form_of, press
from tests.feedback.test_citizen_sending import BODY, FORM, RECEIPT, REVIEW, SEND, good
from tests.services import MailServer, PostgreSQL
from tests.started import Site, children_of, started
from tests.test_kill import Ledger, address, between, said
from tests.tried import Tried
from tests.waiting import eventually

LETTERS = 6  # in the hands of people when the server goes
KEPT = "còn giữ trong trang này"


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let pages wait a second for the database instead of thirty."""
    monkeypatch.setattr(database, "ANSWER_SECONDS", 1)
    return 1


# --- held by another ---------------------------------------------------------------------------------------------------------


@contextmanager
def held(url: str) -> Generator[None]:
    """Have somebody write, and not end it."""
    engine = create_engine(url)
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("BEGIN IMMEDIATE" if url.startswith("sqlite") else "LOCK TABLE feedback IN ACCESS EXCLUSIVE MODE")
        try:
            yield
        finally:
            connection.rollback()
    engine.dispose()


def test_who_writes_while_another_holds_the_database_waits_a_bounded_time_and_sends_again(fresh_app: Flask, patience: int, tried: Tried):
    province = builders.make_province()
    db.session.commit()
    client = fresh_app.test_client()
    form = form_of(press(client, form_of(client.get(FORM), REVIEW), **good(province)), SEND)
    db.session.remove()
    db.engine.dispose()  # connections that were made while pages waited longer
    times = 2
    with held(fresh_app.config["SQLALCHEMY_DATABASE_URI"]):
        for _ in range(times):
            began = time.monotonic()
            refused = press(client, form)
            assert refused.status_code == HTTPStatus.SERVICE_UNAVAILABLE
            assert time.monotonic() - began < patience + 4
            assert KEPT in refused.text
        assert "web" in client.get("/healthz").text
    again = form_of(refused, SEND)
    assert again.values["body"].replace("\r\n", "\n") == BODY
    assert press(client, again).location == RECEIPT
    assert len(db.session.scalars(db.select(Feedback)).all()) == 1
    tried("a letter sent while another holds the database", times)


# --- stopped and frozen ------------------------------------------------------------------------------------------------------


@dataclass
class Town:
    """A PostgreSQL of its own, and the site started on it."""

    server: PostgreSQL
    url: str
    secrets: Path
    site: Site
    mail: MailServer

    @property
    def processes(self) -> list[int]:
        first = int((self.server.folder / "data" / "postmaster.pid").read_text().split()[0])
        return [first, *children_of(first)]

    @contextmanager
    def frozen(self) -> Generator[None]:
        """The server is there and says nothing, as a machine whose disk hangs."""
        stopped = self.processes
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def stopped(self) -> Generator[None]:
        services.stop_postgresql(self.server.folder)
        try:
            yield
        finally:
            services.run_postgresql(self.server.folder)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    home, secrets = tmp_path_factory.mktemp("town"), tmp_path_factory.mktemp("secrets")
    with tempfile.TemporaryDirectory(prefix="town-") as folder, services.mail_server() as mail:
        Path(folder).chmod(0o711)  # PostgreSQL is another user's
        server = PostgreSQL(Path(folder) / "postgresql", "")
        services.start_postgresql(server.folder)
        try:
            url = server.create_database("site")
            app = build(url, home, SECRETS_DIR=str(secrets))
            with opened(app):
                schema.upgrade()
                load_shipped(local_rules=True, now=clock.now())
                db.session.add(settings.Setting(name="set_up", value=True))
                factories.make_user(unit=builders.make_province().root, roles=[(Role.ADMINISTRATOR, None)])
                db.session.commit()
            more: dict[str, Any] = {"RATE_LIMIT_ENABLED": "0", "SMTP_HOST": mail.host, "SMTP_PORT": str(mail.port)}
            with started(home, **more, DATABASE_URL=url, SECRETS_DIR=str(secrets)) as site:
                yield Town(server, url, secrets, site, mail)
        finally:
            services.stop_postgresql(server.folder)


def ask(port: int, method: str, path: str, form: dict[str, str] | None = None, cookie: str = "") -> tuple[int, str, str]:
    """Return status, words and cookie of an answer that comes within a minute."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection.request(method, path, urlencode(form) if form else None, kind | {"Cookie": cookie})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), (answer.getheader("Set-Cookie") or "").partition(";")[0]


def written(port: int, number: int) -> tuple[dict[str, str], str]:
    """Return a form as somebody has filled it in, and their cookie."""
    status, page, cookie = ask(port, "GET", "/gui-y-kien")
    assert status == HTTPStatus.OK, page
    return {
        "csrf_token": between(page, 'name="csrf_token" type="hidden" value="'), "token": f"database-gone-form-{number:05}",
        "kind": "report", "body": said(number), "place_id": "tinh", "happened": "unknown", "sender": "person",
        "name": "Nguyễn Thị Hợp", "email": address(number), "identity_scope": "unit",
    }, cookie  # fmt: skip


def test_while_the_server_is_gone_everybody_reads_why_and_then_all_goes_on(town: Town, tried: Tried):
    port, ledger = town.site.port, Ledger(town.url)
    forms = [written(port, number) for number in range(LETTERS)]
    before = {name: pid for name, pid in town.site.children().items() if name in {"web", "worker", "ticker"}}
    with town.stopped():
        for form, cookie in forms:
            status, page, _cookie = ask(port, "POST", "/gui-y-kien/gui", form, cookie)
            assert status == HTTPStatus.SERVICE_UNAVAILABLE
            assert KEPT in page
            assert form["body"] in page
        assert [ask(port, "GET", path)[0] for path in ("/", "/healthz", "/api/v1/fields")] == [HTTPStatus.SERVICE_UNAVAILABLE] * 3
        assert ask(port, "GET", "/static/site.css")[0] == HTTPStatus.OK
    eventually(lambda: ask(port, "GET", "/healthz")[0] == HTTPStatus.OK)
    for form, cookie in forms:
        for _ in range(2):  # twice, for whoever doubts
            assert ask(port, "POST", "/gui-y-kien/gui", form, cookie)[0] == HTTPStatus.SEE_OTHER
    assert ledger.ask("SELECT count(*) FROM feedback") == [(LETTERS,)]
    eventually(lambda: {address(number) for number in range(LETTERS)} <= {message["To"] for message in town.mail.messages})
    after = town.site.children()
    assert {name: after[name] for name in before} == before, "nobody had to start them again"
    tried("a letter sent while the database is gone", LETTERS)


def test_who_asks_while_the_server_is_frozen_is_answered_when_it_is_not(town: Town, tried: Tried):
    times = 8
    with ThreadPoolExecutor(times) as people:
        with town.frozen():
            asked = [people.submit(ask, town.site.port, "GET", "/") for _ in range(times)]
            assert ask(town.site.port, "GET", "/static/site.css")[0] == HTTPStatus.OK
            time.sleep(1)  # frozen meanwhile
            assert not any(each.done() for each in asked)
        assert [each.result()[0] for each in asked] == [HTTPStatus.OK] * times
    eventually(lambda: ask(town.site.port, "GET", "/healthz")[0] == HTTPStatus.OK)
    tried("a page asked for while the database is frozen", times)


def test_nobody_waits_for_a_frozen_server_for_ever(town: Town, tmp_path: Path, patience: int, tried: Tried):
    app, times = build(town.url, tmp_path, SECRETS_DIR=str(town.secrets)), 4
    with opened(app), ThreadPoolExecutor(times) as people:

        def look() -> int:
            return app.test_client().get("/").status_code

        assert {each.result() for each in [people.submit(look) for _ in range(times)]} == {HTTPStatus.OK}  # each has a connection
        with town.frozen():
            began = time.monotonic()
            assert {each.result() for each in [people.submit(look) for _ in range(times)]} == {HTTPStatus.SERVICE_UNAVAILABLE}
            assert time.monotonic() - began < 20  # its second, and five for a new connection
        assert look() == HTTPStatus.OK
    tried("a page that gives a frozen database up", times)


@pytest.mark.strictest_database
def test_what_a_page_may_wait_ends_with_it_and_not_before_its_session(fresh_app: Flask, monkeypatch: pytest.MonkeyPatch):
    bound, remove = [], db.session.remove

    def letting_go() -> None:
        bound.append(database._longest.get())
        remove()

    monkeypatch.setattr(db.session, "remove", letting_go)
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: fresh_app.test_client().get("/").status_code).result() == HTTPStatus.OK
        assert bound == [database.ANSWER_SECONDS]
        assert thread.submit(database._longest.get).result() is None


def test_a_connection_that_waits_too_long_is_given_up_and_jobs_wait_as_long_as_it_takes(town: Town):
    engine = create_engine(town.url)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(0.3)")
        database.wait_at_most(0.1)
        try:
            with pytest.raises(Exception, match="does not answer"):
                connection.exec_driver_sql("SELECT pg_sleep(5)")
        finally:
            database.wait_at_most(None)
        assert connection.invalidated
    engine.dispose()
