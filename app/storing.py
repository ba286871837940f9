"""Rows written by one statement that is put together once, where something unique may be there already.

Who writes the same at the same time waits for the other, and then finds it there: no savepoint is needed, nor a question before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from app.database import Base, db, is_postgresql, once


def store_new(row: Any) -> bool:
    """Store *row* at once, unless another has one of its unique values; say whether it is stored. Its relationships are left alone."""
    mapper, session = inspect(type(row)), db.session()
    columns = [column for column in row.__table__.c if not column.primary_key]
    for column in columns:
        value, default = getattr(row, column.key), column.default
        if value is None:  # said as well, or it would be asked for later
            setattr(row, column.key, None if default is None else default.arg if default.is_scalar else default.arg(None))
    mapper.dispatch.before_insert(mapper, session.connection(), inspect(row))  # what seals rows
    values = {column.key: getattr(row, column.key) for column in columns}
    row.id = session.connection().scalar(_unless_there(type(row), postgresql=is_postgresql()), values)
    if row.id is None:
        return False
    make_transient_to_detached(row)
    session.add(row)
    once("held", set).add(inspect(row).key)  # nobody else knows of it: app.database.lock need not wait
    return True


def store_unless_there(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write *rows*, leaving out those of which a unique value is there already."""
    if rows:
        db.session.connection().execute(_quietly(model, postgresql=is_postgresql()), rows)


def store_or_change(model: type[Base], row: Mapping[str, Any], *, same: Collection[str]) -> None:
    """Write *row*; where one is there with the *same* unique values, write the others of *row* over its own."""
    statement = _over(model, tuple(row), frozenset(same), postgresql=is_postgresql())
    db.session.connection().execute(statement, row)


def _insert(model: type[Base], *, into: bool) -> Any:
    return (postgresql if into else sqlite).insert(model)


@lru_cache
def _unless_there(model: type[Base], *, postgresql: bool) -> Any:
    return _insert(model, into=postgresql).on_conflict_do_nothing().returning(model.__table__.c.id)


@lru_cache
def _quietly(model: type[Base], *, postgresql: bool) -> Any:
    return _insert(model, into=postgresql).on_conflict_do_nothing()


@lru_cache
def _over(model: type[Base], names: tuple[str, ...], same: frozenset[str], *, postgresql: bool) -> Any:
    statement = _insert(model, into=postgresql)
    changed = {name: statement.excluded[name] for name in names if name not in same}
    return statement.on_conflict_do_update(index_elements=sorted(same), set_=changed)


def hang(row: Any, name: str, on: Any) -> None:
    """Let the new *row* belong to a stored one by its relationship *name*; that one stays clean, or a flush would go over all it has."""
    relation = inspect(type(row)).relationships[name]
    ((local, remote),) = relation.local_remote_pairs
    setattr(row, local.key, getattr(on, remote.key))
    set_committed_value(row, name, on)
    set_committed_value(on, relation.back_populates, [*getattr(on, relation.back_populates), row])
    db.session.add(row)
