"""The head of a unit names a deputy, without the administrator."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock
from app.access import NotAllowed
from app.accounts import rights
from app.accounts.models import Delegation
from app.database import db
from app.permissions import Role
from tests.app.test_administration import GOOD, Desk, actions, parts
from tests.factories import make_unit, make_user

PAGE = "/quan-tri/uy-quyen"


@pytest.fixture
def ward(app: Flask) -> dict[str, Any]:
    unit = make_unit(name="UBND phường Việt Yên")
    return {
        "head": make_user(unit=unit, roles=[Role.HEAD], password=GOOD),
        "deputy": make_user(
            name="Dương Thị Phó", unit=make_unit(parent=unit), roles=[Role.OFFICER], password=GOOD, title="Phó Chủ tịch UBND phường"
        ),
        "officer": make_user(unit=unit, roles=[Role.OFFICER]),
        "stranger": make_user(name="Người Nơi Khác"),
    }


def lend(giver: Any, to: Any, *, form: str = "TUQ.", first: int = 0, last: int = 5) -> Delegation:
    today = clock.today()
    days = {"starts_on": today + dt.timedelta(days=first), "ends_on": today + dt.timedelta(days=last)}
    return rights.delegate(giver, to, form=form, **days, actor=giver, today=today, now=clock.now())


@pytest.mark.parametrize(
    ("giver", "to", "allowed"),
    [
        ("head", "deputy", True),
        ("head", "stranger", False),
        ("officer", "deputy", False),  # leads nothing
        ("deputy", "officer", False),  # leads only by what the head lent them
    ],
)
def test_who_leads_a_unit_names_somebody_of_it(ward: dict[str, Any], giver: str, to: str, *, allowed: bool) -> None:
    if giver == "deputy":
        lend(ward["head"], ward["deputy"])
    if allowed:
        lend(ward[giver], ward[to])
    else:
        with pytest.raises(NotAllowed):
            lend(ward[giver], ward[to])


@pytest.mark.parametrize(
    ("form", "title", "allowed"),
    [
        ("KT.", "Phó Chủ tịch UBND phường", True),
        ("KT.", "phó trưởng phòng", True),
        ("KT.", "Chuyên viên Phòng Kinh tế", False),
        ("KT.", "Chủ tịch UBND phường", False),
        ("KT.", "", False),
        ("TL.", "Chánh Văn phòng HĐND và UBND phường", True),
        ("TUQ.", "Trưởng phòng Kinh tế", True),
    ],
)
def test_only_who_is_deputy_by_title_signs_kt(ward: dict[str, Any], form: str, title: str, *, allowed: bool) -> None:
    ward["officer"].title = title
    if allowed:
        lend(ward["head"], ward["officer"], form=form)
    else:
        with pytest.raises(rights.NotADeputy):
            lend(ward["head"], ward["officer"], form=form)


def test_the_page_says_who_may_use_a_form_and_offers_kt_only_where_somebody_is_deputy(client: FlaskClient, ward: dict[str, Any]) -> None:
    ward["officer"].title = "Chuyên viên"
    db.session.commit()
    desk, today = Desk(client, ward["head"]), clock.today()
    shown = desk.get(PAGE).text
    assert 'value="KT."' in shown
    assert "Chỉ cấp phó của người đứng đầu" in shown
    form = {"deputy_id": str(ward["officer"].id), "form": "KT."} | parts("starts_on", today) | parts("ends_on", today)
    assert "Người này không phải cấp phó nên không ký thay." in desk.send(PAGE, **form).text
    ward["deputy"].title = "Chuyên viên"
    db.session.commit()
    assert 'value="KT."' not in desk.get(PAGE).text
    assert desk.send(PAGE, **form).status_code == 422


@pytest.mark.parametrize(("first", "last", "overlaps"), [(5, 9, True), (-3, 0, True), (1, 2, True), (6, 9, False)])
def test_the_same_deputy_is_not_named_twice_for_a_day(ward: dict[str, Any], first: int, last: int, *, overlaps: bool) -> None:
    lend(ward["head"], ward["deputy"])
    if overlaps:
        with pytest.raises(rights.DelegationOverlaps):
            lend(ward["head"], ward["deputy"], first=first, last=last)
    else:
        lend(ward["head"], ward["deputy"], first=first, last=last)
    lend(ward["head"], ward["officer"], first=first, last=last + 9)


def test_a_head_names_a_deputy_on_a_page_and_takes_it_back(client: FlaskClient, ward: dict[str, Any]) -> None:
    db.session.commit()
    desk = Desk(client, ward["head"])
    today = clock.today()
    form = {"deputy_id": str(ward["deputy"].id), "form": "KT."} | parts("starts_on", today) | parts("ends_on", today + dt.timedelta(days=3))
    assert PAGE in desk.get("/tai-khoan").text
    assert "Người Nơi Khác" not in desk.get(PAGE).text

    assert desk.send(PAGE, **form).status_code == 303
    assert "Dương Thị Phó" in desk.get(PAGE).text
    again = desk.send(PAGE, **form)
    assert again.status_code == 422
    assert "Người này đã được ủy quyền trong những ngày ấy." in again.text
    assert desk.send(PAGE, **form | {"deputy_id": str(ward["stranger"].id)}).status_code == 422

    row = db.session.scalars(db.select(Delegation)).one()
    assert desk.press(f"{PAGE}/{row.id}/thoi").status_code == 303
    assert desk.press(f"{PAGE}/{row.id}/thoi").status_code == 404
    assert "Lúc này chưa ủy quyền cho ai." in desk.get(PAGE).text
    assert actions()[-2:] == ["delegation.given", "delegation.ended"]


def test_a_deputy_sees_no_page_to_pass_it_on(client: FlaskClient, ward: dict[str, Any]) -> None:
    row = lend(ward["head"], ward["deputy"])
    db.session.commit()
    desk = Desk(client, ward["deputy"])
    assert PAGE not in desk.get("/tai-khoan").text
    assert desk.get(PAGE).status_code == 403
    assert desk.press(f"{PAGE}/{row.id}/thoi").status_code == 404
