"""A province grows: what the demo's people wrote, and all that came of it, is written again and again, at other days.

Every row is one that the site's own operations wrote once, so each table has what it would have, in its own proportions: units and
fields as unevenly busy, clocks, papers, entries of the record, texts to be found. What is open is written again for the last weeks only,
and less often, as in a province where most is over; one unit has a heap of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Date, DateTime, LargeBinary, Table, Uuid, bindparam, func, insert, select, text, update

from app.assignments import beside
from app.assignments.rules import Duty
from app.audit import AuditEntry
from app.chain.models import AuditLink
from app.chain.rules import GENESIS
from app.crypto import Bound, key_digest
from app.database import Base, NfcText, db, is_postgresql
from app.units.models import Unit
from feedback import codes
from feedback.models import Feedback, FeedbackAssignment
from feedback.rules import OPEN
from oversight.models import sums

#: What grows with the years. The rest (units, people, rules, what supervises) is there once, and rows that name it go on naming it.
GROWING = (
    "feedback", "feedback_person", "receipt_key", "message", "rating", "external_ref", "attachment", "paper", "paper_step", "reply_point",
    "assignment", "clock", "clock_pause", "extension_request", "holding", "dialogue_session", "session_hall", "session_chair",
    "session_staff", "session_speaker", "agenda_item", "question_theme", "question", "minutes_version", "session_paper", "audit_entry",
    "search_document", "notice",
)  # fmt: skip
YEARS = 10
OPEN_EVERY = 4  # of so many copies one has what is open, too
OPEN_DAYS = 20
BUSY = "so-nnmt"  # the unit with a heap: its open duties to answer are this share of all items
HEAP = 0.05
A_BOOK = 10_000  # more than a unit's papers in the demo
AT_ONCE = 20  # copies in one transaction
PREFIX, YEAR = "BN", 26


@dataclass(frozen=True)
class Copy:
    """One more writing: its number, how many days before the demo's own it happens, and whether it is of the busy unit's heap alone."""

    number: int
    days: int
    heap: bool = False


def copies(size: int, over: int, still: int, busy: int) -> list[Copy]:
    """Return the copies that make *over* items that are over and *still* open ones *size*, oldest first, over the years.

    After them those of the heap of the busy unit, which has *busy* of the open ones.
    """
    factor = max(1, round(size * (1 - HEAP) / (over + still / OPEN_EVERY)))
    whole = [Copy(number, YEARS * 365 * (factor - 1 - number) // max(1, factor - 1)) for number in range(1, factor)]
    there = busy * (1 + (factor - 1) // OPEN_EVERY)
    more = max(0, round(size * HEAP) - there) // busy if busy else 0
    return whole + [Copy(factor + number, 0, heap=True) for number in range(more)]


def grow(size: int, *, tell: Callable[[int, int], None]) -> None:
    """Write the demo until there are about *size* items; *tell* hears how many copies are done, and of how many. Commits."""
    tables = [Base.metadata.tables[name] for name in GROWING]
    with db.engine.connect() as connection:
        _unwatched(connection)
        base = _Base.of(connection, tables)
        indexes = _drop_indexes(connection) if is_postgresql() else []
        connection.commit()
        todo = copies(size, len(base.items) - base.still, base.still, base.busy)
        for done, batch in _batches(todo):
            _number(connection, base, batch)
            for table in tables:
                connection.exec_driver_sql(_copying(table, base, heap=batch[0].heap))
            connection.commit()
            tell(done, len(todo))
        for statement in indexes:
            connection.execute(text(statement))
        _count_on(connection, tables)
        _settle_record(connection)
        beside.settle(connection)  # no trigger has seen these rows
        sums.settle(connection)
        sums.fold(connection)
        connection.execute(text("DROP TABLE bench_copy"))
        connection.execute(text("DROP TABLE bench_code"))
        connection.execute(text("DROP TABLE bench_open"))
        connection.commit()
    _seal(tell)
    with db.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.rollback()
        if is_postgresql():
            driver.autocommit = True  # no VACUUM within a transaction, and our engine begins one for everybody
        driver.cursor().execute("VACUUM ANALYZE" if is_postgresql() else "ANALYZE")
        if is_postgresql():
            driver.autocommit = False


@dataclass
class _Base:
    """The rows that are written again: of each table how far its numbers go."""

    last: dict[str, int]
    items: list[int]
    heap: list[int]  # those of the busy unit that are open
    still: int  # how many are open, whoever has them
    busy: int  # its open duties to answer
    given: set[str]  # codes

    @classmethod
    def of(cls, connection: Connection, tables: list[Table]) -> _Base:
        last = {table.name: connection.scalar(select(table.c.id).order_by(table.c.id.desc()).limit(1)) or 0 for table in tables}
        for name, columns in (("bench_open", "name text, id bigint, heap int"), ("bench_copy", "number bigint, days bigint"),
                              ("bench_code", "number bigint, id bigint, code text")):  # fmt: skip
            connection.execute(text(f"CREATE TABLE {name} ({columns})"))
        duties = _busy_duties(connection)
        found = list(_open_rows(connection, tables, duties))
        belonging = [{"name": name, "id": id_, "heap": int(heap)} for name, id_, heap in found]
        connection.execute(text("INSERT INTO bench_open VALUES (:name, :id, :heap)"), belonging)
        connection.execute(text("CREATE INDEX bench_open_row ON bench_open (name, id)"))
        heap = [id_ for name, id_, heap in found if name == "feedback" and heap]
        there = {id_ for name, id_, heap in found if name == "assignment" and heap}
        items, still = list(connection.scalars(select(Feedback.__table__.c.id))), sum(name == "feedback" for name, *_ in found)
        return cls(last, items, heap, still, len(duties & there), set(connection.scalars(select(Feedback.__table__.c.code))))

    def code(self, copy: Copy) -> str:
        """Return a code of the year of *copy* that no item has: of a hundred thousand a year two would be alike."""
        while (made := codes.make_code(PREFIX, YEAR - copy.days // 365)) in self.given:
            pass
        self.given.add(made)
        return made


def _busy_duties(connection: Connection) -> set[int]:
    """Return the duties to answer that the busy unit has open."""
    duty, unit = FeedbackAssignment.__table__.c, Unit.__table__.c
    where = (duty.unit_id == unit.id, unit.code == BUSY, duty.duty == Duty.ANSWER, duty.closed_on.is_(None), duty.feedback_id.is_not(None))
    return set(connection.scalars(select(duty.id).where(*where)))


def _open_rows(connection: Connection, tables: list[Table], busy: set[int]) -> Iterator[tuple[str, int, bool]]:
    """Yield table and id of every row that hangs together with something open, and whether that is of the *busy* duties and no session."""
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def find(row: tuple[str, int]) -> tuple[str, int]:
        while (above := parent.setdefault(row, row)) != row:
            parent[row] = row = parent.setdefault(above, above)
        return row

    still: set[tuple[str, int]] = set()
    names = {table.name for table in tables}
    for table in tables:
        keys = [column for column in _keys(table) if _target(column) in names]
        named = [table.c[each] for each in ("subject_type", "subject_id") if each in table.c]
        state = [table.c[each] for each in ("status", "closed_on") if each in table.c]
        for row in connection.execute(select(table.c.id, *keys, *named, *state)).mappings():
            me = (table.name, row["id"])
            find(me)
            for key in keys:
                if row[key.name] is not None:
                    parent[find((_target(key), row[key.name]))] = find(me)
            if named and row["subject_type"] in names and row["subject_id"] is not None:
                parent[find((row["subject_type"], row["subject_id"]))] = find(me)
            if (table.name == "feedback" and row["status"] in OPEN) or (table.name == "assignment" and row["closed_on"] is None):
                still.add(me)
    roots = {find(row) for row in still}
    held = {find(row) for row in list(parent) if row[0] == "dialogue_session"}
    heap = {find(("assignment", id_)) for id_ in busy} - held
    yield from ((*row, find(row) in heap) for row in list(parent) if find(row) in roots)


def _keys(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.foreign_keys]


def _target(column: Column[Any]) -> str:
    return next(iter(column.foreign_keys)).column.table.name


def _number(connection: Connection, base: _Base, batch: list[Copy]) -> None:
    """Say which copies come next, with a code for each of their items."""
    connection.execute(text("DELETE FROM bench_copy"))
    connection.execute(text("DELETE FROM bench_code"))
    connection.execute(text("INSERT INTO bench_copy VALUES (:number, :days)"), [vars(copy) for copy in batch])
    items = base.heap if batch[0].heap else base.items
    rows = [{"number": copy.number, "id": id_, "code": base.code(copy)} for copy in batch for id_ in items]
    connection.execute(text("INSERT INTO bench_code VALUES (:number, :id, :code)"), rows)


def _batches(todo: list[Copy]) -> Iterator[tuple[int, list[Copy]]]:
    """Yield what is written in one transaction, after how many copies: whole ones, then the heap's, which are small."""
    whole, heap = [each for each in todo if not each.heap], [each for each in todo if each.heap]
    for at in range(0, len(whole), AT_ONCE):
        yield min(at + AT_ONCE, len(whole)), whole[at : at + AT_ONCE]
    for at in range(0, len(heap), AT_ONCE * 20):
        yield len(whole) + min(at + AT_ONCE * 20, len(heap)), heap[at : at + AT_ONCE * 20]


def _copying(table: Table, base: _Base, *, heap: bool) -> str:
    """Return the statement that writes the rows of *table* again, once for each of the copies."""
    days = f"CASE WHEN still.id IS NULL THEN copy.days ELSE {_rest('copy.number * 7', OPEN_DAYS)} END"
    taken = {column.name: _expression(table, column, base, days) for column in table.columns}
    named = f"bench_open AS still ON still.name = '{table.name}' AND still.id = row.id"
    source = f"{table.name} AS row {'' if heap else 'LEFT '}JOIN {named} CROSS JOIN bench_copy AS copy"
    if table.name == "feedback":
        source += " JOIN bench_code AS code ON code.number = copy.number AND code.id = row.id"
    where = f"row.id <= {base.last[table.name]} AND "
    where += "still.heap = 1" if heap else f"(still.id IS NULL OR {_rest('copy.number', OPEN_EVERY)} = 0)"
    if "subject_type" in table.c:  # what is about a unit or a person happened once
        where += f" AND row.subject_type IN ({', '.join(map(repr, GROWING))})"
    rows = f"SELECT {', '.join(taken.values())} FROM {source} WHERE {where} ORDER BY copy.number, row.id"  # noqa: S608 - our own names
    return f"INSERT INTO {table.name} ({', '.join(taken)}) {rows}"


def _rest(number: str, by: int) -> str:
    return f"mod({number}, {by})" if is_postgresql() else f"({number}) % {by}"


def _expression(table: Table, column: Column[Any], base: _Base, days: str) -> str:
    """Return what the copy has in *column*."""
    name = f"row.{column.name}"
    if (further := _further(table, column, base)) is not None:
        return f"{name} + copy.number * {further}"
    if isinstance(column.type, Date | DateTime) or type(column.type).__name__ == "UtcDateTime":
        return _earlier(name, column, days)
    return _new(table, column) or name


def _further(table: Table, column: Column[Any], base: _Base) -> str | None:
    """Return by how much a number of a row goes on from copy to copy; none where it is no such number."""
    if column.primary_key:
        return str(base.last[table.name])
    if column.foreign_keys and _target(column) in GROWING:
        return str(base.last[_target(column)])
    if column.name == "subject_id":
        shifts = " ".join(f"WHEN '{each}' THEN {last}" for each, last in base.last.items())
        return f"CASE row.subject_type {shifts} ELSE 0 END"
    return None


def _new(table: Table, column: Column[Any]) -> str:
    """Return what is each copy's own in *column*; empty where it has what the first has."""
    name = f"row.{column.name}"
    numbered = column.name in {"code", "dedup", "number"} and (column.unique or table.name in {"paper", "session_paper", "external_ref"})
    own = column.unique or column.name in {"seal", "phone_index", "email_index"}
    sealed = isinstance(column.type, LargeBinary) and any(each.unique for each in table.columns if each.name == "uid")
    if (table.name, column.name) == ("feedback", "code"):
        made = "code.code"
    elif column.unique and isinstance(column.type, Uuid):
        made = "gen_random_uuid()" if is_postgresql() else "lower(hex(randomblob(16)))"
    elif numbered:
        made = f"{name} || '.' || copy.number" if _is_text(column) else f"{name} + copy.number * {A_BOOK}"
    elif (own and not column.nullable) or column.name == "digest":
        made = _random()
    elif own or sealed:  # what is sealed opens only in the row it was sealed for
        made = "NULL"
    else:
        made = ""
    return made


def _is_text(column: Column[Any]) -> bool:
    return isinstance(column.type, NfcText)


def _random() -> str:
    return "md5(random()::text) || md5(random()::text)" if is_postgresql() else "lower(hex(randomblob(32)))"


def _earlier(name: str, column: Column[Any], days: str) -> str:
    is_day = isinstance(column.type, Date)
    if is_postgresql():
        moved = f"{name} - ({days})::int" if is_day else f"{name} - make_interval(days => ({days})::int)"
    elif is_day:
        moved = f"date({name}, '-' || ({days}) || ' days')"
    else:
        moved = f"strftime('%Y-%m-%d %H:%M:%f', {name}, '-' || ({days}) || ' days') || '000'"
    return f"CASE WHEN {name} = '9999-12-31' THEN {name} ELSE {moved} END" if is_day else moved


def _unwatched(connection: Connection) -> None:
    """Do not look up each row's keys: they are right, and looking takes longer than writing."""
    if is_postgresql():
        connection.execute(text("SET session_replication_role = replica"))
        connection.commit()
    else:
        connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")  # means nothing within a transaction


def _drop_indexes(connection: Connection) -> list[str]:
    """Drop what can be made anew more quickly than kept, and return how."""
    found = connection.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(:names)"
            " AND indexdef NOT LIKE 'CREATE UNIQUE%'"
        ),
        {"names": list(GROWING)},
    ).all()
    for name, _made in found:
        connection.execute(text(f'DROP INDEX "{name}"'))
    return [made for _name, made in found]


def _count_on(connection: Connection, tables: list[Table]) -> None:
    """Let numbers go on after the last."""
    if not is_postgresql():
        return  # AUTOINCREMENT has counted
    for table in tables:
        connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"))  # noqa: S608


def _settle_record(connection: Connection) -> None:
    """Let the record count as sealed up to here: its links are what `measure_record` measures, not this."""
    last = connection.scalar(select(AuditEntry.__table__.c.id).order_by(AuditEntry.__table__.c.id.desc()).limit(1))
    seq = (connection.scalar(select(AuditLink.__table__.c.seq).order_by(AuditLink.__table__.c.seq.desc()).limit(1)) or 0) + 1
    row = {"seq": seq, "entry_id": last, "sealed_at": dt.datetime.now(dt.UTC), "hash": GENESIS}
    connection.execute(insert(AuditLink).values(row))


def _seal(tell: Callable[[int, int], None]) -> None:
    """Give the rows that only the site itself can have written the seal that says so."""
    for mapper in list(Base.registry.mappers):
        for value in vars(mapper.class_).values():
            table = Base.metadata.tables[mapper.class_.__tablename__]
            if isinstance(value, Bound) and table.name in GROWING:
                with db.engine.connect() as connection:
                    _seal_table(connection, table, value, tell)


def _seal_table(connection: Connection, table: Table, bound: Bound, tell: Callable[[int, int], None]) -> None:
    seal = table.c[bound.column]
    rows = select(table.c.id, *(table.c[name] for name in bound.over if name != "id")).where(seal.is_(None)).order_by(table.c.id)
    write = update(table).where(table.c.id == bindparam("row")).values({seal: bindparam("sealed")})
    last, done, total = 0, 0, connection.scalar(select(func.count()).select_from(table).where(seal.is_(None))) or 0
    while found := connection.execute(rows.where(table.c.id > last).limit(10_000)).all():
        connection.execute(write, [{"row": row.id, "sealed": key_digest(bound.said(table.name, row))} for row in found])
        connection.commit()
        last, done = found[-1].id, done + len(found)
        tell(done, total)
