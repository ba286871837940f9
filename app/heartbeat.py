"""Whether the work that nobody sees still happens: a watched job leaves a beat when it has finished, and silence is an alarm.

The worker may be what died. So the queue looks every ten minutes, and so does every web process when somebody of the staff reads a page:
the first to find a beat older than its term writes the notices, once for each silence; administrators see it on every page until it beats.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Flask, current_app, request
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, jobs
from app.accounts.models import User
from app.database import Base, db, lock, writing_first
from app.outbox import notify_users
from app.permissions import Permission

log = structlog.get_logger()

LOOK_SECONDS = 600  # how often each process looks


class Beat(Base):
    """When a watched job last finished."""

    __tablename__ = "beat"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    at: Mapped[dt.datetime] = mapped_column(comment="it finished; or, before it ever did, when it was first waited for")
    faults: Mapped[int] = mapped_column(default=0, comment="what it could not do when it last finished")
    alarmed_at: Mapped[dt.datetime | None] = mapped_column(comment="its silence was told; empty: it is not silent")


@dataclass(frozen=True)
class Watched:
    """A job that must finish again within its *term*; who *hears* when it does not."""

    name: str
    label: Any  # lazy text: what does not happen while it is silent
    term: dt.timedelta
    hears: Callable[[dt.date], list[User]]


@dataclass
class Looked:
    """What this process knows: when it looked last, and whether anything was silent."""

    at: dt.datetime | None = None
    silent: bool = False


def init_app(app: Flask) -> None:
    """Look in the queue and in the web process, and let the pages of the staff say what is silent."""
    app.extensions.setdefault("watched", {})
    app.extensions["heartbeat"] = Looked()
    app.before_request(_look_from_the_web)
    app.add_template_global(shown, "silent_jobs")
    app.add_template_global(label, "watched_label")
    jobs.every(app, "heartbeat.look", look, seconds=LOOK_SECONDS)


def watch(app: Flask, job: Watched) -> None:
    """Have *job* watched."""
    app.extensions.setdefault("watched", {})[job.name] = job


def begin(name: str, *, now: dt.datetime) -> None:
    """Wait for the job *name* from now on, if nobody did before: what never ran is silent too. Flushes."""
    if db.session.scalar(select(Beat.id).where(Beat.name == name)) is None:
        db.session.add(Beat(name=name, at=now))
        db.session.flush()


def beat(name: str, *, now: dt.datetime, faults: int = 0) -> None:
    """The job *name* has finished; whoever heard that it was silent hears that it runs again. Flushes."""
    begin(name, now=now)
    row = db.session.scalars(select(Beat).where(Beat.name == name)).one()
    lock(row)
    if row.alarmed_at is not None:
        _tell(row, "again", now=now)
    row.at, row.faults, row.alarmed_at = now, faults, None
    db.session.flush()


def last(name: str) -> Beat | None:
    """Return the last beat of the job *name*."""
    return db.session.scalar(select(Beat).where(Beat.name == name))


def silent(now: dt.datetime) -> list[Beat]:
    """Return the watched jobs whose last beat is older than its term."""
    return [row for row in db.session.scalars(select(Beat).order_by(Beat.name)) if _is_silent(row, now)]


def _is_silent(row: Beat, now: dt.datetime) -> bool:
    job = _watched(row.name)
    return job is not None and now - row.at > job.term


def _watched(name: str) -> Watched | None:
    return current_app.extensions.get("watched", {}).get(name)


def alarm(now: dt.datetime) -> list[Beat]:
    """Tell of each silence once, and return what is silent. Flushes."""
    rows = silent(now)
    for row in rows:
        lock(row)
        if row.alarmed_at is None and _is_silent(row, now):
            _tell(row, "silent", now=now)
            row.alarmed_at = now
    db.session.flush()
    return rows


def _tell(row: Beat, what: str, *, now: dt.datetime) -> None:
    job = _watched(row.name)
    people = job.hears(clock.local_date(now)) if job is not None else []
    notify_users(people, f"heartbeat/notices/{what}", row, row.at.isoformat(), now=now, name=row.name, since_at=row.at.isoformat())


def look() -> None:
    """Look for silence, as a job."""
    alarm(clock.now())
    db.session.commit()


def label(name: str) -> Any:
    """Return what the job *name* does, in words."""
    job = _watched(name)
    return name if job is None else job.label


def _look_from_the_web() -> None:
    """Look when one of the staff reads a page, each process once in ten minutes."""
    looked: Looked = current_app.extensions["heartbeat"]
    now = clock.now()
    if request.method != "GET" or (looked.at is not None and abs((now - looked.at).total_seconds()) < LOOK_SECONDS):
        return
    if not current_user.is_authenticated:
        return
    looked.at = now
    try:
        looked.silent = bool(silent(now))
        if looked.silent:
            with writing_first():
                alarm(now)
    except SQLAlchemyError as error:  # the page that was asked for comes all the same
        db.session.rollback()
        log.warning("heartbeat_not_looked_at", error=type(error).__name__)


def shown() -> list[Beat]:
    """Return what administrators of the whole install read of above every page; asked again while anything was silent."""
    looked: Looked = current_app.extensions["heartbeat"]
    if not looked.silent or not current_user.is_authenticated or not current_user.reach.may(Permission.SETTINGS_MANAGE):
        return []
    rows = silent(clock.now())
    looked.silent = bool(rows)
    return rows
