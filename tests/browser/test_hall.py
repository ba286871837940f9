"""The hall: two phones and the screen see a question from a seat appear once somebody masked it, and nothing else of it."""

from __future__ import annotations

import datetime as dt

from playwright.sync_api import Page, expect

from app.permissions import Role
from dialogues import queries
from dialogues.models import AgendaItem, Session
from dialogues.rules import Status
from tests import factories
from tests.axe import violations
from tests.browser.conftest import DESK, PHONE, NewPerson, Site, follow, press
from tests.dialogues import builders
from tests.dialogues.builders import DAY

WORDS = "Bao giờ chi trả cho bà Nguyễn Thị Lan?"
MASKED = "Bao giờ chi trả cho bà […]?"


def _hall(site: Site) -> tuple[str, str]:
    """Return the code of a session that runs, and the cookie of who moderates it."""
    with site.office() as province:
        head = factories.make_user(unit=province.ward, roles=[Role.HEAD])
        session = builders.session_at(province, head, Status.IN_SESSION)
        session.agenda.append(AgendaItem(position=1, part="floor", title="Nhân dân phát biểu", minutes=10, begun_at=DAY))
        client = site.app.test_client()
        factories.sign_in(client, head, browser=factories.IN_CHROMIUM)
        cookie = client.get_cookie("session")
        assert cookie is not None
        return session.code, cookie.value


def _call(site: Site, code: str) -> None:
    with site.office():
        session = queries.by_code(code)
        assert isinstance(session, Session)
        session.questions[0].called_at = site.now


def _polled(page: Page) -> None:
    """Let the page ask now what changed, instead of in some seconds."""
    with page.expect_response("**/truc-tiep.json*"):
        page.evaluate("dispatchEvent(new Event('online'))")


def test_a_question_from_a_seat_appears_on_phones_and_screen_after_somebody_masked_it(site: Site, new_person: NewPerson) -> None:
    site.now = DAY + dt.timedelta(minutes=12)
    code, cookie = _hall(site)
    asker, other, screen, moderator = new_person(), new_person(), new_person(width=1920), new_person(width=DESK)
    other.goto(f"/doi-thoai/{code}/tai-cho")
    screen.goto(f"/doi-thoai/{code}/man-hinh")
    expect(screen.get_by_role("timer")).to_contain_text("Quá 2:")  # the server's clock, whatever that of the machine says
    asker.goto(f"/dt/{code}")
    follow(asker, "Hỏi từ chỗ ngồi")
    asker.get_by_label("Câu hỏi").fill(WORDS)
    press(asker, "Gửi câu hỏi")
    expect(asker.get_by_text("Chờ thư ký xem")).to_be_visible()
    _polled(other)
    expect(other.get_by_text("Bao giờ chi trả")).to_have_count(0)

    moderator.context.add_cookies([{"name": "session", "value": cookie, "url": site.url}])
    moderator.goto(f"/can-bo/doi-thoai/{code}/tu-dien-thoai")
    expect(moderator.get_by_label("Câu hỏi sẽ hiện, đã che")).to_have_value(MASKED)
    press(moderator, "Cho hiện và hỏi tại buổi")
    for page in (asker, other):
        _polled(page)
        expect(page.locator("[data-region=questions]")).to_contain_text(MASKED)
    expect(asker.locator("[data-own-into]")).to_contain_text("Sẽ hỏi tại buổi")
    expect(other.get_by_text(WORDS)).to_have_count(0)

    other.get_by_role("button", name="Tôi cũng muốn biết").click()
    expect(other.get_by_text("1 lượt cùng quan tâm")).to_be_visible()
    expect(other.get_by_role("button", name="Đã ghi: cũng muốn biết")).to_be_focused()
    _call(site, code)
    _polled(screen)
    expect(screen.locator("[data-region=speaking]")).to_contain_text(MASKED)
    for page, width in ((other, PHONE), (screen, PHONE), (screen, DESK), (moderator, PHONE)):
        page.set_viewport_size({"width": width, "height": 800})
        assert violations(page) == []
