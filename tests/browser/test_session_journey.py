"""One session from the yearly plan to the archived dossier, each hand in a browser of its own."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.database import db
from app.permissions import Role
from dialogues.verify import faults, listed, manifest_of
from tests import factories
from tests.browser.conftest import NewPerson, Seat, Site, enter_number, follow, on, photo, pick, press, said
from tests.dialogues.builders import DAY
from tests.feedback.builders import MONDAY
from tests.feedback.builders import at as day

At = Callable[..., Page]


@pytest.fixture
def at(site: Site, seat: Seat) -> At:
    """The people of the ward, of the department and of MTTQ, each signed in at a screen of their own."""
    with site.office() as province:
        made = {
            "head": factories.make_user(unit=province.ward, roles=[Role.HEAD], name="Nguyễn Thị Bình"),
            "secretary": factories.make_user(unit=province.ward, roles=[Role.OFFICER], name="Lê Văn Tâm"),
            "records": factories.make_user(unit=province.ward, roles=[Role.RECORDS], name="Đỗ Thị Nga"),
            "officer": province.officer,
            "front": province.front_reader,
        }
        db.session.flush()
        ids = {who: user.id for who, user in made.items()}
    return lambda who: seat(ids[who])


def number(site: Site, at: At, code: str, *types: str, first: int = 1) -> None:
    """Have papers drafted, sent to be signed and numbered, as the secretary and văn thư do."""
    secretary, records = at("secretary"), at("records")
    for word in types:
        secretary.goto(f"/can-bo/doi-thoai/{code}/van-ban")
        secretary.get_by_label("Soạn văn bản").select_option(label=word)
        press(secretary, "Soạn")
        press(secretary, "Trình ký")
        records.goto(secretary.url)
        enter_number(records, site, first)


def test_a_session_from_the_plan_to_the_dossier(site: Site, at: At, new_person: NewPerson) -> None:  # noqa: PLR0915 - one story, told once
    site.now = MONDAY
    secretary, head = at("secretary"), at("head")

    # The year's plan.
    secretary.goto("/can-bo/doi-thoai/ke-hoach")
    follow(secretary, "Ủy ban nhân dân phường")
    press(secretary, "Lập kế hoạch")
    follow(secretary, "Thêm một buổi")
    secretary.get_by_label("Quý").select_option(label="Quý 3")
    secretary.get_by_label("Nội dung, chủ đề").fill("Giải phóng mặt bằng đường Thiên Đức")
    secretary.get_by_label("Với ai").fill("Các hộ dân tổ dân phố 4")
    secretary.get_by_label("Hình thức").select_option(label="Trực tiếp")
    press(secretary, "Thêm vào kế hoạch")
    head.goto(secretary.url)
    follow(head, "Phê duyệt")
    head.get_by_label("Số và ký hiệu").fill("01/KH-UBND")
    on(head, MONDAY.date())
    press(head, "Phê duyệt")

    # The session is made of its line, and prepared.
    secretary.goto("/can-bo/doi-thoai/moi")
    follow(secretary, "Giải phóng mặt bằng đường Thiên Đức")
    on(secretary, DAY.date())
    secretary.get_by_label("Bắt đầu lúc").fill("8:00")
    secretary.get_by_label("Kết thúc lúc").fill("11:00")
    secretary.get_by_label("Số chỗ cho người dân đăng ký").fill("50")
    secretary.get_by_label("Nội quy").fill("Mỗi người phát biểu không quá năm phút.")
    press(secretary, "Lập buổi đối thoại")
    code = secretary.url.rsplit("/", 1)[1]
    room = f"/can-bo/doi-thoai/{code}"
    secretary.goto(f"{room}/to-chuc")
    for part, unit, name, title in (
        ("Chủ trì", "Ủy ban nhân dân phường", "Nguyễn Thị Bình", "Chủ tịch Ủy ban nhân dân phường"),
        ("Phối hợp tổ chức", "Ủy ban Mặt trận Tổ quốc tỉnh", "Trần Văn Khoa", "Chủ tịch Ủy ban MTTQ phường"),
    ):
        secretary.get_by_role("region", name="Chủ trì, phối hợp").get_by_role("link", name="Thêm").click()
        secretary.get_by_label(part, exact=True).check()
        pick(secretary, "Cơ quan, đơn vị", typed=unit, option=unit)
        secretary.get_by_label("Họ và tên").fill(name)
        secretary.get_by_label("Chức vụ").fill(title)
        if part == "Chủ trì":
            pick(secretary, "Tài khoản của người này", typed="nguyen thi binh", option="Nguyễn Thị Bình")
        press(secretary, "Thêm")
    follow(secretary, "Phân công")
    pick(secretary, "Người", typed="le van tam", option="Lê Văn Tâm")
    secretary.get_by_label("Thư ký", exact=True).check()
    press(secretary, "Phân công")
    for hall, address in (("Hội trường phường", "Số 5 đường Thiên Đức"), ("Nhà văn hóa tổ 4", "Ngõ 12 đường Thiên Đức")):
        secretary.get_by_role("region", name="Hội trường, điểm cầu").get_by_role("link", name="Thêm").click()
        secretary.get_by_label("Tên hội trường, điểm cầu").fill(hall)
        secretary.get_by_label("Địa chỉ").fill(address)
        press(secretary, "Thêm")
    secretary.goto(f"{room}/chuong-trinh")
    press(secretary, "Lập theo mẫu")
    secretary.goto(room)
    press(secretary, "Đưa vào kế hoạch")
    number(site, at, code, "Nội quy, chương trình", "Giấy mời", "Thông báo")
    site.now = day(14)
    secretary = at("secretary")
    secretary.goto(room)
    press(secretary, "Thông báo buổi đối thoại")

    # The people hear of it: one asks and takes a seat, another only wants to know the same.
    citizen, neighbour = new_person(), new_person()
    citizen.goto("/doi-thoai")
    follow(citizen, "Giải phóng mặt bằng đường Thiên Đức")
    follow(citizen, "Gửi câu hỏi trước")
    citizen.get_by_label("Câu hỏi", exact=True).fill("Nhà tôi mất 40 m² đất ở, giá đền bù tính theo bảng giá nào?")
    citizen.get_by_label("Họ và tên", exact=True).fill("Trần Hữu Đức")
    citizen.get_by_label("Số điện thoại", exact=True).fill("0912 345 678")
    citizen.get_by_label("Cho đăng câu hỏi").check()
    press(citizen, "Gửi câu hỏi")
    citizen.goto(f"/doi-thoai/{code}")
    follow(citizen, "Đăng ký đến dự")
    citizen.get_by_label("Họ và tên", exact=True).fill("Trần Hữu Đức")
    citizen.get_by_label("Số điện thoại", exact=True).fill("0912 345 678")
    press(citizen, "Đăng ký")

    # It is looked at, masked and put on the day's list.
    secretary.goto(f"{room}/cau-hoi")
    secretary.get_by_label("Chọn câu 1").check()
    press(secretary, "Hỏi tại buổi")
    head = at("head")
    head.goto(f"{room}/cau-hoi")
    follow(head, "1 câu chờ che tên để đăng")
    head.get_by_label("Đã đọc lại").check()
    press(head, "Xem trước")
    press(head, "Đăng")
    neighbour.goto(f"/doi-thoai/{code}")
    neighbour.get_by_role("button", name="Tôi cũng muốn biết").click()
    expect(neighbour.get_by_text("1 lượt cùng quan tâm")).to_be_visible()

    # Ready: the two reports.
    site.now = day(26)
    secretary = at("secretary")
    secretary.goto(f"{room}/chuan-bi")
    follow(secretary, "Báo cáo vấn đề dư luận quan tâm")
    press(secretary, "Lưu và ghi là xong")
    secretary.goto(room)
    press(secretary, "Ghi chuẩn bị xong")

    # The day.
    site.now = DAY - dt.timedelta(minutes=10)
    secretary = at("secretary")
    secretary.goto(f"{room}/to-chuc")
    for name in ("Nguyễn Thị Bình", "Lê Văn Tâm"):
        secretary.get_by_role("row", name=name).get_by_role("button", name="Ghi có mặt").click()
    site.now = DAY
    secretary.goto(room)
    press(secretary, "Bắt đầu họp")

    # In the hall: the question sent before is put and answered, a floor question is deferred, one comes from a seat.
    secretary.goto(f"{room}/ban")
    waiting, open_ = (secretary.locator(f'[data-rows="{name}"] > li') for name in ("queue", "open"))
    waiting.get_by_role("button", name="Nêu câu này").click()
    open_.get_by_role("button", name="Chủ trì trả lời").click()
    open_.get_by_label("Nội dung trả lời").fill("Theo bảng giá đất năm 2026, 9,2 triệu đồng một mét vuông.")
    open_.get_by_role("button", name="Ghi câu trả lời").click()
    form = secretary.locator('form[data-event="asked"]')
    form.get_by_label("Ở đâu, thuộc đơn vị nào").fill("Tổ dân phố 4")
    form.get_by_label("Câu hỏi").fill("Bao giờ có đèn ngõ 3?")
    form.get_by_role("button", name="Ghi", exact=True).click()
    open_.get_by_role("button", name="Trả lời bằng văn bản sau").click()
    site.now = DAY + dt.timedelta(minutes=20)
    neighbour.goto(f"/doi-thoai/{code}/tai-cho")
    follow(neighbour, "Hỏi từ chỗ ngồi")
    neighbour.get_by_label("Câu hỏi", exact=True).fill("Rãnh thoát nước ngập mỗi khi mưa, bao giờ làm?")
    press(neighbour, "Gửi câu hỏi")
    secretary.goto(f"{room}/tu-dien-thoai")
    press(secretary, "Cho hiện và hỏi tại buổi")
    said(secretary, "tại buổi")
    screen = new_person(width=1920)
    screen.goto(f"/doi-thoai/{code}/man-hinh")
    secretary.goto(f"{room}/ban")
    waiting.get_by_role("button", name="Nêu câu này").click()
    expect(screen.get_by_text("Rãnh thoát nước ngập mỗi khi mưa")).to_be_visible()
    open_.get_by_role("button", name="Chủ trì trả lời").click()
    open_.get_by_label("Nội dung trả lời").fill("Nạo vét trong tháng 9.")
    open_.get_by_role("button", name="Ghi câu trả lời").click()
    expect(open_).to_have_count(0)
    expect(secretary.locator("[data-sync-text]")).to_have_text("Mọi mục đã gửi.")
    site.now = DAY + dt.timedelta(hours=3)
    secretary.goto(room)
    press(secretary, "Kết thúc họp")

    # The conclusion: nothing is left without a unit, a day and a form of public answer.
    secretary.goto(f"{room}/ket-luan")
    follow(secretary, "Ghi kết luận")
    secretary.get_by_label("Kết luận của chủ trì").fill("Phường tiếp thu, giao Sở Xây dựng nạo vét rãnh ngõ 12.")
    press(secretary, "Ghi kết luận")
    secretary.get_by_role("link", name="Giao trả lời câu 2").click()
    pick(secretary, "Đơn vị trả lời", typed="so xay", option="Sở Xây dựng")
    on(secretary, day(40).date())
    secretary.get_by_label("Gửi văn bản cho người hỏi").check()
    press(secretary, "Giao trả lời")
    follow(secretary, "Giao việc")
    secretary.get_by_label("Làm việc gì").fill("Nạo vét rãnh thoát nước ngõ 12")
    pick(secretary, "Đơn vị chủ trì thực hiện", typed="so xay", option="Sở Xây dựng")
    on(secretary, day(50).date())
    secretary.get_by_label("Đăng trên trang của buổi đối thoại").check()
    press(secretary, "Giao việc")
    said(secretary, "Đã giao việc. Đơn vị được báo.")
    secretary.goto(f"{room}/bien-ban")
    follow(secretary, "Soạn biên bản từ những gì đã ghi")
    expect(secretary.get_by_label("Biên bản", exact=True)).to_have_value(re.compile("9,2 triệu đồng"))
    press(secretary, "Lưu bản mới")
    press(secretary, "Đã đọc, ký phần thư ký")
    head = at("head")
    head.goto(f"{room}/bien-ban")
    press(head, "Đã đọc, ký phần chủ trì")
    number(site, at, code, "Thông báo kết luận", first=2)
    secretary.goto(room)
    press(secretary, "Ra kết luận")

    # The unit takes what it was given, and keeps it.
    officer = at("officer")
    officer.goto("/can-bo/doi-thoai/viec")
    follow(officer, "Nạo vét rãnh thoát nước ngõ 12")
    press(officer, "Nhận việc")

    # The result is read for names, and published within its ten days.
    site.now = day(32)
    head = at("head")
    head.goto(f"{room}/cong-bo")
    head.get_by_label("Việc 1, tên công khai").fill("Nạo vét rãnh thoát nước ngõ 12")  # masked by the machine, and nobody's home
    head.get_by_label("Đã đọc lại từng dòng").check()
    press(head, "Lưu bản công khai")
    press(head, "Xem trước, rồi công bố")
    press(head, "Đăng")
    citizen.goto(f"/doi-thoai/{code}")
    expect(citizen.get_by_text("9,2 triệu đồng")).to_be_visible()
    promise = citizen.get_by_role("listitem").filter(has_text="Nạo vét rãnh thoát nước ngõ 12")
    expect(promise).to_contain_text("chậm nhất thứ Ba, 22/9/2026")

    # It is kept, and everyone sees it; MTTQ reads it in the register.
    site.now = day(45)
    officer = at("officer")
    officer.goto("/can-bo/doi-thoai/viec")
    follow(officer, "Nạo vét rãnh thoát nước ngõ 12")
    follow(officer, "Báo đã làm xong")
    officer.get_by_label("Đã làm gì").fill("Ngày 15/9 đã nạo vét 120 m rãnh, thay ba tấm đan.")
    officer.get_by_label("Ảnh hoặc văn bản làm chứng").set_input_files(photo())
    press(officer, "Báo đã xong")
    said(officer, "Đã báo xong.")
    citizen.reload()
    expect(promise).to_contain_text("thay ba tấm đan")
    front = at("front")
    front.goto("/can-bo/viec-da-cam-ket")
    front.get_by_role("link", name=re.compile("báo đã xong")).click()
    expect(front.get_by_role("main")).to_contain_text(code)
    front.goto(f"{room}/ket-luan")
    expect(front.get_by_role("row", name="Nạo vét rãnh")).to_contain_text("Báo đã xong")
    expect(front.get_by_role("link", name="Giao việc")).to_have_count(0)

    # The dossier: every row holds something, or says why it does not; then it is closed.
    secretary = at("secretary")
    records = at("records")  # signed by both, the minutes wait for their number by themselves
    records.goto(f"{room}/van-ban")
    follow(records, "Biên bản")
    enter_number(records, site, 1)
    number(site, at, code, "Báo cáo vấn đề dư luận quan tâm")
    number(site, at, code, "Báo cáo kết quả giải quyết kiến nghị kỳ trước", first=2)
    for row in ("Công văn", "Bài phát biểu khai mạc", "Bài phát biểu bế mạc"):
        secretary.goto(f"{room}/ho-so")
        secretary.locator("a", has_text=f"Không có: {row}").click()
        secretary.get_by_label("Vì sao không có").fill("Bản giấy lưu tại văn phòng.")
        press(secretary, "Ghi không có")
    press(secretary, "Lưu hồ sơ")
    with secretary.expect_download() as download:
        secretary.locator("a[href$='ho-so.zip']").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert faults(archive, listed(manifest_of(archive))) == []
    citizen.reload()
    expect(promise).to_contain_text("thay ba tấm đan")
    secretary.goto(room)
    expect(secretary.locator(".tag").first).to_have_text("Đã lưu hồ sơ")
