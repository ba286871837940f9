"""An empty install from its first administrator to its opening, and its closing for a while."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock, reference, settings
from app.access import SYSTEM
from app.accounts.models import User
from app.administration import setting_up
from app.administration.setting_up import communes_of
from app.calendar.models import DeadlineRule
from app.calendar.operations import load_shipped
from app.calendar.queries import rules_in_force
from app.calendar.rules import Facts, Stage, choose
from app.database import db
from app.permissions import Role
from app.units.models import Unit
from app.units.queries import fields, root_units
from tests.app.test_administration import GOOD, Desk, actions
from tests.factories import make_unit, make_user
from tests.feedback import builders

SETUP = "/quan-tri/thiet-lap"
#: Pages and calls of everybody, and whether they answer while the site takes nothing new.
PUBLIC = [
    ("/", False),
    ("/gui-y-kien", False),
    ("/gui-y-kien/to-cao", True),
    ("/tra-cuu", True),
    ("/da-tra-loi", True),
    ("/khieu-nai-to-cao", True),
    ("/api", True),
    ("/api/v1/feedback", True),
    ("/dang-nhap", True),
]


@pytest.fixture
def empty(app: Flask, client: FlaskClient) -> Desk:
    load_shipped(local_rules=False, now=clock.now())
    reference.load()
    db.session.execute(db.delete(settings.Setting))
    settings.change("second_factor_roles", [], actor=SYSTEM, now=clock.now())  # asked of before anything else: tests/app/test_factors.py
    result = app.test_cli_runner().invoke(args=["create-admin", "--name", "Lê Thị Bảy", "--email", "bay@x.example"], input=GOOD + "\n")
    assert result.exit_code == 0, result.output
    return Desk(client, db.session.scalars(db.select(User)).one())


def test_an_empty_install_of_a_province_is_set_up_step_by_step(empty: Desk) -> None:
    assert empty.get("/quan-tri/").location == SETUP
    empty.press(f"{SETUP}/don-vi-mau")
    assert "Chọn tỉnh hoặc xã trước." in empty.get(SETUP).text
    assert empty.send(f"{SETUP}/noi", level="province", province="24").location == SETUP
    root = root_units()[0]
    assert root.name == "Ủy ban nhân dân tỉnh Bắc Ninh"
    assert settings.get("code_prefix") == "BN"
    assert "Lập các đơn vị thường có" in empty.get(SETUP).text
    empty.press(f"{SETUP}/don-vi-mau")
    count = db.session.scalar(db.select(db.func.count()).select_from(Unit))
    assert count == 1 + 17 + 99
    page = empty.get(SETUP).text
    assert "Lập các đơn vị thường có" not in page
    desk = db.session.get_one(Unit, settings.get("desk_unit_id"))
    assert f"Bộ phận tiếp nhận: {desk.name}" in page
    assert empty.get(f"{SETUP}/linh-vuc").text.count(" checked") == len(setting_up.standard()["field"])
    assert "Chọn ít nhất một lĩnh vực" in empty.send(f"{SETUP}/linh-vuc").text
    empty.send(f"{SETUP}/linh-vuc", codes=["dat-dai", "moi-truong", "dan-chu-co-so"])
    assert [(field.code, field.insider) for field in fields()] == [("dat-dai", False), ("moi-truong", False), ("dan-chu-co-so", True)]


def test_no_province_and_no_level_is_chosen_for_the_person(empty: Desk) -> None:
    assert 'selected value=""' in empty.get(f"{SETUP}/noi").text
    assert "checked" not in empty.get(f"{SETUP}/noi").text
    assert empty.send(f"{SETUP}/noi", level="province", province="").status_code == 422
    assert root_units()[0].place_id is None


def test_the_site_opens_once_items_have_a_reception_and_a_rule_for_the_rest(empty: Desk) -> None:
    empty.send(f"{SETUP}/noi", level="commune", province="24")
    empty.send(f"{SETUP}/xa?tinh=24", commune=next(code for code, name in communes_of("24").items() if name == "Phường Việt Yên"))
    rest = "/can-bo/quan-tri/dinh-tuyen/moi?con-lai=1"
    assert "Chưa có quy tắc nào." in empty.get("/can-bo/quan-tri/dinh-tuyen").text

    assert "Làm bước “Trang này của tỉnh nào, xã nào” trước" not in empty.get(SETUP).text
    assert "Làm bước “Đơn vị và bộ phận tiếp nhận” trước" in empty.get(SETUP).text

    for mend in (
        lambda: empty.press(f"{SETUP}/don-vi-mau"),
        lambda: make_user(unit=db.session.get_one(Unit, settings.get("desk_unit_id")), roles=[Role.RECEPTION]),
        lambda: empty.send(rest, name="Mọi việc còn lại", target="unit", unit_id=str(settings.get("desk_unit_id"))),
    ):
        empty.press(f"{SETUP}/mo-trang")
        page = empty.get(SETUP).text
        assert "còn bước bắt buộc chưa làm" in page
        assert ">Mở trang</button>" not in page
        assert empty.get("/gui-y-kien").status_code == 503
        mend()
    page = empty.get(SETUP).text
    assert "Chưa có lĩnh vực nào" in page  # a warning is no refusal
    assert "Cần ít nhất một người giải quyết" in page
    rest_of_unit = setting_up.units_without_people(clock.today())
    assert rest_of_unit
    make_user(unit=rest_of_unit[0], roles=[Role.OFFICER, Role.HEAD])
    left = len(setting_up.units_without_people(clock.today()))
    assert left < len(rest_of_unit)
    assert f"còn {left} đơn vị giải quyết ý kiến chưa có ai" in empty.get(SETUP).text
    empty.press(f"{SETUP}/mo-trang")

    assert settings.get("set_up") is True
    assert empty.get("/gui-y-kien").status_code == 200
    assert empty.get("/quan-tri/").status_code == 200


@pytest.mark.parametrize(
    ("role", "where", "active", "opens"),
    [
        (None, "desk", True, False),
        (Role.OFFICER, "desk", True, False),
        (Role.RECEPTION, "beside", True, False),
        (Role.RECEPTION, "desk", False, False),
        (Role.RECEPTION, "desk", True, True),
        (Role.RECEPTION, "root", True, True),
        (Role.RECEPTION, "install", True, True),
    ],
)
def test_the_site_opens_only_when_somebody_receives_at_the_reception(
    app: Flask, *, role: Role | None, where: str, active: bool, opens: bool
) -> None:
    root = make_unit()
    units = {"root": root, "desk": make_unit(parent=root, is_reception=True), "beside": make_unit(parent=root), "install": None}
    settings.change("desk_unit_id", units["desk"].id, actor=make_user(unit=root), now=clock.now())
    make_user(unit=root, roles=[(role, units[where])] if role else [], active=active)

    assert ("receivers" not in setting_up.missing(clock.today())) is opens


def test_an_empty_install_may_be_one_commune(empty: Desk) -> None:
    assert empty.send(f"{SETUP}/noi", level="commune", province="24").location == f"{SETUP}/xa?tinh=24"
    ward = next(code for code, name in communes_of("24").items() if name == "Phường Việt Yên")
    empty.send(f"{SETUP}/xa?tinh=24", commune=ward)
    root = root_units()[0]
    assert (root.name, root.level) == ("Ủy ban nhân dân phường Việt Yên", "commune")
    assert (settings.get("province_name"), settings.get("code_prefix")) == ("tỉnh Bắc Ninh", "VY")
    empty.press(f"{SETUP}/don-vi-mau")
    names = set(db.session.scalars(db.select(Unit.name)))
    assert "Phòng Kinh tế, Hạ tầng và Đô thị phường Việt Yên" in names
    assert "Phòng Kinh tế phường Việt Yên" not in names


@pytest.mark.parametrize("address", [address for address, _while_closed in PUBLIC])
def test_while_it_is_prepared_every_public_page_says_so_and_whose_it_is(app: Flask, client: FlaskClient, address: str) -> None:
    db.session.execute(db.delete(settings.Setting))
    db.session.add(settings.Setting(name="authority_name", value="Ủy ban nhân dân phường Việt Yên"))
    db.session.commit()
    answer = client.get(address)
    if address == "/dang-nhap":
        assert answer.status_code == 200
    elif address.startswith("/api/"):
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
        assert answer.json["type"] == "urn:problem:site-preparing"
    else:
        assert answer.status_code == 503
        assert "Ủy ban nhân dân phường Việt Yên đang chuẩn bị trang này" in answer.text


def test_nothing_is_taken_before_it_is_open(app: Flask, client: FlaskClient) -> None:
    db.session.execute(db.delete(settings.Setting))
    db.session.commit()
    for address in ("/gui-y-kien/gui", "/api/v1/feedback", "/tra-cuu", "/can-bo/nhap"):
        assert client.post(address, data={"body": "Đèn hỏng"}).status_code == 503


def test_closed_for_a_while_it_says_why_and_what_was_sent_is_looked_up(app: Flask, client: FlaskClient) -> None:
    province = builders.make_province()
    receipt = builders.submit()
    admin = make_user(unit=province.root, password=GOOD, roles=[(Role.ADMINISTRATOR, None)])
    db.session.commit()
    desk = Desk(client, admin)
    assert desk.send(f"{SETUP}/tam-ngung", reason=" ").status_code == 422
    desk.send(f"{SETUP}/tam-ngung", reason="Bảo trì đến 8 giờ thứ Hai")
    assert "Bảo trì đến 8 giờ thứ Hai" in desk.get(SETUP).text

    for address, answers in PUBLIC:
        answer = client.get(address)
        assert (answer.status_code == 503) is not answers, address
        assert answers or ("Bảo trì đến 8 giờ thứ Hai" in answer.text and "data-draft-kept" in answer.text)
    assert client.get("/can-bo/nhap").status_code == 403  # staff enter as ever: this administrator just may not
    refused = client.post("/api/v1/feedback", json={"kind": "report", "body": "Đèn hỏng"})
    assert (refused.status_code, refused.json["detail"]) == (503, "Bảo trì đến 8 giờ thứ Hai")
    assert client.get(f"/api/v1/feedback/{receipt.code}", headers={"X-Feedback-Key": receipt.key}).status_code == 200

    desk.press(f"{SETUP}/mo-lai")
    assert client.get("/gui-y-kien").status_code == 200
    assert actions()[-2:] == ["setting.changed"] * 2


def test_only_the_installs_administrator_closes_it(app: Flask, client: FlaskClient) -> None:
    local = make_user(unit=make_unit(parent=make_unit()), password=GOOD, roles=[Role.ADMINISTRATOR])
    db.session.commit()
    desk = Desk(client, local)
    assert desk.press(f"{SETUP}/mo-lai").status_code == 403
    assert desk.get(f"{SETUP}/tam-ngung").status_code == 403


def test_a_day_to_answer_by_is_promised_or_not_and_the_pages_say_what_holds(empty: Desk) -> None:
    def promised() -> tuple[bool, bool, bool]:
        step = "own_term" not in setting_up.missing(clock.today())
        return step, "có ghi tên thì có hạn trả lời" in empty.get("/").text, "và hạn trả lời, tính rõ từng ngày" in empty.get("/").text

    page = f"{SETUP}/han-tra-loi"
    db.session.execute(db.delete(DeadlineRule).where(DeadlineRule.local))
    settings.change("set_up", True, actor=empty.user, now=clock.now())
    db.session.commit()
    assert "Hạn trả lời phản ánh, kiến nghị, góp ý, hỏi đáp" in empty.get(SETUP).text
    assert promised() == (False, False, False)
    assert empty.send(page, own="yes", amount="").status_code == 422
    assert empty.send(page, own="no").location == SETUP
    assert promised() == (True, False, False)
    assert empty.send(page, own="yes", amount="10").location == SETUP
    assert promised() == (True, True, True)
    assert empty.get(page).location == "/quan-tri/thoi-han"
    facts = Facts(kind="report")
    rule = choose(rules_in_force(clock.today()), facts, Stage.REPLY, clock.today())
    assert rule is not None
    assert (rule.amount, rule.local, settings.get("no_own_term")) == (10, True, False)
