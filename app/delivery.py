"""Taking notices out of the outbox: claim, send, write down what came of it.

A claim is a lease: it moves `due_at` to its own end, so that a drainer that is killed holds a notice up no longer. No
transaction is open while a server is spoken to. What a killed drainer sent without writing it down is sent again.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection
from dataclasses import dataclass

import structlog
from flask import current_app
from sqlalchemy import literal, or_

from app import clock
from app.carriers import Carrier, NotTaken, Refused, Unavailable, carriers
from app.database import UtcDateTime, db, reading
from app.letters import Letter, NobodyToTell, letter
from app.outbox import Channel, Notice

log = structlog.get_logger()

BATCH = 20
LEASE = dt.timedelta(seconds=60)
#: A letter is not begun when less of the lease than this is left: another drainer may then send it too.
MARGIN = dt.timedelta(seconds=30)
#: One job sends for so long; the next sweep goes on.
RUN = dt.timedelta(seconds=120)

FIRST_PAUSE = dt.timedelta(seconds=10)
LONGEST_PAUSE = dt.timedelta(minutes=15)
#: Due later than anything of ours is: it was put off while the clock was ahead, and waits for no day that was none.
NEVER_SO_LATE = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Claim:
    """A notice that is ours to send until *until*."""

    id: int
    channel: Channel
    attempt: int
    tried_since: dt.datetime
    until: dt.datetime


def drain() -> None:
    """Send what is due, by every way that is set up (job)."""
    ways = carriers(current_app.config)
    try:
        stop_at = clock.now() + RUN
        while ways and clock.now() < stop_at:
            claims = claim(ways, now=clock.now())
            db.session.commit()
            if not claims:
                break
            _deliver(claims, ways)
    finally:
        for way in ways.values():
            way.close()


def _deliver(claims: list[Claim], ways: dict[Channel, Carrier]) -> None:
    """Send *claims*; a way that turns out to be closed is taken out of *ways*."""
    down: dict[Channel, Unavailable] = {}
    give_up_after = dt.timedelta(hours=current_app.config["NOTICE_RETRY_HOURS"])
    for claimed, content in write(claims):
        if clock.now() > claimed.until - MARGIN:
            break  # the lease runs out unused, and then the rest is anybody's
        error = down.get(claimed.channel) or _send(content, ways[claimed.channel])
        if isinstance(error, Unavailable) and claimed.channel not in down:
            down[claimed.channel] = error
            log.warning("carrier_unavailable", channel=claimed.channel, error=str(error))
        settle(claimed, error, now=clock.now(), give_up_after=give_up_after)
        db.session.commit()
    for channel in down:
        ways.pop(channel).close()


def _send(content: Letter | Exception, way: Carrier) -> Exception | None:
    """Send *content*; return what went wrong, if anything."""
    if isinstance(content, Exception):
        return content
    try:
        way.send(content)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one notice must not keep the others waiting
        return error
    return None


def claim(channels: Collection[Channel], *, now: dt.datetime) -> list[Claim]:
    """Take up to BATCH notices that are due for LEASE; no other drainer gets them meanwhile."""
    # In a CTE of its own, or PostgreSQL may run the sub-select, and its LIMIT, more than once.
    due = (
        db.select(Notice.id)
        .where(Notice.channel.in_(channels), or_(Notice.due_at <= now, Notice.due_at > now + NEVER_SO_LATE))
        .order_by(Notice.due_at, Notice.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)  # SQLite has no such words and needs none: its transaction is exclusive
        .cte("due")
    )
    rows = db.session.execute(
        db.update(Notice)
        .where(Notice.id.in_(db.select(due.c.id)))
        .values(
            due_at=now + LEASE,
            attempts=Notice.attempts + 1,
            tried_since=db.func.coalesce(Notice.tried_since, literal(now, UtcDateTime())),
        )
        .returning(Notice.id, Notice.channel, Notice.attempts, Notice.tried_since)
        .execution_options(synchronize_session=False)
    )
    claims = [Claim(row.id, Channel(row.channel), row.attempts, row.tried_since, now + LEASE) for row in rows]
    return sorted(claims, key=lambda claimed: claimed.id)


def write(claims: list[Claim]) -> list[tuple[Claim, Letter | Exception]]:
    """Return the letter of each claim, or what is wrong with it. Reads in one short transaction of its own."""
    written: list[tuple[Claim, Letter | Exception]] = []
    with reading():
        for claimed in claims:
            notice = db.session.get(Notice, claimed.id)
            if notice is None:  # what it told of was sealed or erased meanwhile
                continue
            try:
                written.append((claimed, letter(notice)))
            except Exception as error:  # a template that cannot be filled must not keep the others waiting
                log.exception("notice_unwritable", notice=claimed.id, template=notice.template)
                written.append((claimed, error))
        db.session.rollback()
    return written


def settle(claimed: Claim, error: Exception | None, *, now: dt.datetime, give_up_after: dt.timedelta) -> None:
    """Write down what came of *claimed*: sent (no *error*), to be tried again, or dead."""
    row = db.update(Notice).where(Notice.id == claimed.id).execution_options(synchronize_session=False)
    if error is None:
        db.session.execute(row.values(done_at=now, due_at=None, dead_at=None, last_error=None, address_sealed=None))
        return
    name = str(error) if isinstance(error, NotTaken | Refused | Unavailable) else type(error).__name__
    if isinstance(error, Refused | NobodyToTell) or now >= claimed.tried_since + give_up_after:
        fate = {"dead_at": now, "due_at": None}
        log.warning("notice_dead", notice=claimed.id, error=name)
    else:
        fate = {"due_at": now + pause(claimed.attempt)}
    # Only while it is ours: a later attempt knows better.
    db.session.execute(row.where(Notice.attempts == claimed.attempt, Notice.done_at.is_(None)).values(last_error=name, **fate))


def pause(attempt: int, *, chance: float | None = None) -> dt.timedelta:
    """Return how long to wait after failed try number *attempt*: twice as long each time, spread by *chance* (0 to 1)."""
    chance = random.random() if chance is None else chance
    return min(FIRST_PAUSE * 2 ** min(attempt - 1, 20), LONGEST_PAUSE) * (0.5 + chance / 2)
