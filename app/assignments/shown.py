"""Which duties everyone may read is kept beside them, in `assignment.shown`: the public lists and counts read an index of these alone.

What is public each domain says itself (`app.assignments.published.sources`), and what else than a duty that depends on. Triggers of the
database, made from these conditions, keep it in the transaction that changes any of that, whoever writes; :func:`settle` holds it against
the conditions each night. A list asks the conditions again of the rows that it shows: what is kept here opens nothing.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, inspect, literal_column, update

from app import hooks, triggers
from app.assignments import published
from app.assignments.models import Assignment
from app.assignments.published import Change, Shown
from app.assignments.rules import OPEN, Duty

_DUTY: Any = Assignment.__table__


def _of_itself() -> Change:
    columns = ("kind", "duty", "state", "feedback_id", "session_id", "question_id", "beyond")
    when = f"NEW.duty = '{Duty.ACT.value}' OR NEW.shown IS NOT NULL"
    return Change("assignment", columns, when, lambda new: _DUTY.c.id == new)


def _settling(which: ColumnElement[bool] | None = None) -> Any:
    """Return the statement that writes what is to stand there, of these duties or of all, where something else does."""
    told = case((_DUTY.c.state.in_(sorted(OPEN)), Shown.OPEN.value), else_=Shown.DONE.value)
    value = case((published.are_public(), told))
    wanted = update(_DUTY).where(func.coalesce(_DUTY.c.shown, 0) != func.coalesce(value, 0)).values(shown=value)
    return wanted if which is None else wanted.where(which)


def settle(connection: Connection) -> int:
    """Hold what is kept against the duties and what they depend on, write what differs, and return of how many that was."""
    return connection.execute(_settling()).rowcount


def install(connection: Connection) -> None:
    """Make the triggers anew, and settle; where the column is not there yet, nothing."""
    found = inspect(connection)
    if "assignment" not in found.get_table_names() or "shown" not in {each["name"] for each in found.get_columns("assignment")}:
        return
    postgresql = connection.dialect.name == "postgresql"
    for change in (_of_itself(), *(change for source in published.sources.values() for change in source.changes)):
        writes = _settling(change.which(literal_column("NEW.id"))).compile(
            dialect=connection.dialect, compile_kwargs={"literal_binds": True}
        )
        for verb in ("INSERT", "UPDATE") if change.table == "assignment" else ("UPDATE",):
            name, events = f"{change.table}_shown", verb
            if verb == "UPDATE":
                name, events = f"{change.table}_{change.columns[0]}_shown", f"UPDATE OF {', '.join(change.columns)}"
            making = f"CREATE TRIGGER {name} AFTER {events} ON {change.table} FOR EACH ROW WHEN ({change.when})"
            if postgresql:
                body = f"BEGIN {writes}; RETURN NULL; END"
                connection.exec_driver_sql(f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {change.table}")
                connection.exec_driver_sql(f"{making} EXECUTE FUNCTION {name}()")
            else:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
                connection.exec_driver_sql(f"{making} BEGIN {writes}; END")
    settle(connection)


hooks.add(triggers.further, install)
