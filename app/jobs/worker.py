"""The worker: it loads the site once, and forks for each job."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Container
from typing import Any

from flask import Flask
from redis import Redis
from rq import Queue, Worker
from rq.job import Job

from app.database import db
from app.jobs import JOB_SECONDS, QUEUE, waiting_key

PR_SET_PDEATHSIG = 1

# An idle RQ worker looks after abandoned jobs only when its wait for a new one ends, after TTL - 15 seconds.
TTL_SECONDS = 30
MAINTENANCE_SECONDS = 20

_libc = ctypes.CDLL(None)


class AppWorker(Worker):
    """A worker whose jobs run inside the app's context."""

    app: Flask

    def perform_job(self, job: Job, *args: Any, **more: Any) -> bool:
        """Call *job* in a context, hence a database session, of its own. RQ's further arguments differ between its versions."""
        if not job.args:
            self.connection.delete(waiting_key(str(job.func_name)))  # from here on, a commit must wake us again
        _forget_dead_tries(job, but=self.executions)
        with self.app.app_context():
            return super().perform_job(job, *args, **more)


def _forget_dead_tries(job: Job, *, but: Container[str]) -> None:
    """Take what a killed worker left of its try out of the list of *job*'s tries.

    RQ keeps the name of a try a minute longer than the try itself, and when the next one is done it looks for all that are named: it would
    call a job failed that was done, and do it again.
    """
    tries = job.execution_registry
    if dead := [each for each in tries.get_execution_ids() if each not in but]:
        job.connection.zrem(tries.key, *dead)


def work(app: Flask, *, burst: bool = False) -> None:
    """Take jobs until told to stop; with *burst*, until there are none."""
    _prepare_forks(app)
    connection = Redis.from_url(app.config["REDIS_URL"])
    queue = Queue(QUEUE, connection=connection, serializer="json", default_timeout=JOB_SECONDS)
    worker = AppWorker(
        [queue],
        connection=connection,
        serializer="json",
        worker_ttl=TTL_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
    )
    worker.app = app
    worker.work(burst=burst, with_scheduler=True, logging_level="WARNING")


def _prepare_forks(app: Flask) -> None:
    """Give each child its own database connections, and let none outlive its parent: an orphan would work unseen."""
    parent = os.getpid()

    def before() -> None:
        nonlocal parent
        parent = os.getpid()

    def in_child() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the kernel was told
            os._exit(1)
        with app.app_context():
            db.engine.dispose(close=False)

    os.register_at_fork(before=before, after_in_child=in_child)
