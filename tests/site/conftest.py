"""The whole site with its demo province, once a run: every page that can be reached, as everyone who can sign in."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient
from flask_login import current_user
from lxml.html import HtmlElement, document_fromstring
from werkzeug.routing import RequestRedirect
from werkzeug.serving import WSGIRequestHandler, make_server

import demo
from app import reference
from app.access import policies
from app.accounts.queries import user_by_email
from app.audit import AuditEntry
from app.crypto import columns
from app.database import db
from app.settings import Setting
from dialogues.models import Session
from tests.conftest import SHARED, Backend, build
from tests.factories import IN_CHROMIUM, IN_CLIENT, sign_in

#: How many addresses of one view are looked at as one person: a list's hundredth row is the same page. As the first few who meet the view;
#: as all others one, for what differs between them is who they are.
SAMPLES, BY_FEW = 2, 3
#: Public pages that say more to some who are signed in; all others say the same to everyone, and are looked at once.
SAY_MORE = {"dialogues_sessions.show"}
#: Shows what belongs to the link that was opened last: it is looked at before another one is opened.
OF_THIS_DEVICE = ("/thong-tin", "/thong-tin.json")
DATABASE, CRAWLED = "demo.sqlite3", "crawled.json"


@dataclass
class Page:
    """One page as one person saw it; without *html*, a file."""

    who: str
    endpoint: str
    address: str
    html: str = ""
    links: list[str] = field(default_factory=list)

    @cached_property
    def tree(self) -> HtmlElement:
        """The page taken apart, once for all who look."""
        return document_fromstring(self.html)


@dataclass
class Live:
    """A site and its address."""

    app: Flask
    url: str


class Quiet(WSGIRequestHandler):
    def log(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def crawled() -> Path:
    """The folder with the demo's database, its files and what was crawled: the worker that asks first makes it."""
    folder = SHARED.folder / "site"
    with SHARED.alone("site-lock"):
        if not (folder / CRAWLED).exists():
            folder.mkdir()
            shutil.copy(Backend("sqlite", folder, None).template, folder / DATABASE)
            make(folder)
    return folder


def make(folder: Path) -> None:
    """Load the demo, on SQLite: what a page says does not depend on the database. Crawl it as everyone."""
    app = app_in(folder)
    with app.app_context():
        reference.load(app)
        db.session.execute(db.delete(Setting).where(Setting.name == "set_up"))  # as on a first start, which is when the demo is loaded
        db.session.commit()
        db.session.remove()
    demo.load(app)
    looks = watch_looks(app)
    crawl = Crawl(app)
    for who, (email, _password) in everyone(app).items():
        with app.app_context():
            crawl.go(signed_in(app, email), who, "/bat-dau" if email else "/")
            db.session.remove()
    with app.app_context():
        db.engine.dispose()
    found = {"pages": [asdict(page) for page in crawl.pages], "broken": crawl.broken, "looks": looks}
    (folder / CRAWLED).write_text(json.dumps(found))


def watch_looks(app: Flask) -> list[tuple[str, str, bool]]:
    """Return a list to which each page adds what it opens for somebody who is signed in.

    The view, the sealed column, and whether it is recorded that this person looked: now, or at the same session today.
    """
    looks: list[tuple[str, str, bool]] = []
    opened: set[str] = set()
    decrypt = columns.decrypt
    with app.app_context():
        last = begun = newest_entry()
        db.session.remove()

    def noting(sealed: bytes, *, bound_to: str, **more: Any) -> str:
        opened.add(bound_to.rpartition(":")[0])
        return decrypt(sealed, bound_to=bound_to, **more)

    @app.after_request
    def note(answer: Response) -> Response:
        nonlocal last
        now = newest_entry()
        if opened and current_user.is_authenticated:
            of_session = db.select(Session.id).where(Session.code == (request.view_args or {}).get("code"))
            today = (AuditEntry.id > begun) & (AuditEntry.subject_type == Session.__tablename__) & AuditEntry.subject_id.in_(of_session)
            seen = db.select(AuditEntry.id).where(AuditEntry.action == "personal_data.seen", AuditEntry.actor_id == current_user.id)
            recorded = db.session.scalar(seen.where(today | (AuditEntry.id > last)).limit(1)) is not None
            looks.extend((request.endpoint or "", column, recorded) for column in sorted(opened))
        opened.clear()
        last = now
        return answer

    columns.decrypt = noting  # the process of the tests lives on with it: it only looks
    return looks


def newest_entry() -> int:
    return db.session.scalar(db.select(db.func.max(AuditEntry.id))) or 0


def app_in(folder: Path) -> Flask:
    return build(f"sqlite:///{folder / DATABASE}", folder)


def everyone(app: Flask) -> dict[str, tuple[str, str]]:
    """Return each kind of work, with e-mail and password of who does it; first of all nobody signed in."""
    return {"": ("", "")} | {work: (email, password) for work, email, password in demo.sign_ins(app)}


@pytest.fixture(scope="session")
def province(crawled: Path) -> Iterator[Flask]:
    """The site with the demo loaded."""
    app = app_in(crawled)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def people(province: Flask) -> dict[str, tuple[str, str]]:
    return everyone(province)


@pytest.fixture(scope="session")
def pages(crawled: Path) -> list[Page]:
    """Every kind of page, as everyone who sees it in a way of their own."""
    return [Page(**each) for each in json.loads((crawled / CRAWLED).read_text())["pages"]]


@pytest.fixture(scope="session")
def looks(crawled: Path) -> list[list[Any]]:
    """What pages open for who is signed in: the view, the sealed column, whether the look is recorded."""
    return json.loads((crawled / CRAWLED).read_text())["looks"]


@pytest.fixture(scope="session")
def broken(crawled: Path) -> list[list[str]]:
    """The links that lead nowhere, or where who saw them may not go: who, what became of it, the address."""
    return json.loads((crawled / CRAWLED).read_text())["broken"]


def kinds(pages: list[Page]) -> list[Page]:
    """Return one page of each view, with who saw it."""
    return list({page.endpoint: page for page in pages}.values())


def signed_in(app: Flask, email: str, browser: str = IN_CLIENT) -> FlaskClient:
    """A client whose user has that address; nobody's where it is empty. Within the app's context."""
    client = app.test_client()
    if email:
        user = user_by_email(email)
        assert user is not None
        sign_in(client, user, browser=browser)
    return client


def session_of(live: Live, email: str) -> list[Any]:
    """The cookies a browser keeps once they signed in."""
    with live.app.app_context():
        cookie = signed_in(live.app, email, IN_CHROMIUM).get_cookie("session")
        db.session.remove()
    return [{"name": "session", "value": cookie.value, "url": live.url}] if cookie else []


class Crawl:
    """Follows every link, as one person after the other: a few addresses of each view."""

    def __init__(self, app: Flask) -> None:
        self.adapter = app.url_map.bind("localhost")
        with app.app_context():
            self.public = {endpoint for endpoint, policy in policies().items() if policy == "public"} - SAY_MORE
        self.pages: list[Page] = []
        self.broken: list[tuple[str, str, str]] = []
        self.seen_by_all: dict[str, Page] = {}
        self.met_by: defaultdict[str, set[str]] = defaultdict(set)

    def go(self, client: FlaskClient, who: str, start: str) -> None:
        """Add what *client* sees from *start* on."""
        waiting, met, counts = [start], {start}, Counter[str]()
        while waiting:
            address = waiting.pop(0)
            try:
                endpoint, _values = self.adapter.match(urlsplit(address).path, method="GET")
            except RequestRedirect:
                continue
            except Exception as error:  # noqa: BLE001  a dead link is what the crawl is for
                self.broken.append((who, f"dead link: {type(error).__name__}", address))
                continue
            self.met_by[endpoint].add(who)
            most = SAMPLES if len(self.met_by[endpoint]) <= BY_FEW else 1
            if endpoint == "site.set_language" or counts[endpoint] >= most:
                continue
            counts[endpoint] += 1
            page = self.seen_by_all.get(address) or self.look(client, who, endpoint, address)
            if page is None:
                continue
            if not page.html:
                counts[endpoint] = SAMPLES  # nobody looks into a file
            for link in page.links:
                if link not in met:
                    met.add(link)
                    waiting.insert(0 if link.endswith(OF_THIS_DEVICE) else len(waiting), link)

    def look(self, client: FlaskClient, who: str, endpoint: str, address: str) -> Page | None:
        """Return the page at *address*; None where there is none for *who*."""
        with client.get(address, follow_redirects=True) as answer:
            if answer.status_code != 200:
                self.broken.append((who, f"{answer.status_code} {endpoint}", address))
                return None
            page = Page(who, endpoint, address, answer.get_data(as_text=True) if answer.mimetype == "text/html" else "")
        if page.html:
            page.links = links(page)
            self.pages.append(page)
            vars(page).pop("tree")  # hundreds of them are a gigabyte
        if endpoint in self.public:
            self.seen_by_all[address] = page
        return page


def links(page: Page) -> list[str]:
    """Return the addresses on this site that *page* leads to, without files of ours and the API."""
    found = []
    for href in page.tree.xpath("//a/@href"):
        target = urlsplit(urljoin(page.address, href))
        if target.netloc in {"", "localhost"} and target.scheme in {"", "http"} and not re.match(r"/(static|api/v1)", target.path):
            found.append(target.path + (f"?{target.query}" if target.query else ""))
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
