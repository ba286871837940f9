"""Is the site well? A short answer for whoever watches it, and figures for Prometheus."""

from __future__ import annotations

import datetime as dt
import hmac
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, jsonify, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from redis import RedisError
from rq import Worker
from sqlalchemy.exc import SQLAlchemyError

from app import clock, heartbeat, jobs, outbox
from app.access import public
from app.assignments import rules
from app.assignments.models import Assignment
from app.chain.jobs import CHECKER, SEALER
from app.database import db
from app.escalation import climbing
from app.headers import unkept
from app.heartbeat import Beat
from app.jobs.schedule import last_tick
from app.outbox import Channel, Notice

bp = Blueprint("health", __name__)

#: A worker says it is alive every 15 seconds, every 30 during a job; the ticker every 10. Twice that and a little is late.
WORKER_SECONDS = 75
TICKER_SECONDS = 30

LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
FORWARDED = {"Forwarded", "X-Forwarded-For", "X-Real-IP"}

COUNTS_KEY = "metrics:requests"
FLUSH_SECONDS = 5
AWAY_SECONDS = 55  # later than that while the queue is away

#: A figure of a domain: name, what it says, how to ask for it.
Gauge = tuple[str, str, Callable[[], int]]


def init_app(app: Flask) -> None:
    """Give *app* its two pages, and count its requests."""
    app.register_blueprint(bp)
    app.extensions.setdefault("gauges", [])
    counts = app.extensions["request_counts"] = RequestCounts()
    app.before_request(_start)
    app.after_request(counts.note)


def gauge(app: Flask, name: str, says: str, ask: Callable[[], int]) -> None:
    """Add a figure to /metrics: *ask* is called at each look."""
    app.extensions.setdefault("gauges", []).append((name, says, ask))


# --- /healthz ----------------------------------------------------------------------------------------------------------


@bp.get("/healthz")
@public
def healthz() -> tuple[Response, int]:
    """Say part by part what is well. 503 only without database or queue: without worker or ticker pages still serve, and work waits."""
    found = {"web": "ok"} | parts(clock.now())
    serves = found["database"] == found["queue"] == "ok"
    well = serves and all(found[name] in {"ok", "not configured"} for name in found)
    answer = jsonify(status="ok" if well else "degraded" if serves else "down", **found)
    return unkept(answer), 200 if serves else 503


def parts(now: dt.datetime) -> dict[str, str]:
    """Return how each part of the site is, but for the one that is asked."""
    return _database(now) | _queue(now)


def _database(now: dt.datetime) -> dict[str, str]:
    """Return how the database is, and what only it can tell."""
    try:
        ticked = last_tick()
        struggling = db.session.scalar(
            db.select(Notice.id).where(Notice.channel == Channel.EMAIL, Notice.due_at.is_not(None), Notice.last_error.is_not(None)).limit(1)
        )
        ladder, record = _ladder(now), _record(now)
    except SQLAlchemyError:
        db.session.rollback()
        return {"database": "unreachable", "ticker": "unknown", "mail": "unknown", "escalation": "unknown", "record": "unknown"}
    mail = "ok" if struggling is None else "retrying"
    return {
        "database": "ok",
        "ticker": "ok" if ticked and now - ticked < dt.timedelta(seconds=TICKER_SECONDS) else "late",
        "mail": mail if current_app.config["SMTP_HOST"] else "not configured",
        "escalation": ladder,
        "record": record,
    }


def _ladder(now: dt.datetime) -> str:
    """Return how the job is whose silence nobody would notice: late promises are no more told to anyone."""
    row = db.session.scalar(db.select(Beat).where(Beat.name == climbing.NAME))
    if any(beat.name == climbing.NAME for beat in heartbeat.silent(now)):
        return "silent"
    return "faulty" if row is not None and row.faults else "ok"


def _record(now: dt.datetime) -> str:
    """Return whether the record is sealed and checked, and was whole when it last was."""
    if any(beat.name in {SEALER, CHECKER} for beat in heartbeat.silent(now)):
        return "silent"
    row = heartbeat.last(CHECKER)
    return "faulty" if row is not None and row.faults else "ok"


def _queue(now: dt.datetime) -> dict[str, str]:
    """Return how the queue is, and whether someone works on it."""
    try:
        beats = [worker.last_heartbeat for worker in Worker.all(queue=jobs.queue())]
    except RedisError:
        return {"queue": "unreachable", "worker": "unknown"}
    alive = any(beat and now - beat < dt.timedelta(seconds=WORKER_SECONDS) for beat in beats)
    return {"queue": "ok", "worker": "ok" if alive else "missing"}


# --- /metrics ----------------------------------------------------------------------------------------------------------


class RequestCounts:
    """Requests and the seconds they took, by method and status.

    Each process adds what it counted to the queue's server every few seconds, so that the figures are those of the
    whole site, however many processes and machines serve it, and outlive each of them.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: Counter[str] = Counter()
        self.milliseconds = 0
        self.flushed_at = time.monotonic()

    def note(self, response: Response) -> Response:
        """Count the request that *response* answers."""
        with self.lock:
            self.counts[f"{request.method if request.method in METHODS else 'OTHER'} {response.status_code}"] += 1
            self.milliseconds += round((time.monotonic() - g.get("started", time.monotonic())) * 1000)
            late = time.monotonic() - self.flushed_at > FLUSH_SECONDS
        if late:
            self.flush()
        return response

    def flush(self) -> None:
        """Add what was counted to the site's counts; keep it if the queue is away."""
        with self.lock:
            counts, milliseconds = self.counts, self.milliseconds
            self.counts, self.milliseconds, self.flushed_at = Counter(), 0, time.monotonic()
        try:
            with jobs.queue().connection.pipeline() as pipeline:
                for name, count in counts.items():
                    pipeline.hincrby(COUNTS_KEY, name, count)
                pipeline.hincrby(COUNTS_KEY, "milliseconds", milliseconds)
                pipeline.execute()
        except RedisError:
            with self.lock:
                self.counts += counts
                self.milliseconds += milliseconds
                self.flushed_at += AWAY_SECONDS  # whose request hands on next waits for a queue that hangs


METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def _start() -> None:
    g.started = time.monotonic()


@bp.get("/metrics")
@public
def metrics() -> Response:
    """Return the figures, to this machine or to whoever has the token; to others there is no such page."""
    if not _may_read():
        abort(404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read() -> bool:
    if token := current_app.config["METRICS_TOKEN"]:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    # A proxy on this machine also comes from here; it says for whom.
    return request.remote_addr in LOOPBACK and not FORWARDED & set(dict(request.headers))


class Figures:
    """What Prometheus collects; each figure is asked for at each look, so none can be stale."""

    def collect(self) -> Iterable[Metric]:
        """Return all figures."""
        yield from _of_the_database()
        yield from _of_the_queue()


def _of_the_database() -> Iterable[Metric]:
    waiting = GaugeMetricFamily("notices_waiting", "Notices promised and not yet sent.", labels=["channel"])
    by_channel = outbox.waiting_by_channel()
    for channel in (Channel.EMAIL, Channel.SMS):
        waiting.add_metric([channel], by_channel.get(channel, 0))
    yield waiting
    yield GaugeMetricFamily("notices_dead", "Notices given up.", value=outbox.dead_count())
    open_rows = db.select(db.func.count()).select_from(Assignment).where(Assignment.state.in_(rules.OPEN))
    yield GaugeMetricFamily("assignments_open", "Promises not yet kept.", value=db.session.scalar(open_rows) or 0)
    late = db.session.scalar(open_rows.where(Assignment.due_on < clock.today())) or 0
    yield GaugeMetricFamily("assignments_overdue", "Open promises past their day.", value=late)
    for name, says, ask in current_app.extensions["gauges"]:
        yield GaugeMetricFamily(name, says, value=ask())


def _of_the_queue() -> Iterable[Metric]:
    current_app.extensions["request_counts"].flush()
    try:
        length = jobs.queue().count
        failed = jobs.queue().failed_job_registry.count
        counts: dict[Any, Any] = jobs.queue().connection.hgetall(COUNTS_KEY)
    except RedisError:
        return  # a missing figure is an alarm of its own
    yield GaugeMetricFamily("jobs_waiting", "Jobs in the queue.", value=length)
    yield GaugeMetricFamily("jobs_failed", "Jobs that failed in the last week.", value=failed)
    requests = CounterMetricFamily("http_requests", "Requests answered.", labels=["method", "status"])
    for name, count in sorted(counts.items()):
        method, _, status = name.decode().partition(" ")
        if status:
            requests.add_metric([method, status], int(count))
    yield requests
    yield CounterMetricFamily("http_request_seconds", "Time spent on requests.", value=int(counts.get(b"milliseconds", 0)) / 1000)
