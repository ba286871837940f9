"""The secretary's desk on two tablets in an angry hall: without network for a while, closed and opened again, saying two things."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from app.permissions import Role
from dialogues import queries
from dialogues.models import AgendaItem, Session, Speaker
from dialogues.rules import AnswerKind, Part, Status
from tests import factories
from tests.axe import violations
from tests.browser.conftest import NewPerson, Site
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.waiting import eventually

#: As fast as no secretary types: the record form filled and sent so many times, one after the other.
RECORD = """async ([first, last]) => {
  const form = document.querySelector('form[data-event="asked"]');
  for (let number = first; number <= last; number += 1) {
    form.elements.name.value = `Người thứ ${number}`;
    form.elements.text.value = `Câu hỏi số ${number}`;
    form.elements.text.dispatchEvent(new Event("input", { bubbles: true })); // as typing does: what nobody typed, the page may clear
    form.requestSubmit();
    while (form.elements.text.value) await new Promise((done) => setTimeout(done, 5));
  }
}"""
KEPT_PAGE = "caches.match(document.querySelector('[data-desk]').dataset.outline).then((kept) => kept.text())"
ASKED = '[data-rows="open"] > li'


@dataclass
class Hall:
    """A session that goes on, and what makes a browser that of its secretary."""

    site: Site
    code: str
    cookie: str

    @property
    def address(self) -> str:
        return f"/can-bo/doi-thoai/{self.code}/ban"

    def sit(self, page: Page) -> Page:
        """Open the desk there."""
        page.context.add_cookies([{"name": "session", "value": self.cookie, "url": self.site.url}])
        page.goto(self.address)
        return page

    def recorded(self) -> list[str]:
        with self.site.office():
            session = queries.by_code(self.code)
            assert isinstance(session, Session)
            return [each.text for each in session.questions]

    def asked_at(self) -> list[dt.datetime]:
        with self.site.office():
            session = queries.by_code(self.code)
            assert isinstance(session, Session)
            return [each.asked_at for each in session.questions if each.asked_at is not None]


@pytest.fixture
def hall(site: Site) -> Hall:
    site.now = DAY + dt.timedelta(minutes=20)
    with site.office() as province:
        head = factories.make_user(unit=province.ward, roles=[Role.HEAD])
        session = builders.session_at(province, head, Status.IN_SESSION)
        session.agenda.append(AgendaItem(position=1, part=Part.FLOOR, title="Nhân dân phát biểu", minutes=10, begun_at=DAY))
        session.agenda.append(AgendaItem(position=2, part=Part.CONCLUSION, title="Kết luận", minutes=15))
        client = site.app.test_client()
        factories.sign_in(client, head, browser=factories.IN_CHROMIUM)
        cookie = client.get_cookie("session")
        assert cookie is not None
        return Hall(site, session.code, cookie.value)


def _kept_for_the_dark(page: Page) -> None:
    """Wait until the worker has the page and all it needs."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null")


def _tell(page: Page) -> None:
    """Have the device look now, not within its five seconds."""
    page.evaluate("dispatchEvent(new Event('online'))")


def test_forty_questions_from_two_devices_survive_the_network_and_a_closed_tab(hall: Hall, new_person: NewPerson) -> None:
    first, second = hall.sit(new_person(width=1280)), hall.sit(new_person(width=820))
    _kept_for_the_dark(first)
    expect(second.locator("[data-device]")).to_be_visible()  # the script has taken the forms over
    first.evaluate(RECORD, [1, 10])
    second.evaluate(RECORD, [11, 20])
    expect(second.locator("[data-sync-text]")).to_have_text("Mọi mục đã gửi.")
    expect(second.locator(f"{ASKED} > details[open]")).to_have_count(1)  # the one that was asked last
    _tell(first)
    expect(first.locator(ASKED)).to_have_count(20)
    first.context.set_offline(True)
    first.evaluate(RECORD, [21, 25])
    expect(first.locator("[data-sync-text]")).to_contain_text("5 mục chưa gửi, giữ trên máy này từ")
    first.get_by_label("Câu hỏi", exact=True).first.fill("Chữ viết dở")
    context = first.context
    first.close()
    first = context.new_page()
    first.goto(hall.address)  # from what the device kept
    expect(first.locator(ASKED)).to_have_count(25)
    expect(first.get_by_label("Câu hỏi", exact=True).first).to_have_value("Chữ viết dở")
    assert "Người thứ" not in first.evaluate(
        "caches.match(document.querySelector('[data-desk]').dataset.outline).then((kept) => kept.text())"
    )
    first.evaluate(RECORD, [26, 30])
    second.evaluate(RECORD, [31, 40])
    expect(second.locator("[data-sync-text]")).to_have_text("Mọi mục đã gửi.")
    assert len(hall.recorded()) == 30  # what the first wrote without network is not there yet
    beside = context.new_page()  # another tab of the same tablet, which sends as well
    beside.goto(hall.address)
    expect(beside.locator(ASKED)).to_have_count(30)
    context.set_offline(False)
    expect(first.locator("[data-sync-text]")).not_to_contain_text("chưa gửi")
    for page in (first, beside, second):
        _tell(page)
        expect(page.locator(ASKED)).to_have_count(40)
    assert sorted(hall.recorded()) == sorted(f"Câu hỏi số {number}" for number in range(1, 41))


def test_what_is_typed_and_pressed_before_the_first_picture_came_is_kept(hall: Hall, new_person: NewPerson) -> None:
    page = new_person(width=820)
    page.route("**/trang-thai.json", lambda route: (time.sleep(0.3), route.continue_()))  # a slow network, not a wait for something
    hall.sit(page)
    expect(page.locator("[data-device]")).to_be_visible()
    page.evaluate(RECORD, [1, 20])
    expect(page.locator("[data-sync-text]")).to_have_text("Mọi mục đã gửi.")
    assert len(hall.recorded()) == 20
    assert max(hall.asked_at()) < hall.site.now + dt.timedelta(minutes=5)  # not by the device's clock, which is months off


def test_what_two_devices_say_otherwise_stands_side_by_side_until_one_chooses(hall: Hall, new_person: NewPerson) -> None:
    first, second = hall.sit(new_person(width=1280)), hall.sit(new_person(width=360))
    first.get_by_label("Người xin phát biểu").fill("Bà Hợp")
    first.get_by_role("button", name="Thêm vào hàng chờ").click()
    first.get_by_role("button", name="Mời phát biểu").click()
    expect(first.get_by_label("Người hỏi")).to_have_value("Bà Hợp")
    expect(first.get_by_label("Câu hỏi", exact=True).first).to_be_focused()
    first.keyboard.type("Bao giờ thay tấm đan?")
    first.get_by_role("button", name="Ghi", exact=True).click()
    expect(first.locator("[data-sync-text]")).to_have_text("Mọi mục đã gửi.")
    _tell(second)
    second.locator(f"{ASKED} summary").first.click()
    first.context.set_offline(True)
    for page, text in ((first, "Bao giờ thay hai tấm đan?"), (second, "Ai kiểm tra việc thay tấm đan?")):
        page.get_by_text("Sửa câu hỏi").click()
        page.locator('[data-form="text"] textarea').first.fill(text)
        page.get_by_role("button", name="Lưu câu hỏi").click()
    expect(second.locator("[data-sync-text]")).to_have_text("Mọi mục đã gửi.")
    first.context.set_offline(False)
    sides = '[data-rows="text_heads"] > li'
    for page in (first, second):
        _tell(page)
        expect(page.locator(sides)).to_have_count(2)
        assert violations(page) == []
    second.locator(sides, has_text="hai tấm đan").get_by_role("button", name="Giữ bản này").click()
    expect(second.locator(sides)).to_have_count(0)
    expect(second.locator("[data-sync-text]")).to_have_text("Mọi mục đã gửi.")
    _tell(first)
    expect(first.locator(sides)).to_have_count(0)
    assert hall.recorded() == ["Bao giờ thay hai tấm đan?"]
    first.get_by_role("button", name="Đại biểu trả lời").click()
    expect(first.get_by_label("Đại biểu nào trả lời").first).to_be_focused()
    first.keyboard.type("Ông Khải")
    first.get_by_label("Nội dung trả lời").first.fill("Thay trong tháng 9.")
    first.get_by_role("button", name="Ghi câu trả lời").click()
    expect(first.locator('[data-rows="done"] > li')).to_have_count(1)
    eventually(lambda: _answers(hall) == [(AnswerKind.BY_DELEGATE, "Ông Khải", "Thay trong tháng 9.")])


def _answers(hall: Hall) -> list[tuple[str | None, str, str]]:
    with hall.site.office():
        session = queries.by_code(hall.code)
        assert isinstance(session, Session)
        return [(each.answer_kind, each.answered_by, each.answer) for each in session.questions]


def test_what_the_server_refuses_or_cannot_know_whose_it_is_stays_on_the_device(hall: Hall, new_person: NewPerson) -> None:
    with hall.site.office():
        session = queries.by_code(hall.code)
        assert isinstance(session, Session)
        session.speakers += [Speaker(uid=uuid.uuid4(), at=DAY, comes_from=f"tổ {number}") for number in range(61)]
    page = hall.sit(new_person(width=820))
    waiting = page.locator('[data-rows="queue"] > li')
    expect(waiting).to_have_count(60)
    page.get_by_role("link", name="Xem tiếp, còn lại: 1").click()
    expect(waiting).to_have_count(61)
    page.get_by_text("Ghi một lần giơ tay").click()
    page.get_by_label("Về việc gì").fill("Di dời chợ tạm")
    page.get_by_label("Đồng ý", exact=True).fill("ba mươi")
    page.get_by_role("button", name="Ghi số giơ tay").click()
    refused = page.locator('[data-rows="refused"] > li')
    expect(refused).to_contain_text("Di dời chợ tạm")
    expect(refused).to_contain_text("Ghi số bằng chữ số")
    page.get_by_role("button", name="Đã chép, bỏ khỏi máy").click()
    expect(refused).to_have_count(0)

    page.context.clear_cookies()  # signed out elsewhere
    page.evaluate(RECORD, [1, 2])
    expect(page.locator("[data-sync-text]")).to_contain_text("Đã hết phiên làm việc. 2 mục giữ trên máy này")
    page.get_by_text("Máy này giữ những gì").click()
    page.get_by_role("button", name="Xóa dữ liệu buổi này khỏi máy").click()
    expect(page.get_by_text("Còn 2 mục chưa gửi nên chưa xóa được.")).to_be_visible()
    page.context.add_cookies([{"name": "session", "value": hall.cookie, "url": hall.site.url}])
    _tell(page)
    expect(page.locator("[data-sync-text]")).to_have_text("Mọi mục đã gửi.")
    assert sorted(hall.recorded()) == ["Câu hỏi số 1", "Câu hỏi số 2"]
    page.get_by_role("button", name="Xóa dữ liệu buổi này khỏi máy").click()
    expect(page.get_by_text("Máy này không còn giữ gì của buổi này.")).to_be_visible()
    assert page.evaluate("caches.keys()") == []

    page.reload()
    page.wait_for_function("caches.keys().then((names) => names.length)")
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/dang-nhap")
    page.wait_for_function("caches.keys().then((names) => !names.length)")


def test_without_javascript_a_question_and_its_answer_are_recorded(hall: Hall, new_person: NewPerson) -> None:
    page = hall.sit(new_person(width=360, javascript=False))
    page.get_by_label("Người xin phát biểu").fill("Bà Hợp")
    page.get_by_role("button", name="Thêm vào hàng chờ").click()
    page.get_by_role("button", name="Mời phát biểu").click()
    expect(page.get_by_label("Người hỏi")).to_have_value("Bà Hợp")
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Ghi câu hỏi.")
    page.get_by_label("Câu hỏi", exact=True).first.fill("Bao giờ thay tấm đan?")
    page.get_by_role("button", name="Ghi", exact=True).click()
    page.get_by_role("button", name="Trả lời bằng văn bản sau").click()
    expect(page.locator('[data-rows="done"]')).to_contain_text("Bao giờ thay tấm đan?")
    assert (hall.recorded(), _answers(hall)) == (["Bao giờ thay tấm đan?"], [(AnswerKind.IN_WRITING, "", "")])
