"""The whole site with its demo province, once: every page that can be reached, as everyone who can sign in."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import RequestRedirect
from werkzeug.serving import WSGIRequestHandler, make_server

import demo
from app import reference
from app.accounts.queries import user_by_email
from app.database import db
from tests.conftest import Backend, build
from tests.factories import sign_in

#: How many addresses of one view are looked at as one person: a list's hundredth row is the same page.
SAMPLES = 2
MOST_PAGES = 150


@dataclass
class Page:
    """One page as one person saw it."""

    who: str
    endpoint: str
    address: str
    html: str
    links: list[str] = field(default_factory=list)

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The page taken apart, once for all who look."""
        return BeautifulSoup(self.html, "lxml")


@dataclass
class Live:
    """A site and its address."""

    app: Flask
    url: str


class Quiet(WSGIRequestHandler):
    def log(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def province(tmp_path_factory) -> Flask:
    """The site with the demo loaded, on SQLite: what a page says does not depend on the database."""
    backend = Backend("sqlite", tmp_path_factory.mktemp("site"), None)
    app = build(backend.copy(), backend.folder)
    with app.app_context():
        reference.load(app)
        db.session.remove()
    demo.load(app)
    return app


@pytest.fixture(scope="session")
def people(province: Flask) -> dict[str, tuple[str, str]]:
    """Each kind of work, with e-mail and password of who does it; first of all nobody signed in."""
    return {"": ("", "")} | {work: (email, password) for work, email, password in demo.sign_ins(province)}


@pytest.fixture(scope="session")
def pages(province: Flask, people: dict[str, tuple[str, str]]) -> list[Page]:
    """Every kind of page, as everyone."""
    found: list[Page] = []
    for who, (email, _password) in people.items():
        with province.app_context():
            found += crawl(province, signed_in(province, email), who, "/bat-dau" if email else "/")
            db.session.remove()
    return found


def signed_in(app: Flask, email: str) -> FlaskClient:
    """A client whose user has that address; nobody's where it is empty. Within the app's context."""
    client = app.test_client()
    if email:
        user = user_by_email(email)
        assert user is not None
        sign_in(client, user)
    return client


def session_of(live: Live, email: str) -> list[Any]:
    """The cookies a browser keeps once they signed in."""
    with live.app.app_context():
        cookie = signed_in(live.app, email).get_cookie("session")
        db.session.remove()
    return [{"name": "session", "value": cookie.value, "url": live.url}] if cookie else []


def crawl(app: Flask, client: Any, who: str, start: str) -> list[Page]:
    """Follow every link from *start*, a few addresses of each view."""
    adapter = app.url_map.bind("localhost")
    waiting, seen, counts, found = [start], {start}, {}, []
    while waiting and len(found) < MOST_PAGES:
        address = waiting.pop(0)
        try:
            endpoint, _values = adapter.match(urlsplit(address).path, method="GET")
        except RequestRedirect:
            continue
        except Exception as error:  # noqa: BLE001  a dead link is what the crawl is for
            found.append(Page(who, f"dead link: {type(error).__name__}", address, ""))
            continue
        if endpoint == "site.set_language" or counts.get(endpoint, 0) >= SAMPLES:
            continue
        counts[endpoint] = counts.get(endpoint, 0) + 1
        with client.get(address, follow_redirects=True) as answer:
            if answer.status_code != 200:
                found.append(Page(who, f"{answer.status_code} {endpoint}", address, ""))
                continue
            if answer.mimetype != "text/html":
                continue
            html = answer.get_data(as_text=True)
        page = Page(who, endpoint, address, html)
        for anchor in page.soup.find_all("a", href=True):
            target = urlsplit(urljoin(address, str(anchor["href"])))
            if target.netloc in {"", "localhost"} and target.scheme in {"", "http"} and not re.match(r"/(static|api/v1)", target.path):
                link = target.path + (f"?{target.query}" if target.query else "")
                page.links.append(link)
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)
        found.append(page)
    return found


@pytest.fixture(scope="session")
def live(province: Flask) -> Iterator[Live]:
    """The same site served on loopback."""
    server = make_server("127.0.0.1", 0, province, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Live(province, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()
