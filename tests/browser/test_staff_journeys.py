"""What the people of the desk and the units come to do, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app import clock
from app.database import db
from feedback import queries
from feedback.models import Feedback
from feedback.operations import sender
from feedback.rules import SenderType, Status
from tests.axe import violations
from tests.browser.conftest import DESK, PHONE, Seat, Site, follow, pick, press, said
from tests.feedback import builders

At = Callable[..., Page]


@pytest.fixture
def at(site: Site, seat: Seat) -> At:
    """Colleagues, each signed in at a screen of their own; the same screen each time."""

    def sit_down(who: str, *, width: int = DESK) -> Page:
        with site.office() as province:
            user_id = getattr(province, who).id
        return seat(user_id, width=width)

    return sit_down


def made(site: Site, make: Callable[..., Feedback]) -> tuple[str, str]:
    """Let *make(province)* happen now; return the item's code and title."""
    with site.office() as province:
        found = make(province)
        return found.code, found.title


def state(site: Site, code: str) -> tuple[str, list[str]]:
    """Return the item's status and the states of its duties to answer."""
    with site.office():
        found = queries.by_code(code)
        return found.status, [each.state for each in found.assignments]


def item(code: str, step: str = "") -> str:
    return f"/can-bo/y-kien/{code}" + (f"/{step}" if step else "")


def test_one_item_from_the_desk_to_the_citizens_screen(site, at, new_person):  # noqa: PLR0915 - one story, told once
    with site.office() as province:
        receipt = builders.submit()
        code, key = receipt.code, receipt.key
        builders.delegate(province.head, province.deputy, starts_on=clock.today(), ends_on=builders.at(30).date(), on=clock.today())

    clerk = at("clerk")
    clerk.goto("/can-bo")
    clerk.get_by_role("link", name="Đèn đường trước số 12").click()
    follow(clerk, "Giao đơn vị")
    pick(clerk, "Đơn vị", typed="so xay", option="Sở Xây dựng")
    press(clerk, "Giao")
    said(clerk, "Đã giao Sở Xây dựng.")

    officer = at("officer")
    officer.goto("/can-bo/viec")
    officer.keyboard.press("j")
    officer.keyboard.press("n")  # takes the row's item
    said(officer, "Đã nhận xử lý.")
    follow(officer, "Hỏi người gửi")
    officer.get_by_label("Câu hỏi").fill("Trước số 12 hay số 21?")
    press(officer, "Gửi câu hỏi")
    expect(officer.get_by_text("Tạm dừng tính hạn").first).to_be_visible()
    with site.office():
        found = queries.by_code(code)
        sender.add(found, queries.key_of(found, key), "Số 12.", [], now=clock.now())

    officer.goto(item(code))
    expect(officer.get_by_text("Số 12.", exact=True)).to_be_visible()
    press(officer, "Soạn văn bản trả lời")
    officer.get_by_label("Ý này nói về").fill("Bóng đèn")
    officer.get_by_label("Trả lời", exact=True).fill("Thay hai bóng đèn.")
    officer.get_by_label("Kết quả").select_option(label="Hứa làm, có ngày")
    day = builders.at(25).date()
    for label, value in (("Ngày", day.day), ("Tháng", day.month), ("Năm", day.year)):
        officer.get_by_label(label, exact=True).fill(str(value))
    press(officer, "Trình")
    said(officer, "Đã trình.")

    head = at("head")
    head.goto("/can-bo/duyet")
    head.get_by_role("link", name="Văn bản trả lời: Đèn đường").click()
    head.get_by_text("Gửi lại người soạn", exact=True).click()
    head.get_by_role("textbox", name="Nội dung").fill("Ghi rõ đoạn đường.")
    press(head, "Gửi lại")
    said(head, "Đã gửi lại người soạn.")

    officer.goto(item(code))
    follow(officer, "Soạn tiếp văn bản trả lời")
    expect(officer.get_by_text("Ghi rõ đoạn đường.")).to_be_visible()
    officer.get_by_label("Trả lời", exact=True).fill("Thay hai bóng đèn trước số 12.")
    press(officer, "Trình")

    deputy = at("deputy")
    deputy.goto("/can-bo/duyet")
    deputy.get_by_role("link", name="Văn bản trả lời: Đèn đường").click()
    press(deputy, "Ký")
    said(deputy, "Đã ký.")

    records = at("records")
    records.goto("/can-bo")
    records.get_by_role("link", name="Văn bản trả lời: Đèn đường").click()
    expect(records.get_by_text("KT.")).to_be_visible()
    records.get_by_label("Số và ký hiệu").fill("12/SXD")
    press(records, "Ghi số và phát hành")
    said(records, "Đã ghi số và phát hành.")

    citizen = new_person()
    citizen.goto("/tra-cuu")
    citizen.get_by_label("Mã tra cứu").fill(code)
    citizen.get_by_label("Mã bí mật").fill(key)
    citizen.get_by_role("button", name="Xem", exact=True).click()
    expect(citizen.get_by_text("Thay hai bóng đèn trước số 12.")).to_be_visible()


def test_a_returned_item_goes_elsewhere_and_its_day_stays(site, at):
    _code, title = made(site, builders.offered)
    officer = at("officer", width=PHONE)
    officer.goto("/can-bo/viec?gap=offered")
    officer.get_by_role("link", name=title).click()
    officer.get_by_role("link", name="Trả lại").click()
    officer.get_by_label("Vì sao trả lại").fill("Đèn ngõ do phường quản lý.")
    press(officer, "Trả lại")
    said(officer, "Đã trả lại bộ phận tiếp nhận.")

    clerk = at("clerk", width=PHONE)
    clerk.goto("/can-bo/tiep-nhan?xem=returned")
    clerk.get_by_role("link", name=title).click()
    expect(clerk.get_by_text("Đèn ngõ do phường quản lý.")).to_be_visible()
    expect(clerk.get_by_text("Trả lời: thứ Hai, 17/8/2026")).to_be_visible()
    follow(clerk, "Giao đơn vị")
    pick(clerk, "Đơn vị", typed="nhan dan phuong", option="Ủy ban nhân dân phường")
    press(clerk, "Giao")
    said(clerk, "Đã giao Ủy ban nhân dân phường.")
    expect(clerk.get_by_text("Trả lời: thứ Hai, 17/8/2026")).to_be_visible()


def test_an_item_is_transferred_and_given_to_an_officer(site, at):
    code, _title = made(site, builders.offered)
    head = at("head")
    head.goto(item(code))
    follow(head, "Chuyển đơn vị khác")
    press(head, "Chuyển")
    expect(head.get_by_role("alert")).to_contain_text("Chọn đơn vị")
    pick(head, "Đơn vị", typed="so y", option="Sở Y tế")
    head.get_by_label("Vì sao chuyển").fill("Việc của ngành y tế.")
    press(head, "Chuyển")
    said(head, "Đã chuyển.")

    other = at("health_head")
    other.goto(item(code))
    expect(other.get_by_text("Việc của ngành y tế.")).to_be_visible()
    follow(other, "Giao người xử lý")
    other.get_by_label("Giao cho").select_option(index=1)
    press(other, "Giao")
    said(other, "Đã giao.")


def test_more_time_is_asked_for_decided_and_the_new_day_is_explained(site, at):
    code, _title = made(site, builders.taken)
    officer = at("officer")
    officer.goto(item(code))
    follow(officer, "Xin gia hạn")
    officer.get_by_role("radio").first.check()
    officer.get_by_label("Nói rõ").fill("Phải đo lại cả tuyến đường.")
    press(officer, "Xin gia hạn")
    said(officer, "Đã xin gia hạn.")

    head = at("head")
    head.goto("/can-bo/duyet")
    head.get_by_role("link", name="Đèn đường").click()
    expect(head.get_by_text("Phải đo lại cả tuyến đường.")).to_be_visible()
    head.get_by_role("radio", name="Đồng ý gia hạn").check()
    press(head, "Ghi quyết định")
    said(head, "Đã quyết định.")
    expect(head.get_by_text("Vì sao là ngày").first).to_be_visible()
    expect(head.get_by_text("Trả lời: thứ Hai, 17/8/2026")).to_have_count(0)


def test_a_letter_with_two_matters_is_split(site, at):
    code, _title = made(site, lambda _province: builders.received(body="Đèn ngõ tắt. Loa mở từ 5 giờ sáng."))
    clerk = at("clerk")
    clerk.goto(item(code))
    clerk.get_by_text("Việc khác:").click()
    follow(clerk, "Tách nhiều việc")
    first, second = clerk.get_by_role("group", name="Phần 1"), clerk.get_by_role("group", name="Phần 2")
    for part, words in ((first, "Đèn ngõ tắt"), (second, "Loa mở sớm")):
        part.get_by_label("Tóm tắt").fill(words)
        part.get_by_label("Nội dung").fill(f"{words}.")
    pick(first, "Giao cho", typed="so xay", option="Sở Xây dựng")
    press(clerk, "Tách")
    said(clerk, "Đã tách.")
    expect(clerk.get_by_role("link", name=f"{code}.2")).to_be_visible()
    assert state(site, f"{code}.1")[0] == Status.IN_HAND
    assert state(site, f"{code}.2")[0] == Status.RECEIVED


def test_a_merge_is_proposed_done_and_taken_back(site, at):
    (code, _), (other, _) = made(site, lambda _province: builders.received()), made(site, builders.offered)
    clerk = at("clerk")
    clerk.goto(item(code))
    clerk.get_by_text("Việc khác:").click()
    follow(clerk, "Đề nghị gộp")
    clerk.get_by_label("Mã tra cứu của ý kiến kia").fill(other)
    press(clerk, "Báo người gửi")
    clerk.get_by_text("Việc khác:").click()
    press(clerk, "Gộp")
    said(clerk, "Đã gộp.")
    assert state(site, code)[0] == Status.MERGED
    clerk.get_by_text("Việc khác:").click()
    press(clerk, "Tách lại")
    said(clerk, "Đã tách lại.")
    assert state(site, code)[0] == Status.RECEIVED


@pytest.mark.parametrize(
    ("button", "fields", "status"),
    [
        ("Soạn phiếu hướng dẫn", {"Căn cứ, lý do": "Việc dân sự giữa hai bên"}, Status.GUIDED),
        ("Soạn phiếu chuyển đơn", {"Cơ quan nhận đơn": "Tòa án nhân dân tỉnh"}, Status.FORWARDED),
        ("Soạn thông báo không thụ lý", {"Lý do": "not_clear"}, Status.REFUSED),
    ],
)
def test_the_desk_proposes_a_letter_and_a_leader_signs_it(site, at, button, fields, status):
    code, _title = made(site, lambda _province: builders.received())
    clerk = at("clerk")
    clerk.goto(item(code))
    press(clerk, button)
    for label, value in fields.items():
        box = clerk.get_by_label(label)
        box.select_option(value) if value == "not_clear" else box.fill(value)
    clerk.get_by_label("Nội dung").fill("Kính gửi bà Trần Thị Hoa.")
    press(clerk, "Trình")
    said(clerk, "Đã trình.")
    boss = at("desk_head")
    boss.goto("/can-bo/duyet")
    boss.get_by_role("table").get_by_role("link").click()
    press(boss, "Ký")
    records = at("desk_records")
    records.goto("/can-bo/vao-so")
    records.get_by_role("table").get_by_role("link").click()
    records.get_by_label("Số và ký hiệu").fill("7/TCD")
    press(records, "Ghi số và phát hành")
    assert state(site, code)[0] == status


def test_two_officers_press_at_once_and_the_second_reads_who_was_first(site, at):
    code, _title = made(site, builders.offered)
    first, second = at("officer"), at("colleague")
    first.goto(item(code))
    second.goto(item(code))
    press(first, "Nhận xử lý")
    said(first, "Đã nhận xử lý.")
    press(second, "Nhận xử lý")
    expect(second.locator(".flashes")).to_contain_text("đã nhận việc này trước.")
    with site.office() as province:
        found = queries.by_code(code)
        assert found.open_answer.officer_id == province.officer.id
        assert len([each for each in found.open_answer.holdings if each.officer_id]) == 1


def test_the_head_concerned_cannot_see_who_wrote_and_another_unit_sees_nothing(site, at):
    def of_an_insider(province):
        found = builders.received(sender_type=SenderType.INSIDER, field_id=province.grassroots.id)
        builders.desk.route_to(found, province.works, actor=province.clerk, now=clock.now())
        return found

    code, _title = made(site, of_an_insider)
    head = at("head")
    head.goto(item(code))
    expect(head.get_by_text("Giữ bí mật họ tên")).to_be_visible()
    assert "Trần Thị Hoa" not in head.content()
    assert head.goto(item(code, "nguoi-gui")).status == 403
    clerk = at("clerk")
    clerk.goto(item(code))
    follow(clerk, "Xem họ tên, liên hệ")
    clerk.get_by_role("radio", name="Gọi điện").check()
    press(clerk, "Xem")
    expect(clerk.get_by_text("Trần Thị Hoa")).to_be_visible()
    other = at("health_head")
    assert other.goto(item(code)).status == 404


def test_an_officer_works_the_list_by_keys_and_sees_the_item_beside_it(site, at):
    for _each in range(3):
        made(site, builders.taken)
    page = at("officer")
    page.goto("/can-bo/viec")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    article = page.get_by_role("article")
    expect(article).to_contain_text(builders.BODY)
    expect(page.locator("tr[aria-current]")).to_have_count(1)
    list_box, item_box = page.get_by_role("table").bounding_box(), article.bounding_box()
    assert item_box["x"] > list_box["x"] + list_box["width"] - 1


def pages_of(province: builders.Province) -> list[tuple[str, str]]:
    """Return (who, page) for every kind of page of the staff."""
    now = clock.now()
    waiting, taken = builders.received(now), builders.taken(province, now)
    builders.unit.ask_extension(taken, ground="complex", reason="Đo lại.", actor=province.officer, now=now)
    submitted = builders.submitted_reply(province, builders.taken(province, now), now)
    signed = builders.signed_reply(province, builders.taken(province, now), now)
    draft = builders.papers.draft(builders.taken(province, now), builders.PaperType.REPLY, actor=province.officer, now=now)
    kept = builders.taken(province, now)
    builders.answer(province, kept, now, [builders.promised(builders.at(20).date())])
    act = next(each for each in kept.assignments if each.duty == "act")
    shown = builders.received(now, publish_consent=True)
    db.session.flush()
    steps = [
        ("clerk", item(waiting.code, step))
        for step in ("", "phan-loai", "giao", "tach", "so-ngoai", "gui-lai-lan-nua", "de-nghi-gop", "nguoi-gui")
    ]
    steps += [("head", item(taken.code, step)) for step in ("", "tra-lai", "giao-nguoi", "chuyen", "hoi", "gia-han")]
    return [
        *steps,
        ("clerk", "/can-bo/tiep-nhan"),
        ("clerk", item(shown.code, "dang")),
        ("officer", "/can-bo/viec"),
        ("officer", f"/can-bo/viec?y={taken.code}"),
        ("head", "/can-bo/viec"),
        ("officer", "/can-bo/viec-da-hua"),
        ("officer", "/can-bo/tim"),
        ("officer", item(draft.feedback.code, f"van-ban/{draft.id}")),
        ("officer", item(kept.code, f"viec-da-hua/{act.id}")),
        ("officer", item(kept.code)),
        ("head", "/can-bo/duyet"),
        ("head", item(submitted.feedback.code, f"van-ban/{submitted.id}")),
        ("records", "/can-bo/vao-so"),
        ("records", item(signed.feedback.code, f"van-ban/{signed.id}")),
    ]


def test_no_page_of_the_staff_has_anything_axe_finds_wrong(site, at):
    with site.office() as province:
        pages = pages_of(province)
    found = []
    for who, path in pages:
        page = at(who, width=PHONE)  # the crawl of tests/site looks at the desk's width, and in English
        answer = page.goto(path)
        assert answer is not None
        assert answer.ok, path
        found += violations(page)
    assert found == []
