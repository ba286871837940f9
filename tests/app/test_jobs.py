"""Jobs leave after the commit, slots are queued once, and a worker does what is in the queue."""

from __future__ import annotations

import datetime as dt
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from inspect import signature
from pathlib import Path

import pytest
from flask import Flask
from redis import ConnectionError as RedisConnectionError
from rq.job import Job
from rq.utils import import_attribute

from app import jobs
from app.database import db
from app.jobs.schedule import Daily, Every, Tick, queue_due
from app.jobs.worker import AppWorker
from tests.app import job_examples
from tests.services import free_port
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]
NOON = dt.datetime(2026, 12, 21, 5, 0, tzinfo=dt.UTC)  # 12:00 in Vietnam
MARK = "tests.app.job_examples.leave_mark"


def queued() -> list[int]:
    """Return the numbers of the jobs in the queue."""
    return [job.args[1] for job in jobs.queue().jobs]


def call(number: int) -> None:
    jobs.enqueue(MARK, "folder", number)


# --- after the commit --------------------------------------------------------------------------------------------------


def commit() -> None:
    call(1)
    assert queued() == []
    db.session.commit()


def roll_back() -> None:
    call(1)
    db.session.rollback()
    db.session.commit()


def end_without_commit() -> None:
    call(1)
    db.session.execute(db.text("SELECT 1"))
    db.session.close()
    db.session.commit()


def release_a_savepoint() -> None:
    call(1)
    with db.session.begin_nested():
        call(2)
    assert queued() == []  # SQLAlchemy says after_commit here too
    db.session.commit()


def release_a_savepoint_and_roll_back() -> None:
    with db.session.begin_nested():
        call(1)
    db.session.rollback()
    db.session.commit()


def roll_back_a_savepoint() -> None:
    call(1)
    savepoint = db.session.begin_nested()
    call(2)
    savepoint.rollback()
    call(3)
    db.session.commit()


def roll_back_a_savepoint_around_another() -> None:
    outer = db.session.begin_nested()
    call(1)
    with db.session.begin_nested():
        call(2)
    outer.rollback()
    call(3)
    db.session.commit()


def roll_back_a_savepoint_inside_another() -> None:
    with db.session.begin_nested():
        call(1)
        inner = db.session.begin_nested()
        call(2)
        inner.rollback()
    db.session.commit()


def ask_twice() -> None:
    call(1)
    call(1)
    call(2)
    db.session.commit()


def commit_twice() -> None:
    call(1)
    db.session.commit()
    db.session.commit()


@pytest.mark.parametrize(
    ("story", "sent"),
    [
        (commit, [1]),
        (roll_back, []),
        (end_without_commit, []),
        (release_a_savepoint, [1, 2]),
        (release_a_savepoint_and_roll_back, []),
        (roll_back_a_savepoint, [1, 3]),
        (roll_back_a_savepoint_around_another, [3]),
        (roll_back_a_savepoint_inside_another, [1]),
        (ask_twice, [1, 2]),
        (commit_twice, [1]),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_only_what_was_committed_is_queued(post_app: Flask, story: Callable[[], None], sent: list[int]):
    story()

    assert queued() == sent


def test_a_queue_that_is_away_does_not_fail_the_commit(post_app: Flask):
    post_app.config["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}"
    jobs.init_app(post_app)
    db.session.add(Tick(name="something", slot=1, at=NOON))
    jobs.enqueue(MARK, "folder", 1)
    db.session.commit()

    assert db.session.scalar(db.select(Tick.slot).where(Tick.name == "something")) == 1


def test_a_queue_that_hangs_is_waited_for_once_however_much_was_to_be_queued(post_app: Flask, monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        monkeypatch.setattr(jobs, "ANSWER_SECONDS", 0.05)
        post_app.config["REDIS_URL"] = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        jobs.init_app(post_app)
        for number in range(3):
            jobs.enqueue(MARK, "folder", number)
        db.session.commit()
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_a_wake_up_that_still_waits_is_not_queued_again(post_app: Flask):
    for _ in range(3):
        jobs.enqueue("app.delivery.drain")
        db.session.commit()

    assert len(jobs.queue().jobs) == 1

    # The worker forgets it before it starts, for it may overlook what is committed from then on.
    jobs.queue().connection.delete(jobs.waiting_key("app.delivery.drain"))
    jobs.enqueue("app.delivery.drain")
    db.session.commit()

    assert len(jobs.queue().jobs) == 2


# --- the ticker --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "first", "second", "same"),
    [
        (Every("x", "f", 10), "2026-12-21T12:00:00+07:00", "2026-12-21T12:00:09+07:00", True),
        (Every("x", "f", 10), "2026-12-21T12:00:09+07:00", "2026-12-21T12:00:10+07:00", False),
        (Daily("x", "f", dt.time(7)), "2026-12-21T07:00:00+07:00", "2026-12-22T06:59:59+07:00", True),
        (Daily("x", "f", dt.time(7)), "2026-12-21T06:59:59+07:00", "2026-12-21T07:00:00+07:00", False),
        (Daily("x", "f", dt.time(7)), "2026-12-20T23:59:59+00:00", "2026-12-21T00:00:00+00:00", False),  # 7:00 in Vietnam
        (Daily("x", "f", dt.time(0)), "2026-12-31T23:59:59+07:00", "2027-01-01T00:00:00+07:00", False),
    ],
)
def test_slots(schedule: Every | Daily, first: str, second: str, same):
    slots = [schedule.slot(dt.datetime.fromisoformat(at)) for at in (first, second)]

    assert slots[1] - slots[0] == (0 if same else 1)


@pytest.fixture
def ticking(post_app: Flask) -> Flask:
    """A site with one schedule, met at noon."""
    post_app.extensions["schedules"] = {}
    jobs.every(post_app, "sweep", "app.delivery.drain", seconds=10)
    queue_due(NOON, seen={})
    return post_app


def slots_queued() -> list[str]:
    return [job.id.removeprefix("sweep-") for job in jobs.queue().jobs]


def slot(seconds: int) -> str:
    return str(int(NOON.timestamp() + seconds) // 10)


def tick_at(*seconds: int) -> None:
    seen: dict[str, int] = {}
    for each in seconds:
        queue_due(NOON + dt.timedelta(seconds=each), seen=seen)


@pytest.mark.parametrize(
    ("ticks", "slots"),
    [
        ([0, 1, 9], []),  # met now: it starts with its next slot
        ([10], [10]),
        ([10, 11, 12, 19, 20], [10, 20]),
        ([10, 3600], [10, 3600]),  # an hour's sleep is made up for once
        ([20, 10, 20], [20]),  # a clock set back repeats nothing
    ],
)
def test_each_slot_is_queued_once_and_missed_ones_are_made_up_for_by_one(ticking: Flask, ticks: list[int], slots: list[int]):
    tick_at(*ticks)
    tick_at(*ticks)  # a second ticker, or the same one started again

    assert slots_queued() == [slot(each) for each in slots]


def test_two_tickers_at_the_same_moment_queue_a_slot_once(ticking: Flask):
    failures = []
    together = threading.Barrier(2, timeout=60)  # two whose clocks are minutes apart are another matter: AHEAD

    def run() -> None:
        with ticking.app_context():
            try:
                for second in range(0, 200, 10):
                    together.wait()
                    tick_at(second)
            except Exception as error:  # noqa: BLE001 - shown below
                failures.append(error)

    tickers = [threading.Thread(target=run) for _ in range(2)]
    for ticker in tickers:
        ticker.start()
    for ticker in tickers:
        ticker.join()

    assert failures == []
    assert sorted(slots_queued()) == [slot(each) for each in range(10, 200, 10)]


def test_a_queue_that_is_away_loses_no_slot(ticking: Flask):
    there = ticking.extensions["queue"]
    ticking.config["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}"
    jobs.init_app(ticking)
    with pytest.raises(RedisConnectionError):
        tick_at(10)
    db.session.rollback()
    ticking.extensions["queue"] = there
    tick_at(11)

    assert slots_queued() == [slot(10)]


def test_a_ticker_killed_before_it_wrote_the_slot_down_does_not_queue_it_twice(ticking: Flask):
    tick_at(10)
    db.session.execute(db.update(Tick).values(slot=Tick.slot - 1))
    db.session.commit()
    tick_at(11)

    assert slots_queued() == [slot(10)]


def test_every_schedule_names_a_function_that_can_be_queued_and_needs_no_argument(post_app: Flask):
    schedules = post_app.extensions["schedules"].values()

    assert "outbox" in {schedule.name for schedule in schedules}
    for schedule in schedules:
        function = import_attribute(schedule.function)
        assert not signature(function).parameters, f"{schedule.function}: a schedule calls it without arguments"

    for days in (0, 2):
        queue_due(NOON + dt.timedelta(days=days), seen={})

    assert {job.func_name for job in jobs.queue().jobs} == {schedule.function for schedule in schedules}


# --- the worker --------------------------------------------------------------------------------------------------------


@pytest.fixture
def worker(post_app: Flask, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker as run.py starts it, on the database and the queue of *post_app*."""
    names = ("DATA_DIR", "SECRETS_DIR", "REDIS_URL", "SITE_URL")
    environment = os.environ | {name: post_app.config[name] for name in names}
    environment["DATABASE_URL"] = post_app.config["SQLALCHEMY_DATABASE_URI"]
    process = subprocess.Popen([sys.executable, "-m", "app.jobs", "worker"], cwd=ROOT, env=environment)
    yield process
    process.kill()
    process.wait()


def test_a_worker_runs_jobs_in_the_apps_context_and_ends_when_told(post_app: Flask, worker: subprocess.Popen[bytes], tmp_path: Path):
    for number in range(3):
        jobs.enqueue(job_examples.leave_mark, str(tmp_path), number)
    db.session.commit()
    marks = [tmp_path / f"{number}.done" for number in range(3)]
    eventually(lambda: all(mark.exists() for mark in marks))

    assert {mark.read_text() for mark in marks} == {post_app.config["SQLALCHEMY_DATABASE_URI"]}

    worker.terminate()

    assert worker.wait(timeout=20) == 0


def test_a_job_does_not_outlive_a_killed_worker_and_waits_to_be_done_again(
    post_app: Flask, worker: subprocess.Popen[bytes], tmp_path: Path
):
    jobs.enqueue(job_examples.never_end, str(tmp_path))
    db.session.commit()
    mark = tmp_path / "horse.pid"
    eventually(mark.exists)
    horse = int(mark.read_text())
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    eventually(lambda: not running(horse))
    (job_id,) = jobs.queue().started_job_registry.get_job_ids(cleanup=False)
    job = Job.fetch(job_id, connection=jobs.queue().connection, serializer="json")

    assert job.retries_left  # RQ queues an abandoned job again only then


def test_a_job_whose_first_try_was_killed_is_done_by_the_second(post_app: Flask, tmp_path: Path):
    queue = jobs.queue()
    worker = AppWorker([queue], connection=queue.connection, serializer="json")
    worker.app = post_app
    jobs.enqueue(job_examples.leave_mark, str(tmp_path), 1)
    db.session.commit()
    (job,) = queue.jobs
    killed = worker.prepare_execution(job)
    queue.connection.delete(killed.key)  # it ran out; its name stays for a minute
    worker.executions.clear()

    assert worker.perform_job(job, queue, worker.prepare_execution(job))
    assert (tmp_path / "1.done").exists()
    assert not Job.exists(job.id, connection=queue.connection)


def running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
