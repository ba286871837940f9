"""The database in a backup: on SQLite its file, on PostgreSQL a COPY of each table, all of one moment, while others write.

PostgreSQL's own pg_dump is not needed, so any machine can do it, and the server may be newer than what is installed here.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from flask import current_app
from sqlalchemy import Connection, delete, func, inspect, make_url, text
from sqlalchemy import table as named

from app import numbers, schema
from app.database import db, is_postgresql

SQLITE_FILE = "site.sqlite3"
_PIECE = 1024 * 1024  # bytes copied at a time


@dataclass
class Snapshot:
    """The database of one moment, as files in a folder of ours."""

    kind: str
    revision: str
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)  # rows; on PostgreSQL the columns in their order, last numbers given
    files: list[Path] = field(default_factory=list)


def kind() -> str:
    """Return which database this install has."""
    return "postgresql" if is_postgresql() else "sqlite"


def sqlite_path() -> Path:
    """Return where SQLite keeps the data."""
    return Path(str(make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).database))


def take(folder: Path) -> Snapshot:
    """Write the database as it is now into *folder*."""
    return _from_postgresql(folder) if is_postgresql() else _from_sqlite(folder)


def is_migrated() -> bool:
    """Say whether there is a database of ours."""
    return (is_postgresql() or sqlite_path().exists()) and schema.present() is not None


def is_empty() -> bool:
    """Say whether there is nothing yet where the data would be restored."""
    if not is_postgresql():
        return not sqlite_path().exists()
    with db.engine.connect() as connection:
        return not inspect(connection).get_table_names()


# --- SQLite ------------------------------------------------------------------------------------------------------------


def _from_sqlite(folder: Path) -> Snapshot:
    copy = folder / SQLITE_FILE
    with closing(sqlite3.connect(sqlite_path())) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)  # in one step: of one moment, and those who write do not wait
        target.execute("PRAGMA journal_mode=DELETE")  # one file, no companions
        [(revision,)] = target.execute("SELECT version_num FROM alembic_version")
        return Snapshot("sqlite", revision, sqlite_counts(target), [copy])


def sqlite_counts(connection: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    """Return how many rows each table has; the search index, made of the others, is left out."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'search_fts%' ORDER BY name"
    names = [name for (name,) in connection.execute(query)]
    return {name: {"rows": connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]} for name in names}  # noqa: S608 - names of our own tables


# --- PostgreSQL --------------------------------------------------------------------------------------------------------


def _from_postgresql(folder: Path) -> Snapshot:
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
        snapshot = Snapshot("postgresql", str(revision))
        for table in _tables(connection):
            columns = _columns(connection, table)
            path = folder / table
            with path.open("wb") as file, _cursor(connection).copy(_copy(table, columns, "TO STDOUT")) as copied:
                for data in copied:
                    file.write(data)
            snapshot.tables[table] = {"rows": _rows(connection, table), "columns": columns, "given": numbers.counted(connection, table)}
            snapshot.files.append(path)
        return snapshot


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()


def _tables(connection: Connection) -> list[str]:
    return sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})


def _columns(connection: Connection, table: str) -> list[str]:
    return [column["name"] for column in inspect(connection).get_columns(table) if not column.get("computed")]


def _rows(connection: Connection, table: str) -> int:
    return connection.scalar(db.select(func.count()).select_from(named(table))) or 0


def _copy(table: str, columns: list[str], how: str) -> bytes:
    listed = ", ".join(f'"{column}"' for column in columns)
    return f'COPY "{table}" ({listed}) {how}'.encode()


def make_tables(revision: str) -> None:
    """Make the empty tables of *revision*, and take out what its migrations put in."""
    schema.attach(current_app)
    from flask_migrate import upgrade  # noqa: PLC0415 - Alembic takes half a second

    upgrade(revision=revision)
    with db.engine.begin() as connection:
        _without_references(connection)
        for table in _tables(connection):
            if _rows(connection, table):
                connection.execute(delete(named(table)))


def _without_references(connection: Connection) -> None:
    """Take the foreign keys off, and write down how to put them back: rows come table by table, and some tables point at each other."""
    for table in _tables(connection):  # what triggers write is in the backup, too
        connection.execute(text(f'ALTER TABLE "{table}" DISABLE TRIGGER USER'))
    connection.execute(text("CREATE TABLE restoring (said text)"))
    connection.execute(
        text(
            "INSERT INTO restoring"
            " SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
            " FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
        )
    )
    dropped = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint WHERE contype = 'f'"
    for statement in connection.scalars(text(f"{dropped} AND connamespace = current_schema()::regnamespace")).all():
        connection.execute(text(statement))


def drop() -> None:
    """Throw away what was begun where there was nothing."""
    db.engine.dispose()
    if not is_postgresql():
        for end in ("", "-wal", "-shm"):
            sqlite_path().with_name(sqlite_path().name + end).unlink(missing_ok=True)
        return
    with db.engine.begin() as connection:
        for table in inspect(connection).get_table_names():
            connection.execute(text(f'DROP TABLE "{table}" CASCADE'))


def fill_table(table: str, columns: list[str], rows: IO[bytes]) -> None:
    """Put *rows*, as COPY wrote them, into *table*."""
    with db.engine.begin() as connection, _cursor(connection).copy(_copy(table, columns, "FROM STDIN")) as copied:
        while data := rows.read(_PIECE):
            copied.write(data)


def finish_tables(tables: dict[str, dict[str, Any]]) -> None:
    """Put the foreign keys back, which looks at every row, and let numbers run on where they were: *tables* as the backup says."""
    with db.engine.begin() as connection:
        for statement in connection.scalars(text("SELECT said FROM restoring")).all():
            connection.execute(text(statement))
        connection.execute(text("DROP TABLE restoring"))
        for table in _tables(connection):
            connection.execute(text(f'ALTER TABLE "{table}" ENABLE TRIGGER USER'))
        numbers.run_on(connection, {name: counted.get("given") for name, counted in tables.items()})


def counts() -> dict[str, int]:
    """Return how many rows each table has now."""
    if not is_postgresql():
        with closing(sqlite3.connect(sqlite_path())) as connection:
            return {name: counted["rows"] for name, counted in sqlite_counts(connection).items()}
    with db.engine.connect() as connection:
        return {table: _rows(connection, table) for table in _tables(connection)}
