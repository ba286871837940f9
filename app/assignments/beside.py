"""What is kept beside duties, in columns of theirs, so that a list or a count reads an index alone.

Triggers of the database, made from what a column says, fill it in the transaction that changes anything it depends on, whoever writes;
:func:`settle` holds it against that each night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, inspect, literal_column, update

from app import hooks, triggers
from app.assignments.models import Assignment

_DUTY: Any = Assignment.__table__


@dataclass(frozen=True)
class Change:
    """What a column depends on: when it changes, these duties are looked at again."""

    table: str
    columns: tuple[str, ...]
    when: str  # of its rows NEW, and OLD unless they may be new: whether it can matter
    which: Callable[[Any], ColumnElement[bool]]  # the duties, by the id of the row
    added: bool = False  # whether a new row changes it, too


@dataclass(frozen=True)
class Beside:
    """A column of the table of duties, what it says of each, and when that changes."""

    column: str
    says: Callable[[], Any]
    changes: Callable[[], Iterable[Change]]
    nothing: Any  # what an empty value is compared as

    def settling(self, which: ColumnElement[bool] | None = None) -> Any:
        """Return the statement that writes what is to stand there, of these duties or of all, where something else does."""
        said = self.says()
        # In SQLAlchemy 2.1 "is distinct from" leaves a variable in a trigger of SQLite.
        there, told = (func.coalesce(each, self.nothing) for each in (_DUTY.c[self.column], said))
        wanted = update(_DUTY).where(there != told).values({self.column: said})
        return wanted if which is None else wanted.where(which)


columns: list[Beside] = []


def settle(connection: Connection) -> int:
    """Hold what is kept against the duties and what they depend on, write what differs, and return of how many that was."""
    return sum(connection.execute(each.settling()).rowcount for each in columns)


def install(connection: Connection) -> None:
    """Make the triggers anew, and settle; of a column that is not there yet, nothing."""
    found = inspect(connection)
    there = {each["name"] for each in found.get_columns("assignment")} if found.has_table("assignment") else set()
    for each in columns:
        if each.column in there:
            for change in each.changes():
                _make(connection, each, change)
            connection.execute(each.settling())


def _make(connection: Connection, kept: Beside, change: Change) -> None:
    postgresql = connection.dialect.name == "postgresql"
    which = change.which(literal_column("NEW.id"))
    writes = kept.settling(which).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    events = {f"{change.table}_{change.columns[0]}_{kept.column}": f"UPDATE OF {', '.join(change.columns)}"}
    if change.added:
        events[f"{change.table}_{kept.column}"] = "INSERT"
    for name, event in events.items():
        making = f"CREATE TRIGGER {name} AFTER {event} ON {change.table} FOR EACH ROW WHEN ({change.when})"
        if postgresql:
            body = f"BEGIN {writes}; RETURN NULL; END"
            connection.exec_driver_sql(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {change.table}")
            connection.exec_driver_sql(f"{making} EXECUTE FUNCTION {name}()")
        else:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(f"{making} BEGIN {writes}; END")


hooks.add(triggers.further, install)
