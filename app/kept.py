"""What hardly ever changes, kept in the memory of the process for as long as the database says that nobody changed it.

The table `kept_mark` has a row for each of the tables WATCHED. Triggers of the database itself exchange its mark for another random one
whenever a row of that table is written, by whomever and in the same transaction. A transaction reads the marks, in one statement, before it
takes anything from memory: what it gets is what the tables held then, or what was committed since, just as if it had read the tables
itself. A mark never comes twice, so what a transaction saw that was rolled back, another database of the same process, or one put back
from a backup is never taken for this one.

`@while_unchanged("unit")` keeps what a function read; :func:`rows` lets a session find rows by their number without asking.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import Connection, Select, event, inspect, text
from sqlalchemy.orm import Mapped, ORMExecuteState, UOWTransaction, mapped_column
from sqlalchemy.orm import Session as PlainSession

from app import hooks, triggers
from app.database import Base, Session, db, in_memory

#: Table → the columns that count, none: all. Of an account, when it last signed in does not change what it may do.
WATCHED: dict[str, tuple[str, ...]] = {
    "app_user": ("email", "unit_id", "active", "seal", "locale", "preferences"),
    "calendar_day": (),
    "calendar_year": (),
    "deadline_rule": (),
    "delegation": (),
    "field": (),
    "place": (),
    "role_grant": (),
    "routing_rule": (),
    "setting": (),
    "unit": (),
}
MOST = 2_000  # values of one function

Given = ParamSpec("Given")
Value = TypeVar("Value")
Row = TypeVar("Row", bound=Any)


class KeptMark(Base):
    """The present mark of a table."""

    __tablename__ = "kept_mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    mark: Mapped[str]


_MARKS = db.select(KeptMark.__table__.c.name, KeptMark.__table__.c.mark)  # of the table: every page asks this first


def while_unchanged(*tables: str) -> Callable[[Callable[Given, Value]], Callable[Given, Value]]:
    """Keep what a function returned, for the same arguments, until one of *tables* changes; it is to return what nobody changes."""
    assert WATCHED.keys() >= set(tables), tables

    def keeping(read: Callable[Given, Value]) -> Callable[Given, Value]:
        held: tuple[tuple[str, ...], dict[Hashable, Value]] = ((), {})

        @wraps(read)
        def kept(*args: Given.args, **named: Given.kwargs) -> Value:
            nonlocal held
            marks, now = _marks(), held
            present = tuple([marks[name] for name in tables])
            if now[0] != present:
                held = now = (present, {})
            values, key = now[1], (args, *named.items()) if named else args
            if key not in values:
                value = read(*args, **named)
                if _marks() is not marks:  # it changed one of them itself
                    return value
                if len(values) >= MOST:
                    values.clear()
                values[key] = value
            return values[key]

        return kept

    return keeping


def rows(model: type[Row]) -> None:
    """Let sessions find the rows of *model* by their number in memory."""
    table = cast("str", model.__tablename__)

    @while_unchanged(table)
    def every() -> dict[int, Row]:
        with PlainSession(bind=db.session.connection()) as session:
            found = {row.id: row for row in session.scalars(db.select(model))}
            session.expunge_all()
            return found

    in_memory[model] = lambda number: every().get(number)


def _marks() -> dict[str, str]:
    """Return the marks as this transaction has read them."""
    session = db.session()
    if session.autoflush and _touched(session):
        session.flush()
    kept = session.info.get("marks")
    if kept is None or kept[0] is not session.get_transaction():
        found = {name: mark for name, mark in session.connection().execute(_MARKS)}  # noqa: C416 - rows are no pairs
        kept = session.info["marks"] = (session.get_transaction(), found)
    return kept[1]


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: UOWTransaction) -> None:
    if _touched(session):
        session.info.pop("marks", None)


def _touched(session: PlainSession) -> bool:
    """Say whether a row of a watched table is changed in *session*, or is being written."""
    return any(row.__tablename__ in WATCHED for which in (session.new, session.dirty, session.deleted) for row in which)


@event.listens_for(Session, "do_orm_execute")
def _written(state: ORMExecuteState) -> None:
    if not isinstance(state.statement, Select) and not state.is_select:
        state.session.info.pop("marks", None)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, _previous: Any) -> None:
    session.info.pop("marks", None)


_FUNCTION = " BEGIN UPDATE kept_mark SET mark = gen_random_uuid()::text WHERE name = TG_TABLE_NAME; RETURN NULL; END "
_POSTGRESQL = (
    "CREATE TRIGGER {name} AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE{of} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION mark_changed()"
)
_SQLITE = (
    "CREATE TRIGGER {name} AFTER {verb} ON {table} BEGIN UPDATE kept_mark SET mark = lower(hex(randomblob(16))) WHERE name = '{table}'; END"
)


@event.listens_for(Base.metadata, "after_create")
def _made(_target: Any, connection: Connection, **_how: Any) -> None:
    install(connection)


def install(connection: Connection) -> None:
    """Make the triggers anew, and a mark for each table that has none; where there are no marks yet, nothing."""
    there = inspect(connection).get_table_names()
    if KeptMark.__tablename__ not in there:
        return
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        connection.execute(text(f"CREATE OR REPLACE FUNCTION mark_changed() RETURNS trigger LANGUAGE plpgsql AS $${_FUNCTION}$$"))
    known = set(connection.scalars(text("SELECT name FROM kept_mark")))
    random = "gen_random_uuid()::text" if postgresql else "lower(hex(randomblob(16)))"
    for table in WATCHED.keys() & set(there):
        if table not in known:
            connection.execute(text(f"INSERT INTO kept_mark (name, mark) VALUES (:name, {random})"), {"name": table})  # noqa: S608
        for name, making in _making(table, postgresql=postgresql):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON {table}" if postgresql else f"DROP TRIGGER IF EXISTS {name}"))
            connection.execute(text(making))


def _making(table: str, *, postgresql: bool) -> list[tuple[str, str]]:
    """Return the name of each trigger of *table*, and the statement that makes it."""
    columns = WATCHED[table]
    of = f" OF {', '.join(columns)}" if columns else ""
    if postgresql:
        return [(f"{table}_changed", _POSTGRESQL.format(name=f"{table}_changed", of=of, table=table))]
    verbs = {"insert": "INSERT", "delete": "DELETE", "update": f"UPDATE{of}"}
    return [
        (f"{table}_changed_{word}", _SQLITE.format(name=f"{table}_changed_{word}", verb=verb, table=table)) for word, verb in verbs.items()
    ]


hooks.add(triggers.further, install)
