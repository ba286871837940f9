"""What the people of oversight come to do: MTTQ, the steering committee, the units that answer; each hand in a browser of its own."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from app import clock
from app.accounts.models import User
from app.database import db
from app.escalation import climbing
from app.escalation import operations as ladder
from app.permissions import Role
from tests import factories
from tests.axe import violations
from tests.browser.conftest import PHONE, Seat, Site, follow, issue, on, photo, pick, press, said
from tests.feedback import builders
from tests.feedback.builders import MONDAY, Province
from tests.feedback.builders import at as day
from tests.oversight import cases, looks

At = Callable[..., Page]
REGISTER = "/can-bo/viec-da-cam-ket"


def people(province: Province) -> dict[str, User]:
    """Make who the province of the other journeys lacks; the steering committee is the standing body."""
    looks.standing_body(province)
    front, steering, user = province.front, province.steering, factories.make_user
    return {
        "front_officer": province.front_reader,
        "front_head": user(unit=front, roles=[(Role.FRONT, None), Role.HEAD], name="Trần Thị Hòa", title="Chủ tịch"),
        "front_records": user(unit=front, roles=[Role.RECORDS]),
        "secretary": user(unit=steering, roles=[(Role.STEERING, None)], name="Đỗ Văn Minh"),
        "steering_head": user(unit=steering, roles=[(Role.STEERING, None), Role.HEAD], name="Nguyễn Văn Lộc", title="Trưởng ban"),
        "steering_records": user(unit=steering, roles=[Role.RECORDS]),
        "officer": province.officer,
        "head": province.head,
        "health_head": province.health_head,
    }


@pytest.fixture
def at(site: Site, seat: Seat) -> At:
    """The people of MTTQ, of the steering committee and of two departments, each signed in at a screen of their own."""
    with site.office() as province:
        made = people(province)
        db.session.flush()
        ids = {who: user.id for who, user in made.items()}
    return lambda who, **how: seat(ids[who], **how)


def done(site: Site, make: Callable[[Province], Any]) -> int:
    """Let *make(province)* have happened; return the id of what it made."""
    with site.office() as province:
        return make(province).id


def choose(page: Page, name: str) -> None:
    """Follow one of the links of the page's own row of buttons: a room of the same name is a tab above."""
    page.locator(".btns").get_by_role("link", name=name, exact=True).click()


def open_cases(page: Page, number: Locator) -> int:
    """Press a number; the list that opens is as long."""
    counted = int(number.inner_text())
    number.click()
    expect(page.locator("table.work tbody tr")).to_have_count(counted)
    return counted


def test_mttq_cuts_the_board_keeps_what_it_sees_and_takes_it_away(site: Site, at: At) -> None:
    for make in (looks.kept, looks.answered, builders.taken, builders.taken):
        done(site, make)
    site.now = day(21)  # the two that were only taken are late
    officer = at("front_officer")
    officer.goto("/can-bo")
    officer.get_by_role("link", name="Theo dõi", exact=True).click()
    officer.get_by_role("combobox", name="Đơn vị").select_option(label="Sở Xây dựng")
    press(officer, "Xem")
    expect(officer.get_by_text("Đang xem:").locator("..")).to_contain_text("Sở Xây dựng")
    assert violations(officer) == []
    assert open_cases(officer, officer.get_by_role("row", name="Phải trả lời").get_by_role("link").first) == 2

    follow(officer, "Lưu cách xem này")
    officer.get_by_label("Tên", exact=True).fill("Sở Xây dựng quá hạn")
    press(officer, "Lưu")
    said(officer, "Đã lưu cách xem.")
    address = officer.url
    officer.goto(f"{REGISTER}/cach-xem")
    follow(officer, "Sở Xây dựng quá hạn")
    expect(officer).to_have_url(address)
    with officer.expect_download() as download:
        follow(officer, "Tải bảng tính (XLSX)")
    rows = list(load_workbook(io.BytesIO(download.value.path().read_bytes())).active.iter_rows(values_only=True))
    assert [row for row in rows if "Sở Xây dựng" in row] == rows[3:]
    assert len(rows[3:]) == 2

    follow(officer, "Xem bức tranh")
    assert violations(officer) == []
    open_cases(
        officer, officer.get_by_role("row", name="Cộng").or_(officer.get_by_role("row", name="Sở Xây dựng")).get_by_role("link").first
    )


def test_what_mttq_finds_not_right_is_petitioned_and_opened_again(site: Site, at: At) -> None:
    promise = done(site, lambda province: looks.kept(province, now=day(14)))  # by day 10 it was promised
    site.now = day(17)
    officer = at("front_officer")
    officer.goto(f"{REGISTER}/{promise}")
    press(officer, "Theo dõi việc này")
    officer.get_by_label("Ghi chú", exact=True).fill("Tổ dân phố nói đèn vẫn tắt.")
    press(officer, "Ghi")
    expect(officer.get_by_text("Tổ dân phố nói đèn vẫn tắt.")).to_be_visible()
    choose(officer, "Kiểm tra thực tế")
    press(officer, "Ghi kết quả")
    expect(officer.get_by_role("alert")).to_contain_text("Chọn đúng hoặc chưa đúng")
    officer.get_by_role("radio", name="Chưa đúng như đã báo").check()
    on(officer, site.now.date())
    officer.get_by_label("Đã thấy gì").fill("Một trong hai bóng vẫn tắt.")
    officer.get_by_label("Chọn ảnh chụp tại chỗ").set_input_files(photo())
    press(officer, "Ghi kết quả")
    said(officer, "Đã ghi kết quả kiểm tra thực tế.")

    # It petitions the unit: drafted, signed by its head, numbered by its văn thư.
    choose(officer, "Gửi văn bản kiến nghị")
    officer.get_by_label("Nội dung đề nghị").fill("Đề nghị thay nốt bóng còn lại.")
    assert violations(officer) == []
    press(officer, "Soạn văn bản")
    issue(site, officer, at("front_head"), at("front_records"))
    unit = at("officer")
    unit.goto("/can-bo/phai-tra-loi")
    unit.get_by_role("table").get_by_role("link").first.click()
    expect(unit.get_by_role("heading", level=1)).to_contain_text("Văn bản kiến nghị")
    follow(unit, "Đọc văn bản")
    expect(unit.get_by_role("main")).to_contain_text("Đề nghị thay nốt bóng còn lại.")

    # The question of reopening went to the standing body, whose secretary decides on a phone.
    site.now = day(18)
    secretary = at("secretary", width=PHONE)
    secretary.goto("/can-bo/mo-lai")
    secretary.get_by_role("table").get_by_role("link").click()
    assert violations(secretary) == []
    secretary.get_by_role("radio", name="Mở lại, đơn vị làm lại").check()
    on(secretary, day(25).date())
    secretary.get_by_label("Lý do").fill("Ảnh cho thấy bóng còn tắt.")
    press(secretary, "Ghi quyết định")
    said(secretary, "Đã ghi quyết định.")
    expect(secretary.get_by_role("main")).to_contain_text("trễ hạn")  # that it was late the first time stays
    expect(secretary.get_by_role("img", name="Ảnh chụp tại chỗ số 1")).to_be_visible()

    officer = at("front_officer")
    officer.goto(f"{REGISTER}/{promise}")
    expect(officer.get_by_role("main")).to_contain_text("quyết định mở lại, đơn vị làm lại")
    expect(officer.locator("dl.facts").first).to_contain_text("28/8/2026")
    officer.goto(f"{REGISTER}?viec=act&xem=open")
    expect(officer.locator("table.work tbody tr")).to_have_count(1)
    unit = at("officer")
    unit.goto("/can-bo/viec-da-hua")
    expect(unit.get_by_role("main")).to_contain_text("28/8")


def test_a_reminder_to_two_units_is_answered_by_one_and_climbs_for_the_other(site: Site, at: At) -> None:
    with site.office():
        ladder.load_shipped(now=MONDAY)
    duty = done(site, lambda province: builders.taken(province).open_answer)
    site.now = day(21)
    secretary = at("secretary")
    secretary.goto(f"{REGISTER}/{duty}")
    choose(secretary, "Gửi công văn đôn đốc")
    secretary.get_by_label("Nội dung đề nghị").fill("Trả lời dứt điểm trước kỳ họp.")
    secretary.get_by_text("Gửi thêm đơn vị cấp tỉnh").click()
    secretary.get_by_label("Sở Y tế").check()
    press(secretary, "Soạn văn bản")
    assert violations(secretary) == []
    issue(site, secretary, at("steering_head"), at("steering_records"))

    site.now = day(22)
    officer, head = at("officer", width=PHONE), at("head", javascript=False)
    officer.goto("/can-bo/phai-tra-loi")
    officer.get_by_role("table").get_by_role("link").first.click()
    follow(officer, "Viết trả lời")
    officer.get_by_label("Trả lời", exact=True).fill("Đã trả lời người dân ngày 24/8.")
    officer.get_by_label("Văn bản, ảnh kèm theo").set_input_files(photo())
    press(officer, "Trình lãnh đạo duyệt")
    said(officer, "Đã trình lãnh đạo duyệt.")
    assert violations(officer) == []
    head.goto("/can-bo/phai-tra-loi")
    head.get_by_role("table").get_by_role("link").first.click()
    press(head, "Duyệt, gửi trả lời")
    said(head, "Đã gửi trả lời tới Ban Chỉ đạo thực hiện dân chủ ở cơ sở.")

    # The other says nothing: five working days later it is late, and its head hears of it.
    site.now = day(32, 7)
    with site.office():
        climbing.climb()
    late = at("health_head")
    late.goto("/can-bo/phai-tra-loi")
    expect(late.get_by_role("main")).to_contain_text("Quá hạn")
    secretary = at("secretary")
    secretary.goto("/can-bo/don-doc")
    expect(secretary.get_by_role("row", name="Công văn đôn đốc")).to_contain_text("1 trong 2 đơn vị")
    secretary.get_by_role("table").get_by_role("link").first.click()
    expect(secretary.get_by_role("row", name="Sở Xây dựng").first).to_contain_text("Đã trả lời người dân ngày 24/8.")
    expect(secretary.get_by_role("row", name="Sở Y tế")).to_contain_text("Quá hạn")
    secretary.goto(f"{REGISTER}?nguon=letter&xem=late")
    secretary.get_by_role("table").last.get_by_role("link").first.click()
    expect(secretary.get_by_role("main")).to_contain_text("Quá hạn từ 1 ngày làm việc, đã báo tới người đứng đầu đơn vị")
    assert clock.today() == day(32).date()


def test_a_supervision_from_its_announcement_to_what_came_of_it(site: Site, at: At) -> None:  # noqa: PLR0915 - one story, told once
    site.now = MONDAY
    front = at("front_officer")
    front.goto("/can-bo/giam-sat")
    follow(front, "Giám sát đột xuất")
    front.get_by_label("Chuyên đề").fill("Tiếp công dân của người đứng đầu")
    front.get_by_label("Hình thức").select_option(label="Giám sát bằng đoàn")
    front.get_by_label("Bảng câu hỏi mẫu").select_option(label="Cơ quan hành chính")
    front.get_by_label("Vì sao giám sát đột xuất").select_option(label="Nơi có nhiều đơn thư, kiến nghị")
    front.get_by_label("Nói rõ lý do").fill("Nhiều đơn về lịch tiếp dân.")
    for group, on_day in (
        ("Thời kỳ giám sát, từ ngày", -200), ("Thời kỳ giám sát, đến ngày", -1), ("Bắt đầu giám sát", 14), ("Kết thúc giám sát", 18),
    ):  # fmt: skip
        on(front.get_by_role("group", name=group), day(on_day).date())
    assert violations(front) == []
    press(front, "Lập")
    campaign = front.url
    follow(front, "Thêm đơn vị")
    pick(front, "Đơn vị", typed="so xay", option="Sở Xây dựng")
    press(front, "Thêm")
    follow(front, "Thêm người")
    pick(front, "Người có tài khoản", typed="tran thi hoa", option="Trần Thị Hòa")
    front.get_by_role("radio", name="Trưởng đoàn").check()
    press(front, "Thêm")
    follow(front, "Sửa câu hỏi")
    front.get_by_label("Câu hỏi, nội dung kiểm tra").fill("Lịch tiếp công dân được niêm yết\nSổ tiếp công dân ghi đủ")
    press(front, "Lưu")
    choose(front, "Soạn thông báo")
    front.get_by_label("Đơn vị chuẩn bị gì").fill("Sổ tiếp công dân sáu tháng.")
    on(front, day(10).date())
    press(front, "Soạn thông báo")
    said(front, "Đã soạn thông báo từ dữ liệu.")
    issue(site, front, at("front_head"), at("front_records"))

    # The unit checks itself; its head sends the report.
    site.now = day(4)
    officer = at("officer", width=PHONE)
    officer.goto("/can-bo/giam-sat")
    follow(officer, "Tiếp công dân của người đứng đầu")
    choose(officer, "Tự kiểm tra")
    for answer in officer.get_by_role("radio", name="Đạt", exact=True).all():
        answer.check()
    assert violations(officer) == []
    press(officer, "Lưu")
    head = at("head")
    head.goto(officer.url)
    choose(head, "Gửi báo cáo")
    head.get_by_label("Báo cáo tóm tắt").fill("Đã tiếp 42 lượt người.")
    press(head, "Gửi báo cáo")
    said(head, "Đã gửi báo cáo.")

    # The team goes there and finds a fault; the unit has nothing against it.
    site.now = day(14)
    front = at("front_officer")
    front.goto(campaign)
    press(front, "Bắt đầu giám sát")
    follow(front, "Sở Xây dựng")
    choose(front, "Ghi kết quả kiểm tra")
    front.get_by_role("radio", name="Chưa đạt").first.check()
    front.get_by_role("radio", name="Đạt", exact=True).last.check()
    press(front, "Lưu")
    choose(front, "Ghi nhận định")
    front.get_by_role("radio", name="Việc làm sai, còn thiếu").check()
    front.get_by_label("Thấy gì").fill("Lịch tiếp công dân không niêm yết.")
    front.get_by_label("Kiến nghị đơn vị làm gì").fill("Niêm yết lịch tiếp công dân")
    on(front, day(40).date())
    press(front, "Ghi")
    said(front, "Đã ghi nhận định.")
    assert violations(front) == []
    front.goto(campaign)
    choose(front, "Gửi đơn vị góp ý")
    press(front, "Gửi")
    head = at("head")
    head.goto(officer.url)
    choose(head, "Góp ý, hoặc nhất trí")
    press(head, "Gửi ý kiến")

    # Concluded, its recommendation is a duty of the unit until MTTQ confirms it.
    site.now = day(16)
    front = at("front_officer")
    front.goto(campaign)
    press(front, "Soạn kết luận giám sát")
    issue(site, front, at("front_head"), at("front_records"), number=2)
    officer = at("officer", width=PHONE)
    officer.goto("/can-bo/giam-sat")
    follow(officer, "Niêm yết lịch tiếp công dân")
    press(officer, "Nhận việc")
    choose(officer, "Báo đã thực hiện")
    officer.get_by_label("Đã làm gì").fill("Đã niêm yết ở cổng và trên trang tin.")
    officer.get_by_label("Ảnh hoặc văn bản làm chứng").set_input_files(photo())
    press(officer, "Báo đã xong")
    said(officer, "Đã báo xong.")
    front.goto(officer.url)
    choose(front, "Xác nhận đã thực hiện")
    press(front, "Xác nhận")
    said(front, "Đã xác nhận.")
    front.goto(campaign)
    press(front, "Kết thúc theo dõi")
    said(front, "Đã kết thúc theo dõi.")


@pytest.fixture
def reader(site: Site) -> int:
    """MTTQ where there is something to count."""
    with site.office():
        scene = cases.make_scene()
        cases.write(scene, [cases.Case(unit=unit, place=unit % 2, opened=270 + 7 * n, due=12 + n, closed=None if n % 3 else 9,
                                       state="taken" if n % 3 else "done") for n in range(6) for unit in (0, 1, 3, 4, 5)])  # fmt: skip
        return scene.reader.id


@pytest.mark.parametrize("address", ["/can-bo/so-lieu", "/can-bo/so-lieu/theo-thang", "/can-bo/xep-hang", "/can-bo/ban-do"])
def test_pictures_read_well_and_every_number_opens_that_many_cases(seat: Seat, reader: int, address: str) -> None:
    phone = seat(reader, width=PHONE)  # the crawl of tests/site looks at the desk's width
    phone.goto(address)
    expect(phone.locator("figure svg").locator("visible=true").first).to_be_visible()
    assert violations(phone) == []
    plain = seat(reader, javascript=False)
    plain.goto(address)
    links = plain.locator("table").first.locator("td.n a").all()
    numbers = {(int(re.sub(r"\D", "", link.inner_text())), link.get_attribute("href") or "") for link in links}
    assert numbers
    for number, href in sorted(numbers)[-6:]:
        plain.goto(href)
        expect(plain.locator("table.work tbody tr")).to_have_count(min(number, 25))
