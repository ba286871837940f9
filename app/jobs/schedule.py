"""What is due at which times, and the ticker's memory of what it has already queued.

A slot is the number of a period: the n-th ten seconds since 1970, the n-th day at 7:00. Each is queued once, by however
many tickers: the job carries the slot in its id, which the queue takes once, and then the slot is written down. In this
order a queue that is down loses no slot, and a ticker killed in between offers the same id again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

from flask import current_app
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job
from sqlalchemy import or_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import LOCAL
from app.database import Base, db, reading

DAY_SECONDS = 24 * 3600
FINISHED_SECONDS = 500  # how long a finished slot's id is still known to the queue
FAILED_SECONDS = 7 * DAY_SECONDS
RETRY_SECONDS = [60, 600, 3600]
#: What was queued later than in a minute from now was queued while the clock was wrong: two machines' clocks differ by less.
AHEAD = dt.timedelta(minutes=1)


class Tick(Base):
    """The last slot of one schedule that was queued."""

    __tablename__ = "tick"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    slot: Mapped[int]
    at: Mapped[dt.datetime]


@dataclass(frozen=True)
class Every:
    """A function to call every so many seconds."""

    name: str
    function: str
    seconds: int
    retry: ClassVar[None] = None  # the next slot is the next try

    def slot(self, now: dt.datetime) -> int:
        """Return the slot in which *now* falls."""
        return int(now.timestamp()) // self.seconds


@dataclass(frozen=True)
class Daily:
    """A function to call once a day, from a local time of day on."""

    name: str
    function: str
    at: dt.time
    seconds: ClassVar[int] = DAY_SECONDS
    retry: ClassVar[Retry] = Retry(len(RETRY_SECONDS), interval=RETRY_SECONDS)

    def slot(self, now: dt.datetime) -> int:
        """Return the slot in which *now* falls; before *at* it is still yesterday's."""
        local = now.astimezone(LOCAL)
        return local.date().toordinal() - (local.time() < self.at)


Schedule = Every | Daily


def queue_due(now: dt.datetime, *, seen: dict[str, int]) -> None:
    """Queue every schedule whose slot has come and was not queued yet, and commit that.

    *seen* is the calling ticker's own memory (schedule → slot), so that it asks the database once a slot.
    A clock that was ahead and is set back silences nothing: what was queued in a future that has not come is due as if it had not been.
    """
    for schedule in current_app.extensions["schedules"].values():
        slot = schedule.slot(now)
        if seen.get(schedule.name) == slot:
            continue
        with reading():
            last = db.session.execute(db.select(Tick.slot, Tick.at).where(Tick.name == schedule.name)).first()
            db.session.rollback()
        if last is None:
            _meet(schedule, slot, now)
        elif last.slot < slot or last.at > now + AHEAD:
            if last.slot >= slot:
                _forget(schedule, last.slot)
            _put(schedule, slot)
            due = or_(Tick.slot < slot, Tick.at > now + AHEAD)
            db.session.execute(db.update(Tick).where(Tick.name == schedule.name, due).values(slot=slot, at=now))
            db.session.commit()
        seen[schedule.name] = slot


def _meet(schedule: Schedule, slot: int, now: dt.datetime) -> None:
    """Start a schedule nobody saw before with its next slot: it has missed nothing."""
    db.session.add(Tick(name=schedule.name, slot=slot, at=now))
    try:
        db.session.commit()
    except IntegrityError:  # another ticker met it too
        db.session.rollback()


def _put(schedule: Schedule, slot: int) -> None:
    queue: Queue = current_app.extensions["queue"]
    # A duplicate: another ticker was faster, or this one was killed before it wrote the slot down.
    with contextlib.suppress(DuplicateJobError):
        queue.enqueue_call(
            schedule.function,
            job_id=_id(schedule, slot),
            unique=True,
            ttl=schedule.seconds,  # one that nobody took in its own slot is superseded by the next
            result_ttl=FINISHED_SECONDS,
            failure_ttl=FAILED_SECONDS,
            retry=schedule.retry,
        )


def _forget(schedule: Schedule, slot: int) -> None:
    """Let the queue take the job of *slot* again when its hour really comes, if it is done with it."""
    queue: Queue = current_app.extensions["queue"]
    with contextlib.suppress(NoSuchJobError):
        job = Job.fetch(_id(schedule, slot), connection=queue.connection, serializer=queue.serializer)
        if job.is_finished or job.is_failed:
            job.delete()


def _id(schedule: Schedule, slot: int) -> str:
    return f"{schedule.name}-{slot}".replace(".", "-")  # RQ takes no dots


def last_tick() -> dt.datetime | None:
    """Return when a ticker last queued something."""
    return db.session.scalar(db.select(db.func.max(Tick.at)))
