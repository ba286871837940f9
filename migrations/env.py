"""How Alembic reaches the site's database.

On SQLite a table is changed by copying it and dropping the old one. That takes its triggers along: they are made again at the end of
every run (app.triggers), and so is what lets no number be given twice (app.numbers). And what points at the table would refuse to let it
go, or go with it: foreign keys are looked at once, before the commit.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from app import numbers, triggers

database = current_app.extensions["migrate"].db


def include_object(_object: object, name: str | None, kind: str, *_rest: object) -> bool:
    """Leave out what app.search makes: the tables of SQLite's full-text index, PostgreSQL's column and its index."""
    return not (kind in {"table", "column", "index"} and name is not None and name.startswith("search_fts"))


def run() -> None:
    """Run the migrations over the app's own engine."""
    with database.engine.connect() as connection, _without_references(connection):
        given = numbers.given(connection)
        connection.rollback()  # Alembic begins by itself
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            transactional_ddl=True,  # SQLite can, too: a run that is killed has changed nothing, and begins anew
            include_object=include_object,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
            numbers.keep(connection, given)
            triggers.install(connection)
            if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise ReferencesBroken(broken[:5])
        connection.commit()


class ReferencesBroken(RuntimeError):
    """Rows point at what is not there: their table, number, and the table they point at. Nothing was changed."""


@contextmanager
def _without_references(connection: Connection) -> Generator[None]:
    """Let SQLite not look at foreign keys; it takes that in no transaction."""
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=ON")


run()
