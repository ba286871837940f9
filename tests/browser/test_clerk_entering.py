"""Writing down for somebody, ordering the routing table, and handing a leaver's work over, each in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app import clock
from app.accounts.models import User
from app.database import db
from app.permissions import Role
from feedback import queries
from feedback.models import LetterTemplate, RoutingRule
from feedback.rules import Channel, IdentityScope, PaperType
from tests import factories
from tests.axe import violations
from tests.browser.conftest import DESK, PHONE, NewPerson, Site, pick
from tests.feedback import builders
from tests.feedback.builders import Province

Seat = Callable[..., Page]

BODY = "Cống thoát nước đầu xóm tắc từ tháng sáu, mưa là nước tràn vào bảy nhà."


@pytest.fixture
def seat(site: Site, new_person: NewPerson) -> Seat:
    """Seat somebody of the province, signed in, at a screen: `seat(lambda province: province.clerk)`."""

    def sit_down(who: Callable[[Province], User], **options: object) -> Page:
        with site.office() as province:
            client = site.app.test_client()
            factories.sign_in(client, who(province), browser=factories.IN_CHROMIUM)
            cookie = client.get_cookie("session")
        assert cookie is not None
        page = new_person(**({"width": DESK} | options))
        page.context.add_cookies([{"name": "session", "value": cookie.value, "url": site.url}])
        return page

    return sit_down


def administrator(province: Province) -> User:
    return factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)], name="Nguyễn Thị Quản")


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def fill_in(page: Page, *, channel: str = "bằng đơn giấy", kind: str = "phản ánh", body: str = BODY) -> None:
    page.goto("/can-bo/nhap")
    page.get_by_role("radio", name=channel).check()
    page.get_by_role("radio", name=kind).check()
    page.get_by_label("Chuyện gì đã xảy ra?").fill(body)
    pick(page, "Xã, phường", typed="kinh b", option="Kinh Bắc")


def came_on(page: Page, day: str, month: str, year: str) -> None:
    group = page.get_by_role("group", name="Ngày đến")
    for label, value in (("Ngày", day), ("Tháng", month), ("Năm", year)):
        group.get_by_role("textbox", name=label, exact=True).fill(value)


def test_a_paper_with_many_signers_is_entered_and_each_signer_follows_it(site, seat, new_person):
    clerk = seat(lambda province: province.clerk)
    fill_in(clerk)
    came_on(clerk, "29", "7", "2026")
    clerk.get_by_role("radio", name="Nhiều người cùng ký").check()
    signers = clerk.get_by_role("group", name="Người cùng ký")
    for row, (name, address) in enumerate([("Nguyễn Văn Bảy", "Xóm 3"), ("Lê Thị Tám", "Xóm 4")]):
        signers.get_by_role("textbox", name="Họ và tên").nth(row).fill(name)
        signers.get_by_role("textbox", name="Địa chỉ").nth(row).fill(address)
    press(clerk, "Thêm dòng")  # what was typed stays
    expect(signers.get_by_role("textbox", name="Họ và tên").nth(1)).to_have_value("Lê Thị Tám")
    expect(clerk.get_by_label("Chuyện gì đã xảy ra?")).to_have_value(BODY)
    signers.get_by_role("checkbox").first.check()
    clerk.get_by_role("textbox", name="Họ và tên", exact=True).last.fill("Trần Văn Chín")
    clerk.get_by_role("textbox", name="Số điện thoại").fill("0912 345 678")
    press(clerk, "Ghi nhận và in phiếu")

    expect(clerk.get_by_role("heading", level=1)).to_contain_text("Đã ghi nhận")
    code = clerk.locator(".slip .code").inner_text()
    expect(clerk.locator(".key")).to_have_count(3)
    key = clerk.locator(".facts .key").nth(1).inner_text()
    with site.office():
        found = queries.by_code(code)
        assert (found.channel, found.received_at.astimezone(clock.LOCAL).date().isoformat()) == (Channel.PAPER, "2026-07-29")

    signer = new_person(width=PHONE)
    signer.goto("/tra-cuu")
    signer.get_by_label("Mã tra cứu").fill(code)
    signer.get_by_label("Mã bí mật").fill(key)
    press(signer, "Xem")
    expect(signer.get_by_role("heading", name="Nội dung đã gửi")).to_be_visible()
    expect(signer.get_by_role("main")).to_contain_text("Cống thoát nước đầu xóm")


def test_what_is_told_in_person_is_read_back_before_it_counts(site, seat):
    clerk = seat(lambda province: province.clerk, javascript=False)
    clerk.goto("/can-bo/nhap")
    clerk.get_by_role("radio", name="đến trực tiếp").check()
    clerk.get_by_role("radio", name="kiến nghị Mở lối đi").check()
    clerk.get_by_label("Chuyện gì đã xảy ra?").fill(BODY)
    clerk.get_by_label("Xã, phường").select_option(label="Kinh Bắc")
    clerk.get_by_text("Người gửi nói, cán bộ ghi lại").click()
    clerk.get_by_role("checkbox", name="Người gửi nói, không tự viết").check()
    clerk.get_by_label("Nói bằng tiếng").fill("Tày")
    clerk.get_by_role("textbox", name="Họ và tên", exact=True).last.fill("Nông Thị Páo")
    clerk.locator("#address").fill("Bản Lòa")
    press(clerk, "Ghi nhận và in phiếu")

    errors = clerk.get_by_role("alert")
    expect(errors).to_contain_text("Đọc lại cho người nói nghe rồi đánh dấu")
    expect(errors).to_contain_text("Nói bằng tiếng khác thì ghi tên người phiên dịch")
    expect(clerk.get_by_label("Chuyện gì đã xảy ra?")).to_have_value(BODY)

    clerk.get_by_label("Họ tên người phiên dịch").fill("Hoàng Thị Mai")
    clerk.get_by_role("checkbox", name="Đã đọc lại").check()
    clerk.get_by_role("checkbox", name="Người nói xác nhận").check()
    press(clerk, "Ghi nhận và in phiếu")
    expect(clerk.get_by_role("main")).to_contain_text("Phiên dịch: Hoàng Thị Mai.")


def test_the_union_enters_for_a_worker_and_the_head_concerned_never_sees_who(site, seat):
    union = seat(lambda province: factories.make_user(unit=province.works, roles=[Role.TRADE_UNION]))
    union.goto("/can-bo")
    expect(union.get_by_role("heading", name="Nhập ý kiến hộ người dân")).to_be_visible()
    fill_in(union, channel="qua công đoàn", body="Quỹ lương không được công khai trong hội nghị.")
    union.get_by_label("Lĩnh vực").select_option(label="Dân chủ ở cơ sở")
    union.get_by_role("textbox", name="Họ và tên", exact=True).last.fill("Phạm Văn Thợ")
    union.get_by_role("textbox", name="Số điện thoại").fill("0912 345 678")
    press(union, "Ghi nhận và in phiếu")
    code = union.locator(".slip .code").inner_text()
    with site.office():
        assert queries.by_code(code).identity_scope == IdentityScope.RECEPTION

    head = seat(lambda province: province.head)
    answer = head.goto(f"/can-bo/y-kien/{code}")
    assert answer is not None
    assert answer.status == 404


def test_an_administrator_tries_a_rule_saves_it_and_moves_it_up(site, seat):
    with site.office():
        builders.received(body="Khoa khám bệnh của bệnh viện đa khoa quá tải từ đầu tháng.")
    page = seat(administrator)
    page.goto("/can-bo/quan-tri/dinh-tuyen")
    page.get_by_role("link", name="Thêm quy tắc").click()
    page.get_by_label("Tên quy tắc").fill("Bệnh viện về Sở Y tế")
    page.get_by_label("Có một trong các từ").fill("bệnh viện\ntrạm y tế")
    press(page, "Lưu")
    expect(page.get_by_role("alert")).to_contain_text("Chọn đơn vị nhận")
    pick(page, "Đơn vị", typed="so y", option="Sở Y tế")
    press(page, "Thử trên ý kiến đã có")
    expect(page.get_by_role("main")).to_contain_text("1 ý kiến đi nơi khác so với bây giờ.")
    press(page, "Lưu")
    expect(page.get_by_role("row").nth(2)).to_contain_text("Bệnh viện về Sở Y tế")
    press(page, "Lên Bệnh viện về Sở Y tế")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Bệnh viện về Sở Y tế")
    with site.office() as province:
        assert builders.received(body="Trạm y tế thiếu thuốc.").open_answer.unit == province.health


def test_a_head_sees_the_load_and_hands_a_leavers_work_over(site, seat):
    with site.office() as province:
        codes = [builders.taken(province).code for _ in range(2)]
        officer, colleague = province.officer.name, province.colleague.name
    head = seat(lambda province: province.head)
    head.goto("/can-bo/don-vi")
    row = head.get_by_role("row", name=officer)
    expect(row).to_contain_text("2")
    row.get_by_role("link", name=f"Giao lại {officer}").click()
    pick(head, "Giao cho", typed=colleague, option=colleague)
    press(head, "Giao lại")
    expect(head.locator(".flashes")).to_contain_text(f"2 việc của {officer} đã giao cho {colleague}.")
    with site.office() as province:
        assert {queries.by_code(code).open_answer.officer for code in codes} == {province.colleague}


def test_a_person_without_javascript_hands_over_too(site, seat):
    with site.office() as province:
        builders.taken(province)
        officer, colleague = province.officer.id, province.colleague.id
    head = seat(lambda province: province.head, javascript=False)
    head.goto("/can-bo/don-vi/giao-lai")
    head.get_by_label("Việc đang mở của").select_option(str(officer))
    head.get_by_label("Giao cho").select_option(str(colleague))
    press(head, "Giao lại")
    expect(head.locator(".flashes")).to_contain_text("1 việc")


@pytest.mark.parametrize(("lang", "width"), [("vi", PHONE), ("en", DESK)])
def test_no_page_of_these_has_anything_axe_finds_wrong(site, seat, width, lang):
    with site.office() as province:
        builders.taken(province)
        builders.received(body="Bệnh viện quá tải.")
        db.session.add(
            LetterTemplate(
                name="Hướng dẫn sang Tòa án", paper_type=PaperType.GUIDE, body="Kính gửi [họ tên],\n\nViệc này do Tòa án xem xét."
            )
        )
        rule = db.session.scalar(db.select(RoutingRule.id).order_by(RoutingRule.position))
    wrong: list[str] = []

    def look(page: Page) -> None:
        wrong.extend(violations(page))

    clerk = seat(lambda province: province.clerk, width=width)
    clerk.goto(f"/can-bo/nhap?lang={lang}")
    look(clerk)
    clerk.locator("main form > p button.btn").click()
    clerk.get_by_role("alert").wait_for()
    look(clerk)
    for name, value in {"channel": "phone", "kind": "report", "happened": "unknown"}.items():
        clerk.locator(f"input[name={name}][value={value}]").check()
    clerk.locator("#body").fill(BODY)
    clerk.locator("input[role=combobox]").first.fill("kinh b")
    clerk.get_by_role("option").first.click()
    clerk.locator("main form > p button.btn").click()
    clerk.locator(".slip").wait_for()
    look(clerk)
    admin = seat(administrator, width=width)
    for address in ("", "/moi", f"/{rule}"):
        admin.goto(f"/can-bo/quan-tri/dinh-tuyen{address}?lang={lang}")
        look(admin)
    admin.locator("main button[name=try]").click()
    admin.locator("#ket-qua").wait_for()
    look(admin)
    for address in ("", "/moi"):
        admin.goto(f"/can-bo/quan-tri/mau-van-ban{address}?lang={lang}")
        look(admin)
    head = seat(lambda province: province.head, width=width)
    for address in ("", "/giao-lai"):
        head.goto(f"/can-bo/don-vi{address}?lang={lang}")
        look(head)
    assert wrong == []
