"""A province where something stands at every step, everyone who works in it, and an ear for what must not happen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Dialect, Engine, TextClause, event

from app import clock
from app.accounts.models import User
from app.database import Base, db
from app.permissions import Reach, Role
from feedback.models import Feedback, Paper
from feedback.rules import PaperType
from tests import factories
from tests.bad_input import sessions
from tests.bad_input.sessions import Rooms
from tests.conftest import Backend, build
from tests.feedback import builders
from tests.feedback.builders import MONDAY, Province

#: The hour in which everything here happens.
NOW = MONDAY + dt.timedelta(hours=2)


@dataclass
class Ear:
    """What the site said about itself meanwhile."""

    events: list[Any]

    @property
    def failures(self) -> list[str]:
        """Every error the site had to admit: its type, and the last line of ours it passed."""
        return [_place(event) for event in self.events if event["event"] in {"unhandled", "database_unavailable"}]


def _place(event: Any) -> str:
    error, where = event.get("exc_info"), ""
    trace = error.__traceback__ if error is not None else None
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if ".venv" not in name and "lib/python" not in name:
            where = f"{name.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{event['event']} {event.get('type')} at {where} ({event.get('route')}): {str(error or event.get('error'))[:150]}"


@pytest.fixture
def ear() -> Iterator[Ear]:
    with structlog.testing.capture_logs() as events:
        yield Ear(events)


@dataclass
class Site:
    """Items by where they stand, papers by where they are, the addresses of dialogues, and who may do everything."""

    province: Province
    items: dict[str, Feedback]
    papers: dict[str, Paper]
    rooms: Rooms
    everybody: User
    admin: User
    officer: User
    others: dict[str, User] = field(default_factory=dict)


@pytest.fixture(scope="session")
def apps_with_site() -> Iterator[dict[Backend, Flask]]:
    """For each kind of database, the app on one in which a `Site` stands: it takes more than a second to make."""
    made: dict[Backend, Flask] = {}
    yield made
    for app in made.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def shared_app(request: pytest.FixtureRequest, backend: Backend, apps_with_site: dict[Backend, Flask]) -> Flask:
    if "site" not in request.fixturenames:
        return backend.with_province
    if backend not in apps_with_site:
        apps_with_site[backend] = with_site(backend)
    return apps_with_site[backend]


@pytest.fixture
def province(app, monkeypatch) -> Province:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return builders.make_province()


@pytest.fixture
def site(app, province) -> Site:
    return app.extensions["site"](province)


def with_site(backend: Backend) -> Flask:
    """Return the app on a database of its own with a province and a `Site` in it."""
    app = build(backend.copy(), backend.folder)
    with app.app_context(), pytest.MonkeyPatch.context() as then:
        then.setattr(clock, "now", lambda: NOW)
        province = builders.make_province()
        app.extensions["province"] = builders.remembered(province)
        app.extensions["site"] = remembered(make_site(province))
        db.session.remove()
    return app


def remembered(site: Site) -> Callable[[Province], Site]:
    """Return what finds *site* again in its database."""
    items, papers = ({name: row.id for name, row in rows.items()} for rows in (site.items, site.papers))
    everybody, admin = ((user.id, user.reach) for user in (site.everybody, site.admin))

    def user(id_: int, reach: Reach) -> User:
        found = db.session.get_one(User, id_)
        found.reach = reach
        return found

    def find(province: Province) -> Site:
        return Site(
            province=province,
            items={name: db.session.get_one(Feedback, id_) for name, id_ in items.items()},
            papers={name: db.session.get_one(Paper, id_) for name, id_ in papers.items()},
            rooms=site.rooms,
            everybody=user(*everybody),
            admin=user(*admin),
            officer=province.officer,
        )

    return find


def make_site(province: Province) -> Site:
    """Store a `Site` for good."""
    taken = builders.taken(province)
    asked = builders.taken(province)
    asked_extension = builders.taken(province)
    with_draft, submitted, signed = builders.taken(province), builders.taken(province), builders.taken(province)
    promised = builders.taken(province)
    builders.unit.ask(asked, "Ở số nhà nào?", actor=province.officer, now=MONDAY)
    extendable = builders.unit.answer_of(asked_extension)
    assert extendable is not None
    papers = {
        "draft": builders.papers.draft(with_draft, PaperType.REPLY, actor=province.officer, now=MONDAY),
        "submitted": builders.submitted_reply(province, submitted, MONDAY),
        "signed": builders.signed_reply(province, signed, MONDAY),
    }
    builders.answer(province, promised, MONDAY, points=[builders.promised(MONDAY.date() + dt.timedelta(days=9))])
    items = {
        "at the desk": builders.received(),
        "offered": builders.offered(province),
        "taken": taken,
        "asked": asked,
        "with a draft": with_draft,
        "submitted": submitted,
        "signed": signed,
        "promised": promised,
        "answered": builders.answered(province),
        "anonymous": builders.received(people=()),
    }
    site = Site(
        province=province,
        items=items,
        papers=papers,
        rooms=sessions.make(province),
        everybody=factories.make_user(unit=province.root, roles=[(role, None) for role in Role]),
        admin=factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)]),
        officer=province.officer,
    )
    db.session.commit()
    return site


def counts() -> dict[str, int]:
    """Return how many rows each table has."""
    return dict(db.session.execute(_counting(db.engine.dialect)).all())


@cache
def _counting(dialect: Dialect) -> TextClause:
    name = dialect.identifier_preparer.format_table
    return db.text(" UNION ALL ".join(f"SELECT '{each.name}', count(*) FROM {name(each)}" for each in Base.metadata.tables.values()))


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is stored meanwhile, commits included."""
    db.session.remove()
    nested = db.engine.begin_nested()  # in a test of `app` the engine is the one connection whose transaction is rolled back at last
    try:
        yield
    finally:
        db.session.remove()
        nested.rollback()


_heard: list[str] = []


@event.listens_for(Engine, "before_cursor_execute")
def _hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
    if not statement.startswith(("SELECT ", "SAVEPOINT ", "ROLLBACK ", "RELEASE ")):
        _heard.append(statement)


@contextmanager
def writes() -> Iterator[list[str]]:
    """Yield the list of the statements that do more than read meanwhile, so that nothing is counted where there is none."""
    _heard.clear()
    yield _heard


def signed_in(app: Any, user: User | None) -> FlaskClient:
    """Return a client of its own for *user*; None is anyone."""
    client = app.test_client()
    if user is not None:
        factories.sign_in(client, user)
    return client


def unchanging(client: FlaskClient) -> FlaskClient:
    """Return a client that goes on being who *client* is now: whatever an answer says, its cookies stay as they are."""
    cookies, client = client._cookies or {}, client.application.test_client(use_cookies=False)
    client.environ_base["HTTP_COOKIE"] = "; ".join(f"{cookie.key}={cookie.value}" for cookie in cookies.values())
    return client
