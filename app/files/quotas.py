"""How much may come: of one account or one network in a day, and only while the disk keeps room for the database to go on."""

from __future__ import annotations

import datetime as dt
import shutil

import structlog
from flask import current_app
from flask_login import current_user
from redis import RedisError

from app import jobs
from app.clock import local_date
from app.files.refusals import FileNotKept, TooMuchToday
from app.limits import network, unreadable

log = structlog.get_logger()

_A_DAY = 2 * 24 * 3600  # seconds the counter of a day is kept


def spend(size: int, now: dt.datetime) -> None:
    """Count *size* bytes of the one who sends them. :raise TooMuchToday: and count nothing. Without Valkey nothing is counted."""
    if not current_app.config["RATE_LIMIT_ENABLED"]:
        return
    counter = f"bytes:{unreadable(f'{local_date(now)} {_who()}')}"
    try:
        valkey = jobs.queue().connection
        with valkey.pipeline() as pipeline:
            pipeline.incrby(counter, size)
            pipeline.expire(counter, _A_DAY)
            spent, _ = pipeline.execute()
        if spent > current_app.config["MAX_DAY_BYTES"]:
            valkey.decrby(counter, size)
            raise TooMuchToday
    except RedisError as error:
        log.warning("uploads_not_counted", error=type(error).__name__)


def _who() -> str:
    return f"user:{current_user.id}" if current_user.is_authenticated else network()


def check_room(size: int) -> None:
    """See that the disk has room for a file of *size* bytes and its original. :raise FileNotKept:"""
    url: str = current_app.config["STORAGE_URL"]
    if not url.startswith("file://"):
        return
    free = shutil.disk_usage(url.removeprefix("file://")).free
    if free < current_app.config["KEEP_FREE_BYTES"] + 2 * size:
        log.error("disk_nearly_full", free=free)
        raise FileNotKept
