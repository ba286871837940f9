"""A site of each earlier release, filled by that release's own code (tests/upgrades/make.py), is brought up to date.

Every row it held is there and equal, all that was sealed opens, its record can be checked, and its people find their pages.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from flask import Flask
from sqlalchemy import JSON, Boolean, Connection, DateTime, MetaData, Table, Uuid, insert, inspect, select, text

from app import clock, crypto, doctor, numbers, reference, schema, settings
from app.access import SYSTEM
from app.accounts.queries import user_by_email
from app.backup import database as copied
from app.chain import jobs as nightly
from app.chain import verifying
from app.crypto import rotation
from app.database import db, is_postgresql
from app.files import store
from demo import content
from feedback import queries
from tests import factories
from tests.conftest import Backend, on_a_copy

MADE = Path(__file__).parent / "upgrades"
RELEASES = sorted(path.name.partition(".")[0] for path in MADE.glob("*.tar.xz"))

Row = dict[str, Any]
#: What an upgrade changes on purpose: table and column → which values, and why. Every other value stays as it was.
CHANGED = {
    ("app_user", "session_salt"): "who is signed in where is a list of rows; everybody signs in once more",
}
#: Of these the doctor says how the test's machine is, not what an upgrade made of the data: no ticker runs here, so what a release
#: ticked last grows older with each day of the calendar.
OF_THE_MACHINE = {"escrow", "backup", "backup_never", "queue", "worker", "ticker", "escalation", "https", "disk", "mail", "clock"}
#: Whose rooms are looked into: reception, a head, the administrator.
PEOPLE = ("luong.thi.hanh", "tran.van.thuong", "nguyen.tuan.kiet")


@pytest.fixture(params=RELEASES)
def site(request: pytest.FixtureRequest, backend: Backend, tmp_path: Path) -> Iterator[Flask]:
    """The site of today, before its first start on the data of that release."""
    (tmp_path / "data").mkdir()
    with tarfile.open(MADE / f"{request.param}.tar.xz") as tar:
        tar.extractall(tmp_path / "data")  # noqa: S202 - our own
    (tmp_path / "data" / "secrets").rename(tmp_path / "secrets")
    (tmp_path / "secrets").chmod(0o700)  # as run.py makes it
    over = {"SECRETS_DIR": str(tmp_path / "secrets"), "STORAGE_URL": f"file://{tmp_path}/data/files", "DATA_DIR": str(tmp_path / "data")}
    with on_a_copy(backend.committing_app, backend, **over) as app:
        before = app.extensions["keyring"], app.extensions["store"]
        crypto.init_app(app)
        store.init_app(app)
        file = tmp_path / "data" / "site.sqlite3"
        if backend.server is None:
            app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{file}"
        else:
            app.config["SQLALCHEMY_DATABASE_URI"] = backend.server.create_database(f"release-{uuid.uuid4()}")
            fill(file)
        yield app
        app.extensions["keyring"], app.extensions["store"] = before


def fill(file: Path) -> None:
    """Put what is in the SQLite *file* into the tables of its revision on PostgreSQL."""
    with closing(sqlite3.connect(file)) as held:
        held.row_factory = sqlite3.Row
        [(revision,)] = held.execute("SELECT version_num FROM alembic_version").fetchall()
        copied.make_tables(revision)
        with db.engine.begin() as connection:
            for name in (names := tables(connection)):
                table = Table(name, MetaData(), autoload_with=connection)
                read = [dict(row) for row in held.execute(f'SELECT * FROM "{name}"')]
                rows = [{key: converted(table.c[key].type, value) for key, value in row.items()} for row in read]
                if rows:
                    connection.execute(insert(table), rows)
        copied.finish_tables({name: {} for name in names})


def converted(type_: Any, value: Any) -> Any:
    """Return a value of SQLite as PostgreSQL takes it."""
    if value is None:
        return None
    if isinstance(type_, Boolean):
        return bool(value)
    if isinstance(type_, DateTime):
        return dt.datetime.fromisoformat(value).replace(tzinfo=dt.UTC)
    if isinstance(type_, Uuid):
        return uuid.UUID(value)
    return json.loads(value) if isinstance(type_, JSON) and isinstance(value, str) else value  # SQLite makes a number of '15'


def tables(connection: Connection) -> list[str]:
    names = inspect(connection).get_table_names()
    return sorted(name for name in names if not name.startswith("search_fts") and name not in {"alembic_version", "restoring"})


def rows() -> dict[str, dict[Any, Row]]:
    """Return table → primary key → the row, as the database holds it."""
    with db.engine.connect() as connection:
        found = {}
        for name in tables(connection):
            table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
            keys = [column.name for column in table.primary_key] or [column.name for column in table.columns]
            plain = [column for column in table.columns if not column.name.startswith("search_fts")]
            read = [dict(row) for row in connection.execute(select(*plain)).mappings()]
            found[name] = {tuple(row[key] for key in keys): row for row in read}
        return found


def test_a_site_of_an_earlier_release_comes_up_with_all_it_held(site: Flask):
    before = rows()
    assert sum(map(len, before.values())) > 1000

    schema.upgrade()
    if not is_postgresql():
        assert db.session.scalar(text("PRAGMA foreign_keys")) == 1  # it was off meanwhile: migrations/env.py
        assert numbers.forgetting(db.session.connection()) == []
    rotation.settle(clock.now())
    db.session.commit()
    reference.load()

    assert lost_or_changed(before, rows()) == []
    values, closed = rotation.opened()
    assert (values > 50, closed) == (True, [])
    assert [key for page in store.keys("") for key, _ in page if not store.opens(key)] == []
    nightly.seal()
    assert verifying.verify(today=clock.today()).faults == []
    assert [found for found in doctor.examine(clock.now()) if found.level == doctor.Level.BAD and found.name not in OF_THE_MACHINE] == []
    for code, key in json.loads((Path(site.config["DATA_DIR"]) / "receipts.json").read_text()):
        item = queries.by_code(code)
        assert item is not None
        assert queries.key_of(item, key) is not None
    settings.change("second_factor_roles", [], actor=SYSTEM, now=clock.now())
    db.session.commit()
    assert broken(site) == []


def lost_or_changed(before: dict[str, dict[Any, Row]], after: dict[str, dict[Any, Row]]) -> list[str]:
    """Return which values are not what they were, each column once."""
    odd = {}
    for table, held in before.items():
        for key, row in held.items():
            now = after.get(table, {}).get(key)
            if now is None:
                odd.setdefault((table, ""), f"{table} {key} is gone")
                continue
            for column, value in row.items():
                if (table, column) not in CHANGED and (column not in now or now[column] != value):
                    odd.setdefault((table, column), f"{table}.{column} {key}: {value!r} → {now.get(column, 'no column')!r}")
    return list(odd.values())


def broken(site: Flask) -> list[tuple[str, int]]:
    """Return the pages that do not answer, of those to which the menu of a visitor and of each of PEOPLE leads."""
    failed = []
    for who in ("", *PEOPLE):
        client = site.test_client()
        if who:
            user = user_by_email(content.email(who))
            assert user is not None
            factories.sign_in(client, user)
        page = client.get("/", follow_redirects=True)
        links = {str(href).partition("#")[0] for href in lxml.html.fromstring(page.text).xpath("//nav//a/@href")}
        assert len(links) > 5
        for address in sorted(link for link in links if link.startswith("/")):
            with client.get(address, follow_redirects=True) as answer:
                if answer.status_code != 200:
                    failed.append((address, answer.status_code))
    return failed
