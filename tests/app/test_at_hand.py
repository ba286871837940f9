"""The first page of who administers or audits says what they should look at, and nothing of what is not theirs."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from app import clock, heartbeat
from app.accounts import agreeing
from app.accounts.models import FactorReset, Grant, User
from app.audit import record
from app.breaches.models import Breach
from app.chain import operations as chain
from app.chain.jobs import CHECKER
from app.database import db
from app.permissions import Role
from feedback import rules as feedback_rules
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import identity, reading
from tests.factories import make_unit, make_user, sign_in
from tests.feedback import builders

pytestmark = pytest.mark.strictest_database


def page_of(app: Flask, user: User, address: str = "/quan-tri/") -> str:
    client = app.test_client()
    sign_in(client, user)
    return client.get(address, follow_redirects=True).text


@pytest.fixture
def people(app: Flask) -> dict[str, User]:
    top = make_unit(name="UBND tỉnh")
    office, other = make_unit(parent=top), make_unit(parent=top)
    return {
        "admin": make_user(unit=office, roles=[(Role.ADMINISTRATOR, None)]),
        "auditor": make_user(unit=office, roles=[(Role.AUDITOR, None)]),
        "auditor elsewhere": make_user(unit=other, roles=[Role.AUDITOR]),
        "clerk": make_user(name="Trần Văn Mới", unit=office),
    }


def test_a_role_that_will_open_what_is_sealed_is_named_while_it_can_be_taken_back(app: Flask, people: dict[str, User]) -> None:
    day = clock.today() + dt.timedelta(days=2)
    db.session.add(Grant(user=people["clerk"], role=Role.SEALED_INTAKE, everywhere=True, starts_on=day))
    db.session.flush()
    for who, told in {"admin": True, "auditor": True, "auditor elsewhere": False}.items():
        assert ("Trần Văn Mới: Người tiếp nhận tố cáo" in page_of(app, people[who])) is told, who
    assert "có hiệu lực từ" in page_of(app, people["clerk"], "/tai-khoan")


def test_a_role_that_is_asked_for_is_named_to_whose_agreement_it_takes(app: Flask, people: dict[str, User]) -> None:
    second, today = make_user(unit=people["admin"].unit, roles=[(Role.ADMINISTRATOR, None)]), clock.today()
    below = make_user(unit=people["auditor elsewhere"].unit, roles=[Role.ADMINISTRATOR])
    row = agreeing.ask(people["clerk"], Role.SEALED_INTAKE, starts_on=today, actor=people["admin"], today=today, now=clock.now())
    for user, told in ((second, True), (people["auditor"], True), (below, False)):
        assert (f"/tai-khoan/giao-vai-tro/{row.id}" in page_of(app, user)) is told, user.unit_id
    agreeing.refuse(row, actor=second, today=today, now=clock.now())
    assert f"/tai-khoan/giao-vai-tro/{row.id}" not in page_of(app, second)


def test_a_second_person_learns_that_they_are_asked_for(app: Flask, people: dict[str, User]) -> None:
    second = make_user(unit=people["admin"].unit, roles=[(Role.ADMINISTRATOR, None)])
    reset = FactorReset(user=people["clerk"], reason="Mất máy", asked_by=people["admin"], asked_at=clock.now())
    db.session.add(reset)
    db.session.flush()
    namesake = make_user(name=people["admin"].name, unit=people["admin"].unit, roles=[(Role.ADMINISTRATOR, None)])
    for user, told in ((second, True), (people["admin"], False), (namesake, False), (people["auditor"], False)):
        assert ("Đặt lại xác nhận hai bước của Trần Văn Mới" in page_of(app, user)) is told


def test_the_last_check_of_the_record_and_its_anchor_stand_on_the_first_page(app: Flask, people: dict[str, User]) -> None:
    now = clock.now()
    heartbeat.begin(CHECKER, now=now - dt.timedelta(minutes=1))
    record(people["admin"], "unit.closed", people["admin"].unit, at=now, on="2026-11-20")
    chain.seal(now=now, everything=True)
    assert "Chưa kiểm tra lần nào" in page_of(app, people["auditor"])
    chain.anchor(now=now)
    for faults, said in ((0, "Nguyên vẹn"), (2, "Có lỗi, xem ngay")):
        heartbeat.beat(CHECKER, now=now, faults=faults)
        page = page_of(app, people["auditor"])
        assert said in page
        assert "Mốc mới nhất" in page
    assert "Khóa nhật ký" not in page_of(app, people["auditor elsewhere"])


def test_a_breach_that_must_be_reported_stands_there_until_it_is(app: Flask, people: dict[str, User]) -> None:
    breach = Breach(found_at=clock.now(), noted_by=people["admin"], noted_at=clock.now())
    breach.what, breach.whose = "Gửi nhầm thư", "12 người"
    db.session.add(breach)
    db.session.flush()
    page = page_of(app, people["admin"])
    assert "Vụ lộ thông tin phát hiện" in page
    assert "Gửi nhầm thư" not in page
    assert "Vụ lộ thông tin" not in page_of(app, people["auditor"])
    breach.reported_at = clock.now()
    assert "Vụ lộ thông tin" not in page_of(app, people["admin"])


def test_who_audits_learns_that_somebody_asked_who_wrote_unless_it_is_about_their_own_house(app: Flask) -> None:
    province = builders.make_province()
    intake = make_user(unit=make_unit(parent=province.root, name="Thanh tra"), roles=[(Role.SEALED_INTAKE, None)])
    auditor, accused = (make_user(unit=unit, roles=[(Role.AUDITOR, None)]) for unit in (province.front, province.works))
    builders.submit(kind=feedback_rules.DENUNCIATION, body="Nhận phong bì.", accused_unit_id=province.works.id, token="t")
    case = db.session.scalars(db.select(SealedCase)).one()
    reading.open_case(case, declares=True, reason="Xem", actor=intake, now=clock.now())
    assert "Xin biết người báo tin" not in page_of(app, auditor)
    identity.ask(case, reason="Hẹn gặp", actor=intake, now=clock.now())
    page = page_of(app, auditor)
    assert "1 lần chờ trả lời" in page
    assert case.heading.code not in page
    assert "Xin biết người báo tin" not in page_of(app, accused)


def test_who_administers_begins_with_what_they_should_look_at(app: Flask, people: dict[str, User]) -> None:
    for who in ("admin", "auditor"):
        assert "<h1>Quản trị</h1>" in page_of(app, people[who], "/bat-dau")
