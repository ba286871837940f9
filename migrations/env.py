"""How Alembic reaches the site's database. On SQLite a table is changed by copying it, which drops its triggers: those
that keep the record append-only are made again at the end of every run (app.triggers)."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app import triggers

database = current_app.extensions["migrate"].db


def include_object(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
    """Leave out what app.search makes: the tables of SQLite's full-text index, PostgreSQL's column and its index."""
    return not (kind in {"table", "column", "index"} and name is not None and name.startswith("search_fts"))


def run() -> None:
    """Run the migrations over the app's own engine."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            include_object=include_object,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        triggers.install(connection)
        connection.commit()


run()
