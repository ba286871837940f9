"""What came into other hands is written down, with the hour by which the authority must have been told."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock
from app.access import NotAllowed
from app.audit import entries_about
from app.breaches import operations, rules
from app.breaches.models import Breach
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from tests.factories import make_user, sign_in
from tests.feedback.pages import post

FOUND = dt.datetime(2026, 11, 20, 14, 30, tzinfo=LOCAL)  # a Friday: Sunday counts
NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=LOCAL)
PAGE = "/quan-tri/lo-thong-tin"


@pytest.fixture
def admin(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return make_user(roles=[(Role.ADMINISTRATOR, None)])


def note(actor, found_at=FOUND):
    return operations.note(found_at=found_at, what="Gửi nhầm thư", whose="12 người ký đơn", done="", actor=actor, now=NOW)


@pytest.mark.parametrize(("reported", "now", "late"), [(None, 72, False), (None, 73, True), (71, 999, False), (73, 999, True)])
def test_it_is_late_when_its_hours_are_over_and_nobody_was_told(reported, now, late):
    due, hour = rules.report_by(FOUND, 3), dt.timedelta(hours=1)
    assert due == FOUND + 72 * hour
    assert rules.is_late(due, None if reported is None else FOUND + reported * hour, FOUND + now * hour) is late


def test_its_clock_runs_from_the_hour_it_was_found_by_a_rule_nobody_has_checked(admin):
    breach = note(admin)
    assert breach.report_by == dt.datetime(2026, 11, 23, 14, 30, tzinfo=LOCAL)
    assert "12 người ký đơn".encode() not in breach.whose_sealed


def test_it_is_reported_once_and_then_over_and_the_record_tells(admin):
    breach = note(admin)
    with pytest.raises(operations.NotReported):
        operations.close(breach, actor=admin, now=NOW)
    with pytest.raises(operations.ReportedBeforeFound):
        operations.report(breach, at=FOUND - dt.timedelta(hours=1), to="A05", actor=admin, now=NOW)
    with pytest.raises(operations.InTheFuture):
        operations.report(breach, at=NOW + dt.timedelta(hours=1), to="A05", actor=admin, now=NOW)
    for _ in range(2):
        operations.report(breach, at=NOW, to="A05, số 12/BC", actor=admin, now=NOW)
        operations.close(breach, actor=admin, now=NOW)
    assert [entry.action for entry in entries_about(breach)] == ["breach.noted", "breach.reported", "breach.closed"]


def test_only_an_administrator_of_the_whole_install_keeps_the_log(admin, client):
    of_a_unit = make_user(roles=[Role.ADMINISTRATOR])
    with pytest.raises(NotAllowed):
        note(of_a_unit)
    sign_in(client, of_a_unit)
    assert client.get(PAGE).status_code == 403


def test_an_administrator_writes_one_down_and_reads_until_when_to_report_it(admin, client):
    sign_in(client, admin)
    said = {"day": "2026-11-20", "hour": "14:30", "what": "Mất máy tính", "whose": "40 người"}
    assert post(client, f"{PAGE}/moi", said | {"day": "2026-11-22"}).status_code == 422
    assert post(client, f"{PAGE}/moi", {"day": "9" * 40, "hour": "x"}).status_code == 422
    assert post(client, f"{PAGE}/moi", said).status_code == 303
    page = client.get(PAGE).text
    assert "Mất máy tính" in page
    assert "Chưa báo" in page
    [breach] = db.session.scalars(db.select(Breach)).all()
    assert post(client, f"{PAGE}/{breach.id}/khep", page=PAGE).status_code == 303
    assert "chưa ghi đã báo" in client.get(PAGE).text
    report = {"day": "2026-11-21", "hour": "08:00", "to": "Cục A05, 12/BC-UBND"}
    assert post(client, f"{PAGE}/{breach.id}/bao", report).status_code == 303
    assert "Cục A05" in client.get(PAGE).text
