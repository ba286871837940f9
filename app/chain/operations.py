"""Sealing what was committed, and setting anchors. Nobody waits for either: entries are written as ever, and sealed by a job after it."""

from __future__ import annotations

import datetime as dt
from itertools import count

import structlog
from sqlalchemy import delete, insert, select

from app import audit, crypto, heartbeat
from app.chain import queries
from app.chain.models import AuditAnchor, AuditCheck, AuditLink
from app.chain.rules import GENESIS, Reached, link_hash
from app.database import db, lock
from app.heartbeat import Beat

log = structlog.get_logger()

SEALER, CHECKER = "chain.seal", "chain.check"
#: A check older than that begins anew, so that none of before can be put in its place for ever.
FRESH = dt.timedelta(days=2)
BATCH = 500  # entries sealed in one transaction: nobody waits long for the database


def seal(*, now: dt.datetime, everything: bool = False) -> int:
    """Seal the next entries that wait, and return how many; the caller commits, and asks again while it gets a whole batch.

    Two who seal at once do it one after the other, behind the lock of the sealer's own beat.
    """
    heartbeat.begin(SEALER, now=now)
    lock(db.session.scalars(select(Beat).where(Beat.name == SEALER)).one())
    last = queries.last_link()
    seq, previous = (last.seq, last.hash) if last is not None else (0, GENESIS)
    found = queries.waiting(limit=BATCH, everything=everything)
    rows = []
    for number, (*said, seal_) in zip(count(seq + 1), found, strict=False):
        previous = link_hash(previous, number, now, said)
        rows.append({"seq": number, "entry_id": said[0], "sealed_at": now, "hash": previous})
        if not audit.is_ours(said[1:], seal_):  # it gets its link as well: so nobody takes it away again unseen
            log.error("record_entry_forged", entry=said[0], action=said[2])
    if rows:
        db.session.execute(insert(AuditLink), rows)
    return len(rows)


def anchor(*, now: dt.datetime) -> AuditAnchor | None:
    """Set an anchor on the last link and return it, or the one that stands there; None while nothing is sealed. Flushes."""
    last = queries.last_link()
    if last is None:
        return None
    lock(last)
    there = db.session.scalar(select(AuditAnchor).where(AuditAnchor.seq == last.seq))
    if there is not None:
        return there
    row = AuditAnchor(at=now, seq=last.seq, hash=last.hash, seal="")
    row.seal = crypto.key_digest(_said(row))
    db.session.add(row)
    db.session.flush()
    return row


def go_on(*, now: dt.datetime) -> AuditCheck:
    """Return the check that is on its way, or a new one where there is none, or where somebody wrote one by hand. Flushes."""
    _alone(now)
    row = queries.check_on_its_way()
    if row is not None and crypto.digest_matches(_so_far(row), row.seal) and now - row.began_at < FRESH:
        return row
    db.session.execute(delete(AuditCheck))
    row = AuditCheck(began_at=now, upto=0, seq=0, hash=GENESIS, sealed_at="", found=0, seal="")
    row.seal = crypto.key_digest(_so_far(row))
    db.session.add(row)
    db.session.flush()
    return row


def remember(was: tuple[int, int], *, upto: int, reached: Reached, found: int, now: dt.datetime) -> bool:
    """Note how far the check has come; False where another did meanwhile that was not at *was* (:func:`place`). Flushes."""
    _alone(now)
    row = queries.check_on_its_way()
    if row is None or place(row) != was:
        return False
    row.upto, row.seq, row.hash, row.sealed_at = upto, reached.seq, reached.hash, reached.sealed_at
    row.found += found
    row.seal = crypto.key_digest(_so_far(row))
    db.session.flush()
    return True


def conclude(was: tuple[int, int], *, now: dt.datetime) -> bool:
    """End the check; False where another did meanwhile. Flushes."""
    _alone(now)
    row = queries.check_on_its_way()
    if row is None or place(row) != was:
        return False
    db.session.delete(row)
    db.session.flush()
    return True


def place(row: AuditCheck) -> tuple[int, int]:
    """Return which check it is, and how far."""
    return row.id, row.upto


def _alone(now: dt.datetime) -> None:
    heartbeat.begin(CHECKER, now=now)
    lock(db.session.scalars(select(Beat).where(Beat.name == CHECKER)).one())


def _so_far(row: AuditCheck) -> str:
    return f"audit-check:{row.began_at.astimezone(dt.UTC).isoformat()}:{row.upto}:{row.seq}:{row.hash}:{row.sealed_at}:{row.found}"


def is_ours(row: AuditAnchor) -> bool:
    """Say whether this site set the anchor: whoever has only the database cannot make its seal."""
    return crypto.digest_matches(_said(row), row.seal)


def _said(row: AuditAnchor) -> str:
    return f"audit-anchor:{row.seq}:{row.hash}:{row.at.astimezone(dt.UTC).isoformat()}"
