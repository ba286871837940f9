"""A form that asks for a proof of work, in a real browser: solved under our policy while somebody types, and waited for without script."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from app import clock, settings
from app.access import SYSTEM
from app.proof.rules import MANY, When
from feedback.models import Feedback
from tests.axe import violations
from tests.browser.conftest import NewPerson, Site, press
from tests.browser.test_citizen_journeys import BODY, count, to_review, write
from tests.counting import count_on


@pytest.fixture(autouse=True)
def _asked_always(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    count_on(monkeypatch)
    with site.office():
        settings.change("proof", When.ALWAYS, actor=SYSTEM, now=clock.now())


def in_order(page: Page) -> None:
    assert violations(page) == []


def test_the_browser_solves_it_by_itself_however_soon_the_button_is_pressed(site: Site, browser_page: Page) -> None:
    said: list[str] = []
    browser_page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    write(browser_page)
    to_review(browser_page)
    expect(browser_page.locator("[data-proof]")).to_be_attached()
    in_order(browser_page)
    press(browser_page, "Gửi")
    expect(browser_page.get_by_role("heading", name="Đã nhận ý kiến")).to_be_visible()  # the clock stands still: nobody waited
    assert said == []
    assert count(site, Feedback) == 1
    browser_page.goto("/gui-y-kien/to-cao/gui")
    expect(browser_page.locator("[data-proof]")).not_to_be_attached()  # once an hour


def test_a_browser_that_cannot_solve_it_waits_and_sends_by_itself(site: Site, new_person: NewPerson) -> None:
    page = new_person()
    page.clock.install()
    page.add_init_script("delete window.Worker")
    page.goto("/tai-khoan-cua-toi")
    page.get_by_label("E-mail").fill("hoa@example.com")
    press(page, "Gửi mã cho tôi")
    expect(page.get_by_text("xong thì tự gửi")).to_be_visible()
    in_order(page)
    site.now += dt.timedelta(seconds=MANY)
    page.clock.fast_forward(MANY * 1000)
    expect(page.get_by_label("Mã gồm 6 chữ số")).to_be_visible()


def test_without_script_the_page_says_how_long_and_every_word_is_kept(site: Site, new_person: NewPerson) -> None:
    page = new_person(javascript=False)
    page.goto("/gui-y-kien")
    page.get_by_role("radio", name="Báo một việc chưa ổn").check()
    page.get_by_label("Chuyện gì đã xảy ra?").fill(BODY)
    page.get_by_label("Xã, phường").select_option(label="Kinh Bắc")
    to_review(page)
    expect(page.locator("noscript p")).to_contain_text(f"mở trang này được {MANY} giây rồi hãy bấm")  # get_by_text passes over it
    press(page, "Gửi")
    expect(page.get_by_text(f"đợi {MANY} giây rồi bấm gửi lại")).to_be_visible()
    expect(page.get_by_role("heading", name="Xem lại trước khi gửi")).to_be_visible()
    expect(page.get_by_text(BODY).first).to_be_visible()
    assert count(site, Feedback) == 0
    site.now += dt.timedelta(seconds=MANY)
    press(page, "Gửi")
    expect(page.get_by_role("heading", name="Đã nhận ý kiến")).to_be_visible()
    assert count(site, Feedback) == 1
