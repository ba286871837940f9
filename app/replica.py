"""A copy that PostgreSQL keeps of the database (DATABASE_REPLICA_URL) answers what is only looked at: figures, lists for everyone.

Such a view says `@from_copy`, below the line that says who may open it: who somebody is and what they may do is asked of the database
itself. A copy is a moment behind. It is asked for nothing while it is further behind than BEHIND, or away, nor by a browser that has sent
anything a moment ago: that one finds what it wrote. How far behind it is tells the ticker's line in it, at most ten seconds old.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import structlog
from flask import Flask, Response, current_app, request
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError

from app import clock, database
from app.database import db
from app.jobs.schedule import last_tick

log = structlog.get_logger()

BEHIND = dt.timedelta(seconds=20)  # of which the ticker's own beat is ten
AWAY_SECONDS = 10
WROTE_SECONDS = 60  # more than a copy that is asked can be behind
WROTE = "wrote"
SAFE = {"GET", "HEAD"}


class Copy:
    """The connections to the copy; one that is away is not tried again for a while."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.away_until = engine, 0.0

    def connection(self) -> Connection | None:
        """Return a connection, if the copy is there."""
        if time.monotonic() < self.away_until:
            return None
        try:
            return self.engine.connect()
        except SQLAlchemyError as error:
            self.is_away(error)
            return None

    def is_away(self, error: SQLAlchemyError) -> None:
        """Ask it nothing for a while."""
        log.warning("replica_away", error=type(error).__name__)
        self.away_until = time.monotonic() + AWAY_SECONDS


def init_app(app: Flask, engine_options: dict[str, Any]) -> None:
    """Know the copy, where there is one."""
    if url := app.config["DATABASE_REPLICA_URL"]:
        app.extensions["replica"] = Copy(create_engine(url, **engine_options))
        app.after_request(_note_write)


def from_copy(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let *view*, which only reads and returns all it says at once, read from the copy."""

    @wraps(view)
    def reading(*args: Any, **kwargs: Any) -> Any:
        copy: Copy | None = current_app.extensions.get("replica")
        if copy is None or request.method not in SAFE or WROTE in request.cookies:
            return view(*args, **kwargs)
        with _reading(copy):
            return view(*args, **kwargs)

    return reading


@contextmanager
def _reading(copy: Copy) -> Generator[None]:
    """Read from *copy* if it is there and hardly behind; from the database itself else."""
    connection = copy.connection()
    if connection is None:
        yield
        return
    db.session.rollback()  # what was read there is read again here
    with connection, database.reading_from(connection):
        if not _is_fresh(copy):
            database.read_from_here()
        yield


def _is_fresh(copy: Copy) -> bool:
    try:
        at = last_tick()
    except SQLAlchemyError as error:
        copy.is_away(error)
        return False
    db.session.rollback()
    return at is not None and clock.now() - at <= BEHIND


def _note_write(response: Response) -> Response:
    """Let a browser that sent something read what it wrote."""
    if request.method not in SAFE:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(WROTE, "1", max_age=WROTE_SECONDS, httponly=True, samesite="Lax", secure=secure)
    return response
