"""The site as a server of its own with a small province on it, and people who look at it in a real browser.

Runs once, on SQLite unless `--database postgresql` asks otherwise. The server runs in this process, so a test can set its time.
"""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from werkzeug.serving import make_server

from app import clock
from app.accounts.models import User
from app.database import db
from tests import services
from tests.conftest import PATIENCE, Backend, build, exchangeable, on_a_copy, opened
from tests.factories import IN_CHROMIUM, sign_in
from tests.feedback import builders
from tests.feedback.builders import MONDAY, Province

PHONE, DESK = 360, 1280  # widths of a screen


@dataclass
class Site:
    """A running site: `url`, the time it believes it is (`now`), and a way to act in its offices."""

    app: Flask
    url: str
    province: Callable[[], Province]
    now: dt.datetime = MONDAY

    @contextmanager
    def office(self) -> Generator[Province]:
        """Act as the staff do, in a transaction of its own: yields the province, read afresh, and commits."""
        with self.app.app_context():
            province = self.province()
            province.refresh()
            try:
                yield province
                db.session.commit()
            finally:
                db.session.remove()


@pytest.fixture(scope="session")
def browser_backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Backend:
    if request.config.getoption("--database") == "postgresql":
        return Backend("postgresql", tmp_path_factory.mktemp("browser"), request.getfixturevalue("postgresql_server"))
    return Backend("sqlite", tmp_path_factory.mktemp("browser"), None)


@pytest.fixture(scope="session")
def served(browser_backend: Backend, valkey: str) -> Iterator[Site]:
    """The one site of this process, served, on a database with the province of tests/feedback/builders.py and nothing else."""
    port = services.free_port()
    url = f"http://127.0.0.1:{port}"
    app = exchangeable(build(browser_backend.copy(), browser_backend.folder, REDIS_URL=valkey, SITE_URL=url))
    with opened(app):
        site = Site(app, url, builders.remembered(builders.make_province()))
        db.session.commit()
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site(served: Site, browser_backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The site on a database of the test's own."""
    site = replace(served, now=MONDAY)
    monkeypatch.setattr(clock, "now", lambda: site.now)
    with on_a_copy(site.app, browser_backend, like=site.app.config["SQLALCHEMY_DATABASE_URI"]):
        yield site


NewPerson = Callable[..., Page]


@pytest.fixture
def new_person(browser: Browser, site: Site) -> Iterator[NewPerson]:
    """Make people, each with a browser of their own: `new_person(width=…, javascript=…)`. What breaks in a page fails the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def make(*, width: int = PHONE, **options: Any) -> Page:
        context = browser.new_context(
            base_url=site.url,
            viewport={"width": width, "height": 800},
            java_script_enabled=options.pop("javascript", True),
            locale="vi-VN",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        # An answer that refuses a form is logged as a resource that failed; what the policy blocks is what matters.
        page.on("console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def browser_page(new_person: NewPerson) -> Page:
    """One person with a phone."""
    return new_person()


Seat = Callable[..., Page]


@pytest.fixture
def seat(site: Site, new_person: NewPerson) -> Seat:
    """Let people work here: `seat(user_id, width=…, javascript=…)` is the same screen each time, signed in anew on another day."""
    screens: dict[tuple[int, int, bool], Page] = {}
    signed_in: dict[tuple[int, int, bool], dt.datetime] = {}

    def sit_down(user_id: int, *, width: int = DESK, javascript: bool = True) -> Page:
        key = user_id, width, javascript
        if key not in screens:
            screens[key] = new_person(width=width, javascript=javascript)
        if signed_in.get(key) != site.now:  # of another day: its sign-in has ended
            with site.office():
                client = site.app.test_client()
                sign_in(client, db.session.get_one(User, user_id), browser=IN_CHROMIUM)
                cookie = client.get_cookie("session")
            assert cookie is not None
            screens[key].context.add_cookies([{"name": "session", "value": cookie.value, "url": site.url}])
            signed_in[key] = site.now
        return screens[key]

    return sit_down


def photo(name: str = "anh.png") -> Any:
    """Return a picture that shows that it was done, as a file input takes it."""
    stream = io.BytesIO()
    Image.new("RGB", (64, 48), "#6a7").save(stream, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": stream.getvalue()}


def on(within: Page | Locator, day: dt.date) -> None:
    """Type a day into the three boxes of the only date there, or of the first one."""
    for label, value in (("Ngày", day.day), ("Tháng", day.month), ("Năm", day.year)):
        within.get_by_label(label, exact=True).first.fill(str(value))


def enter_number(records: Page, site: Site, number: int) -> None:
    """Write number and day of a paper into the book."""
    records.get_by_label("Số", exact=True).fill(str(number))
    on(records, site.now.date())
    press(records, "Ghi số")
    expect(records.get_by_text("Đã ghi số").first).to_be_visible()


def pick(within: Page | Locator, label: str, *, typed: str, option: str) -> None:
    """Choose from a long list as a person does: type a part of the name, without diacritics, and press what is offered."""
    box = within.get_by_role("combobox", name=label).and_(within.locator("input"))  # not the select that the script has yet to replace
    box.fill(typed)
    box.locator("xpath=..").get_by_role("option", name=option).click()


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name, exact=True).click()


def said(page: Page, sentence: str) -> None:
    expect(page.locator(".flashes").get_by_text(sentence)).to_be_visible()


def issue(site: Site, writer: Page, head: Page, records: Page, number: int = 1) -> None:
    """Have the draft of a paper of oversight in front of *writer* sent to be signed, signed and numbered, each by who does it."""
    press(writer, "Trình ký")
    said(writer, "Đã trình ký.")
    head.goto("/can-bo/van-ban-giam-sat")
    head.get_by_role("table").get_by_role("link").first.click()
    press(head, "Ký văn bản này")
    said(head, "Đã ký.")
    records.goto("/can-bo/van-ban-giam-sat")
    records.get_by_role("table").get_by_role("link").first.click()
    enter_number(records, site, number)
