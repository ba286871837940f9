"""MTTQ reads the register: what it sees, what it may not, and the spreadsheet."""

from __future__ import annotations

import io

import openpyxl
import pytest

from app import clock, settings
from app.access import SENDER, SYSTEM
from app.assignments.models import Assignment
from app.database import db
from app.permissions import Role
from feedback.models import RoutingRule
from feedback.operations import intake
from tests.factories import make_place, make_unit, make_user, sign_in


@pytest.fixture
def register(app):
    """Two communes with one item each."""
    desk = make_unit(name="Ban Tiếp công dân tỉnh", is_reception=True)
    db.session.add(RoutingRule(position=1, name="Về xã, phường", to_place=True, direct=True))
    for name, value in {"desk_unit_id": desk.id, "code_prefix": "BN"}.items():
        settings.change(name, value, actor=SYSTEM, now=clock.now())
    units = {}
    for name in ("Việt Yên", "Kinh Bắc"):
        place = make_place(name=name)
        units[name] = make_unit(name=f"UBND phường {name}", kind="government", level="commune", place_id=place.id)
        intake.submit(
            intake.Submission(
                kind="report", body=f"=Đường hỏng ở {name}", token=name, place_id=place.id, external_refs=(("dvcqg", f"PAKN.{name}"),)
            ),
            actor=SENDER,
            now=clock.now(),
        )
    db.session.commit()
    return units


def test_mttq_of_the_province_sees_every_commune(client, register):
    sign_in(client, make_user(roles=[(Role.FRONT, None)]))

    page = client.get("/can-bo/viec-da-cam-ket").text

    assert "Đường hỏng ở Việt Yên" in page
    assert "Đường hỏng ở Kinh Bắc" in page


def test_mttq_of_one_commune_sees_only_its_own(client, register):
    sign_in(client, make_user(roles=[(Role.FRONT, register["Việt Yên"])]))

    page = client.get("/can-bo/viec-da-cam-ket").text

    assert "Đường hỏng ở Việt Yên" in page
    assert "Đường hỏng ở Kinh Bắc" not in page


def test_an_officer_may_not_open_the_register(client, register):
    sign_in(client, make_user(roles=[Role.OFFICER]))

    assert client.get("/can-bo/viec-da-cam-ket").status_code == 403


@pytest.mark.parametrize(
    "query", ["xem=late", "viec=act", "don-vi=khong-co", "after=tampered", "xem=nonsense", "noi=%00", "after=" + "x" * 5000]
)
def test_odd_addresses_open_a_page(client, register, query):
    sign_in(client, make_user(roles=[(Role.FRONT, None)]))

    assert client.get(f"/can-bo/viec-da-cam-ket?{query}").status_code == 200


def test_one_promise_opens_with_its_history_and_a_foreign_one_does_not(client, register):
    sign_in(client, make_user(roles=[(Role.FRONT, register["Việt Yên"])]))
    ids = {row.unit_id: row.id for row in db.session.scalars(db.select(Assignment))}

    mine = client.get(f"/can-bo/viec-da-cam-ket/{ids[register['Việt Yên'].id]}")
    other = client.get(f"/can-bo/viec-da-cam-ket/{ids[register['Kinh Bắc'].id]}")

    assert "giao việc" in mine.text
    assert other.status_code == 404


def test_the_spreadsheet_holds_the_same_rows_and_no_formula(client, register):
    sign_in(client, make_user(roles=[(Role.FRONT, None)]))

    with client.get("/can-bo/viec-da-cam-ket/bang-tinh.xlsx") as answer:
        sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active

    assert sheet.max_row == 3
    assert all(cell.data_type != "f" for row in sheet for cell in row)
    assert "Đường hỏng" in str(sheet["B2"].value)
    assert {sheet.cell(2, 14).value, sheet.cell(3, 14).value} == {"PAKN.Việt Yên", "PAKN.Kinh Bắc"}
