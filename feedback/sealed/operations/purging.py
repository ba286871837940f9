"""Everything that hangs on an item is deleted: rows of whatever table points at it, what finds it and what was told of it.

Which tables do is read from their foreign keys, so that a table added later is purged too and no domain has to be known here.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Column, ColumnElement, String, Table, cast, delete, exists, or_, select, update

from app.assignments.models import Assignment, Clock
from app.audit import AuditEntry
from app.database import Base, db
from app.files import StoredFile
from app.outbox import Notice
from app.search import SearchDocument
from feedback.models import Feedback, Paper

#: Columns that only mention: the row stands for itself and forgets what it pointed at. Its words are its own domain's to empty.
TIES = frozenset(
    {
        ("feedback", "merged_into_id"),
        ("feedback", "merge_proposed_into_id"),
        ("feedback", "repeat_of_id"),
        ("question", "feedback_id"),
        ("reception_visit", "feedback_id"),
        ("session_file", "promise_id"),
        ("petition", "taken_id"),
    }
)

#: What is never deleted but by sealing.
_KEPT: tuple[Any, ...] = (Feedback, Paper, Assignment, Clock)

Rows = dict[str, set[int]]


def hanging_on(item: Feedback) -> Rows:
    """Return the ids of *item* and of every row that goes with it, by table."""
    found: Rows = defaultdict(set)
    found[Feedback.__tablename__].add(item.id)
    waiting = [Feedback.__tablename__]
    while waiting:
        parent = waiting.pop()
        for column in pointing_at(parent):
            if (column.table.name, column.name) in TIES:
                continue
            ids = set(db.session.scalars(select(column.table.c.id).where(column.in_(found[parent]))))
            if ids - found[column.table.name]:
                found[column.table.name] |= ids
                waiting.append(column.table.name)
    return dict(found)


def pointing_at(name: str) -> Iterator[Column[Any]]:
    """Yield the columns that reference the id of that table."""
    target = Base.metadata.tables[name].c.id
    for table in Base.metadata.tables.values():
        yield from (column for column in table.columns if column.references(target))


def readers(rows: Rows) -> set[int]:
    """Return the ids of the people who did something with one of *rows*, or were told of one: who may have read it."""
    did = select(AuditEntry.actor_id).where(AuditEntry.actor_kind == "user", _about(AuditEntry, rows))
    told = select(Notice.user_id).where(_about(Notice, rows))
    return {id_ for id_ in (*db.session.scalars(did), *db.session.scalars(told)) if id_ is not None}


def purge(rows: Rows, *, codes: Collection[str], kept: Collection[StoredFile]) -> list[uuid.UUID]:
    """Delete *rows*, and what finds them or tells of them by id or by one of *codes*.

    Return the files whose rows are gone but for those *kept*: the edge deletes their bytes once it committed.
    """
    db.session.flush()
    names = or_(_about(Notice, rows), *(cast(Notice.facts, String).contains(code, autoescape=True) for code in codes))
    db.session.execute(delete(Notice).where(names))
    db.session.execute(delete(SearchDocument).where(_about(SearchDocument, rows)))
    files = _files(rows) - {file.id for file in kept}
    for name, ids in rows.items():
        for column in pointing_at(name):
            if (column.table.name, column.name) in TIES or column.table.name == name:
                db.session.execute(update(column.table).where(column.in_(ids)).values({column.name: None}))
    for table in reversed(Base.metadata.sorted_tables):
        if table.name in rows:
            db.session.execute(delete(table).where(table.c.id.in_(rows[table.name])))
    gone = list(db.session.scalars(select(StoredFile.uid).where(StoredFile.id.in_(files))))
    db.session.execute(delete(StoredFile).where(StoredFile.id.in_(files)))
    db.session.expire_all()
    return gone


def tells_of_what_is_gone() -> ColumnElement[bool]:
    """Say of an entry of the audit that it is about an item, or a paper, duty or clock of one, that was sealed: nothing else is deleted."""
    there = (~exists().where(model.id == AuditEntry.subject_id) & (AuditEntry.subject_type == model.__tablename__) for model in _KEPT)
    return or_(*there)


def _files(rows: Rows) -> set[int]:
    return {
        id_
        for column in pointing_at(StoredFile.__tablename__)
        if column.table.name in rows
        for id_ in db.session.scalars(select(column).where(_table(column).c.id.in_(rows[column.table.name]), column.is_not(None)))
    }


def _table(column: Column[Any]) -> Table:
    return Base.metadata.tables[column.table.name]


def _about(model: Any, rows: Rows) -> Any:
    return or_(*((model.subject_type == name) & model.subject_id.in_(ids) for name, ids in rows.items()))
