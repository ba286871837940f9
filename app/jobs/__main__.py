"""`python -m app.jobs worker` takes jobs from the queue; `python -m app.jobs ticker` puts them there on time."""

from __future__ import annotations

import sys
import time

import structlog
from flask import Flask
from flask.cli import ScriptInfo
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.database import db
from app.jobs.schedule import queue_due
from app.jobs.worker import work
from app.limits import limiter

log = structlog.get_logger()

SET_BACK_SECONDS = 60  # more than a clock is ever put right by in passing


def tick(app: Flask) -> None:
    """Look every second what is due, for as long as the process lives. It may be killed at any point."""
    seen: dict[str, int] = {}
    ahead = None
    with app.app_context():
        while True:
            try:
                ahead = settled(ahead)
                queue_due(clock.now(), seen=seen)
            except (RedisError, SQLAlchemyError) as error:  # the queue or the database is away; it will be back
                log.warning("ticker_waits", error=type(error).__name__)
            db.session.remove()
            time.sleep(1)


def settled(before: float | None) -> float:
    """Return by how much the clock is ahead of one that nobody sets; where that was much more *before*, count limits anew.

    What was counted while it was ahead would count until that hour comes. :raise RedisError:
    """
    ahead = clock.now().timestamp() - time.monotonic()
    if before is not None and before - ahead > SET_BACK_SECONDS:
        log.warning("clock_set_back", seconds=round(before - ahead))
        if limiter.enabled:
            limiter.reset()
    return ahead


COMMANDS = {"worker": work, "ticker": tick}

if __name__ == "__main__":
    if sys.argv[1:] not in ([name] for name in COMMANDS):
        sys.exit(__doc__)
    # The core may not import wsgi.py; it finds the site as the `flask` command does.
    COMMANDS[sys.argv[1]](ScriptInfo(app_import_path="wsgi").load_app())
