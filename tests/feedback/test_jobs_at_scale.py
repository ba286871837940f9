"""What jobs cost follows what is due: each finds that by an index of just that, and what was done is not done again next morning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text, update

from app import clock
from app.access import SYSTEM
from app.assignments.models import Clock
from app.audit import record
from app.calendar import operations as calendar
from app.calendar.days import DayKind
from app.calendar.models import CalendarYear
from app.database import db
from app.escalation import climbing, operations
from app.escalation.operations import load_shipped
from app.escalation.queries import steps_of
from feedback import jobs
from feedback.operations import reminding
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at
from tests.feedback.pages import statements


@pytest.fixture
def province(app):
    load_shipped(now=MONDAY)
    return builders.make_province()


@pytest.fixture
def today(monkeypatch):
    """Play on a day: the jobs ask the clock."""
    return lambda instant: monkeypatch.setattr(clock, "now", lambda: instant)


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Yield the statements that are run meanwhile, with their values."""
    seen: list[tuple[str, Any]] = []
    note = lambda _connection, _cursor, statement, values, *_: seen.append((statement, values))  # noqa: E731 - taken off again below
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def plans(said: list[tuple[str, Any]]) -> str:
    """Return how PostgreSQL would find the rows of these, were there many."""
    cursor = db.session.connection().connection.cursor()
    cursor.execute("SET LOCAL enable_seqscan = off")
    cursor.execute("SET LOCAL enable_sort = off")
    found = []
    for statement, values in said:
        if statement.startswith(("SELECT", "UPDATE")):
            cursor.execute(f"EXPLAIN {statement}", values[0] if isinstance(values, list) else values)
            found += [line for (line,) in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.strictest_database
@pytest.mark.parametrize(
    ("job", "index"),
    [
        (jobs.close_after_rating_days, "ix_feedback_answered"),
        (jobs.purge_key_copies, "ix_receipt_key_copy"),
        (jobs.keep_papers, "ix_paper_to_keep"),
        (jobs.remind, "ix_clock_running"),
    ],
)
def test_a_job_finds_what_is_due_by_an_index_of_just_that(province, today, job: Callable[[], None], index):
    builders.taken(province)
    today(at(15, 7))
    db.session.flush()
    db.session.execute(text("ANALYZE"))

    with asked() as said:
        job()

    assert index in plans(said)


def test_a_term_that_was_told_is_not_told_again_the_next_morning_and_a_long_list_comes_in_parts(province, today, monkeypatch):
    monkeypatch.setattr(reminding, "BATCH", 2)
    for _ in range(5):
        builders.offered(province)
    today(at(15, 7))
    with statements() as first:
        jobs.remind()
    with statements() as second:
        jobs.remind()

    assert sum("INSERT INTO notice" in each for each in first) >= 5
    assert not any("INSERT INTO notice" in each for each in second)
    assert sum("FROM clock JOIN assignment" in each for each in second) == 4  # of two, of two, of one, of none


def test_a_long_list_of_late_promises_climbs_in_parts_that_each_begin_where_the_last_ended(province, today, monkeypatch):
    monkeypatch.setattr(operations, "BATCH", 2)
    late = [builders.taken(province, at(day)).open_answer for day in (0, 0, 0, 1, 2)]
    today(at(22, 7))

    with statements() as asked_for:
        climbing.climb()

    assert all(steps_of(promise) for promise in late)
    assert sum("assignment.due_sort BETWEEN" in each for each in asked_for) == 4  # of two, of two, of one, of none


def test_the_night_counts_all_again_only_where_a_year_came(province, today):
    feedback = builders.taken(province)
    was = feedback.clock("reply").due_on
    today(at(201))
    jobs.recount()
    calendar.add_day(dt.date(2026, 8, 12), kind=DayKind.LOCAL_OFF, name="Bão", source="Công điện", actor=SYSTEM, now=at(201))
    today(at(202))
    jobs.recount()
    assert feedback.clock("reply").due_on == was  # whoever adds a day has it counted at once

    db.session.execute(update(Clock).where(Clock.id == feedback.clock("reply").id).values(due_on=None))
    db.session.expire_all()
    jobs.recount()
    assert feedback.clock("reply").due_on == was + dt.timedelta(days=1)

    db.session.execute(update(Clock).where(Clock.id == feedback.clock("reply").id).values(due_on=was))
    db.session.expire_all()
    year = db.session.scalars(db.select(CalendarYear).where(CalendarYear.year == 2026)).one()
    record(SYSTEM, "calendar.year_loaded", year, at=at(203), year=2026, confirmed=True)
    today(at(204))
    jobs.recount()
    assert feedback.clock("reply").due_on == was + dt.timedelta(days=1)
