"""Sealed information, as each who meets it does: who sends it, who takes it in, who decides, who checks it, who audits, who is accused."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from app import clock
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.database import db
from app.permissions import Role
from feedback import rules
from feedback.operations.intake import PersonData
from feedback.sealed import thread
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import leading, reading
from feedback.sealed.operations import thread as talk
from feedback.sealed.rules import Extent
from tests.axe import violations
from tests.browser.conftest import DESK, PHONE, NewPerson, Seat, Site, follow, on, photo, pick, press, said
from tests.factories import make_unit, make_user
from tests.feedback import builders
from tests.feedback.builders import at

SECRET = "Ông Trâu Đen ở Sở Xây dựng cắt xén tiền cứu trợ bão ở kho Gò Mả."
SENDER, TELEPHONE = "Lê Thị Giấu", "0900000001"
ASKED, ANSWERED = "Việc này xảy ra ngày nào?", "Ngày 12/7, lúc phát quà ở nhà văn hóa."
WEATHER = "https://nchmf.gov.vn/"


@dataclass
class People:
    """Who is who, by id."""

    intake: int
    head: int
    investigator: int
    auditor: int
    accused: int


@pytest.fixture
def people(site: Site) -> People:
    with site.office() as province:
        inspectorate = make_unit(parent=province.root, name="Thanh tra tỉnh")
        affairs = make_unit(parent=province.root, name="Ban Nội chính")
        made = (
            make_user(name="Vũ Thị Nhận", unit=inspectorate, roles=[(Role.SEALED_INTAKE, None)]),
            make_user(name="Đỗ Văn Quyết", unit=affairs, roles=[Role.HEAD]),
            make_user(name="Bùi Thị Tra", unit=inspectorate),
            make_user(name="Hà Văn Soát", unit=province.front, roles=[(Role.AUDITOR, None)]),
            make_user(
                name="Trâu Văn Đen", unit=province.works, roles=[Role.HEAD, Role.OFFICE, Role.AUDITOR, Role.RECEPTION, Role.SEALED_INTAKE]
            ),
        )
        return People(*(each.id for each in made))


def sent(site: Site, people: People) -> tuple[str, str, str]:
    """Have somebody send it; return both codes, and the address at which staff know of it."""
    with site.office() as province:
        receipt = builders.submit(
            kind=rules.DENUNCIATION, body=SECRET, accused_unit_id=province.works.id, accused_names="Trâu Văn Đen", token="once",
            people=(PersonData(name=SENDER, phone=TELEPHONE),),
        )  # fmt: skip
        case = db.session.scalars(db.select(SealedCase)).one()
        assert receipt.key is not None
        return receipt.code, receipt.key, f"/can-bo/to-cao/{case.uid}"


def person(id_: int) -> User:
    """Return somebody with what they may do today."""
    user = db.session.get_one(User, id_)
    user.reach = reach_of(user, on=clock.today())
    return user


def in_order(page: Page) -> None:
    assert violations(page) == []


def opens(page: Page, address: str, reason: str, *, declares: bool = False) -> None:
    page.goto(address)
    if declares:
        expect(page.get_by_text("Trước khi mở, phải khai có vướng lợi ích riêng không.")).to_be_visible()
        page.get_by_label("Không", exact=False).first.check()
    page.get_by_label("Mở để làm gì").fill(reason)
    press(page, "Khai, ghi lý do và mở" if declares else "Ghi lý do và mở")
    expect(page.get_by_text(SECRET)).to_be_visible()
    in_order(page)


# --- who sends it -------------------------------------------------------------------------------------------------------------


def write(page: Page, *, javascript: bool) -> tuple[str, str]:
    """Read what it is, write it down and send it; return the two codes of the slip."""
    page.goto("/gui-y-kien/to-cao")
    expect(page.get_by_text("Luật Tố cáo không nhận tố cáo gửi qua mạng.")).to_be_visible()
    follow(page, "Tôi vẫn muốn gửi thông tin này")
    expect(page.get_by_text("Không gửi bí mật nhà nước.")).to_be_visible()
    page.get_by_role("textbox", name="Nội dung").fill(SECRET)
    page.get_by_label("Chọn ảnh, giấy tờ").set_input_files(photo("kho-go-ma.png"))
    page.get_by_label("Người bị nói tới là ai?").fill("Trâu Văn Đen")
    if javascript:
        pick(page, "Người bị nói tới làm ở cơ quan nào?", typed="so xay", option="Sở Xây dựng")
    else:
        page.get_by_label("Người bị nói tới làm ở cơ quan nào?").locator("visible=true").fill("xay dung")
        page.get_by_label("Tôi đã đọc").check()
        press(page, "Gửi thông tin này")
        page.get_by_label("Sở Xây dựng").check()
    page.get_by_label("Tôi đã đọc").check()
    press(page, "Gửi thông tin này")
    expect(page.get_by_role("heading", name="Đã khóa thông tin lại")).to_be_visible()
    expect(page.get_by_text("Không hứa hạn trả lời.")).to_be_visible()
    return page.locator(".slip .code").inner_text(), page.locator(".slip .key").inner_text()


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_a_denouncer_sends_comes_back_is_asked_answers_and_is_gone(
    site: Site, people: People, new_person: NewPerson, *, javascript: bool
) -> None:
    page = new_person(javascript=javascript)
    page.route(f"{WEATHER}**", lambda route: route.fulfill(content_type="text/html; charset=utf-8", body="<title>Thời tiết</title>"))
    code, key = write(page, javascript=javascript)
    looks_at = in_order if javascript else lambda _page: None  # what looks at a page is a script, too
    looks_at(page)
    with site.office() as province:
        case = db.session.scalars(db.select(SealedCase)).one()
        assert case.heading.accused_unit_id == province.works.id
        reader = person(people.intake)
        reading.open_case(case, declares=True, reason="Xem lần đầu", actor=reader, now=clock.now())
        talk.write(case, ASKED, actor=reader, now=clock.now())

    page.goto("/")
    page.get_by_label("Mã tra cứu").fill(code)
    press(page, "Xem")
    expect(page.get_by_role("link", name="có cả mã bí mật thì ghi cả hai mã")).to_be_visible()
    assert page.url.endswith("/tra-cuu"), "the browser's history keeps no code"
    page.get_by_label("Mã bí mật").fill(key)
    press(page, "Xem")
    expect(page.get_by_text(ASKED)).to_be_visible()
    expect(page.get_by_text(SECRET)).to_have_count(0)
    page.get_by_label("Viết cho người tiếp nhận").fill(ANSWERED)
    page.get_by_label("Chọn ảnh, giấy tờ").set_input_files(photo("nha-van-hoa.png"))
    press(page, "Gửi")
    expect(page.get_by_text("Đã gửi. Người có trách nhiệm")).to_be_visible()
    expect(page.get_by_text(ANSWERED)).to_be_visible()
    looks_at(page)

    assert page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])") == "[[],[]]"
    cookies = str(page.context.cookies())
    assert not [word for word in (code, key, key.replace("-", ""), "thread") if word in cookies]
    page.get_by_role("link", name="Thoát nhanh").click()
    expect(page).to_have_title("Thời tiết")
    if javascript:  # without, a browser asks whether to send the two codes once more, and would show it then
        page.go_back()
        expect(page.get_by_label("Mã bí mật")).to_have_value("")
        expect(page.get_by_text(ANSWERED)).to_have_count(0)
    with site.office():
        case = db.session.scalars(db.select(SealedCase)).one()
        assert [each.said.text for each in thread.messages(case)] == [ASKED, ANSWERED]
        assert [each.file.name for each in thread.files(case)] == ["tep-1.png", "tep-1.png"]


# --- who takes it in, who decides, who checks it, who audits --------------------------------------------------------------------


def test_from_intake_to_head_to_investigator_and_two_show_who_wrote(site: Site, people: People, seat: Seat) -> None:  # noqa: PLR0915 - one story
    code, _key, case = sent(site, people)

    intake = seat(people.intake)
    opens(intake, case, "Xem lần đầu để phân loại", declares=True)
    follow(intake, "Xác nhận người bị nói tới")
    intake.get_by_label("Tên người bị nói tới").fill("Trâu Văn")
    press(intake, "Tìm")
    intake.get_by_label("Trâu Văn Đen").check()
    press(intake, "Xác nhận")
    said(intake, "Đã xác nhận.")
    follow(intake, "Chuyển người đứng đầu quyết định")
    offered = intake.get_by_label("Người đứng đầu quyết định").and_(intake.locator("select")).locator("option").all_inner_texts()
    assert not any("Sở Xây dựng" in each for each in offered), "who is accused, or leads that unit, decides nothing"
    pick(intake, "Người đứng đầu quyết định", typed="quyet", option="Đỗ Văn Quyết")
    press(intake, "Chuyển")
    said(intake, "Đã chuyển.")
    intake.goto(case)
    expect(intake.get_by_text("Người đứng đầu đang quyết định")).to_be_visible()

    head = seat(people.head)
    opens(head, case, "Quyết định xử lý", declares=True)
    follow(head, "Giao người xem")
    expect(head.get_by_text("Chưa có bản làm việc đã xác nhận.")).to_be_visible()
    in_order(head)
    press(head, "Lập bản làm việc")
    head.get_by_label("Nội dung giao đi kiểm tra").fill("Tiền cứu trợ ở kho Gò Mả: đối chiếu sổ phát.")
    press(head, "Lưu và xem lại")
    head.get_by_role("checkbox").check()
    press(head, "Xác nhận bản làm việc")
    head.goto(f"{case}/giao-xem")
    head.get_by_label("Tên hoặc e-mail người được giao").fill("Trâu Văn Đen")
    press(head, "Tìm")
    expect(head.get_by_text("Không thấy ai có tên này, hoặc người ấy phải tránh.")).to_be_visible()
    head.get_by_label("Tên hoặc e-mail người được giao").fill("Bùi Thị Tra")
    press(head, "Tìm")
    head.get_by_label("Bùi Thị Tra").check()
    head.get_by_label("Toàn bộ nội dung, trừ tên người báo tin").check()
    on(head, at(14).date())
    head.get_by_label("Để làm gì").fill("Kiểm tra sổ phát tiền")
    head.get_by_label("vì sao bản đã bỏ tên không đủ").fill("Phải hỏi người báo tin")
    press(head, "Giao")
    said(head, "Đã giao.")

    investigator = seat(people.investigator)
    investigator.goto("/can-bo/to-cao")
    investigator.get_by_role("link", name=code).click()
    expect(investigator.get_by_text("Trước khi mở, phải khai có vướng lợi ích riêng không.")).to_be_visible()
    follow(investigator, "Khai lợi ích riêng")
    expect(investigator.get_by_text("Trâu Văn Đen")).to_be_visible()
    investigator.get_by_label("Không", exact=False).first.check()
    press(investigator, "Khai")
    opens(investigator, case, "Kiểm tra sổ phát tiền")
    expect(investigator.get_by_text(SENDER)).to_have_count(0)
    follow(investigator, "Viết cho người báo tin")
    investigator.get_by_label("Viết cho người báo tin").fill(ASKED)
    press(investigator, "Gửi")
    said(investigator, "Đã viết.")
    opens(investigator, case, "Lập bản làm việc")
    press(investigator, "Lập bản làm việc")
    investigator.get_by_label("Nội dung giao đi kiểm tra").fill("Tiền cứu trợ ở kho Gò Mả: đối chiếu sổ phát.")
    press(investigator, "Lưu và xem lại")
    expect(investigator.get_by_text("Người sửa sau cùng không tự xác nhận")).to_be_visible()
    in_order(investigator)
    investigator.goto(f"{case}/nguoi-bao-tin")
    investigator.get_by_label("Cần biết để làm gì").fill("Mời đến làm việc")
    press(investigator, "Xin biết")
    said(investigator, "Một người khác phải đồng ý")
    expect(investigator.get_by_role("button", name="Ghi lại và xem người báo tin")).to_have_count(0)
    in_order(investigator)

    head.goto(f"{case}/nguoi-bao-tin")
    follow(head, "Trả lời Bùi Thị Tra")
    head.get_by_label("Đồng ý", exact=True).check()
    head.get_by_label("Vì sao").fill("Cần lời kể của người báo tin")
    press(head, "Ghi quyết định")
    said(head, "Đã ghi quyết định.")
    investigator.reload()
    press(investigator, "Ghi lại và xem người báo tin")
    expect(investigator.get_by_text(SENDER)).to_be_visible()
    expect(investigator.get_by_text(TELEPHONE)).to_be_visible()
    in_order(investigator)

    for width in (PHONE, DESK):
        auditor = seat(people.auditor, width=width)
        auditor.goto("/can-bo/nhat-ky-niem-phong")
        for who, what in (
            ("Vũ Thị Nhận", "Mở đọc"), ("Đỗ Văn Quyết", "Giao xem toàn bộ nội dung: Bùi Thị Tra"),
            ("Bùi Thị Tra", "Khai không vướng lợi ích riêng"),
            ("Bùi Thị Tra", "Xin biết người báo tin"), ("Đỗ Văn Quyết", "Đồng ý cho biết người báo tin"),
            ("Bùi Thị Tra", "Xem người báo tin"),
        ):  # fmt: skip
            expect(auditor.get_by_role("row").filter(has_text=who).filter(has_text=what).first).to_be_visible()
        page = auditor.content()
        assert not [each for each in (SECRET, SENDER, code, "sổ phát", "Phải hỏi", ASKED, case.rpartition("/")[2]) if each in page]
        in_order(auditor)
    assert auditor.goto("/can-bo/to-cao").status == 404  # ty: ignore[possibly-missing-attribute]
    assert auditor.goto(case).status == 404  # ty: ignore[possibly-missing-attribute]


# --- who is accused -----------------------------------------------------------------------------------------------------------


def test_the_accused_finds_nothing_by_address_search_list_or_number(site: Site, people: People, seat: Seat) -> None:
    accused = seat(people.accused)

    def looked() -> dict[str, str]:
        """Return what stands on each page of the accused's menus, but for the time it took."""
        accused.goto("/can-bo")
        menus = {link.get_attribute("href") or "" for link in accused.locator("nav a[href^='/']").all()}
        shown = {}
        for address in sorted(menus - {"/"}):
            accused.goto(address)
            shown[address] = accused.get_by_role("main").inner_text()
        return shown

    before = looked()
    code, key, case = sent(site, people)
    with site.office() as province:
        reader, head, investigator, accused_one = map(person, (people.intake, people.head, people.investigator, people.accused))
        found = db.session.scalars(db.select(SealedCase)).one()
        reading.open_case(found, declares=True, reason="Xem", actor=reader, now=clock.now())
        leading.confirm(found, unit=province.works, people=[accused_one], actor=reader, now=clock.now())
        leading.hand_to(found, head, actor=reader, now=clock.now())
        builders.granted(found, investigator, extent=Extent.WHOLE, until=at(9).date(), actor=head, now=clock.now())
    assert len(before) > 8
    assert looked() == before, "nothing on any page tells that a case came"

    accused.goto("/can-bo/to-cao")
    expect(accused.get_by_text("Chưa có thông tin nào.")).to_be_visible()
    follow(accused, "Đối chiếu phiếu báo tin")
    accused.get_by_label("Mã tra cứu trên phiếu báo tin").fill(code)
    accused.get_by_label("Mã bí mật").fill(key)
    press(accused, "Đối chiếu")
    expect(accused.get_by_text("Không có mục nào khớp cả hai mã").first).to_be_visible()
    steps = (
        "",
        "/nguoi-bi-noi-toi",
        "/nguoi-dung-dau",
        "/giao-xem",
        "/khai-loi-ich",
        "/nguoi-bao-tin",
        "/nhan-tin",
        "/ban-lam-viec",
        "/ho-so-mat",
    )
    elsewhere = (f"/can-bo/y-kien/{code}", f"/tra-cuu/{code}", f"/t/{code}/{key}", f"/api/v1/feedback/{code}")
    for address in (*(f"{case}{step}" for step in steps), *elsewhere):
        answer = accused.goto(address)
        assert (answer and answer.status) == 404, address
        assert "Trâu Đen" not in accused.content()
    for typed in (code, "Gò Mả", "cứu trợ bão", TELEPHONE, SENDER):
        accused.goto("/can-bo/tim")
        accused.get_by_role("searchbox").fill(typed)
        accused.get_by_role("main").get_by_role("button", name="Tìm", exact=True).click()
        expect(accused.get_by_text(re.compile("Không thấy ý kiến nào khớp|Không có ý kiến mang mã này"))).to_be_visible()
    accused.goto("/can-bo/nhat-ky-niem-phong")
    expect(accused.get_by_text("Chưa ai làm gì.")).to_be_visible()
