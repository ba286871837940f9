"""What the site says of itself, and to whom."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from rq import Worker

from app import clock, delivery, health, jobs
from app.database import db
from app.jobs.schedule import Tick
from app.outbox import Channel, notify
from tests.factories import make_unit
from tests.services import MailServer, free_port


def tick(seconds_ago: float) -> None:
    db.session.add(Tick(name="outbox", slot=1, at=clock.now() - dt.timedelta(seconds=seconds_ago)))
    db.session.commit()


def work(site: Flask, *, seconds_ago: float = 0) -> None:
    """Have a worker in the queue's list that spoke so long ago."""
    worker = Worker([jobs.queue()], connection=Redis.from_url(site.config["REDIS_URL"]), serializer="json")
    worker.register_birth()
    spoke = (clock.now() - dt.timedelta(seconds=seconds_ago)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    worker.connection.hset(worker.key, "last_heartbeat", spoke)
    worker.connection.close()


def well(site: Flask) -> None:
    tick(1)
    work(site)


def no_mail_server(site: Flask) -> None:
    well(site)
    site.config["SMTP_HOST"] = ""


def no_worker(site: Flask) -> None:
    tick(1)


def worker_silent(site: Flask) -> None:
    tick(1)
    work(site, seconds_ago=120)


def no_ticker(site: Flask) -> None:
    work(site)


def ticker_silent(site: Flask) -> None:
    tick(60)
    work(site)


def mail_refused(site: Flask) -> None:
    well(site)
    site.config["SMTP_PORT"] = free_port()
    notify(channel=Channel.EMAIL, template="thu/answered", about=make_unit(), now=clock.now(), occasion="1", address="hop@example.org",
           code="BN", answered_on=dt.date(2026, 12, 31))  # fmt: skip
    db.session.commit()
    delivery.drain()


def no_queue(site: Flask) -> None:
    well(site)
    site.config["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}"
    jobs.init_app(site)


def no_database(site: Flask) -> None:
    well(site)
    db.session.execute(db.text("DROP TABLE tick"))
    db.session.commit()


@pytest.mark.usefixtures("backend")
@pytest.mark.parametrize(
    ("happens", "code", "status", "parts"),
    [
        (well, 200, "ok", {}),
        (no_mail_server, 200, "ok", {"mail": "not configured"}),
        (no_worker, 200, "degraded", {"worker": "missing"}),
        (worker_silent, 200, "degraded", {"worker": "missing"}),
        (no_ticker, 200, "degraded", {"ticker": "late"}),
        (ticker_silent, 200, "degraded", {"ticker": "late"}),
        (mail_refused, 200, "degraded", {"mail": "retrying"}),
        (no_queue, 503, "down", {"queue": "unreachable", "worker": "unknown"}),
        (
            no_database,
            503,
            "down",
            {"database": "unreachable", "ticker": "unknown", "mail": "unknown", "escalation": "unknown", "record": "unknown"},
        ),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_healthz_names_the_part_that_is_not_well(
    request: pytest.FixtureRequest, happens: Any, code: int, status: str, parts: dict[str, str]
):
    site = request.getfixturevalue("own_post_app" if happens is no_queue else "post_app")  # who loses the queue starts its jobs anew
    happens(site)
    answer = site.test_client().get("/healthz")

    assert answer.status_code == code
    assert answer.json == {
        "status": status, "web": "ok", "database": "ok", "queue": "ok", "worker": "ok", "ticker": "ok", "mail": "ok",
        "escalation": "ok", "record": "ok",
    } | parts  # fmt: skip
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("token", "address", "headers", "code"),
    [
        # METRICS_TOKEN  from          says                                      gets
        ("", "127.0.0.1", {}, 200),
        ("", "::1", {}, 200),
        ("", "10.0.0.9", {}, 404),
        ("", "127.0.0.1", {"X-Forwarded-For": "203.0.113.5"}, 404),  # a proxy on this machine, for someone else
        ("", "127.0.0.1", {"Forwarded": "for=203.0.113.5"}, 404),
        ("", "10.0.0.9", {"Authorization": "Bearer "}, 404),
        ("thật", "10.0.0.9", {"Authorization": "Bearer thật"}, 200),
        ("secret", "10.0.0.9", {"Authorization": "Bearer secret"}, 200),
        ("secret", "10.0.0.9", {"Authorization": "Bearer Secret"}, 404),
        ("secret", "10.0.0.9", {"Authorization": "secret"}, 404),
        ("secret", "127.0.0.1", {}, 404),
    ],
)
def test_metrics_are_for_this_machine_or_for_who_has_the_token(
    post_app: Flask, token: str, address: str, headers: dict[str, str], code: int
):
    post_app.config["METRICS_TOKEN"] = token
    answer = post_app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})

    assert answer.status_code == code


def figures(site: Flask) -> dict[str, float]:
    text = site.test_client().get("/metrics").text
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_count_what_waits_and_what_is_late(own_post_app: Flask, mail_server: MailServer):
    health.gauge(own_post_app, "things_open", "Things of a domain.", lambda: 7)
    unit = make_unit()
    for number in range(3):
        notify(channel=Channel.EMAIL, template="thu/answered", about=unit, now=clock.now(), occasion=str(number), address="hop@example.org")
    dead = notify(channel=Channel.SMS, template="thu/answered", about=unit, now=clock.now(), occasion="4", address="+84912345678")
    dead.dead_at, dead.due_at = clock.now(), None
    db.session.commit()

    assert figures(own_post_app).items() >= {
        "notices_waiting email": 3,
        "notices_waiting sms": 0,
        "notices_dead": 1,
        "assignments_open": 0,
        "assignments_overdue": 0,
        "things_open": 7,
        "jobs_waiting": 1,
        "jobs_failed": 0,
    }.items()  # fmt: skip


def test_requests_are_counted_across_processes(own_post_app: Flask):
    client = own_post_app.test_client()
    for _ in range(3):
        client.get("/healthz")
    client.get("/khong-co-trang-nay")
    client.open("/healthz", method="BREW")
    counted = figures(own_post_app)
    other_process = health.RequestCounts()
    other_process.counts["POST 302"] = 2
    other_process.flush()

    assert counted["http_requests_total GET 200"] + counted.get("http_requests_total GET 503", 0) == 3
    assert counted["http_requests_total GET 404"] == 1
    assert counted["http_requests_total OTHER 405"] == 1
    assert figures(own_post_app)["http_requests_total POST 302"] == 2


def test_counts_are_kept_while_the_queue_is_away(own_post_app: Flask):
    there = own_post_app.extensions["queue"]
    counts = own_post_app.extensions["request_counts"]
    own_post_app.config["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}"
    jobs.init_app(own_post_app)
    own_post_app.test_client().get("/khong-co-trang-nay")
    counts.flush()
    assert counts.flushed_at > time.monotonic()
    own_post_app.extensions["queue"] = there

    assert figures(own_post_app)["http_requests_total GET 404"] == 1


def test_requests_are_handed_on_every_few_seconds(own_post_app: Flask):
    counts = own_post_app.extensions["request_counts"]
    counts.flushed_at = time.monotonic() - health.FLUSH_SECONDS - 1
    own_post_app.test_client().get("/khong-co-trang-nay")

    assert jobs.queue().connection.hget(health.COUNTS_KEY, "GET 404") == b"1"
