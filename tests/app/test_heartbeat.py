"""A job that falls silent is an alarm, also when the worker that would say so is what died."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from app import clock, heartbeat
from app.database import db
from app.escalation import climbing
from app.escalation.operations import load_shipped
from app.heartbeat import Beat
from app.letters import letter, sentence
from app.outbox import Channel, Notice
from app.permissions import Role
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at
from tests.feedback.test_races import DONE, at_once


@pytest.fixture
def now(monkeypatch):
    def play(instant: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    return play


@pytest.fixture
def people(app, now):
    load_shipped(now=MONDAY)
    province = builders.make_province()
    app.extensions["heartbeat"].at, app.extensions["heartbeat"].silent = None, False  # one site for all tests of a worker
    yield {
        "administrator": factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)], name="Quản trị Thử"),
        "steering": factories.make_user(unit=province.steering, roles=[(Role.STEERING, None)], name="Thường trực Thử"),
        "officer": province.officer,
    }
    app.extensions["heartbeat"].at, app.extensions["heartbeat"].silent = None, False


def alarms() -> Counter[tuple[str, str]]:
    rows = db.session.scalars(db.select(Notice).where(Notice.template.like("heartbeat/%"), Notice.channel == Channel.SITE))
    return Counter((row.user.name, row.template.rpartition("/")[2]) for row in rows)


BOTH = Counter({("Quản trị Thử", "silent"): 1, ("Thường trực Thử", "silent"): 1})
AGAIN = Counter({("Quản trị Thử", "again"): 1, ("Thường trực Thử", "again"): 1})


def healthy(client) -> str:
    return client.get("/healthz").json["escalation"]


def test_a_job_that_stops_is_told_within_its_term_once_and_over_when_it_runs_again(people, client, now):
    now(at(0, 7))
    climbing.climb()
    now(at(1, 8))  # 25 hours
    heartbeat.look()
    assert (alarms(), healthy(client)) == (Counter(), "ok")
    now(at(1, 10))  # 27 hours
    for _ in range(2):
        heartbeat.look()
    assert (alarms(), healthy(client)) == (BOTH, "silent")
    now(at(2, 7))
    climbing.climb()
    heartbeat.look()
    assert (alarms(), healthy(client)) == (BOTH + AGAIN, "ok")
    now(at(4, 7))
    heartbeat.look()
    assert alarms()["Quản trị Thử", "silent"] == 2  # another silence


def test_it_beats_on_days_off_too_so_that_a_weekend_is_no_alarm(people, now):
    for day in range(4, 8):  # Friday to Monday
        now(at(day, 7))
        climbing.climb()
        heartbeat.look()
    assert alarms() == Counter()


def test_what_never_ran_is_silent_from_when_it_was_waited_for(people, now):
    heartbeat.begin(climbing.NAME, now=MONDAY)
    now(at(3))
    heartbeat.look()
    assert alarms() == BOTH


def test_a_dead_worker_is_noticed_by_whoever_opens_a_page_and_administrators_see_it_until_it_is_over(people, app, now):
    now(at(0, 7))
    climbing.climb()
    db.session.commit()
    now(at(3))  # and no worker, no ticker any more
    with app.test_client() as officer:
        factories.sign_in(officer, people["officer"])
        assert "không chạy từ" not in officer.get("/can-bo/y-kien").text
    assert alarms() == BOTH
    with app.test_client() as administrator:
        factories.sign_in(administrator, people["administrator"])
        page = administrator.get("/quan-tri/").text
        assert "Việc tự động đôn đốc việc sắp đến hạn, quá hạn không chạy từ" in page
        climbing.climb()
        assert "không chạy từ" not in administrator.get("/quan-tri/").text
    assert alarms() == BOTH + AGAIN


def test_a_page_looks_once_in_ten_minutes(people, app, now):
    now(at(0, 7))
    climbing.climb()
    db.session.commit()
    with app.test_client() as officer:
        now(at(1, 9))  # 26 hours exactly: not yet
        factories.sign_in(officer, people["officer"])
        officer.get("/can-bo/y-kien")
        now(at(1, 9) + dt.timedelta(minutes=9))
        officer.get("/can-bo/y-kien")
        assert alarms() == Counter()
        now(at(1, 9) + dt.timedelta(minutes=11))
        officer.get("/can-bo/y-kien")
        assert alarms() == BOTH


@pytest.mark.parametrize("what", ["silent", "again"])
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_an_alarm_can_be_written(people, app, now, what, locale):
    people["administrator"].locale = locale
    now(at(0, 7))
    climbing.climb()
    now(at(3))
    heartbeat.look()
    climbing.climb()
    rows = db.session.scalars(db.select(Notice).filter_by(template=f"heartbeat/notices/{what}", user=people["administrator"])).all()
    for row in rows:
        with app.test_request_context():
            said = sentence(row) if row.channel == Channel.SITE else letter(row).text + letter(row).html
        assert "7:00" in said
    assert len(rows) == 2


def test_two_who_look_at_once_tell_it_once(fresh_app):
    factories.make_user(roles=[(Role.ADMINISTRATOR, None)], name="Quản trị Thử")
    db.session.add(Beat(name=climbing.NAME, at=MONDAY))
    db.session.commit()
    assert at_once(fresh_app, *[lambda: heartbeat.alarm(at(3))] * 3) == [DONE] * 3
    assert alarms() == Counter({("Quản trị Thử", "silent"): 1})
