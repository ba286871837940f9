"""Every address of the site with garbage in it, by every method, as everyone: a plain page, the right refusal, never a fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule, UnicodeConverter

from app.access import policies
from app.accounts.models import User
from tests.bad_input.conftest import Site, counts, signed_in, unchanging, undone
from tests.bad_input.garbage import IN_ADDRESSES, TEXTS
from tests.bad_input.pages import address, honest
from tests.feedback.pages import token

pytestmark = pytest.mark.strictest_database

FINE = {200, 201, 302, 303, 304, 308, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422}


def rules_of(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in {"static", "accounts.sign_out", "health.healthz"}]


#: What reaches a view where a number is due; the router turns away all else.
NUMBERS = ("10^30", "beyond bigint", "5,000 digits", "Arabic digits", "full-width digits", "zero")
SPREAD = 10  # words are dealt out among the addresses: each meets this fraction of them


def bad_addresses(app: Flask, site: Site) -> Iterator[tuple[Rule, str, str]]:
    """Yield each rule with arguments, what is wrong, and the address."""
    for number, rule in enumerate(rules_of(app)):
        for name in sorted(rule.arguments):
            converter = type(rule._converters[name])
            if issubclass(converter, IntegerConverter):
                words = {what: (IN_ADDRESSES | TEXTS)[what] for what in NUMBERS}
            elif issubclass(converter, UnicodeConverter):
                words = dict(list(IN_ADDRESSES.items())[number % SPREAD :: SPREAD])
            else:
                words = {"NUL": IN_ADDRESSES["NUL"]}
            for what, text in words.items():
                yield rule, f"{name}: {what}", address(rule, honest(site, rule) | {name: text})


def test_garbage_in_an_address_is_not_found(app, site, ear):
    client = signed_in(app, site.everybody)
    csrf, client = token(client, "/gui-y-kien"), unchanging(client)
    odd = []
    for rule, what, where in bad_addresses(app, site):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            with client.open(where, method=method, data={"csrf_token": csrf} if method == "POST" else None) as answer:
                if answer.status_code not in FINE:
                    odd.append((rule.endpoint, method, what, answer.status_code))

    assert ear.failures == []
    assert odd == []


SAFE = {"GET", "HEAD"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def expected(policy: Any, who: User | None, method: str) -> set[int] | None:
    """Return with what a route must answer who may not use it; None where they may."""
    if policy in {"public", None}:
        return None
    if who is None:
        return {302} if method in SAFE else {401}
    if policy == "signed_in" or any(who.reach.may_anywhere(each) for each in policy):
        return None
    return {403}


@pytest.mark.parametrize("work", ["anyone", "officer", "admin"])
def test_each_route_turns_away_who_may_not_use_it_whatever_the_method(app, site, ear, work):
    who = None if work == "anyone" else getattr(site.province, work, None) or site.admin
    client, known = signed_in(app, who), policies()
    csrf, client = token(client, "/gui-y-kien"), unchanging(client)
    odd = []
    for rule, where in [(rule, address(rule, honest(site, rule))) for rule in rules_of(app)]:
        for method in METHODS:
            taken = method in (rule.methods or ())
            kept = undone() if taken and method not in SAFE else nullcontext()  # only a view that was reached can store something
            with kept, client.open(where, method=method, data={"csrf_token": csrf}) as answer:
                status = answer.status_code
                must = expected(known[rule.endpoint], who, method) if taken else None
                if (must and status not in must) or status not in FINE:
                    odd.append((rule.endpoint, method, status, must))
                if status == 405 and not answer.headers.get("Allow"):
                    odd.append((rule.endpoint, method, "405 without Allow", None))

    assert ear.failures == []
    assert odd == []


def test_a_form_of_staff_without_its_token_stores_nothing(app, site):
    client = signed_in(app, site.everybody)
    before, odd = counts(), []
    for rule in rules_of(app):
        if "POST" not in (rule.methods or ()) or rule.endpoint.startswith("api_"):
            continue
        with client.post(address(rule, honest(site, rule)), data={"text": "x", "reason": "x"}) as answer:
            if answer.status_code not in {200, 303, 400, 404, 422}:
                odd.append((rule.endpoint, answer.status_code))
    client.get("/thong-bao")

    assert odd == []
    assert counts() == before


NAMES = (
    "q", "loai", "linh-vuc", "noi", "don-vi", "sau", "after", "trang", "tinh-trang", "tinh", "truoc", "xem", "viec", "ma", "lang", "next",
    "tu", "den", "ve", "y", "v", "da-ket-thuc", "nguoi", "khan", "limit", "cursor", "kind",
    "muc", "c", "nam",
)  # fmt: skip


def test_no_query_breaks_a_page(app, site, ear):
    client, odd = unchanging(signed_in(app, site.everybody)), []
    for number, rule in enumerate(rules_of(app)):
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith("api_") or rule.endpoint == "oversight.export":
            continue
        for text in [text for text in TEXTS.values() if len(text) < 6000][number % SPREAD :: SPREAD]:
            query = urlencode(dict.fromkeys(NAMES, text), errors="surrogatepass")
            with client.get(f"{address(rule, honest(site, rule))}?{query}") as answer:
                if answer.status_code not in FINE:
                    odd.append((rule.endpoint, text[:20], answer.status_code))

    assert ear.failures == []
    assert odd == []
