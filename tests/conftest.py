"""What every test can ask for: the site on each database, a rolled-back session or a database of its own, real services.

`app` and `db_session` are rolled back after each test and cheap. `fresh_app` has a database of its own, for what commits:
threads, races, jobs. Both run once on SQLite and once on PostgreSQL (`--database` chooses).
"""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, event, make_url

import dialogues
import feedback
import oversight
from app import clock, create_app, schema, settings
from app.accounts import passwords
from app.calendar.operations import load_shipped
from app.crypto import keyring
from app.database import db
from app.limits import limiter
from config import Config
from tests import services, tried
from tests.feedback import builders

# A busy machine may take its time over one example; speed is not what tests are about.
hypothesis_settings.register_profile("ours", deadline=None)
hypothesis_settings.load_profile("ours")
# What a hash costs is argon2's own business; tests sign people in by the hundred.
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


#: Milliseconds a page may take: every worker of the suite wants the machine.
PATIENCE = 30_000


@event.listens_for(Engine, "connect")
def _keep_nothing_safe(connection: Any, _record: Any) -> None:
    """Durability is off, as on our PostgreSQL: the data does not outlive the test. Sites started as processes keep theirs."""
    if type(connection).__module__ == "sqlite3":
        connection.execute("PRAGMA synchronous=OFF")


class Shared:
    """What all workers of one run use: a PostgreSQL, and migrated databases to copy. Who needs one first makes it."""

    @property
    def folder(self) -> Path:
        return Path(os.environ["TESTS_SHARED"])

    @property
    def secrets(self) -> Path:
        """The keys by which the rows of the databases that are copied are sealed, and so all sites on copies."""
        return self.folder / "secrets"

    @contextmanager
    def alone(self, what: str = "lock") -> Generator[None]:
        """Be the only worker that makes something."""
        with (self.folder / what).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def begin(self) -> None:
        os.environ["TESTS_SHARED"] = tempfile.mkdtemp(prefix="tests-")
        self.folder.chmod(0o711)  # PostgreSQL is another user's
        keyring.load(self.secrets)

    def end(self) -> None:
        with self.alone():
            if (self.folder / "postgresql" / "data" / "postmaster.pid").exists():
                services.stop_postgresql(self.folder / "postgresql")
        shutil.rmtree(self.folder, ignore_errors=True)


SHARED = Shared()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql", "both"], default="both", help="on which database the tests run")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "strictest_database: runs once, on PostgreSQL, which refuses more than SQLite does")
    if not hasattr(config, "workerinput"):  # the one process that all workers come from
        SHARED.begin()
        config.add_cleanup(SHARED.end)
    tried.gather(config)


#: What takes longest begins first, so that no worker is left alone with it at the end; what waits a lot beside what counts a lot.
LONGEST = (
    "tests/test_kill.py", "tests/site/test_every_page.py", "tests/bad_input/test_every_route.py", "tests/browser/test_staff",
    "tests/bad_input/test_every_address.py", "tests/bad_input/test_every_form", "tests/site/", "tests/test_run.py",
    "tests/feedback/test_staff_pages.py", "tests/browser/", "tests/demo/", "tests/test_upgrades.py", "tests/app/test_administration.py",
    "tests/bad_input/",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((place for place, path in enumerate(LONGEST) if item.nodeid.startswith(path)), len(LONGEST)))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database")
        both = ["postgresql"] if metafunc.definition.get_closest_marker("strictest_database") else ["sqlite", "postgresql"]
        metafunc.parametrize("backend", both if chosen == "both" else [chosen], scope="session", indirect=True)


@pytest.fixture(scope="session")
def postgresql_server() -> services.PostgreSQL:
    folder = SHARED.folder / "postgresql"
    with SHARED.alone():
        if not folder.exists():
            services.start_postgresql(folder)
    return services.PostgreSQL(folder, os.environ.get("PYTEST_XDIST_WORKER", "only") + "-")


class Backend:
    """One kind of database: a migrated template with calendar and rules, and copies of it."""

    def __init__(self, name: str, folder: Path, server: services.PostgreSQL | None) -> None:
        self.name, self.folder, self.server, self.copies = name, folder, server, 0
        self.secrets = SHARED.secrets
        self.template = SHARED.folder / f"{name}-template"
        with SHARED.alone():
            if not self.template.exists():
                self.make_template()

    def make_template(self) -> None:
        """Make the database that all copies are like, and its file: SQLite's is the database, PostgreSQL's says that it is there."""
        made = self.template.with_suffix(".new")
        everyone = self.server and replace(self.server, mark="")
        app = build(everyone.create_database(self.template.name) if everyone else f"sqlite:///{made}", self.folder)
        with app.app_context():
            schema.upgrade()
            load_shipped(local_rules=True, now=clock.now())
            db.session.add(settings.Setting(name="second_factor_roles", value=[]))  # nobody: tests/app/test_factors.py asks for them
            db.session.add(settings.Setting(name="set_up", value=True))  # open; what the site does before is tested where it lives
            db.session.commit()
            db.session.remove()
            db.engine.dispose()
        made.touch()
        made.rename(self.template)

    @cached_property
    def shared_app(self) -> Flask:
        """The site on a database that no test commits to."""
        return build(self.copy(), self.folder)

    @cached_property
    def committing_app(self) -> Flask:
        """The site for the tests that commit, on a database that is exchanged for each."""
        return exchangeable(build(self.copy(), self.folder))

    @cached_property
    def with_province(self) -> Flask:
        """The same with the province of tests/feedback/builders.py in it: it takes a tenth of a second to make."""
        app = exchangeable(build(self.copy(), self.folder))
        with app.app_context():
            made = builders.make_province()
            app.extensions["province"] = builders.remembered(made)
            db.session.commit()
            db.session.remove()
        return app

    def copy(self, url: str = "") -> str:
        """Return the URL of a database like that at *url*, where nobody is connected, or like the template; of the caller's own."""
        self.copies += 1
        like = make_url(url).database if url else None
        if self.server is None:
            target = self.folder / f"copy-{self.copies}.sqlite3"
            shutil.copy(like or self.template, target)
            return f"sqlite:///{target}"
        return self.server.create_database(f"{self.folder.name}-{self.copies}", template=like or self.template.name)


class CleanClient(FlaskClient):
    """A client whose requests share the test's app context, as ours do, without what the last request noted in `g`: who signed in."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if has_app_context():
            db.session.commit()  # what the test has made is there, whatever the request takes back
            for name in list(g):
                g.pop(name)
        return super().open(*args, **kwargs)


def build(url: str, folder: Path, **over: Any) -> Flask:
    """Return the site on that database, as the tests run it."""
    values = {
        "DATA_DIR": str(folder), "SECRETS_DIR": str(SHARED.secrets), "DATABASE_URL": url, "REDIS_URL": "", "STORAGE_URL": "",
        "TESTING": True, "RATE_LIMIT_ENABLED": False, "SESSION_IDLE_MINUTES": 12 * 60,  # tests let hours pass between two pages
        "SITE_URL": "http://localhost", "SMTP_HOST": "", "SMS_GATEWAY_URL": "",
    } | over  # fmt: skip
    app = create_app(Config(**values), domains=[feedback, dialogues, oversight])
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(SHARED.folder))  # compiling all templates takes a worker five seconds
    app.test_client_class = CleanClient
    return app


@pytest.fixture(scope="session")
def backends() -> Iterator[dict[str, Backend]]:
    """The kinds of database that were asked for; a worker goes from one to the other and back with each file."""
    found: dict[str, Backend] = {}
    yield found
    for app in (vars(each).get(name) for each in found.values() for name in ("shared_app", "with_province", "committing_app")):
        if app is not None:  # a connection left in a pool is a warning, and that an error, when it is collected
            with app.app_context():
                db.engine.dispose()


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest, backends: dict[str, Backend], tmp_path_factory: pytest.TempPathFactory) -> Backend:
    if request.param not in backends:
        server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else None
        backends[request.param] = Backend(request.param, tmp_path_factory.mktemp(request.param), server)
    return backends[request.param]


#: For every test; what they tried is gathered above.
tried_against_the_site = pytest.fixture(name="tried")(tried.noting)


@pytest.fixture
def shared_app(backend: Backend) -> Flask:
    return backend.shared_app


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """The site, its database as it was before the test when the test is over, however often it commits."""
    with ExitStack() as stack, shared_app.app_context():
        engine = db.engine
        connection = stack.enter_context(engine.connect())
        transaction = connection.begin()
        engines = shared_app.extensions["sqlalchemy"]._app_engines[shared_app]
        engines[None] = connection
        db.session.configure(join_transaction_mode="create_savepoint")
        limiter.enabled = shared_app.config["RATE_LIMIT_ENABLED"]  # one limiter a process: another test's site may have switched it on
        try:
            yield shared_app
        finally:
            db.session.remove()
            db.session.configure(join_transaction_mode="conditional_savepoint")
            engines[None] = engine
            transaction.rollback()


def exchangeable(app: Flask) -> Flask:
    """Let *app* connect to the database that its settings name now; its engine, and every statement it compiled, stays."""
    with app.app_context():

        @event.listens_for(db.engine, "do_connect")
        def connect(_dialect: Any, _record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
            database = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database
            if arguments:
                arguments[0] = database
            else:
                named["dbname"] = database

    return app


@contextmanager
def on_a_copy(app: Flask, backend: Backend, like: str = "", **over: Any) -> Generator[Flask]:
    """Stay in the context of *app* on a database of its own (like that at the URL *like*): copying one is ten times as fast as a site."""
    before = dict(app.config)
    app.config.update(over, SQLALCHEMY_DATABASE_URI=backend.copy(like))
    try:
        with opened(app):
            yield app
    finally:
        app.config.clear()
        app.config.update(before)


@contextmanager
def opened(app: Flask) -> Generator[Flask]:
    """Stay in the context of *app*, and leave no connection behind."""
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def province(app: Flask) -> builders.Province:
    """The province of tests/feedback/builders.py, for whoever needs no other."""
    return builders.make_province()


@pytest.fixture
def fresh_app(backend: Backend) -> Iterator[Flask]:
    """The site on a database of its own, where commits are commits."""
    with on_a_copy(backend.committing_app, backend) as app:
        yield app


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits counted in memory see no time pass: a window that ended in the middle of a slow test would let one try more through."""
    stands = time.time()
    monkeypatch.setattr("limits.storage.memory.time", SimpleNamespace(time=lambda: stands))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    with services.valkey() as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of this process: two would each want its event loop."""
    expect.set_options(timeout=PATIENCE)
    with services.chromium() as browser:
        yield browser


@pytest.fixture
def mail_server() -> Iterator[services.MailServer]:
    with services.mail_server() as server:
        yield server


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)
