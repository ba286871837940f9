"""What is only looked at is read from a copy that PostgreSQL keeps, unless that is away or behind, or who asks has just written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError

from app import clock, settings
from app.access import SYSTEM
from app.accounts.models import User
from app.database import db
from app.jobs.schedule import Tick
from app.permissions import Role
from tests import factories, services
from tests.conftest import Backend, build, opened
from tests.feedback import builders
from tests.hosts import parts
from tests.services import PostgreSQL
from tests.waiting import eventually

FOR_ALL = (
    "/",
    "/da-tra-loi",
    "/viec-da-hua",
    "/doi-thoai",
    "/minh-bach",
    "/minh-bach/{unit}",
    "/du-lieu-mo",
    "/du-lieu-mo/datapackage.json",
)
STAFF = (
    "/can-bo/so-lieu",
    "/can-bo/so-lieu/theo-thang",
    "/can-bo/xep-hang",
    "/can-bo/ban-do",
    "/can-bo/viec-da-cam-ket",
    "/can-bo/viec-da-cam-ket/buc-tranh",
)

pytestmark = pytest.mark.strictest_database


@pytest.fixture
def follower(backend: Backend) -> Iterator[PostgreSQL]:
    if backend.server is None:
        pytest.skip("SQLite has no copy")
    with parts.copied(backend.server, backend.server.folder.parent / "follower") as follower:
        yield follower


@pytest.fixture
def site(backend: Backend, follower: PostgreSQL) -> Iterator[Flask]:
    url = backend.copy()
    app = build(url, backend.folder, DATABASE_REPLICA_URL=url.replace(str(backend.server.folder), str(follower.folder)))
    with opened(app):
        province = builders.make_province()
        factories.make_user(unit=province.root, roles=[(Role.OVERSEER, None)], email="theo.doi@bacninh.example")
        db.session.add(Tick(name="every.beat", slot=1, at=clock.now()))
        db.session.commit()
        app.extensions["unit"] = province.root.code
        caught_up(app)
        yield app
        app.extensions["replica"].engine.dispose()


def caught_up(app: Flask) -> None:
    """Wait until the copy has all that was committed here."""
    with db.engine.connect() as connection:
        here = connection.scalar(text("SELECT pg_current_wal_insert_lsn()"))
    db.session.remove()
    eventually(lambda: on_copy(app, f"SELECT pg_last_wal_replay_lsn() >= '{here}'"), ignoring=DBAPIError)


def on_copy(app: Flask, question: str) -> Any:
    engine = create_engine(make_url(app.config["DATABASE_REPLICA_URL"]), poolclass=NullPool)
    with engine.connect() as connection:
        return connection.scalar(text(question))


class Asked:
    """Counts what is asked of the copy but for how far behind it is."""

    def __init__(self, engine: Engine) -> None:
        self.statements: list[str] = []
        event.listen(engine, "before_cursor_execute", self.note)

    def note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "max(tick.at)" not in statement:
            self.statements.append(statement)

    def by(self, client: FlaskClient, address: str) -> int:
        """How much the page at *address* asks of the copy; it opens in any case."""
        self.statements.clear()
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return len(self.statements)


def tick(ago: dt.timedelta) -> None:
    db.session.execute(db.update(Tick).values(at=clock.now() - ago))
    db.session.commit()


def test_what_is_looked_at_is_read_from_the_copy_while_it_is_there_and_hardly_behind(site: Flask, follower: PostgreSQL):
    asked, visitor, reader = Asked(site.extensions["replica"].engine), site.test_client(), site.test_client()
    factories.sign_in(reader, db.session.scalars(db.select(User).where(User.email == "theo.doi@bacninh.example")).one())
    caught_up(site)

    for address in FOR_ALL:
        assert asked.by(visitor, address.format(unit=site.extensions["unit"])), address
    for address in STAFF:
        assert asked.by(reader, address), address
    assert asked.by(visitor, "/tra-cuu") == 0  # one's own item is looked up where it was written

    # Who has just sent something reads what they wrote, before the copy has it.
    on_copy(site, "SELECT pg_wal_replay_pause()")
    settings.change("closed_because", "Đang nâng cấp đường truyền.", actor=SYSTEM, now=clock.now())
    db.session.commit()
    writer = site.test_client()
    writer.post("/tra-cuu", data={"code": "BN-0000"})
    assert writer.get_cookie("wrote")
    assert asked.by(writer, "/da-tra-loi") == 0
    assert asked.by(visitor, "/da-tra-loi")
    on_copy(site, "SELECT pg_wal_replay_resume()")

    # One that is too far behind, or whose ticker nobody hears, is not asked.
    tick(dt.timedelta(minutes=1))
    caught_up(site)
    assert asked.by(visitor, "/da-tra-loi") == 0
    tick(dt.timedelta())
    caught_up(site)
    assert asked.by(visitor, "/da-tra-loi")

    # Nor one that is gone; whoever asks does not notice, and the next does not either.
    services.stop_postgresql(follower.folder)
    assert asked.by(visitor, "/da-tra-loi") == 0
    assert asked.by(reader, "/can-bo/xep-hang") == 0
