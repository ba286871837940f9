"""The tests of dialogues have a province to begin with: that of tests/feedback/builders.py.

What all tests of a module begin with, and takes long to make, the module makes in a function `store` (province, head, secretary →
rows by name): it is stored once, in a database of its own, and each test that asks for `stored` finds it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app import clock
from app.accounts.models import User
from app.database import db
from app.permissions import Role
from tests import factories
from tests.conftest import Backend, opened
from tests.dialogues import builders
from tests.feedback.builders import Province

URI = "SQLALCHEMY_DATABASE_URI"
#: Rows, alone or in lists, by name.
Rows = dict[str, Any]


@dataclass
class Store:
    """What a module stored for one app: in which database, beside which, and how it is found there."""

    url: str
    without: str
    find: Callable[[], Rows]


@pytest.fixture(scope="module")
def stores() -> Iterator[dict[Flask, Store]]:
    """What this module stored, by the app it is for."""
    made: dict[Flask, Store] = {}
    yield made
    for app, store in made.items():
        _go_to(app, store.without)


@pytest.fixture
def shared_app(request: pytest.FixtureRequest, backend: Backend, stores: dict[Flask, Store]) -> Flask:
    app = backend.with_province
    if "stored" in request.fixturenames and app not in stores:
        stores[app] = _store(app, backend, request.module.store)
    if app in stores:
        _go_to(app, stores[app].url if "stored" in request.fixturenames else stores[app].without)
    return app


def _store(app: Flask, backend: Backend, store: Callable[[Province, User, User], Rows]) -> Store:
    without = app.config[URI]
    _go_to(app, "")  # nobody may be connected to what is copied
    app.config[URI] = url = backend.copy(without)
    with opened(app), pytest.MonkeyPatch.context() as then:
        then.setattr(clock, "now", lambda: builders.MONDAY)
        province = builders.make_province()
        head, secretary = _head(province), _secretary(province)
        find = remembered({"head": head, "secretary": secretary} | store(province, head, secretary))
        db.session.commit()
    return Store(url, without, find)


def _go_to(app: Flask, url: str) -> None:
    if app.config[URI] != url:
        app.config[URI] = url
        with app.app_context():
            db.engine.dispose()


def remembered(rows: Rows) -> Callable[[], Rows]:
    """Return what finds *rows* again in their database, or in a copy."""
    db.session.flush()

    def mark(row: Any) -> Any:
        return [mark(each) for each in row] if isinstance(row, list) else (type(row), row.id, getattr(row, "reach", None))

    def find(marked: Any) -> Any:
        if isinstance(marked, list):
            return [find(each) for each in marked]
        kind, id_, reach = marked
        row = db.session.get_one(kind, id_)
        if reach is not None:
            row.reach = reach
        return row

    marks = {name: mark(row) for name, row in rows.items()}
    return lambda: {name: find(marked) for name, marked in marks.items()}


@pytest.fixture
def province(app, monkeypatch) -> Province:
    monkeypatch.setattr(clock, "now", lambda: builders.MONDAY)
    return builders.make_province()


@pytest.fixture
def stored(app, province, stores) -> Rows:
    """What the module stored, with its head and its secretary."""
    return stores[app].find()


@pytest.fixture
def head(request, province) -> User:
    """The chairman of the ward."""
    return request.getfixturevalue("stored")["head"] if "stored" in request.fixturenames else _head(province)


@pytest.fixture
def secretary(request, province) -> User:
    """An officer of the ward."""
    return request.getfixturevalue("stored")["secretary"] if "stored" in request.fixturenames else _secretary(province)


def _head(province: Province) -> User:
    return factories.make_user(unit=province.ward, roles=[Role.HEAD])


def _secretary(province: Province) -> User:
    return factories.make_user(unit=province.ward, roles=[Role.OFFICER])
