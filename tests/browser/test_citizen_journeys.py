"""What a person without an account comes to do, in a real browser, on a phone."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.database import db
from app.permissions import Role
from feedback import queries
from feedback.models import Feedback
from feedback.operations import desk, publishing, unit
from feedback.rules import Status
from feedback.sealed.models import SealedCase
from tests.axe import violations
from tests.browser.conftest import DESK, PHONE, Site, photo, pick
from tests.factories import make_user
from tests.feedback import builders
from tests.feedback.builders import at

BODY = "Rãnh thoát nước trước dãy nhà bị đất đá lấp, mưa là nước tràn vào nhà."


def write(
    page: Page, *, kind: str = "Báo một việc chưa ổn", body: str = BODY, name: str = "Nguyễn Thị Hợp", phone: str = "0912 345 678"
) -> None:
    """Fill in the form as a person does: the commune by typing a part of its name without diacritics."""
    page.goto("/gui-y-kien")
    page.get_by_role("radio", name=kind).check()
    page.get_by_label("Chuyện gì đã xảy ra?").fill(body)
    pick(page, "Xã, phường", typed="kinh b", option="Kinh Bắc")
    page.get_by_role("textbox", name="Họ và tên", exact=True).fill(name)
    page.get_by_role("textbox", name="Số điện thoại").fill(phone)


def to_review(page: Page) -> None:
    page.get_by_role("button", name="Xem lại trước khi gửi").click()


def send(page: Page) -> tuple[str, str]:
    """Review, send, and copy the two codes from the receipt."""
    to_review(page)
    expect(page.get_by_role("heading", name="Xem lại trước khi gửi")).to_be_visible()
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.get_by_role("heading", name="Đã nhận ý kiến")).to_be_visible()
    return page.locator(".slip .code").inner_text(), page.locator(".slip .key").inner_text()


def track(page: Page, code: str, key: str) -> None:
    page.goto("/tra-cuu")
    page.get_by_label("Mã tra cứu").fill(code)
    page.get_by_label("Mã bí mật").fill(key)
    page.get_by_role("button", name="Xem", exact=True).click()
    expect(page.get_by_role("heading", name="Nội dung đã gửi")).to_be_visible()


def item(code: str) -> Feedback:
    found = queries.by_code(code)
    assert found is not None
    return found


def count(site: Site, model: type) -> int:
    with site.office():
        return db.session.scalar(db.select(db.func.count()).select_from(model))


def test_from_the_front_page_to_a_second_answer(site, browser_page):
    page = browser_page
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Gửi ý kiến").click()
    write(page)
    code, key = send(page)
    expect(page.get_by_text("Vì sao trả lời chậm nhất 17/8/2026?")).to_be_visible()
    expect(page.get_by_role("button", name="In phiếu")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Chép hai mã").click()
    expect(page.get_by_role("button", name="Đã chép hai mã")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{code}\n{key}"

    track(page, code, key)
    expect(page.get_by_text("Ban Tiếp công dân tỉnh đang đọc")).to_be_visible()

    with site.office() as province:
        desk.route_to(item(code), province.works, actor=province.clerk, now=at(0, 10))
        unit.take(item(code), actor=province.officer, now=at(0, 11))
        unit.ask(item(code), "Trước nhà số mấy?", actor=province.officer, now=at(0, 12))
    page.reload()
    expect(page.get_by_role("heading", name="Sở Xây dựng hỏi", exact=True)).to_be_visible()
    page.get_by_role("textbox", name="Câu trả lời").fill("Trước số 12, cạnh trạm biến áp.")
    page.get_by_role("button", name="Gửi câu trả lời").click()
    expect(page.get_by_text("Đã gửi thêm.")).to_be_visible()
    expect(page.get_by_text("Trước số 12, cạnh trạm biến áp.")).to_be_visible()

    with site.office() as province:
        builders.answer(province, item(code), at(1), [builders.explained(), builders.promised(at(40).date())])
    site.now = at(2)
    page.reload()
    expect(page.get_by_role("heading", name="Trả lời của Sở Xây dựng")).to_be_visible()
    expect(page.get_by_text("Sẽ có đèn mới trong đợt này.")).to_be_visible()
    with page.expect_response("**/tra-loi-1.pdf") as answer:
        page.evaluate("fetch(document.querySelector('a[href$=\"tra-loi-1.pdf\"]').href)")
    assert answer.value.headers["content-type"] == "application/pdf"

    page.get_by_role("radio", name="Không hài lòng", exact=True).check()
    page.get_by_label("Vì sao?").fill("Đèn vẫn tắt.")
    page.get_by_role("button", name="Gửi đánh giá").click()
    expect(page.get_by_text("Đã đánh giá: Không hài lòng.")).to_be_visible()

    page.get_by_text("Chưa thỏa đáng: mở lại ý kiến").click()
    page.get_by_label("Còn chỗ nào chưa được?").fill("Đèn lại tắt.")
    page.get_by_role("button", name="Mở lại").click()
    expect(page.get_by_text("Đã mở lại.")).to_be_visible()
    with site.office() as province:
        assert item(code).round == 2
        unit.take(item(code), actor=province.colleague, now=at(3))
        builders.answer(province, item(code), at(4), [builders.explained("Đã thay cả hộp điều khiển.")])
    page.reload()
    expect(page.get_by_text("Đã thay cả hộp điều khiển.")).to_be_visible()
    expect(page.get_by_text("Chưa thỏa đáng: mở lại ý kiến")).to_have_count(0)


def test_everything_works_without_javascript(site, new_person):
    page = new_person(javascript=False)
    page.goto("/gui-y-kien")
    page.get_by_role("radio", name="Báo một việc chưa ổn").check()
    page.get_by_label("Chuyện gì đã xảy ra?").fill(BODY)
    page.get_by_label("Xã, phường").select_option(label="Kinh Bắc")
    page.get_by_role("textbox", name="Họ và tên", exact=True).fill("Nguyễn Thị Hợp")
    page.get_by_role("textbox", name="Số điện thoại").fill("0912345678")
    code, key = send(page)

    track(page, code, key)
    page.get_by_text("Bổ sung ý kiến, giấy tờ").click()
    page.get_by_role("textbox", name="Nội dung").fill("Hôm nay lại ngập.")
    page.get_by_role("button", name="Gửi thêm").click()
    expect(page.get_by_text("Hôm nay lại ngập.")).to_be_visible()
    page.get_by_role("link", name="Rút ý kiến").click()
    page.get_by_role("button", name="Rút ý kiến").click()
    expect(page.get_by_text("Người gửi đã rút.")).to_be_visible()


def test_what_was_typed_survives_a_reload_an_error_and_a_lost_connection(site, browser_page):
    page = browser_page
    write(page)
    page.locator("body").click(position={"x": 5, "y": 5})
    page.reload()
    expect(page.get_by_text("Đã mở lại chữ viết dở.")).to_be_visible()
    expect(page.get_by_label("Chuyện gì đã xảy ra?")).to_have_value(BODY)
    expect(page.get_by_role("combobox", name="Xã, phường")).to_have_value("Kinh Bắc")

    page.get_by_role("textbox", name="Số điện thoại").fill("091234567")
    to_review(page)
    summary = page.get_by_role("alert").filter(has_text="Còn 1 chỗ cần sửa")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name=re.compile("mới có 9 số")).click()
    expect(page.get_by_role("textbox", name="Số điện thoại")).to_be_focused()
    expect(page.get_by_label("Chuyện gì đã xảy ra?")).to_have_value(BODY)
    expect(page.get_by_role("combobox", name="Xã, phường")).to_have_value("Kinh Bắc")

    page.get_by_role("textbox", name="Số điện thoại").fill("0912345678")
    page.context.set_offline(True)
    to_review(page)
    expect(page.get_by_text("Máy đang mất mạng, chưa gửi được.")).to_be_visible()
    page.context.set_offline(False)
    send(page)
    page.goto("/gui-y-kien")
    expect(page.get_by_label("Chuyện gì đã xảy ra?")).to_have_value("")


def test_mending_one_thing_from_the_review_page_keeps_the_rest(site, browser_page):
    page = browser_page
    write(page)
    to_review(page)
    page.get_by_role("button", name="Sửa Người gửi").click()
    expect(page.get_by_role("textbox", name="Họ và tên", exact=True)).to_have_value("Nguyễn Thị Hợp")
    page.get_by_role("textbox", name="Họ và tên", exact=True).fill("Nguyễn Thị Hòa")
    to_review(page)
    expect(page.get_by_text("Nguyễn Thị Hòa")).to_be_visible()
    expect(page.get_by_text(BODY)).to_be_visible()


def test_a_business_is_asked_for_its_tax_code(site, browser_page):
    page = browser_page
    write(page)
    expect(page.get_by_label("Mã số thuế")).to_be_hidden()
    page.get_by_text("Gửi hộ, gửi cho doanh nghiệp, nhiều người cùng ký").click()
    page.get_by_role("radio", name="Doanh nghiệp, tổ chức").check()
    page.get_by_label("Tên doanh nghiệp, tổ chức").fill("Công ty Sông Cầu")
    page.get_by_label("Mã số thuế").fill("0100109107")
    to_review(page)
    expect(page.get_by_role("alert")).to_contain_text("số kiểm tra không khớp")
    page.get_by_label("Mã số thuế").fill("0100109106")
    code, _key = send(page)
    with site.office():
        assert item(code).people[0].tax_code == "0100109106"


def test_an_insider_is_told_who_sees_the_name(site, browser_page):
    page = browser_page
    write(page)
    page.get_by_text("Lĩnh vực, hoặc chuyện ở chính nơi mình làm").click()
    page.get_by_label("Lĩnh vực").select_option(label="Dân chủ ở cơ sở")
    code, _key = send(page)
    expect(page.get_by_text("giữ bí mật tên cả với đơn vị giải quyết")).to_be_visible()
    with site.office():
        assert item(code).sender_type == "insider"


def test_a_complaint_says_why_it_needs_name_and_address(site, browser_page):
    page = browser_page
    write(page, kind="Cơ quan, cán bộ quyết định hoặc làm trái luật", name="")
    expect(page.get_by_text("Khiếu nại: viết đủ bốn ý.")).to_be_visible()
    to_review(page)
    expect(page.get_by_role("alert")).to_contain_text("Khiếu nại phải ghi họ tên")
    page.get_by_role("textbox", name="Họ và tên", exact=True).fill("Nguyễn Thị Hợp")
    page.get_by_role("textbox", name="Địa chỉ", exact=True).fill("12 Nguyễn Trãi")
    send(page)
    expect(page.get_by_role("heading", name="Thụ lý khiếu nại")).to_be_visible()


def test_a_denunciation_goes_sealed_its_code_alone_is_unknown_and_code_and_key_go_on(site, browser_page, seat):
    page = browser_page
    page.goto("/gui-y-kien")
    page.get_by_role("radio", name="Báo người làm trái pháp luật").check()
    page.get_by_label("Chuyện gì đã xảy ra?").fill("Ông X nhận tiền làm sổ đỏ.")
    to_review(page)
    expect(page.get_by_text("Luật không nhận tố cáo qua mạng")).to_be_visible()
    expect(page.get_by_role("textbox", name="Nội dung")).to_have_value("Ông X nhận tiền làm sổ đỏ.")
    assert not page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:')).length"), "no draft on the device"
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Thoát nhanh")).to_be_focused()
    with page.expect_download() as letter:  # and the form is still there to be sent
        page.get_by_role("button", name="In thành đơn (PDF)").click()
    assert letter.value.suggested_filename == "don.pdf"
    page.get_by_label("Chọn ảnh, giấy tờ").set_input_files(photo("giay-x.png"))
    page.get_by_label("Tôi đã đọc").check()
    page.get_by_role("button", name="Gửi thông tin này").click()
    expect(page.get_by_role("heading", name="Đã khóa thông tin lại")).to_be_visible()
    code, key = page.locator(".slip .code").inner_text(), page.locator(".slip .key").inner_text()

    page.goto(f"/tra-cuu/{code}")
    expect(page.get_by_role("heading", name="Không có ý kiến nào khớp mã này")).to_be_visible()
    assert (count(site, Feedback), count(site, SealedCase)) == (0, 1)

    page.goto("/tra-cuu")
    page.get_by_label("Mã tra cứu").fill(code)
    page.get_by_label("Mã bí mật").fill(key)
    page.get_by_role("button", name="Xem", exact=True).click()
    page.get_by_label("Viết cho người tiếp nhận").fill("Tôi còn giữ giấy.")
    page.get_by_role("button", name="Gửi", exact=True).click()
    expect(page.get_by_text("Đã gửi. Người có trách nhiệm")).to_be_visible()
    assert page.url.endswith("/tra-cuu")
    assert violations(page) == []

    with site.office() as province:
        reader = make_user(unit=province.front, roles=[(Role.SEALED_INTAKE, None)]).id
    work = covers_a_page(seat(reader, width=PHONE, javascript=False), code)
    for address in (work, f"{work}/xem-lai"):
        seat(reader).goto(address)
        assert violations(seat(reader)) == []


def covers_a_page(page: Page, code: str) -> str:
    """Press on two corners of a page, without scripts and on a phone, and see just that covered; return where the copy is made."""
    page.goto("/can-bo/to-cao")
    page.get_by_role("link", name=code).click()
    page.get_by_label("Không", exact=False).first.check()
    page.get_by_label("Mở để làm gì").fill("Xem lần đầu")
    page.get_by_role("button", name="Khai, ghi lý do và mở").click()
    page.get_by_role("button", name="Lập bản làm việc").click()
    sheet = page.locator("input[type=image]")
    assert sheet.evaluate("each => each.width") == 700
    for corner in ((70, 70), (280, 210)):
        sheet.click(position={"x": corner[0], "y": corner[1]})
    shown = Image.open(io.BytesIO(page.request.get(sheet.get_attribute("src") or "").body()))
    inside, outside = shown.getpixel((170, 140)), shown.getpixel((400, 300))
    assert max(inside) < 40, "covered"
    assert min(outside) > 80, "and nothing else"
    return page.url.partition("#")[0]


def test_pressing_the_button_twice_makes_one_item(site, browser_page):
    page = browser_page
    write(page)
    to_review(page)
    page.get_by_role("button", name="Gửi", exact=True).dblclick()
    expect(page.get_by_role("heading", name="Đã nhận ý kiến")).to_be_visible()
    assert count(site, Feedback) == 1


def test_similar_answered_items_are_offered_while_typing(site, browser_page):
    publish(site)
    page = browser_page
    page.goto("/gui-y-kien")
    page.get_by_label("Chuyện gì đã xảy ra?").press_sequentially("Đèn đường tắt ở phố Nguyễn Trãi")
    page.get_by_role("link", name="Đèn đường tắt ở Nguyễn Trãi").click()
    expect(page.get_by_text("Sẽ thay trong tháng 9.")).to_be_visible()


def publish(site: Site) -> str:
    with site.office() as province:
        found = builders.taken(province, publish_consent=True, place_id=province.place.id)
        builders.answer(province, found, at(0, 15), [builders.explained(), builders.promised(at(40).date())])
        publishing.publish(
            found,
            title="Đèn đường tắt ở Nguyễn Trãi",
            text="Đèn tắt ba tuần.",
            reply="Sẽ thay trong tháng 9.",
            actor=province.clerk,
            now=at(0, 16),
        )
        assert found.status == Status.ANSWERED
        return found.code


@pytest.mark.parametrize(("language", "width"), [("vi", PHONE), ("en", DESK)])
def test_every_page_is_accessible_and_fits_the_screen(site, new_person, language, width):
    public = publish(site)
    with site.office() as province:
        asked, answered = builders.submit(place_id=province.place.id), builders.submit(place_id=province.place.id)
        for receipt in (asked, answered):
            desk.route_to(item(receipt.code), province.works, actor=province.clerk, now=at(0))
            unit.take(item(receipt.code), actor=province.officer, now=at(0))
        unit.ask(item(asked.code), "Trước nhà số mấy?", actor=province.officer, now=at(0))
        builders.answer(province, item(answered.code), at(0), [builders.explained(), builders.promised(at(40).date())])
        keys = [(receipt.code, receipt.key) for receipt in (asked, answered)]
    page = new_person(width=width)
    page.goto(f"/ngon-ngu/{language}")
    wrong = []
    addresses = [
        "/", "/gui-y-kien", "/gui-y-kien/to-cao", "/gui-y-kien/to-cao/gui", "/gui-y-kien/bien-nhan", "/tra-cuu", f"/tra-cuu/{public}",
        "/tra-cuu/BN-26-XXXXXX-1", "/da-tra-loi", "/da-tra-loi?q=khongco", f"/da-tra-loi/{public}", "/viec-da-hua",
        *(f"/t/{code}/{key}" for code, key in keys), f"/tra-cuu/{keys[1][0]}/rut",
    ]  # fmt: skip
    for address in addresses:
        page.goto(address)
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        wrong += violations(page)

    def send(form: str) -> None:
        with page.expect_navigation():  # a click does not wait for the page that it asks for
            page.locator(f"{form} button.btn-xl").click()
        wrong.extend(violations(page))

    page.goto("/gui-y-kien")
    send("form#y-kien")
    page.locator("#kind-0").check()
    page.locator("#body").fill(BODY)
    page.locator("#place_id").fill("kinh b")
    page.get_by_role("option", name="Kinh Bắc").click()
    send("form#y-kien")
    send("main form")
    assert not wrong, "\n".join(wrong)
