"""A passkey in a real browser, with an authenticator that Chromium plays: made, used alone, used after the password."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.permissions import Role
from tests.app.test_accounts import GOOD
from tests.axe import violations
from tests.browser.conftest import NewPerson, Site, follow, press
from tests.factories import make_user

TELEPHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def here(site: Site) -> str:
    """The address of the site by a name: no key is made for a number."""
    site.app.config["SITE_URL"] = site.url.replace("127.0.0.1", "localhost")
    return site.app.config["SITE_URL"]


def password(page: Page, here: str, email: str) -> None:
    page.goto(f"{here}/dang-nhap?next=/tai-khoan")
    page.get_by_label("E-mail công vụ").fill(email)
    page.get_by_label("Mật khẩu").fill(GOOD)
    press(page, "Đăng nhập")


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Đăng xuất", exact=True).click()
    expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()


def in_order(page: Page) -> None:
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out"


def test_a_passkey_is_made_and_opens_the_door_alone_and_after_the_password(site: Site, here: str, new_person: NewPerson) -> None:
    with site.office() as province:
        email = make_user(unit=province.ward, roles=[Role.OFFICER], password=GOOD).email
    page = new_person()
    telephone = page.context.new_cdp_session(page)
    telephone.send("WebAuthn.enable")
    added = telephone.send("WebAuthn.addVirtualAuthenticator", {"options": TELEPHONE})["authenticatorId"]
    heading = page.get_by_role("heading", level=1)

    password(page, here, email)
    expect(heading).to_have_text("Tài khoản")
    page.goto(f"{here}/tai-khoan/xac-nhan-hai-buoc")
    in_order(page)
    follow(page, "Thêm khóa truy cập")
    page.get_by_label("Đặt tên cho khóa này").fill("điện thoại của tôi")
    in_order(page)
    assert "Không thấy nút" not in page.inner_text("main"), "the button is there"
    press(page, "Tạo khóa")
    expect(heading).to_have_text("Ghi lại mã dự phòng")
    in_order(page)
    assert len(telephone.send("WebAuthn.getCredentials", {"authenticatorId": added})["credentials"]) == 1
    follow(page, "Đã ghi lại")
    expect(page.get_by_text("điện thoại của tôi").first).to_be_visible()

    sign_out(page)
    in_order(page)
    press(page, "Đăng nhập bằng khóa truy cập")
    expect(page.get_by_role("button", name="Đăng xuất", exact=True)).to_be_visible()

    sign_out(page)
    password(page, here, email)
    expect(heading).to_have_text("Xác nhận đăng nhập")
    in_order(page)
    press(page, "Dùng khóa truy cập")
    expect(heading).to_have_text("Tài khoản")

    sign_out(page)
    telephone.send("WebAuthn.setUserVerified", {"authenticatorId": added, "isUserVerified": False})
    press(page, "Đăng nhập bằng khóa truy cập")
    expect(page.get_by_text("Chưa dùng được khóa truy cập trên máy này").first).to_be_visible()
    expect(heading).to_have_text("Đăng nhập")
