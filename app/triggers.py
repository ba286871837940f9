"""What the database itself refuses: changing, replacing or deleting a row of the record.

migrations/env.py makes the triggers anew after every run, for on SQLite a table is changed by copying it, which drops them.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, inspect, text

#: Table → its primary key.
APPEND_ONLY = {"audit_entry": "id", "audit_link": "seq", "audit_anchor": "id"}
#: What makes the triggers of a domain, and what these keep.
further: list[Callable[[Connection], None]] = []

_POSTGRESQL = "CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
_REFUSING = " BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END "
_SQLITE = "CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
#: INSERT OR REPLACE deletes without asking the triggers of DELETE.
_NO_REPLACE = (
    "CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
    " BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
)


def install(connection: Connection) -> None:
    """Make the triggers of those tables that are there; what is there already is replaced."""
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.execute(text(f"CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $${_REFUSING}$$"))
    there = inspect(connection).get_table_names()
    for table, verb, name in _wanted(connection):
        if table in there:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}" if postgresql else f"DROP TRIGGER IF EXISTS {name}"))
            connection.execute(text(_making(connection, table, verb, name)))
    for make in further:
        make(connection)


def missing(connection: Connection) -> list[str]:
    """Return the tables of which a trigger is gone, switched off, or does something else than ours."""
    there = _there(connection)
    return sorted({table for table, verb, name in _wanted(connection) if there.get(name) != _making(connection, table, verb, name)})


def _there(connection: Connection) -> dict[str, str]:
    """Return what each trigger does, by its name, as it is written here."""
    if connection.dialect.name == "sqlite":
        return {row.name: row.sql for row in connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))}
    if connection.scalar(text("SELECT prosrc FROM pg_proc WHERE proname = 'refuse_change'")) != _REFUSING:
        return {}
    query = "SELECT tgname AS name, pg_get_triggerdef(oid, true) AS sql FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    return {row.name: row.sql for row in connection.execute(text(query))}


def _making(connection: Connection, table: str, verb: str, name: str) -> str:
    """Return the statement that makes the trigger."""
    statement = _POSTGRESQL if connection.dialect.name == "postgresql" else _NO_REPLACE if verb == "REPLACE" else _SQLITE
    return statement.format(name=name, verb=verb, table=table, key=APPEND_ONLY[table])


def _wanted(connection: Connection) -> list[tuple[str, str, str]]:
    """Return table, verb and name of each trigger."""
    verbs = ("UPDATE", "DELETE", "TRUNCATE" if connection.dialect.name == "postgresql" else "REPLACE")
    return [(table, verb, f"{table}_no_{verb.lower()}") for table in APPEND_ONLY for verb in verbs]
