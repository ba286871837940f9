"""No number of a row is given twice, also when the row is gone: the record tells of rows by their numbers.

PostgreSQL counts on by itself, and what it counted goes into each backup: a restore that counted on above the rows it has would give the
numbers of rows that were purged. SQLite, whose backup is its file, gives the number of a deleted last row to the next one, unless the table
says AUTOINCREMENT. An item sent after another was sealed would have the other's history, and its files would open because somebody agreed
to open the other's.

Tables that a migration makes say it of themselves. For those from before, migrations/env.py sees to it at the end of every run; also,
SQLite changes a table by copying it, and the copy would count from anew.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection, Table, event, text

from app.triggers import APPEND_ONLY

_KEY = re.compile(r'PRIMARY KEY \("?id"?\)')
_NAME = re.compile(r'^CREATE TABLE "?\w+"?')
_COPY = "numbered_copy"

#: What the record named, as subject or fact. Which table a fact's number is of, its name does not say: so no table goes below any of them.
_NAMED = """
    SELECT max(number) FROM (
        SELECT max(subject_id) AS number FROM audit_entry
        UNION ALL SELECT max(fact.value) FROM audit_entry, json_tree(audit_entry.facts) AS fact
        WHERE fact.type = 'integer' AND (fact.key LIKE '%\\_id' ESCAPE '\\' OR rtrim(fact.path, '"') LIKE '%\\_ids' ESCAPE '\\')
    )
"""


class NotNumbered(RuntimeError):
    """A table whose key is not written as our migrations write it. Nothing was changed."""


@event.listens_for(Table, "after_parent_attach")
def _remember(table: Table, _metadata: object) -> None:
    """Let each table that is made from now on, here that of a migration, remember; where SQLite makes no key, it means nothing."""
    if table.name not in APPEND_ONLY:
        table.dialect_options["sqlite"]["autoincrement"] = True


def given(connection: Connection) -> dict[str, int]:
    """Return table → the last number it gave, of those that remember it."""
    if connection.dialect.name != "sqlite" or not _has(connection, "sqlite_sequence"):
        return {}
    return {row.name: row.seq for row in connection.execute(text("SELECT name, seq FROM sqlite_sequence"))}


def keep(connection: Connection, before: dict[str, int]) -> None:
    """Let each table of SQLite give no number again: those it has or gave *before* this run, and those that the record named."""
    if connection.dialect.name != "sqlite":
        return
    if forgetful := forgetting(connection):
        floor = connection.scalar(text(_NAMED)) or 0 if _has(connection, "audit_entry") else 0
        before = {name: max(before.get(name, 0), floor) for name in forgetful} | {k: v for k, v in before.items() if k not in forgetful}
        for name in forgetful:
            _remembering(connection, name)
    now = given(connection)
    for name, last in before.items():
        if last > now.get(name, 0) and _has(connection, name):
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), {"name": name, "last": last})


def counted(connection: Connection, table: str) -> int:
    """Return the last number that PostgreSQL gave a row of *table*; 0 where it gave none, or counts none."""
    sequence = _sequence(connection, table)
    return connection.scalar(text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")) if sequence else 0  # noqa: S608


def run_on(connection: Connection, given: dict[str, int | None]) -> None:
    """Let each table of PostgreSQL go on above its rows and what it had *given*; where that was not kept, above what the record named."""
    floor = 0
    if None in given.values() and "audit_entry" in given:  # a backup from before it was kept
        floor = connection.scalar(text("SELECT max(subject_id) FROM audit_entry")) or 0
    for table, last in given.items():
        if sequence := _sequence(connection, table):
            rows = connection.scalar(text(f'SELECT max(id) FROM "{table}"')) or 0  # noqa: S608 - names of our own tables
            high = max(rows, floor if last is None and table not in APPEND_ONLY else last or 0)
            connection.execute(text("SELECT setval(:of, :high, :used)"), {"of": sequence, "high": high or 1, "used": high > 0})


def _sequence(connection: Connection, table: str) -> str | None:
    """Return what counts the key of *table*."""
    has_id = connection.scalar(
        text(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = :name AND column_name = 'id'"
        ),
        {"name": table},
    )
    return connection.scalar(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": f'"{table}"'}) if has_id else None


def forgetting(connection: Connection) -> list[str]:
    """Return the tables of SQLite that would give a number again. Rows of APPEND_ONLY never go, so theirs need no memory."""
    tables = connection.execute(
        text(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            " AND name NOT LIKE 'search\\_fts%' ESCAPE '\\' ORDER BY name"
        )
    ).all()
    return [name for name, sql in tables if name not in APPEND_ONLY and "AUTOINCREMENT" not in sql and _is_numbered(connection, name)]


def _is_numbered(connection: Connection, table: str) -> bool:
    """Say whether SQLite makes the table's key: the one whole number that it has for one."""
    columns = connection.exec_driver_sql(f'PRAGMA table_info("{table}")').all()
    return [(name, kind) for _at, name, kind, _filled, _default, key in columns if key] == [("id", "INTEGER")]


def _remembering(connection: Connection, table: str) -> None:
    """Copy the table into one that is the same to the letter, but remembers; with its indexes and triggers."""
    sql = connection.scalar(text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table})
    made, keys = _KEY.subn("PRIMARY KEY (id AUTOINCREMENT)", _NAME.sub(f"CREATE TABLE {_COPY}", sql))
    if keys != 1 or _COPY not in made:
        raise NotNumbered(table)
    hanging = text(
        "SELECT sql FROM sqlite_master WHERE tbl_name = :name AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid"
    )
    again = connection.scalars(hanging, {"name": table}).all()
    columns = ", ".join(f'"{row[1]}"' for row in connection.exec_driver_sql(f'PRAGMA table_info("{table}")'))
    moved = f'INSERT INTO {_COPY} ({columns}) SELECT {columns} FROM "{table}"'  # noqa: S608 - names of our own tables
    for statement in (made, moved, f'DROP TABLE "{table}"', f'ALTER TABLE {_COPY} RENAME TO "{table}"', *again):
        connection.exec_driver_sql(statement)


def _has(connection: Connection, table: str) -> bool:
    return connection.scalar(text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name"), {"name": table}) is not None
