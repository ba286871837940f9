"""What the database itself refuses: changing, replacing or deleting a row of the record.

migrations/env.py makes the triggers anew after every run, for on SQLite a table is changed by copying it, which drops them.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

#: Table → its primary key.
APPEND_ONLY = {"audit_entry": "id", "audit_link": "seq", "audit_anchor": "id"}

_POSTGRESQL = "CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
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
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$"
            )
        )
    there = inspect(connection).get_table_names()
    for table, verb, name in _wanted(connection):
        if table in there:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}" if postgresql else f"DROP TRIGGER IF EXISTS {name}"))
            statement = _POSTGRESQL if postgresql else _NO_REPLACE if verb == "REPLACE" else _SQLITE
            connection.execute(text(statement.format(name=name, verb=verb, table=table, key=APPEND_ONLY[table])))


def missing(connection: Connection) -> list[str]:
    """Return the tables of which a trigger is gone or switched off."""
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    there = set(connection.scalars(text(query)))
    return sorted({table for table, _verb, name in _wanted(connection) if name not in there})


def _wanted(connection: Connection) -> list[tuple[str, str, str]]:
    """Return table, verb and name of each trigger."""
    verbs = ("UPDATE", "DELETE", "TRUNCATE" if connection.dialect.name == "postgresql" else "REPLACE")
    return [(table, verb, f"{table}_no_{verb.lower()}") for table in APPEND_ONLY for verb in verbs]
