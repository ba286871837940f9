"""Rows written by one statement that is put together once, where something unique may be there already.

Who writes the same at the same time waits for the other, and then finds it there: no savepoint is needed, nor a question before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import insert, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from app.database import Base, db, is_postgresql, once


def store_new(row: Any) -> bool:
    """Store *row* at once, unless another has one of its unique values; say whether it is stored. Its relationships are left alone."""
    id_ = db.session.connection().scalar(_unless_there(type(row), postgresql=is_postgresql()), _written(row))
    if id_ is None:
        return False
    _is_stored(row, id_)
    once("held", set).add(inspect(row).key)  # nobody else knows of it: app.database.lock need not wait
    return True


def store(rows: Sequence[Any]) -> None:
    """Store new *rows* of one model at once, which costs half of what a flush does. Their relationships are left alone."""
    if rows:
        ids = db.session.connection().scalars(_numbered(type(rows[0])), [_written(row) for row in rows])
        for row, id_ in zip(rows, ids, strict=True):
            _is_stored(row, id_)


def _written(row: Any) -> dict[str, Any]:
    """Return what is written of a new *row*; on it all of that is said as well, or it would be asked for later."""
    mapper, said = inspect(type(row)), row.__dict__
    columns = _columns(type(row))
    said.update({name: None if default is None else default() for name, default in columns if said.get(name) is None})
    mapper.dispatch.before_insert(mapper, db.session.connection(), inspect(row))  # what seals rows
    return {name: said[name] for name, _default in columns}


def _is_stored(row: Any, id_: int) -> None:
    row.id = id_
    make_transient_to_detached(row)
    db.session.add(row)


@lru_cache
def _columns(model: type[Base]) -> list[tuple[str, Callable[[], Any] | None]]:
    """Return the names of what is stored of *model* beside its number, and what makes a value where none is given."""
    columns = [column for column in inspect(model).columns if not column.primary_key]
    return [(column.key, None if column.default is None else _maker(column.default)) for column in columns]


def _maker(default: Any) -> Callable[[], Any]:
    return (lambda: default.arg) if default.is_scalar else (lambda: default.arg(None))


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
def _numbered(model: type[Base]) -> Any:
    return insert(model).returning(model.__table__.c.id, sort_by_parameter_order=True)


@lru_cache
def _quietly(model: type[Base], *, postgresql: bool) -> Any:
    return _insert(model, into=postgresql).on_conflict_do_nothing()


@lru_cache
def _over(model: type[Base], names: tuple[str, ...], same: frozenset[str], *, postgresql: bool) -> Any:
    statement = _insert(model, into=postgresql)
    changed = {name: statement.excluded[name] for name in names if name not in same}
    return statement.on_conflict_do_update(index_elements=sorted(same), set_=changed)


def hang(row: Any, name: str, on: Any) -> None:
    """Let the new *row*, which is to be stored, belong to a stored one by its relationship *name*; that one stays clean."""
    relation = inspect(type(row)).relationships[name]
    ((local, remote),) = relation.local_remote_pairs
    setattr(row, local.key, getattr(on, remote.key))
    set_committed_value(row, name, on)
    set_committed_value(on, relation.back_populates, [*getattr(on, relation.back_populates), row])
