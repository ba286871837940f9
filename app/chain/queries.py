"""What is asked of the chain: its links with what they seal, the entries that wait, the anchors, rows that no entry tells of.

What is checked is read raw: what somebody wrote by hand may be no instant, no JSON, no text at all, and must be found, not fail.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import LargeBinary, Text, cast, exists, func, select

from app.accounts.models import Delegation, Grant, User
from app.audit import SEALED, AuditEntry, is_ours
from app.chain.models import AuditAnchor, AuditCheck, AuditLink
from app.chain.rules import GENESIS, Link, matches
from app.crypto import Bound
from app.database import Base, db, is_postgresql

#: The columns of an entry in the order in which it is hashed.
HASHED = tuple(AuditEntry.__table__.c[name] for name in ("id", *SEALED))
_WRITTEN = {"at", "action", "actor_kind", "subject_type", "facts", "sealed_at", "hash", "seal"}

PIECE = 2000  # rows read at a time

#: Ids are given out before their transactions end: one may become visible after later ones. Further back looks the nightly run.
BEHIND = 10_000


def last_link() -> AuditLink | None:
    """Return the newest link."""
    return db.session.scalar(select(AuditLink).order_by(AuditLink.seq.desc()).limit(1))


def first_link() -> AuditLink | None:
    """Return the oldest link."""
    return db.session.get(AuditLink, 1)


def waiting(*, limit: int, everything: bool) -> Sequence[Any]:
    """Return entries that no link seals yet, in the order of their ids; only the latest ids are looked through, or *everything*."""
    query = select(*HASHED, AuditEntry.seal).outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id).where(AuditLink.seq.is_(None))
    if not everything:
        query = query.where(AuditEntry.id > func.coalesce(select(func.max(AuditLink.entry_id)).scalar_subquery(), 0) - BEHIND)
    return db.session.execute(query.order_by(AuditEntry.id).limit(limit)).all()


def count_waiting() -> int:
    """Return how many entries no link seals yet."""
    query = select(func.count()).select_from(AuditEntry).outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
    return db.session.scalar(query.where(AuditLink.seq.is_(None))) or 0


def links(*, after: int | None = None, upto: int | None = None) -> Iterator[Link]:
    """Yield the links of those numbers with the entry each seals, as they stand in the database; ends each read transaction."""
    sealed = [_raw(column) for column in (AuditLink.__table__.c.sealed_at, AuditLink.__table__.c.hash)]
    entry = [_raw(column) for column in (*HASHED, AuditEntry.__table__.c.seal)]
    while True:
        query = select(AuditLink.seq, AuditLink.entry_id, *sealed, *entry).outerjoin(AuditEntry, AuditEntry.id == AuditLink.entry_id)
        if after is not None:
            query = query.where(AuditLink.seq > after)
        if upto is not None:
            query = query.where(AuditLink.seq <= upto)
        rows = db.session.execute(query.order_by(AuditLink.seq).limit(PIECE)).all()
        db.session.rollback()
        for row in rows:
            seq, entry_id, sealed_at, hash_, *said, seal = map(_text, row)
            yield Link(seq, entry_id, sealed_at, hash_, said if said[0] is not None else None, seal)
        if len(rows) < PIECE:
            return
        after = rows[-1][0]


def entries_foreign() -> Iterator[Sequence[Any]]:
    """Yield what no link seals yet and this site did not record, and the copies of what it did: no two entries have the same seal."""
    seal = AuditEntry.__table__.c.seal
    copied = select(func.max(AuditEntry.id)).where(seal.is_not(None)).group_by(seal).having(func.count() > 1)
    unsealed = ~exists().where(AuditLink.entry_id == AuditEntry.id)  # not "not in": that would hold every link in memory
    for which, ours in ((unsealed, False), (AuditEntry.id.in_(copied), True)):
        query = select(*(_raw(column) for column in (*HASHED, seal))).where(which).order_by(AuditEntry.id)
        for row in db.session.execute(query.execution_options(yield_per=PIECE)):
            said = list(map(_text, row))
            if is_ours(said[1:-1], said[-1]) is ours:
                yield said[:-1]


def _raw(column: Any) -> Any:
    """Return *column* as the database holds it, in bytes on SQLite: what is there may not be text."""
    if is_postgresql():  # it holds columns to their types, JSON as the text that was written
        return cast(column, Text) if column.name == "facts" else column
    return cast(column, LargeBinary) if column.name in _WRITTEN else column


def _text(value: Any) -> Any:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def anchors(*, before: int | None = None, limit: int | None = None) -> list[AuditAnchor]:
    """Return the anchors, the latest first; those *before* a number."""
    query = select(AuditAnchor) if before is None else select(AuditAnchor).where(AuditAnchor.seq < before)
    return list(db.session.scalars(query.order_by(AuditAnchor.seq.desc()).limit(limit)))


def check_on_its_way() -> AuditCheck | None:
    """Return the check that is not through yet."""
    return db.session.scalar(select(AuditCheck).order_by(AuditCheck.id.desc()).limit(1))


def states(entries: Collection[AuditEntry]) -> dict[int, tuple[int, bool]]:
    """Return entry id → (number of its link, whether the entry is still what was sealed); those that wait are left out."""
    found = {link.entry_id: link for link in db.session.scalars(select(AuditLink).where(AuditLink.entry_id.in_([e.id for e in entries])))}
    behind = select(AuditLink.seq, AuditLink.hash).where(AuditLink.seq.in_([link.seq - 1 for link in found.values()]))
    before = {0: GENESIS, **dict(db.session.execute(behind).all())}
    return {
        entry.id: (link.seq, entry.is_ours and matches(_link(link, entry), before.get(link.seq - 1, "")))
        for entry in entries
        if (link := found.get(entry.id)) is not None
    }


def _link(link: AuditLink, entry: AuditEntry) -> Link:
    return Link(link.seq, link.entry_id, link.sealed_at, link.hash, [getattr(entry, column.name) for column in HASHED])


# --- rows that the record does not tell of ------------------------------------------------------------------------------


def grants_untold(on: dt.date) -> list[Grant]:
    """Return the roles for whose giving there is no entry, and those in force on a day though the record says that they ended."""
    rows = list(db.session.scalars(select(Grant).order_by(Grant.id)))
    told: dict[tuple[int, str], list[Any]] = {(grant.user_id, grant.role): [] for grant in rows}
    ended: Counter[tuple[int, str]] = Counter()
    for entry in _entries("grant.given", "grant.ended"):
        key = entry.subject_id, entry.facts["role"]
        if entry.action == "grant.ended":
            ended[key] += 1
        elif key in told:
            told[key].append((entry.facts["unit_id"], entry.facts["place_id"]))
    untold = [grant for grant in rows if not _take(told[grant.user_id, grant.role], (grant.unit_id, grant.place_id))]
    over: Counter[tuple[int, str]] = Counter(
        (grant.user_id, grant.role) for grant in rows if grant.ends_on is not None and grant.ends_on < on
    )
    alive = [grant for grant in rows if grant.ends_on is None or grant.ends_on >= on]
    return untold + [grant for grant in alive if grant not in untold and ended[grant.user_id, grant.role] > over[grant.user_id, grant.role]]


def passwords_foreign() -> list[User]:
    """Return whose password this site did not set."""
    return [user for user in db.session.scalars(select(User).order_by(User.id)) if not user.password_is_ours]


def delegations_untold() -> list[Delegation]:
    """Return the delegations for whose giving there is no entry, and those that hold though the record says that they were ended."""
    told: list[Any] = []
    ended: Counter[int] = Counter()
    for entry in _entries("delegation.given", "delegation.ended"):
        if entry.action == "delegation.ended":
            ended[entry.subject_id] += 1
        else:
            told.append((entry.subject_id, *(entry.facts[name] for name in ("to_id", "starts_on", "ends_on"))))
    rows = list(db.session.scalars(select(Delegation).order_by(Delegation.id)))
    untold = [row for row in rows if not _take(told, (row.from_id, row.to_id, row.starts_on.isoformat(), row.ends_on.isoformat()))]
    over = Counter(row.from_id for row in rows if row.ended_at is not None)
    alive = [row for row in rows if row.ended_at is None and row not in untold]
    return untold + [row for row in alive if ended[row.from_id] > over[row.from_id]]


def keys_foreign() -> Iterator[tuple[str, int]]:
    """Yield table and id of the rows that this site did not write as they stand."""
    for mapper in Base.registry.mappers:
        table: Any = mapper.local_table
        for bound in vars(mapper.class_).values():
            if isinstance(bound, Bound):
                yield from ((table.name, id_) for id_ in _foreign(table, bound))


def _foreign(table: Any, bound: Bound) -> Iterator[int]:
    query = select(table.c.id, table.c[bound.column], *(table.c[name] for name in bound.over)).order_by(table.c.id).limit(PIECE)
    last = 0
    while rows := db.session.execute(query.where(table.c.id > last)).all():
        db.session.rollback()
        yield from (row.id for row in rows if not bound.holds(table.name, row))
        last = rows[-1].id


def _entries(*actions: str) -> Iterable[Any]:
    columns = AuditEntry.action, AuditEntry.subject_id, AuditEntry.facts
    return db.session.execute(select(*columns).where(AuditEntry.action.in_(actions), AuditEntry.subject_type == User.__tablename__))


def _take(told: list[Any], wanted: Any) -> bool:
    """Take *wanted* out of *told*, each entry tells of one row; say whether it was there."""
    if wanted not in told:
        return False
    told.remove(wanted)
    return True
