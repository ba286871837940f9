"""What the ticker has done at its hours, job by job, each in a process of its own: seconds, memory, how many rows it wrote.

`python -m bench.due FILE` on the settings of its environment does all of them three times: first all that the province, whose open items
came at once, has never been told of; then with nothing left to do; then on the next morning, with what one night brings.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

from rq.utils import import_attribute
from sqlalchemy import func, select

from app import clock, schema
from app.audit import AuditEntry
from app.calendar.days import ONE_DAY
from app.calendar.queries import work_calendar
from app.database import db
from app.outbox import Notice
from wsgi import app

LONGEST = 600  # seconds: a job that needs more is stopped, and said to be


def written() -> int:
    """Return how many entries and notices there are."""
    with app.app_context():
        return sum(db.session.scalar(select(func.max(model.id))) or 0 for model in (AuditEntry, Notice))


def run(function: str) -> dict[str, Any]:
    """Call *function* in a process of its own."""
    before, began = written(), time.monotonic()
    with app.app_context():
        db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            with app.app_context():
                import_attribute(function)()
        except BaseException as error:  # noqa: BLE001 - the parent says that it failed
            print(f"{function}: {error!r}", file=sys.stderr)
            os._exit(1)
        os._exit(0)
    status, used = _waited(child, began)
    return {
        "job": function,
        "seconds": round(time.monotonic() - began, 2),
        "processor": round(used.ru_utime + used.ru_stime, 2),
        "peak MB": round(used.ru_maxrss / 1024),
        "written": written() - before,
        "ended": "well" if status == 0 else "stopped" if os.WIFSIGNALED(status) else "failed",
    }


def _waited(child: int, began: float) -> tuple[int, Any]:
    while True:
        pid, status, used = os.wait4(child, os.WNOHANG)
        if pid:
            return status, used
        if time.monotonic() - began > LONGEST:
            os.kill(child, 9)
        time.sleep(0.01)


def main(target: str) -> None:
    """Do all of them twice."""
    with app.app_context():
        schema.upgrade()
    rounds = []
    for days in (0, 0, _to_next_working_day()):
        with mock.patch.object(clock, "now", lambda days=days: dt.datetime.now(dt.UTC) + days * ONE_DAY):
            rounds.append([run(schedule.function) for schedule in app.extensions["schedules"].values()])
        Path(target).write_text(json.dumps(rounds, indent=1))


def _to_next_working_day() -> int:
    with app.app_context():
        calendar, today = work_calendar(), clock.today()
    return next(days for days in range(1, 30) if calendar.is_working(today + days * ONE_DAY))


if __name__ == "__main__":
    main(sys.argv[1])
