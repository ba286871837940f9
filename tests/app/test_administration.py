"""The pages of administration: who gets in, what a press of a button does, what each refusal says, how the audit reads."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import audit, clock, settings
from app.accounts import operations as account_operations
from app.accounts import rights
from app.accounts.models import Delegation, Grant, User
from app.accounts.queries import grants_of
from app.administration import sentences
from app.administration.views import calendar as calendar_views
from app.audit import AuditEntry
from app.calendar.models import CalendarDay, CalendarYear, DeadlineRule
from app.database import db
from app.outbox import Channel, notify
from app.permissions import Role
from app.units import operations as unit_operations
from app.units import sheets
from app.units.models import Field, Unit
from app.units.queries import fields, unit_by_code
from tests.factories import make_field, make_place, make_unit, make_user, sign_in

GOOD = "một câu dễ nhớ"

#: Every page of the whole install that an administrator of a commune must not open, and those they may.
INSTALL_WIDE = [
    "/quan-tri/linh-vuc",
    "/quan-tri/linh-vuc/moi",
    "/quan-tri/lich/2026",
    "/quan-tri/lich/ngay-moi",
    "/quan-tri/thoi-han",
    "/quan-tri/thoi-han/moi",
    "/quan-tri/cai-dat",
    "/quan-tri/thu-chua-gui",
    "/quan-tri/thiet-lap",
    "/quan-tri/thiet-lap/noi",
    "/quan-tri/thiet-lap/linh-vuc",
]
OF_A_SCOPE = [
    "/quan-tri/don-vi",
    "/quan-tri/don-vi/moi",
    "/quan-tri/don-vi/nhap",
    "/quan-tri/nguoi-dung",
    "/quan-tri/nguoi-dung/moi",
    "/quan-tri/nhat-ky",
]


class Desk:
    """An administrator's browser, signed in; what signing in does is tested in test_accounts.py."""

    def __init__(self, client: FlaskClient, user: User) -> None:
        self.client, self.user, self.token = client, user, ""
        sign_in(client, user)

    def get(self, address: str) -> Any:
        return self.client.get(address)

    def send(self, address: str, *, to: str | None = None, **data: Any) -> Any:
        """Post *data* as the form on the page *address* would, to that page or *to* another."""
        page = self.client.get(address)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert found, f"no form on {address}: {page.status_code}"
        self.token = found[1]
        return self.client.post(to or address, data={"csrf_token": self.token} | data)

    def press(self, address: str) -> Any:
        """Press a button that is a form of its own; its token is that of any page of the session."""
        return self.client.post(address, data={"csrf_token": self.token}) if self.token else self.send("/tai-khoan", to=address)


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> Desk:
    user = make_user(name="Lê Quản Trị", unit=make_unit(name="UBND tỉnh"), password=GOOD, roles=[(Role.ADMINISTRATOR, None)])
    settings.change("set_up", True, actor=user, now=clock.now())
    db.session.commit()
    return Desk(client, user)


@pytest.fixture
def local(app: Flask, client: FlaskClient) -> Desk:
    province = make_unit(name="UBND tỉnh")
    commune = make_unit(name="UBND phường Tam Sơn Thử", parent=province)
    make_unit(name="Văn phòng phường", parent=commune)
    make_unit(name="UBND xã Khác", parent=province)
    user = make_user(unit=commune, roles=[Role.ADMINISTRATOR])
    db.session.commit()
    return Desk(client, user)


def parts(name: str, day: dt.date) -> dict[str, Any]:
    return {name: [str(day.day), str(day.month), str(day.year)]}


def actions() -> list[str]:
    return list(db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id)))


# --- who gets in -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", [*INSTALL_WIDE, *OF_A_SCOPE])
def test_every_page_opens_for_an_administrator_of_the_whole_install(desk: Desk, address: str) -> None:
    page = desk.get(address)
    assert page.status_code == 200
    assert page.text.count("<h1") == 1


@pytest.mark.parametrize(("address", "status"), [(a, 403) for a in INSTALL_WIDE] + [(a, 200) for a in OF_A_SCOPE])
def test_an_administrator_of_a_commune_opens_what_is_theirs(local: Desk, address: str, status: int) -> None:
    assert local.get(address).status_code == status


def test_the_menu_shows_an_administrator_of_a_commune_only_what_they_may_open(local: Desk) -> None:
    page = local.get("/quan-tri/don-vi").text
    assert "/quan-tri/nguoi-dung" in page
    assert "/quan-tri/lich" not in page


@pytest.mark.parametrize("address", [*INSTALL_WIDE, *OF_A_SCOPE, "/quan-tri/"])
def test_nobody_else_gets_in(app: Flask, client: FlaskClient, address: str) -> None:
    assert client.get(address).location == f"/dang-nhap?next={address}"
    officer = make_user(roles=[Role.HEAD, Role.RECEPTION])
    db.session.commit()
    assert Desk(client, officer).get(address).status_code == 403


def test_lists_show_an_administrator_of_a_commune_only_their_own(local: Desk) -> None:
    stranger = make_user(name="Người Nơi Khác")
    db.session.commit()
    assert "UBND xã Khác" not in local.get("/quan-tri/don-vi").text
    assert "UBND xã Khác" not in local.get("/quan-tri/don-vi?q=khac").text
    assert "Người Nơi Khác" not in local.get("/quan-tri/nguoi-dung?q=noi+khac").text
    assert local.get(f"/quan-tri/nguoi-dung/{stranger.id}").status_code == 403
    assert local.get(f"/quan-tri/don-vi/{stranger.unit_id}").status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/quan-tri/don-vi/999999",
        "/quan-tri/nguoi-dung/999999",
        "/quan-tri/lich/1900",
        "/quan-tri/lich/9999",
        "/quan-tri/thoi-han/999999",
        "/quan-tri/thiet-lap/xa?tinh=99",
    ],
)
def test_what_is_not_there_is_not_found(desk: Desk, address: str) -> None:
    assert desk.get(address).status_code == 404


def test_a_list_of_dead_notices_starts_anew_at_an_address_somebody_made_up(desk: Desk) -> None:
    for place in ("x", "1-x", "1e400-5", f"1-{10**30}", "-", "nan-1"):
        assert desk.get(f"/quan-tri/thu-chua-gui?tu={place}").status_code == 200
    assert desk.get(f"/thong-bao?truoc={10**30}").status_code == 200


@pytest.mark.parametrize(
    "query",
    ["sau=1000000000000", "sau=-1", f"sau={10**30}", f"don-vi={10**30}", "q=%00", "q=%25", "q=" + "a" * 3000, "tinh-trang=khong-co"],
)
def test_an_address_that_was_tampered_with_still_gives_a_list(desk: Desk, query: str) -> None:
    assert desk.get(f"/quan-tri/nguoi-dung?{query}").status_code == 200


# --- units -------------------------------------------------------------------------------------------------------------------


def unit_form(**over: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"name": "Phòng Văn hóa", "kind": "department", "level": "commune", "handles_feedback": "y"}
    return values | parts("valid_from", dt.date(2025, 7, 1)) | over


def test_a_unit_is_added_changed_and_found_without_diacritics(desk: Desk) -> None:
    parent = str(desk.user.unit_id)
    assert desk.send("/quan-tri/don-vi/moi", **unit_form(parent_id=parent)).status_code == 302
    unit = unit_by_code("phong-van-hoa")
    assert unit is not None
    assert (unit.short_name, unit.parent_id, unit.valid_from) == ("Phòng Văn hóa", desk.user.unit_id, dt.date(2025, 7, 1))
    desk.send(f"/quan-tri/don-vi/{unit.id}/sua", **unit_form(name="Phòng Văn hóa - Xã hội", parent_id=parent))
    assert "Phòng Văn hóa - Xã hội" in desk.get("/quan-tri/don-vi?q=van+hoa+xa+hoi").text
    assert actions()[-2:] == ["unit.created", "unit.changed"]


def test_a_form_sent_twice_makes_one_unit_and_one_account(desk: Desk) -> None:
    parent = str(desk.user.unit_id)
    assert [desk.send("/quan-tri/don-vi/moi", **unit_form(parent_id=parent)).status_code for _ in range(2)] == [302, 422]
    assert [desk.send("/quan-tri/nguoi-dung/moi", **person_form(desk)).status_code for _ in range(2)] == [200, 422]
    assert db.session.scalar(db.select(db.func.count()).select_from(Unit).where(Unit.name == "Phòng Văn hóa")) == 1


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"name": ""}, "Ghi tên đơn vị"),
        ({"name": "   "}, "Ghi tên đơn vị"),
        ({"name": "\u200b\u202e"}, "Ghi tên đơn vị"),
        ({"name": "a" * 1000}, "nhiều nhất là 200"),
        ({"code": "Mã Sai"}, "Mã chỉ gồm chữ thường"),
        ({"kind": "khong-co"}, "Chọn một mục trong danh sách"),
        ({"level": ""}, "Chọn một mục trong danh sách"),
        ({"parent_id": "999999999999999999999999"}, "Chọn một mục trong danh sách"),
        ({"place_id": "x"}, "Chọn một mục trong danh sách"),
        ({"email": "không phải"}, "Địa chỉ e-mail chưa đúng"),
        ({"valid_from": ["31", "2", "2026"]}, "không có trong lịch"),
        ({"valid_from": ["1", "1", "1500"]}, "Ghi năm đủ bốn số"),
        ({"valid_from": ["", "", ""]}, "Ghi ngày đơn vị bắt đầu hoạt động"),
    ],
)
def test_bad_input_about_a_unit_gets_a_sentence_and_stays_typed(desk: Desk, over: dict[str, Any], sentence: str) -> None:
    before = len(actions())
    page = desk.send("/quan-tri/don-vi/moi", **unit_form(phone="0204 000 111", **over))
    assert page.status_code == 422
    assert sentence in page.text
    assert 'value="0204 000 111"' in page.text
    assert len(actions()) == before


def test_what_looks_like_html_is_shown_as_typed(desk: Desk) -> None:
    desk.send("/quan-tri/don-vi/moi", **unit_form(name="<script>alert(1)</script> & Cộng"))
    page = desk.get("/quan-tri/don-vi").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Cộng" in page


def test_the_end_of_a_unit_names_who_takes_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_operations, "on_succession", [lambda _row, **_: 4])
    unit, rest, part, place = make_unit(name="Sở Cũ"), make_unit(name="Sở Mới"), make_unit(name="Sở Khác"), make_place(name="Nơi Ấy")
    db.session.commit()
    address = f"/quan-tri/don-vi/{unit.id}/ket-thuc"
    yesterday: dict[str, Any] = parts("last_day", clock.today() - dt.timedelta(days=1))
    assert "Chọn đơn vị nhận phần còn lại" in desk.send(address, **yesterday).text
    half: dict[str, Any] = {"parts-0-unit_id": str(part.id)}
    assert "Chọn đơn vị, và địa bàn hoặc lĩnh vực" in desk.send(address, unit_id=str(rest.id), **yesterday, **half).text
    answer = desk.send(address, unit_id=str(rest.id), **yesterday, **half, **{"parts-0-place_id": str(place.id)})
    assert answer.status_code == 302
    page = desk.get(f"/quan-tri/don-vi/{unit.id}").text
    assert "8 việc đang mở đã chuyển" in page
    assert re.search(r"Sở Khác</a>, từ .*: phường Nơi Ấy", page)
    assert re.search(r"Sở Mới</a>, từ .*: mọi phần còn lại", page)


@pytest.mark.parametrize(
    ("steps", "sentence"),
    [
        (["office"], "Phải có bước người có thẩm quyền ký"),
        (["records", "signer"], "Văn thư ghi số, ngày là bước cuối"),
        (["signer", "signer"], "Mỗi bước chỉ chọn một lần"),
        (["khong-co"], "Chọn một mục trong danh sách"),
    ],
)
def test_a_chain_that_leads_nowhere_gets_a_sentence(desk: Desk, steps: list[str], sentence: str) -> None:
    chosen = dict(zip(("first", "second"), [*steps, ""], strict=False))
    page = desk.send(f"/quan-tri/don-vi/{desk.user.unit_id}/chuoi-ky", **({"second": "", "third": "", "fourth": ""} | chosen))
    assert page.status_code == 422
    assert sentence in page.text


def test_a_commune_may_fold_its_chain_into_two(desk: Desk) -> None:
    desk.send(f"/quan-tri/don-vi/{desk.user.unit_id}/chuoi-ky", first="signer", second="records", third="", fourth="")
    assert db.session.get_one(Unit, desk.user.unit_id).signing_chain == ["signer", "records"]


# --- the import --------------------------------------------------------------------------------------------------------------


def upload(desk: Desk, content: bytes, name: str = "don-vi.csv") -> Any:
    return desk.send("/quan-tri/don-vi/nhap", file=(io.BytesIO(content), name))


def test_a_sheet_without_faults_is_imported_at_once(desk: Desk) -> None:
    content = "Mã,Tên,Loại,Cấp,Mã đơn vị cấp trên\nvp,Văn phòng,văn phòng,xã,ubnd-y\nubnd-y,UBND xã Y,ubnd,xã,\n"
    assert upload(desk, content.encode()).location == "/quan-tri/don-vi"
    assert "Đã nhập 2 đơn vị." in desk.get("/quan-tri/don-vi").text


def test_bad_rows_are_named_nothing_is_imported_and_the_good_ones_may_be(desk: Desk) -> None:
    content = "Mã,Tên,Loại,Cấp\ntot,Phòng Tốt,phòng,xã\nxau,<b>Phòng Xấu</b>,hội quán,xã\n"
    page = upload(desk, content.encode())
    assert page.status_code == 422
    assert "1 dòng sai, chưa nhập gì" in page.text
    assert "Không có loại đơn vị này" in page.text
    assert unit_by_code("tot") is None
    found = re.search(r'name="rows" value="([^"]+)"', page.text)
    assert found
    rows = html.unescape(found[1])
    answer = desk.send("/tai-khoan", to="/quan-tri/don-vi/nhap/dong-dung", rows=rows)
    assert answer.location == "/quan-tri/don-vi"
    assert unit_by_code("tot") is not None
    assert unit_by_code("xau") is None


@pytest.mark.parametrize("rows", ["", "null", "{}", "[]", "[1]", '[{"row": "x"}]', '[{"row": 2}]', '[{"xx": "1", "row": "2"}]', "[" * 5000])
def test_rows_that_were_tampered_with_are_refused(desk: Desk, rows: str) -> None:
    answer = desk.send("/tai-khoan", to="/quan-tri/don-vi/nhap/dong-dung", rows=rows)
    assert answer.location == "/quan-tri/don-vi/nhap"
    assert "chọn tệp lần nữa" in desk.get("/quan-tri/don-vi/nhap").text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "không có dòng nào"),
        (b"\x89PNG\r\n\x1a\n\x00", "Không đọc được tệp này"),
        ("Tên,Ghi chú\nA,B\n".encode(), "Dòng đầu thiếu cột “Loại”, “Cấp”"),
    ],
)
def test_a_file_that_is_no_list_of_units_gets_a_sentence(desk: Desk, content: bytes, sentence: str) -> None:
    page = upload(desk, content)
    assert page.status_code == 422
    assert sentence in page.text


def test_a_file_that_is_too_large_gets_a_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_BYTES", 10)
    assert "nặng quá 2 MB" in upload(desk, b"0123456789a").text


def test_no_file_at_all_gets_a_sentence(desk: Desk) -> None:
    assert "Chọn một tệp .xlsx hoặc .csv" in desk.send("/quan-tri/don-vi/nhap").text


def test_the_templates_can_be_filled_in_and_read_back(desk: Desk) -> None:
    csv = desk.get("/quan-tri/don-vi/nhap/mau.csv")
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/quan-tri/don-vi/nhap/mau.xlsx").data))
    heading = [cell.value for cell in book.worksheets[0][1]]
    assert csv.data.decode("utf-8-sig").strip().split(",") == heading
    assert book.sheetnames == ["Đơn vị", "Hướng dẫn"]
    line = dict.fromkeys(heading, "") | {"Tên": "Phòng Mẫu", "Loại": "phòng", "Cấp": "xã"}
    assert upload(desk, csv.data + ",".join(line.values()).encode()).status_code == 302
    assert unit_by_code("phong-mau") is not None


# --- people ------------------------------------------------------------------------------------------------------------------


def person_form(desk: Desk, **over: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"name": "Trần Thị Tư", "form_of_address": "bà", "email": "Tu@BacNinh.example", "title": "Chuyên viên"}
    return values | {"unit_id": str(desk.user.unit_id)} | over


def test_a_new_person_gets_a_link_that_is_shown_once(desk: Desk) -> None:
    page = desk.send("/quan-tri/nguoi-dung/moi", **person_form(desk))
    found = re.search(r'value="http://localhost(/moi/\d+/[^"]+)"', page.text)
    assert found
    assert "Chưa đặt máy chủ thư nên không có thư nào đi" in page.text
    user = db.session.scalars(db.select(User).where(User.email == "tu@bacninh.example")).one()
    assert found[1] not in desk.get(f"/quan-tri/nguoi-dung/{user.id}").text
    assert desk.client.get(found[1]).status_code == 200
    again = desk.press(f"/quan-tri/nguoi-dung/{user.id}/moi-lai")
    assert again.status_code == 200
    assert desk.client.get(found[1]).status_code == 410


@pytest.mark.parametrize(("said", "left"), [({"old_roles": "end"}, ["new"]), ({"old_roles": "keep"}, ["old", "new"])])
def test_who_moves_gives_up_the_roles_over_the_old_unit_unless_told(desk: Desk, said: dict[str, Any], left: list[str]) -> None:
    old, new = make_unit(parent=desk.user.unit), make_unit(parent=desk.user.unit)
    user = make_user(unit=old, roles=[(Role.OFFICER, old), (Role.HEAD, new)])
    page = f"/quan-tri/nguoi-dung/{user.id}"
    same = person_form(desk, unit_id=str(old.id)) | said
    assert "Nếu chuyển đơn vị" in desk.get(f"{page}/sua").text
    desk.send(f"{page}/sua", **same)
    assert len(grants_of(user, on=clock.today())) == 2
    assert desk.send(f"{page}/sua", **same | {"unit_id": str(new.id)}).location == page
    assert [{old.id: "old", new.id: "new"}[grant.unit_id] for grant in grants_of(user, on=clock.today())] == left


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"name": " "}, "Ghi họ và tên"),
        ({"email": ""}, "Ghi e-mail công vụ"),
        ({"email": "a@b@c"}, "Địa chỉ e-mail chưa đúng"),
        ({"email": "taken@bacninh.example"}, "E-mail này đã có tài khoản"),
        ({"form_of_address": "anh"}, "Chọn một mục trong danh sách"),
        ({"unit_id": ""}, "Chọn một mục trong danh sách"),
    ],
)
def test_bad_input_about_a_person_gets_a_sentence(desk: Desk, over: dict[str, Any], sentence: str) -> None:
    make_user(email="taken@bacninh.example")
    db.session.commit()
    page = desk.send("/quan-tri/nguoi-dung/moi", **person_form(desk, **over))
    assert page.status_code == 422
    assert sentence in page.text


def test_a_role_is_given_and_taken_back(desk: Desk) -> None:
    user = make_user(unit=desk.user.unit)
    db.session.commit()
    address = f"/quan-tri/nguoi-dung/{user.id}/vai-tro"
    scope: dict[str, Any] = {"role": "head", "scope": "unit", "unit_id": str(user.unit_id)} | parts("starts_on", clock.today())
    assert desk.send(address, **scope).status_code == 302
    assert "Người này đã có vai trò ấy" in desk.send(address, **scope).text
    grant = db.session.scalars(db.select(Grant).where(Grant.user_id == user.id)).one()
    assert desk.send(f"{address}/{grant.id}/thoi").status_code == 302
    assert "Chưa có vai trò nào." in desk.get(f"/quan-tri/nguoi-dung/{user.id}").text
    assert actions()[-2:] == ["grant.given", "grant.ended"]


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"role": "vua"}, "Chọn một mục trong danh sách"),
        ({"scope": "unit", "unit_id": ""}, "Chọn đơn vị"),
        ({"scope": "place", "place_id": ""}, "Chọn địa bàn"),
        ({"ends_on": ["1", "1", "2020"]}, "Ngày cuối ở trước ngày đầu"),
        ({"ends_on": ["", "5", "2027"]}, "Ghi đủ ngày, tháng, năm"),
    ],
)
def test_bad_input_about_a_role_gets_a_sentence(desk: Desk, over: dict[str, Any], sentence: str) -> None:
    user = make_user(unit=desk.user.unit)
    db.session.commit()
    form: dict[str, Any] = {"role": "head", "scope": "unit", "unit_id": str(user.unit_id)} | parts("starts_on", clock.today()) | over
    page = desk.send(f"/quan-tri/nguoi-dung/{user.id}/vai-tro", **form)
    assert page.status_code == 422
    assert sentence in page.text


def test_a_commune_cannot_give_away_more_than_it_has(local: Desk) -> None:
    user = make_user(unit=local.user.unit)
    db.session.commit()
    form: dict[str, Any] = {"role": "front", "scope": "everywhere"} | parts("starts_on", clock.today())
    page = local.send(f"/quan-tri/nguoi-dung/{user.id}/vai-tro", **form)
    assert "rộng hơn phạm vi quản trị của mình" in page.text
    assert db.session.scalars(db.select(Grant).where(Grant.user_id == user.id)).first() is None


def test_a_deputy_is_named_and_the_delegation_ended(desk: Desk) -> None:
    head, deputy = make_user(unit=desk.user.unit), make_user(unit=desk.user.unit)
    db.session.commit()
    address = f"/quan-tri/nguoi-dung/{head.id}/uy-quyen"
    today = clock.today()
    form: dict[str, Any] = {"deputy_id": str(deputy.id), "form": "TUQ."} | parts("starts_on", today) | parts("ends_on", today)
    past: dict[str, Any] = form | {"ends_on": ["1", "1", "2020"]}
    assert "Ngày cuối phải từ hôm nay" in desk.send(address, **past).text
    assert desk.send(address, **form).status_code == 302
    row = db.session.scalars(db.select(Delegation)).one()
    assert desk.press(f"{address}/{row.id}/thoi").status_code == 302
    assert "Không có ủy quyền nào." in desk.get(f"/quan-tri/nguoi-dung/{head.id}").text


def test_who_leaves_with_open_work_needs_somebody_to_take_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    user, heir = make_user(name="Người Nghỉ", unit=desk.user.unit), make_user(name="Người Nhận", unit=desk.user.unit)
    db.session.commit()
    monkeypatch.setattr(account_operations, "open_work", [lambda each: 2 if each.id == user.id else 0])
    monkeypatch.setattr(account_operations, "on_hand_over", [lambda *_, **__: 2])
    address = f"/quan-tri/nguoi-dung/{user.id}/nghi"
    assert "Còn 2 việc đang làm; chọn người nhận" in desk.send(address, to_id="").text
    assert desk.send(address, to_id=str(heir.id)).status_code == 302
    assert "Người Nghỉ đã thôi dùng tài khoản; 2 việc chuyển sang Người Nhận." in desk.get("/quan-tri/nguoi-dung").text
    assert not db.session.get_one(User, user.id).active
    assert desk.press(f"/quan-tri/nguoi-dung/{user.id}/tro-lai").status_code == 302
    assert db.session.get_one(User, user.id).active


def test_the_only_administrator_is_told_why_they_cannot_leave(desk: Desk) -> None:
    desk.send(f"/quan-tri/nguoi-dung/{desk.user.id}/nghi", to_id="")
    assert "người quản trị toàn hệ thống duy nhất" in desk.get("/quan-tri/nguoi-dung").text


def test_more_people_than_a_page_holds_are_paged(desk: Desk) -> None:
    for number in range(60):
        make_user(name=f"Đinh Văn Trang {number:02}", unit=desk.user.unit)
    db.session.commit()
    first = desk.get("/quan-tri/nguoi-dung?q=trang").text
    after = re.search(r'href="([^"]+sau=\d+[^"]*)" rel="next"', first)
    assert after
    second = desk.get(after[1].replace("&amp;", "&")).text
    shown = [re.findall(r"Đinh Văn Trang \d\d", page) for page in (first, second)]
    assert [len(names) for names in shown] == [50, 10]
    assert sorted(shown[0] + shown[1]) == sorted(set(shown[0] + shown[1]))


# --- fields, calendar, rules, settings ----------------------------------------------------------------------------------------


def test_fields_are_added_moved_and_switched_off(desk: Desk) -> None:
    make_field(name="Điện")
    db.session.commit()
    assert desk.send("/quan-tri/linh-vuc/moi", name="Nước sạch", code="nuoc-sach", hint="Mất nước").status_code == 302
    water = db.session.scalars(db.select(Field).where(Field.code == "nuoc-sach")).one()
    desk.press(f"/quan-tri/linh-vuc/{water.id}/len")
    assert [field.name for field in fields()][:2] == ["Nước sạch", "Điện"]
    desk.press(f"/quan-tri/linh-vuc/{water.id}/ngung")
    assert [field.name for field in fields()] == ["Điện"]
    page = desk.send("/quan-tri/linh-vuc/moi", name="Lại nước", code="nuoc-sach")
    assert "Mã này đã dùng cho lĩnh vực khác" in page.text
    desk.send(f"/quan-tri/linh-vuc/{water.id}", name="Nước", hint="")
    assert actions()[-4:] == ["field.created", "field.changed", "field.changed", "field.changed"]


def test_the_calendar_shows_the_year_and_takes_a_day(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(calendar_views, "on_change", [lambda: asked.append(1)])
    page = desk.get("/quan-tri/lich/2026").text
    assert "Quốc khánh" in page
    source = db.session.scalars(db.select(CalendarYear.source).where(CalendarYear.year == 2026)).one()
    assert html.unescape(page).count(source) == 1
    known = re.search(r'href="(/quan-tri/lich/ngay-moi\?ngay=\d+)">Áp dụng', page)
    assert known
    assert 'value="Ngày Văn hóa Việt Nam"' in desk.get(known[1]).text
    day: dict[str, Any] = {"kind": "local_off", "name": "Nghỉ bão", "source": "Công điện của UBND tỉnh"} | parts("day", dt.date(2026, 9, 8))
    assert desk.send("/quan-tri/lich/ngay-moi", **day).location == "/quan-tri/lich/2026"
    row = db.session.scalars(db.select(CalendarDay).where(CalendarDay.name == "Nghỉ bão")).one()
    assert "Lịch đã ghi ngày này" in desk.send("/quan-tri/lich/ngay-moi", **day).text
    far: dict[str, Any] = day | parts("day", dt.date(2090, 1, 1))
    assert "Chưa có lịch năm 2090" in desk.send("/quan-tri/lich/ngay-moi", **far).text
    assert desk.send(f"/quan-tri/lich/ngay/{row.id}/bo").status_code == 302
    assert desk.get(f"/quan-tri/lich/ngay/{row.id}/bo").status_code == 404
    assert asked == [1, 1]
    assert actions()[-2:] == ["calendar.day_added", "calendar.day_removed"]


def rule_form(**over: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "code": "THU_NGHIEM",
        "name": "Trả lời thử",
        "stage": "reply",
        "start_event": "received",
        "amount": "7",
        "unit": "working",
        "kinds": ["report"],
        "source": "Quy chế thử",
        "evidence": "seen",
        "local": "y",
    }
    return values | parts("effective_from", clock.today()) | over


def test_a_rule_is_added_followed_and_ended_never_edited(desk: Desk) -> None:
    today = clock.today()
    assert desk.send("/quan-tri/thoi-han/moi", **rule_form()).status_code == 303
    first = db.session.scalars(db.select(DeadlineRule).where(DeadlineRule.code == "THU_NGHIEM")).one()
    assert (first.amount, first.applies_to, first.local) == (7, {"kind": ["report"]}, True)
    later: dict[str, Any] = parts("effective_from", today + dt.timedelta(days=10))
    assert desk.send(f"/quan-tri/thoi-han/{first.id}/ban-moi", **rule_form(amount="5", **later)).status_code == 303
    db.session.expire_all()
    assert (first.amount, first.effective_to) == (7, today + dt.timedelta(days=9))
    second = db.session.scalars(db.select(DeadlineRule).where(DeadlineRule.code == "THU_NGHIEM").order_by(DeadlineRule.id.desc())).first()
    assert second is not None
    last: dict[str, Any] = parts("last_day", today + dt.timedelta(days=30))
    assert "trước ngày bản mới áp dụng" in desk.send(f"/quan-tri/thoi-han/{first.id}/ket-thuc", **last).text
    assert first.effective_to == today + dt.timedelta(days=9)
    assert desk.send(f"/quan-tri/thoi-han/{second.id}/ket-thuc", **last).status_code == 303
    assert second.effective_to == today + dt.timedelta(days=30)


def test_a_new_version_keeps_what_the_form_does_not_ask(desk: Desk) -> None:
    row = db.session.scalars(db.select(DeadlineRule).where(DeadlineRule.code == "KN_SETTLE_1").order_by(DeadlineRule.id.desc())).first()
    assert row is not None
    form: dict[str, Any] = rule_form(
        amount=str(row.amount),
        unit=row.unit,
        stage=row.stage,
        start_event=row.start_event,
        kinds=list(row.applies_to["kind"]),
        pause_grounds=list(row.pause_grounds),
    )
    assert desk.send(f"/quan-tri/thoi-han/{row.id}/ban-moi", **form).status_code == 303
    new = db.session.scalars(db.select(DeadlineRule).where(DeadlineRule.code == row.code).order_by(DeadlineRule.id.desc())).first()
    assert new is not None
    assert new.id != row.id
    for name in ("applies_to", "variants", "extension_steps", "pause_grounds", "progress_every", "roll_forward"):
        assert getattr(new, name) == getattr(row, name), name


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"amount": "0"}, "Số ngày phải khác 0"),
        ({"amount": "mười"}, "Ghi một số nguyên"),
        ({"amount": "99999999999"}, "Ghi một số nguyên"),
        ({"amount": "٣"}, "Ghi một số nguyên"),
        ({"amount": ""}, "Ghi số ngày"),
        ({"amount": "5000"}, "Ghi số từ -400 đến 4000"),
        ({"code": "mã"}, "Mã chỉ gồm chữ hoa"),
        ({"code": "KN_SETTLE_1"}, "Mã này đã có"),
        ({"stage": "x"}, "Chọn một mục trong danh sách"),
        ({"kinds": ["x"]}, "Chọn trong danh sách"),
        ({"amount": "-7", "pause_grounds": ["suspended"]}, "tính ngược thì không tạm dừng"),
        ({"source": ""}, "Ghi số, ký hiệu và tên văn bản"),
    ],
)
def test_a_rule_that_makes_no_sense_gets_a_sentence(desk: Desk, over: dict[str, Any], sentence: str) -> None:
    page = desk.send("/quan-tri/thoi-han/moi", **rule_form(**over))
    assert page.status_code == 422
    assert sentence in page.text


def test_a_rule_in_force_is_not_changed_for_days_that_are_over(desk: Desk) -> None:
    desk.send("/quan-tri/thoi-han/moi", **rule_form())
    row = db.session.scalars(db.select(DeadlineRule).where(DeadlineRule.code == "THU_NGHIEM")).one()
    past = clock.today() - dt.timedelta(days=40)
    assert "sớm nhất từ hôm nay" in desk.send(f"/quan-tri/thoi-han/{row.id}/ban-moi", **rule_form(**parts("effective_from", past))).text
    assert "sớm nhất là hôm qua" in desk.send(f"/quan-tri/thoi-han/{row.id}/ket-thuc", **parts("last_day", past)).text


def test_a_rule_nobody_checked_says_so_plainly(desk: Desk) -> None:
    unchecked = db.session.scalars(db.select(DeadlineRule).where(DeadlineRule.evidence == "memory")).first()
    assert unchecked is not None
    assert "Chưa kiểm chứng" in desk.get(f"/quan-tri/thoi-han/{unchecked.id}").text
    assert "Chưa kiểm chứng" in desk.get("/quan-tri/thoi-han").text


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("KN_SETTLE_1", ""),
        ("TD_NOTICE", ""),
        ("CU_TRI", ""),
        ("KN_SETTLE_2", "trang chưa ghi nhận khiếu nại lần hai"),
        ("QD11_NOTICE", "trang chưa ghi nhận đơn gửi người đứng đầu cấp ủy"),
        ("PA_VBPL", "trang chưa ghi nhận kiến nghị về văn bản quy phạm pháp luật"),
        ("TC_SETTLE", "tố cáo không xử lý trên trang này"),
        ("KN_SEND_1", "trang chưa theo dõi hạn này"),
    ],
)
def test_a_rule_that_no_clock_can_follow_says_why(desk: Desk, code: str, why: str) -> None:
    row = db.session.scalars(db.select(DeadlineRule).where(DeadlineRule.code == code)).first()
    assert row is not None
    page = desk.get(f"/quan-tri/thoi-han/{row.id}").text
    assert ("Chưa dùng để tính hạn" in page) is bool(why)
    assert why in page


def test_every_rule_has_a_page(desk: Desk) -> None:
    for row_id in db.session.scalars(db.select(DeadlineRule.id)).all():
        assert desk.get(f"/quan-tri/thoi-han/{row_id}").status_code == 200


def settings_form(**over: str) -> dict[str, Any]:
    values = {
        "province_name": "tỉnh Bắc Ninh",
        "authority_name": "UBND tỉnh",
        "code_prefix": "BN",
        "desk_unit_id": "",
        "standing_body_id": "",
    }
    numbers = {"rating_days": "20", "league_least": "10", "public_least": "5", "proof_sent": "100", "proof_tries": "20"}
    return values | numbers | {"proof": "needed"} | over


def test_settings_are_changed_one_entry_each(desk: Desk) -> None:
    before = len(actions())
    reception = make_unit(parent=desk.user.unit, is_reception=True)
    db.session.commit()
    assert desk.send("/quan-tri/cai-dat", **settings_form(desk_unit_id=str(reception.id))).status_code == 302
    assert settings.get("rating_days") == 20
    assert "tỉnh Bắc Ninh" in desk.get("/").text
    assert actions()[before:] == ["setting.changed"] * 5


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"code_prefix": "bn"}, "Hai hoặc ba chữ hoa"),
        ({"code_prefix": "ĐN"}, "Hai hoặc ba chữ hoa"),
        ({"rating_days": "0"}, "Ghi số từ 1 đến 365"),
        ({"desk_unit_id": "77777"}, "Chọn một mục trong danh sách"),
        ({"proof": "đôi khi"}, "Chọn một mục trong danh sách"),
        ({"desk_unit_id": ""}, "Trang đã mở thì phải có một bộ phận tiếp nhận"),
        ({"province_name": ""}, "Ghi tên tỉnh"),
    ],
)
def test_bad_settings_get_a_sentence(desk: Desk, over: dict[str, str], sentence: str) -> None:
    page = desk.send("/quan-tri/cai-dat", **settings_form(**over))
    assert page.status_code == 422
    assert sentence in page.text


def test_a_dead_notice_is_seen_and_sent_again(desk: Desk) -> None:
    notice = notify(
        channel=Channel.EMAIL, template="accounts/notices/invited", about=desk.user, occasion="x", user=desk.user, now=clock.now(),
        last_on=clock.today(),
    )  # fmt: skip
    notice.due_at, notice.dead_at, notice.last_error = None, clock.now(), "550 no such mailbox"
    db.session.commit()
    assert "550 no such mailbox" in desk.get("/quan-tri/thu-chua-gui").text
    assert desk.press(f"/quan-tri/thu-chua-gui/{notice.id}/gui-lai").status_code == 302
    assert "Không có thư nào bị dừng." in desk.get("/quan-tri/thu-chua-gui").text
    assert notice.dead_at is None


# --- the audit ---------------------------------------------------------------------------------------------------------------


#: First parts of actions that no list shows.
SILENT = {"sealed"}


def test_every_action_of_the_vocabulary_has_a_sentence_of_its_own_facts() -> None:
    for action, facts in audit.ACTIONS.items():
        if action not in sentences.SENTENCES:
            assert action.partition(".")[0] in SILENT, f"{action} needs a sentence: administration.sentences.register()"
            continue
        named = set(re.findall(r"%\((\w+)\)s", str(sentences.SENTENCES[action])))
        assert named <= facts | {"subject"}, action


def test_the_audit_reads_as_sentences_with_names(desk: Desk) -> None:
    user = make_user(name="Trần Thị Tư", unit=desk.user.unit)
    rights.give_role(user, Role.HEAD, unit=desk.user.unit, starts_on=clock.today(), actor=desk.user, today=clock.today(), now=clock.now())
    account_operations.change_user(
        user, name="Trần Thị Tư", email=user.email, form_of_address="bà", title="Trưởng phòng", unit=desk.user.unit,
        actor=desk.user, today=clock.today(), now=clock.now(),
    )  # fmt: skip
    db.session.commit()
    page = desk.get("/quan-tri/nhat-ky").text
    assert "giao vai trò Người đứng đầu, người ký cho Trần Thị Tư, phạm vi một đơn vị (đơn vị UBND tỉnh, địa bàn không có)" in page
    assert "sửa tài khoản Trần Thị Tư: xưng hô, chức vụ" in page
    assert "Lê Quản Trị" in page


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("viec=setting", "đổi cài đặt", "đăng nhập"),
        ("viec=user", "đăng nhập", "đổi cài đặt"),
        ("viec=user.signed_in", "đăng nhập", "đổi cài đặt"),
        ("ve=app_user:{me}", "đăng nhập", "đổi cài đặt"),
        ("ve=unit:999999", "Không có dòng nào khớp", "đăng nhập"),
        ("nguoi={me}", "đăng nhập", "nạp lịch năm"),
        ("tu=2000-01-01&den=2001-01-01", "Không có dòng nào khớp", "đăng nhập"),
        ("tu=hôm-qua&den=9999-99-99", "đăng nhập", "Không có dòng nào khớp"),
        ("truoc=1", "Không có dòng nào khớp", "đăng nhập"),
        ("ve=app_user:99999999999999999999", "Không có dòng nào khớp", "đăng nhập"),
        ("viec=%00%25", "Không có dòng nào khớp", "đăng nhập"),
    ],
)
def test_the_audit_is_filtered_by_action_person_thing_and_day(desk: Desk, query: str, shown: str, hidden: str) -> None:
    account_operations.sign_in(desk.user, now=clock.now())
    page = desk.get("/quan-tri/nhat-ky?" + query.format(me=desk.user.id)).text
    assert shown in page
    assert hidden not in page


def test_what_is_secret_is_in_no_line_of_the_audit(desk: Desk) -> None:
    assert "sealed_case" in sentences.SECRET
    entry = audit.record(desk.user, "user.signed_out", desk.user, at=clock.now())
    entry.subject_type = "sealed_case"
    db.session.commit()
    for query in ("", f"?ve=sealed_case:{desk.user.id}", "?viec=user.signed_out"):
        page = desk.get(f"/quan-tri/nhat-ky{query}").text
        assert "đăng xuất" not in page


def test_an_administrator_of_a_commune_reads_what_its_people_did(local: Desk) -> None:
    stranger = make_user(name="Người Nơi Khác")
    for user in (stranger, local.user):
        account_operations.sign_in(user, now=clock.now())
    db.session.commit()
    page = local.get("/quan-tri/nhat-ky").text
    assert local.user.name in page
    assert "Người Nơi Khác" not in page
