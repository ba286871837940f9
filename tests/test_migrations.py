"""The migrations make exactly the tables of the models, forwards and backwards, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade
from sqlalchemy import inspect

from app import schema
from app.database import db
from tests.conftest import build


def _compare(connection):
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "include_object": lambda _object, name, kind, *_rest: not (name or "").startswith("search_fts"),
        },
    )
    return [difference for difference in compare_metadata(context, db.metadata) if "search_fts" not in str(difference)]


def test_migrations_equal_models(fresh_app):
    with db.engine.connect() as connection:
        assert _compare(connection) == []


def test_every_migration_goes_down_and_up_again(backend):
    url = f"sqlite:///{backend.folder / 'updown.sqlite3'}" if backend.server is None else backend.server.create_database("updown")
    app = build(url, backend.folder)
    with app.app_context():
        schema.upgrade()
        assert schema.present() == schema.newest()
        downgrade(revision="base")
        with db.engine.connect() as connection:
            left = set(inspect(connection).get_table_names())
        schema.upgrade()
        with db.engine.connect() as connection:
            difference = _compare(connection)
        db.engine.dispose()

    assert left <= {"alembic_version"} | {name for name in left if name.startswith("search_fts")}
    assert difference == []
