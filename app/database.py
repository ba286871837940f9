"""The database: one `db`, the types of our columns, and how SQLite is opened.

Two things are easy to get wrong and are settled here once:

* Instants are stored in UTC and come back aware; a naive datetime is refused.
* SQLite loses updates when a transaction that began as a read turns into a write. So a unit of work that will
  write begins with BEGIN IMMEDIATE, one that only reads with a plain BEGIN (`reading()`); the default is writing.
"""

from __future__ import annotations

import datetime as dt
import re
import select
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as PlainSession
from sqlalchemy import BigInteger, Connection, DateTime, Engine, Integer, MetaData, Text, event, inspect
from sqlalchemy.exc import InvalidatePoolError, InvalidRequestError
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.pool import Pool
from sqlalchemy.types import JSON, TypeDecorator
from werkzeug.exceptions import NotFound

from app.fold import compose

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class NaiveDatetime(TypeError):
    """A datetime without a zone was about to be stored."""


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An instant: aware in Python, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:  # noqa: ARG002 - SQLAlchemy names it
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveDatetime(repr(value))
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Any) -> dt.datetime | None:  # noqa: ARG002 - SQLAlchemy names it
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


#: NUL and halves of characters: no database takes them, and a search for them must find nothing instead of failing.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class NfcText(TypeDecorator[str]):
    """Text in Unicode's composed form, so that two spellings of the same Vietnamese word compare equal."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002 - SQLAlchemy names it
        return None if value is None else compose(_UNSTORABLE.sub("", value))


BigId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """The parent of every model."""

    # Flask-SQLAlchemy wants the map on a registry of its own, not on the class.
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={
            int: BigId,
            str: NfcText,
            dt.datetime: UtcDateTime,
            dict[str, Any]: JSON,
            list[Any]: JSON,
            list[str]: JSON,
            list[int]: JSON,
            list[dict[str, Any]]: JSON,
        },
    )


#: Models whose rows hardly ever change → what finds one of them in memory by its number (app.kept).
in_memory: dict[type, Callable[[int], Any]] = {}


#: Where this page reads instead of the database itself (app.replica).
_copy: ContextVar[Connection | None] = ContextVar("copy", default=None)


class Session(PlainSession):
    """A session that finds some rows in memory, and for some pages reads from a copy."""

    def get_bind(self, *args: Any, **named: Any) -> Engine | Connection:
        """Return whom it asks."""
        copy = _copy.get()
        return super().get_bind(*args, **named) if copy is None else copy

    def _identity_lookup(self, mapper: Any, primary_key_identity: Any, *args: Any, **named: Any) -> Any:
        """Return the row with that key if it is known; SQLAlchemy asks here before it asks the database (its horizontal sharding, too)."""
        found = super()._identity_lookup(mapper, primary_key_identity, *args, **named)
        if found is not None or mapper.class_ not in in_memory or self._flushing:  # what is being written takes in no row
            return found
        number = primary_key_identity if isinstance(primary_key_identity, int) else primary_key_identity[0]
        kept = in_memory[mapper.class_](number)
        return None if kept is None else self.merge(kept, load=False)


db = SQLAlchemy(model_class=Base, session_options={"class_": Session})

Kept = TypeVar("Kept")
Taken = ParamSpec("Taken")

_begin: ContextVar[str] = ContextVar("begin", default="BEGIN IMMEDIATE")

#: Seconds after which a connection that lay idle is tried before it is used: trying costs as much as asking.
FRESH = 5

#: Seconds a page waits for one answer of the database, and on SQLite whoever writes for who wrote before. Jobs take their time.
ANSWER_SECONDS = 30

_longest: ContextVar[float | None] = ContextVar("longest", default=None)


@contextmanager
def reading() -> Generator[None]:
    """Run a unit of work that only reads: SQLite readers then never queue behind a writer."""
    token = _begin.set("BEGIN")
    try:
        yield
    finally:
        _begin.reset(token)


def begin_reading() -> None:
    """Mark the rest of this request as one that only reads (safe HTTP methods)."""
    _begin.set("BEGIN")


def begin_writing() -> None:
    """Mark the rest of this request as one that writes (unsafe HTTP methods, jobs, commands)."""
    _begin.set("BEGIN IMMEDIATE")


@contextmanager
def reading_from(connection: Connection) -> Generator[None]:
    """Read from *connection*, of a copy of the database; what is written first goes to the database itself all the same."""
    token = _copy.set(connection)
    try:
        yield
    finally:
        db.session.rollback()  # whoever is asked next, it is not the copy
        _copy.reset(token)


def read_from_here() -> None:
    """Read on from the database itself."""
    db.session.rollback()
    _copy.set(None)


def init_app(app: Flask) -> None:
    """Open the database for *app*."""
    # Flask ends what began last first: the session's last word to the server is still bound, what this thread does next is not.
    app.teardown_appcontext(lambda _error: wait_at_most(None))
    db.init_app(app)


def wait_at_most(seconds: float | None) -> None:
    """Let this thread wait so long for each answer of PostgreSQL from now on; None: as long as it takes."""
    _longest.set(seconds)


@contextmanager
def writing_first() -> Generator[None]:
    """Commit a short write of its own before the page's first read, for instance a recorded look at personal data.

    A read that turns into a write would fail at once on SQLite, whatever its timeout; so what was read is let go.
    """
    read_from_here()
    token = _begin.set("BEGIN IMMEDIATE")
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _begin.reset(token)


@event.listens_for(Engine, "connect")
def _open_sqlite(connection: Any, _record: Any) -> None:
    if type(connection).__module__ != "sqlite3":
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    patience = f"busy_timeout={ANSWER_SECONDS * 1000}"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", patience, "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "connect")
def _bound_postgresql(connection: Any, _record: Any) -> None:
    """Let nobody who reads a page wait for ever for a server that hangs; no setting of the server could end that."""
    if type(connection).__module__.partition(".")[0] != "psycopg":
        return
    from psycopg import _queries  # noqa: PLC0415 - an install on SQLite need not load it
    from psycopg.errors import OperationalError  # noqa: PLC0415
    from psycopg.pq import TransactionStatus  # noqa: PLC0415

    # It took a longer statement to pieces anew each time; that of a list is longer.
    _queries.MAX_CACHED_STATEMENT_LENGTH = 16_384  # ty: ignore[invalid-assignment] - a number as good as the other
    wait = connection.wait

    def wait_at_most(generator: Any, *, timeout: float | None = None, **more: Any) -> Any:
        try:
            return wait(generator, timeout=_longest.get() if timeout is None else timeout, **more)
        except OperationalError as error:
            if connection.pgconn.transaction_status != TransactionStatus.ACTIVE:  # the server has answered, or is gone
                raise
            connection.pgconn.finish()  # what it was about to say belongs to nobody
            raise OperationalError("the server does not answer") from error

    connection.wait = wait_at_most


@event.listens_for(Pool, "checkin")
def _used(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _is_alive(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a PostgreSQL that was not asked for a while whether it is there; at once where it has said something, as one that goes does."""
    used = record.info.get("used")
    if used is None or type(connection).__module__.partition(".")[0] != "psycopg":
        return
    if time.monotonic() - used < FRESH and not _has_said_something(connection):
        return
    from psycopg import Error  # noqa: PLC0415 - an install on SQLite need not load it

    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Error as error:
        raise InvalidatePoolError from error


def _has_said_something(connection: Any) -> bool:
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


@event.listens_for(Engine, "begin")
def _begin_so(connection: Any) -> None:
    """Begin as SQLite needs it told. PostgreSQL, for what only reads, begins nothing until it does more than read: two questions fewer.

    What is read sees the same: each statement what was committed when it began.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_begin.get())
        return
    reads, raw = _begin.get() == "BEGIN", connection.connection.dbapi_connection
    if raw.autocommit != reads:
        raw.autocommit = reads


@event.listens_for(Engine, "before_cursor_execute")
def _begin_in_earnest(connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
    raw = connection.connection.dbapi_connection
    if connection.dialect.name == "postgresql" and raw.autocommit and (hasattr(cursor, "name") or not _only_reads(statement)):
        raw.autocommit = False  # also for what is fetched bit by bit: that needs something to lie in


@lru_cache(maxsize=2000)
def _only_reads(statement: str) -> bool:
    """Say whether *statement* holds no lock and writes nothing."""
    return statement.startswith("SELECT") and _MORE.search(statement) is None


_MORE = re.compile(r"\b(?:FOR (?:NO KEY )?UPDATE|FOR (?:KEY )?SHARE|pg_\w*advisory\w*|nextval|setval)\b")


class RowGone(NotFound):
    """Somebody deleted the row while this waited for it: it was sealed. The page answers as if there had never been one."""


def lock(row: Any) -> None:
    """Lock *row* until the end of the transaction and read it again, so that two people cannot act on the same past.

    On SQLite the transaction itself is exclusive from its begin, and whatever was read in it is as it is. PostgreSQL locks the one
    row, and may have waited for it: there everything read before is forgotten and read again when it is asked for, for what hangs
    on the row is as old as the row was. What this transaction holds already, nobody can have changed.
    """
    db.session.flush()  # refreshing would throw away what was changed and not written yet
    if not is_postgresql():
        return
    held: set[Any] = once("held", set)
    key = inspect(row).key
    if key in held:
        return
    _read_again()
    try:
        # Of its own table only: what a list had joined to it stays unlocked, and PostgreSQL could not lock an outer join.
        db.session.refresh(row, with_for_update={"of": type(row)})
    except InvalidRequestError as error:
        raise RowGone from error
    held.add(key)


def _read_again() -> None:
    """Forget what was read; of rows in memory, go by what memory holds now."""
    session = db.session()
    session.expire_all()
    session.info.pop("marks", None)  # app.kept: of before this waited
    for row in [row for row in session.identity_map.values() if type(row) in in_memory]:
        if (kept := in_memory[type(row)](inspect(row).identity[0])) is not None:
            session.merge(kept, load=False)


def at_one_go(operation: Callable[Taken, Kept]) -> Callable[Taken, Kept]:
    """Let *operation*, which asks for nothing that it has just written, write when it says so, and not before its every question.

    What was done before it in the same transaction is written first: that it may ask for.
    """

    @wraps(operation)
    def unhurried(*args: Taken.args, **named: Taken.kwargs) -> Kept:
        db.session.flush()
        with db.session.no_autoflush:
            return operation(*args, **named)

    return unhurried


def once(name: str, read: Callable[[], Kept]) -> Kept:
    """Return what *read* returned when it was first asked for in this transaction (or in this savepoint of it)."""
    kept = db.session.info.get(name)
    if kept is None or kept[0] is not _transaction():
        value = read()
        kept = db.session.info[name] = (_transaction(), value)
    return kept[1]


def _transaction() -> Any:
    session = db.session()
    return session.get_nested_transaction() or session.get_transaction() or object()


def is_postgresql() -> bool:
    """Say whether the site runs on PostgreSQL (else SQLite)."""
    return db.engine.dialect.name == "postgresql"


__all__ = [
    "Base",
    "NfcText",
    "Session",
    "UtcDateTime",
    "at_one_go",
    "begin_reading",
    "begin_writing",
    "db",
    "in_memory",
    "init_app",
    "is_postgresql",
    "lock",
    "once",
    "read_from_here",
    "reading",
    "reading_from",
    "wait_at_most",
    "writing_first",
]
