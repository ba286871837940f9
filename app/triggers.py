"""What the database itself refuses: changing or deleting an entry of the audit. Made anew after every migration."""

from __future__ import annotations

from sqlalchemy import Connection, text

APPEND_ONLY = ("audit_entry",)


def install(connection: Connection) -> None:
    """Make the triggers; what is there already is replaced."""
    for table in APPEND_ONLY:
        if connection.dialect.name == "postgresql":
            connection.execute(
                text(
                    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
                    "$$ BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$"
                )
            )
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}"))
                connection.execute(
                    text(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
                )
            else:
                connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
                connection.execute(
                    text(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END")
                )
