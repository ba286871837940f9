"""Work outside the request: one queue, and the times at which something is due.

A job is a function that takes ids and may run twice: a worker can be killed between its work and saying so. What the
queue holds only wakes work whose promise is a row in the database, so losing the queue loses nothing but time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import structlog
from flask import Flask, current_app
from redis import ConnectionError as NotConnected
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry as Reconnect
from rq import Queue, Retry
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from app.database import db
from app.jobs.schedule import Daily, Every, Schedule

log = structlog.get_logger()

#: A job by itself, or as "module:function" where importing it would be a cycle.
Function = FunctionType | str

#: One queue a worker: only then does RQ move a job in one step, and none is lost between taking and starting it.
QUEUE = "default"
JOB_SECONDS = 300
FAILURE_SECONDS = 7 * 24 * 3600  # how long a failed job can be looked at
RETRY_SECONDS = [10, 60, 600]
WAITING_SECONDS = 30  # a wake-up that got lost is missed no longer than this
ANSWER_SECONDS = 2  # a queue that hangs holds up a request no longer than this

_PARKED, _MARKS = "parked_jobs", "parked_jobs_at_savepoint"


@dataclass(frozen=True)
class Call:
    """A function to be called by a worker."""

    function: str
    args: tuple[Any, ...]


def init_app(app: Flask) -> None:
    """Connect *app* to its queue, lazily: the site starts and takes what people send while the queue is down."""
    connection = Redis.from_url(
        app.config["REDIS_URL"],
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Reconnect(NoBackoff(), 1, supported_errors=(NotConnected,)),  # a queue that hangs is not waited for twice
    )
    app.extensions["queue"] = Queue(QUEUE, connection=connection, serializer="json", default_timeout=JOB_SECONDS)
    app.extensions.setdefault("schedules", {})


def queue() -> Queue:
    """Return the queue of the running app; its `connection` is the app's Valkey."""
    return current_app.extensions["queue"]


def every(app: Flask, name: str, function: Function, *, seconds: int) -> None:
    """Have *function* called every so many *seconds*; what a stopped site missed is made up for by one call."""
    _add(app, Every(name, _dotted(function), seconds))


def daily(app: Flask, name: str, function: Function, *, at: dt.time) -> None:
    """Have *function* called once a day at the local hour *at*; a day that a stopped site missed is made up for by one call."""
    _add(app, Daily(name, _dotted(function), at))


def _add(app: Flask, schedule: Schedule) -> None:
    app.extensions.setdefault("schedules", {})[schedule.name] = schedule


def _dotted(function: Function) -> str:
    return function.replace(":", ".") if isinstance(function, str) else f"{function.__module__}.{function.__qualname__}"


def enqueue(function: Function, *args: Any) -> None:
    """Have a worker call *function* with *args* (ids) after the running transaction commits; never if it is rolled back."""
    session = db.session()
    if not session.in_transaction():
        session.begin()  # or a rollback would have nothing to tell us of
    call = Call(_dotted(function), args)
    parked = session.info.setdefault(_PARKED, [])
    if call not in parked:
        parked.append(call)


@event.listens_for(db.session, "after_transaction_create")
def _mark(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(_MARKS, {})[transaction] = len(session.info.get(_PARKED, ()))


@event.listens_for(db.session, "after_soft_rollback")
def _drop(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:  # only what was promised since that savepoint
        del session.info.get(_PARKED, [])[session.info[_MARKS][transaction] :]


@event.listens_for(db.session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_PARKED, None)
        session.info.pop(_MARKS, None)


@event.listens_for(db.session, "after_commit")
def _send(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint was released; nothing is certain yet
        return
    for call in session.info.pop(_PARKED, ()):
        try:
            _put(call)
        except RedisError as error:
            # What the person did is committed. The ticker wakes the same work within seconds of the queue's return.
            log.warning("not_queued", function=call.function, error=type(error).__name__)
            return  # nor would the rest get through, and somebody waits for a page


def _put(call: Call) -> None:
    # A call without arguments says "look what is due". One that still waits will see this transaction too.
    if not call.args and not queue().connection.set(waiting_key(call.function), 1, nx=True, ex=WAITING_SECONDS):
        return
    queue().enqueue_call(
        call.function, args=call.args, result_ttl=0, failure_ttl=FAILURE_SECONDS, retry=Retry(len(RETRY_SECONDS), interval=RETRY_SECONDS)
    )


def waiting_key(function: str) -> str:
    """Return the key that says a call of *function* without arguments waits; the worker deletes it before it starts."""
    return f"waiting:{function}"


__all__ = ["Daily", "Every", "daily", "enqueue", "every", "init_app", "queue"]
