"""What every answer tells the browser, of whatever kind; who leads somewhere else through us; what a form without its token does."""

from __future__ import annotations

from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import pytest
from flask import Flask, templating
from flask.testing import FlaskClient

from app import csrf
from app.headers import ALWAYS
from app.static_files import FOLDER
from tests.bad_input.conftest import Site, counts, signed_in, unchanging, undone
from tests.bad_input.pages import address, honest
from tests.bad_input.routes import rules_of
from tests.feedback import builders
from tests.tried import Tried

pytestmark = pytest.mark.strictest_database

HTTPS = "https://localhost"
STRANGER = "https://ke-xau.example/trang"
#: Answers that say one of them otherwise, and why.
OTHERWISE = {
    "transparency.counter": {"Content-Security-Policy", "Referrer-Policy", "Cross-Origin-Resource-Policy"},  # for other sites' pages
    "transparency.badge": {"Content-Security-Policy", "Referrer-Policy", "Cross-Origin-Resource-Policy"},
    "dialogue_staff.door": {"Permissions-Policy"},  # a telephone scans the codes of who comes
}


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked here does not hang on what stands on a page."""
    monkeypatch.setattr(templating, "_render", lambda *_: "")


@pytest.fixture
def https(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The site as it is with HTTPS=1."""
    for name, value in {"HTTPS": True, "SESSION_COOKIE_SECURE": True, "SESSION_COOKIE_NAME": "__Host-session"}.items():
        monkeypatch.setitem(app.config, name, value)
    return app


def pages(app: Flask, site: Site) -> list[tuple[str, str]]:
    """Return the endpoint and an address of each page and file, and of what there is none."""
    site.items["taken"].attachments.append(builders.proof())
    found = [(rule.endpoint, address(rule, honest(site, rule))) for rule in rules_of(app) if "GET" in (rule.methods or ())]
    nowhere = ["/khong-co", "/api/v1/khong-co", "/static/khong-co.css", "/gui-y-kien/", "/tra-cuu?ma=x", "/%ff", "/can-bo/y-kien/x"]
    return [*found, *(("", where) for where in nowhere)]


def test_every_answer_says_what_a_browser_may_do_with_it(https, site, ear):
    sent: dict[str, str] = {}
    odd, kinds = [], set()
    for client in (https.test_client(), signed_in(https, site.everybody)):
        asked = [*pages(https, site), *((path.suffix, f"/static/{path.relative_to(FOLDER)}") for path in FOLDER.rglob("*.*"))]
        for endpoint, where in asked:
            with client.get(where, base_url=HTTPS) as answer:
                kinds.add((answer.status_code, answer.mimetype))
                missing = [name for name in ALWAYS if name not in answer.headers]
                said = {name for name, value in ALWAYS.items() if answer.headers.get(name) != value}
                weaker = said - OTHERWISE.get(endpoint, set()) - {"Referrer-Policy"}
                if missing or (weaker and "sandbox" not in answer.headers["Content-Security-Policy"]):
                    odd.append((where, answer.status_code, missing or weaker))
                policy, referrer = answer.headers["Content-Security-Policy"], answer.headers["Referrer-Policy"]
                if ("unsafe" in policy and "sandbox" not in policy) or referrer not in {"same-origin", "no-referrer"}:
                    odd.append((where, policy, referrer))
                if "max-age=31536000" not in answer.headers.get("Strict-Transport-Security", ""):
                    odd.append((where, "HSTS"))
                for line in answer.headers.getlist("Set-Cookie"):
                    sent[line.partition("=")[0]] = line
    for name, line in sent.items():
        cookie = SimpleCookie(line)[name]
        if not (cookie["secure"] and cookie["httponly"] and cookie["samesite"] in {"Lax", "Strict"} and not cookie["domain"]):
            odd.append((name, line))
    assert odd == []
    assert SimpleCookie(sent["__Host-session"])["__Host-session"]["path"] == "/"
    assert {200, 302, 404, 308} <= {status for status, _ in kinds}
    assert {"text/html", "application/json", "application/pdf", "text/css", "text/csv"} <= {kind for _, kind in kinds}
    assert ear.failures == []


def test_nobody_is_led_to_a_stranger_through_us(app, site, tried: Tried):
    odd, asked = [], 0
    foreign = [STRANGER, "//ke-xau.example", "/\\ke-xau.example", "https:ke-xau.example", "/\t/ke-xau.example", "javascript:alert(1)"]
    found = pages(app, site)
    for client in (app.test_client(), signed_in(app, site.everybody)):
        for where in (each for _endpoint, each in found if "?" not in each):
            evil = dict.fromkeys(("next", "url", "to", "ve", "return", "tiep"), STRANGER)
            with client.get(where, query_string=evil, headers={"Referer": STRANGER, "X-Forwarded-Host": "ke-xau.example"}) as answer:
                asked += 1
                if urlsplit(answer.location or "").netloc not in {"", "localhost"} or "ke-xau" in urlsplit(answer.location or "").netloc:
                    odd.append((where, answer.location))
        for where in foreign:
            for page in ("/ngon-ngu/en", "/dang-nhap"):
                location = client.get(page, query_string={"next": where}).location or ""
                asked += 1
                if "ke-xau" in location or "javascript" in location:
                    odd.append((page, where, location))
    assert odd == []
    tried("an address that leads to a stranger", asked)


def exempt(app: Flask, endpoint: str) -> bool:
    """Say whether the form checks its token itself, or is of the API, which reads no cookie."""
    view = app.view_functions[endpoint]
    of = app.blueprints.get(endpoint.rpartition(".")[0])
    return of in csrf._exempt_blueprints or f"{view.__module__}.{view.__name__}" in csrf._exempt_views


def posts(app: Flask, site: Site) -> list[tuple[str, str]]:
    rules = [rule for rule in rules_of(app) if "POST" in (rule.methods or ())]
    return [(rule.endpoint, address(rule, honest(site, rule))) for rule in rules]


def test_that_no_browser_keeps_an_answer_is_said_by_one_function():
    """Else one forgets: app.headers.unkept."""
    source = (path for package in ("app", "feedback", "dialogues", "oversight") for path in (FOLDER.parents[1] / package).rglob("*.py"))
    assert [path.name for path in source if "no-store" in path.read_text("utf-8")] == ["headers.py"]


def test_no_form_without_its_token_does_anything(app, site, tried: Tried):
    """400 on every POST; of the few forms that check it themselves, so that nothing typed is lost, none stores anything."""
    client = signed_in(app, site.everybody)
    client, before, odd, own, sent = unchanging(client), counts(), [], 0, 0
    for endpoint, where in posts(app, site):
        if endpoint.startswith("api_"):
            continue
        with undone(), client.post(where, data={"text": "x", "reason": "x", "csrf_token": "x"}) as answer:
            own += exempt(app, endpoint)
            sent += 1
            if not exempt(app, endpoint) and answer.status_code != 400:
                odd.append((endpoint, answer.status_code))
            if exempt(app, endpoint) and counts() != before:
                odd.append((endpoint, "stored something"))
    assert odd == []
    assert 0 < own < 40
    tried("a form of a signed-in person sent from elsewhere (CSRF)", sent)


def test_the_api_knows_nobody_who_is_signed_in(app, site, tried: Tried):
    """What a page hides is no more to be had here: the API answers the same, whoever's cookies come with the call."""
    clients: list[FlaskClient] = [app.test_client(), unchanging(signed_in(app, site.everybody))]
    odd = []
    calls = {
        (method, address(rule, honest(site, rule, name)))
        for rule in rules_of(app)
        for method in (rule.methods or set()) & {"GET", "POST", "PATCH", "DELETE"}
        for name in ("taken", "answered", "submitted")
        if rule.rule.startswith("/api/")
    }
    for method, where in sorted(calls):
        said = []
        for client in clients:
            with undone(), client.open(where, method=method, json={} if method != "GET" else None) as answer:
                said.append((answer.status_code, answer.get_data()))
        if said[0] != said[1]:
            odd.append((method, where))
    assert odd == []
    assert len(calls) > 20
    tried("a call of the API with the cookie of who may do everything", len(calls))
