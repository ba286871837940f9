"""The door without network: what was written down on the device is kept when the tab is closed, and sent once when it is back."""

from __future__ import annotations

import datetime as dt

from playwright.sync_api import expect

from app.database import db
from app.permissions import Role
from dialogues import queries
from dialogues.models import Session
from dialogues.operations import registering
from dialogues.operations.registering import RegistrationData
from dialogues.rules import Status
from tests import factories
from tests.browser.conftest import NewPerson, Site
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.builders import at


def _ready(site: Site) -> tuple[str, str, str]:
    """Return a session's code, the check-in code of three who registered for it, and the cookie of who keeps the door."""
    with site.office() as province:
        head = factories.make_user(unit=province.ward, roles=[Role.HEAD])
        session = builders.session_at(province, head, Status.READY)
        data = RegistrationData(name="Nguyễn Thị Hợp", people=3, token="t")
        seat = registering.register(session, data, actor=None, now=at(27))
        client = site.app.test_client()
        factories.sign_in(client, head, browser=factories.IN_CHROMIUM)
        cookie = client.get_cookie("session")
        assert cookie is not None
        return session.code, seat.check_in_code, cookie.value


def _came(site: Site, code: str) -> list[int]:
    with site.office():
        session = queries.by_code(code)
        assert isinstance(session, Session)
        db.session.refresh(session)
        return [each.people for each in session.attendances]


def test_the_door_goes_on_without_network_and_nothing_is_lost_or_doubled(site: Site, new_person: NewPerson) -> None:
    site.now = DAY - dt.timedelta(minutes=30)
    code, check_in, cookie = _ready(site)
    page = new_person()
    page.context.add_cookies([{"name": "session", "value": cookie, "url": site.url}])
    address = f"/can-bo/doi-thoai/{code}/cua"
    with page.expect_response("**/ma.json"):
        page.goto(address)
    page.wait_for_function("Object.keys(localStorage).some((name) => name.startsWith('door-codes:'))")
    page.context.set_offline(True)
    for said in ("có trong danh sách, 3 người", "mã này đã vào"):
        page.get_by_label("Mã vào cửa").fill(check_in.lower())
        page.keyboard.press("Enter")
        expect(page.locator("[data-log]")).to_contain_text(said)
    page.get_by_label("Họ và tên").fill("Bà Tư")
    page.get_by_role("button", name="Ghi và cho vào").click()
    expect(page.locator("[data-log]")).to_contain_text("Bà Tư: đã ghi trên máy này")
    expect(page.locator("[data-sync]")).to_contain_text("3 lượt còn giữ trên máy này")
    assert _came(site, code) == []
    context = page.context
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("[data-sync]")).to_have_text("Mọi lượt đã gửi xong.")
    expect(page.locator("[data-present]")).to_contain_text("Đã vào 4 người: đăng ký 3, khách mời 0, không có mã 1.")
    page.reload()
    assert _came(site, code) == [3, 1]
