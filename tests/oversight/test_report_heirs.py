"""A unit ends: its heir writes the report that was not handed up or was returned, and receives what was for it."""

from __future__ import annotations

import datetime as dt

import pytest

from app.database import db
from app.permissions import Role
from app.units import operations as units
from app.units.models import Unit
from oversight import papers as made
from oversight import reports
from oversight.operations import papers, report_duties
from oversight.operations import reports as operations
from tests.factories import make_unit, make_user
from tests.feedback import builders
from tests.feedback.builders import told
from tests.oversight.looks import superior
from tests.oversight.test_reports import DUE, JUNE, LONG_AGO, begun, duty_of, finished, up


@pytest.fixture
def province(app):
    made_province = builders.make_province()
    report_duties.load_shipped(now=LONG_AGO)
    db.session.flush()
    return made_province


def day(days):
    return JUNE + dt.timedelta(days=days)


def ended(unit, heir):
    """Let *unit* end on 2/6 with all that is below it, and *heir* follow."""
    for below in db.session.query(Unit).filter(Unit.parent_id == unit.id):
        ended(below, heir)
    chief, next_day = make_user(roles=[(Role.ADMINISTRATOR, None)]), day(1)
    units.close_unit(unit, last_day=JUNE.date(), heirs=[units.Heir(heir)], actor=chief, today=next_day.date(), now=next_day)


def heir_of(unit):
    """Return a new unit beside *unit*, and who leads it."""
    heir = make_unit(parent=unit.parent, kind=unit.kind, name="Sở mới")
    return heir, make_user(unit=heir, roles=[Role.HEAD, Role.RECORDS], title="Giám đốc")


@pytest.mark.parametrize("signed", [True, False])
def test_the_heir_goes_on_with_a_report_in_its_own_name(province, signed):
    report = begun(province)
    if signed:
        head, paper = province.head, report.paper
        head.title, texts = "Giám đốc", dict.fromkeys(("leading", "faults", "next"), "Đã làm.")
        papers.write(paper, texts, seen=papers.seen_of(paper), actor=head, now=JUNE)
        papers.send(paper, actor=head, now=JUNE)
        papers.sign(paper, actor=head, now=JUNE)
    heir, head = heir_of(province.works)
    ended(province.works, heir)
    assert [(row.report, row.unit) for row in reports.of_unit(heir, 2026, DUE) if row.duty.code == "BC_6_THANG"] == [(report, heir)]
    finished(report, province, number=1, head=head, now=day(2))
    assert "SỞ MỚI" in str(made.facts_of(report.paper)).upper()
    operations.hand_up(report, actor=head, now=day(2))


@pytest.mark.parametrize("before", [True, False])
def test_what_is_returned_is_written_again_by_the_heir(province, before):
    report, boss = up(province), superior(province)
    heir, head = heir_of(province.works)
    if before:
        operations.send_back(report, "Thiếu số liệu.", actor=boss, now=JUNE)
    ended(province.works, heir)
    if not before:
        assert report.unit is province.works  # what was handed up was its own
        operations.send_back(report, "Thiếu số liệu.", actor=boss, now=day(2))
        assert ("report", head.name) in told(report)
    operations.write_again(report, actor=head, now=day(3))
    assert report.paper.unit is heir


def test_an_heir_that_has_its_own_report_takes_no_other(province):
    report = begun(province)
    own = operations.begin(province.health, duty_of(), 2026, actor=province.health_head, now=JUNE)
    ended(province.works, province.health)
    assert (report.unit, own.unit) == (province.works, province.health)


def test_who_follows_the_receiver_receives_what_waits(province):
    report, body = begun(province), make_unit(name="Cơ quan cũ")
    report.to = body
    finished(report, province, number=1)
    operations.hand_up(report, actor=province.head, now=JUNE)
    heir, head = heir_of(body)
    ended(body, heir)
    assert reports.to_receive(head.reach) == [report]
    operations.accept(report, actor=head, now=day(2))


def test_nobody_hands_up_to_itself_when_the_receiver_is_no_more(province):
    report, body = begun(province), make_unit(name="Cơ quan cũ")
    report.to = body
    ended(body, province.works)
    assert report.to is province.works.parent
