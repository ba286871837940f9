"""The core's database, keys and store without the rest of the site, for parts that need no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel

import feedback.models  # noqa: F401 - its tables point at files and are searched
from app import crypto, files, formats, search
from app.database import Base, db
from config import Config
from tests.services import PostgreSQL


@contextmanager
def bare_app(database_url: str, folder: Path, **over: object) -> Iterator[Flask]:
    """Yield an app in its context, on an empty database with all tables."""
    app = Flask("app", static_folder=None)
    app.config.from_mapping({field.name: field.default for field in fields(Config)}, TESTING=True)
    app.config.update(SECRETS_DIR=folder / "secrets", STORAGE_URL=f"file://{folder / 'files'}", SQLALCHEMY_DATABASE_URI=database_url)
    app.config.update(over)
    crypto.init_app(app)
    db.init_app(app)
    Babel(app, default_locale="vi")
    formats.init_app(app)
    files.init_app(app)
    with app.app_context():
        with db.engine.begin() as connection:
            Base.metadata.create_all(connection)
            search.create_index(connection)
        yield app
        db.session.remove()
        db.engine.dispose()


def database_url(request: pytest.FixtureRequest, folder: Path) -> str:
    """Return the URL of an empty database of the kind that *request* asks for by its parameter."""
    chosen = request.config.getoption("--database")
    if chosen not in {"both", request.param}:
        pytest.skip(f"--database {chosen}")
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'site.sqlite3'}"
    server: PostgreSQL = request.getfixturevalue("postgresql_server")
    return server.create_database(folder.name)
