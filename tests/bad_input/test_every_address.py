"""Every address of the site with garbage in it, in its path and behind it: a plain page or the right refusal, never a fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Rule, UnicodeConverter

from tests.bad_input.conftest import Site, signed_in, unchanging
from tests.bad_input.garbage import IN_ADDRESSES, TEXTS
from tests.bad_input.pages import address, honest
from tests.bad_input.routes import FINE, Router, rules_of
from tests.feedback.pages import token

pytestmark = pytest.mark.strictest_database

#: What reaches a view where a number is due; the router turns away all else.
NUMBERS = ("10^30", "beyond bigint", "5,000 digits", "Arabic digits", "full-width digits", "zero")
SPREAD = 10  # words are dealt out among the addresses: each meets this fraction of them


def bad_addresses(app: Flask, site: Site) -> Iterator[tuple[Rule, str, str, str]]:
    """Yield each rule with arguments, which of them is wrong and how, and the address."""
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
                yield rule, name, what, address(rule, honest(site, rule) | {name: text})


def test_garbage_in_an_address_is_not_found(app, site, ear):
    client = signed_in(app, site.everybody)
    csrf, client = token(client, "/gui-y-kien"), unchanging(client)
    router, odd = Router(app), []
    for rule, name, what, where in bad_addresses(app, site):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            refusal = router.refusal(where, method)
            if refusal and not router.first(refusal, where, method, what):
                continue
            with client.open(where, method=method, data={"csrf_token": csrf} if method == "POST" else None) as answer:
                if answer.status_code not in FINE:
                    odd.append((rule.endpoint, method, f"{name}: {what}", answer.status_code))

    assert ear.failures == []
    assert odd == []


NAMES = (
    "q", "loai", "linh-vuc", "noi", "don-vi", "sau", "after", "trang", "tinh-trang", "tinh", "truoc", "xem", "viec", "lang", "next",
    "tu", "den", "ve", "y", "v", "da-ket-thuc", "nguoi", "khan", "limit", "cursor", "kind",
    "muc", "c", "nam", "tieng", "thang", "tra-loi", "gap", "giu", "nguon", "con-lai",
    "cap", "cap-tren", "code", "csrf_token", "diem-cau", "goc", "key", "ngay", "rows", "soan-lai",
    "chua-neu", "hang", "mo", "xong",
    "bac", "buoi", "cot", "dem", "dong", "het", "hua", "ky", "rieng", "so", "theo", "thuoc", "tre-den", "tre-tu", "tuoi", "xep",
)  # fmt: skip
LONG = 600  # characters
EVERYWHERE = {"lang"}  # the one name that every page asks for


class Query(ImmutableMultiDict[str, str]):
    """A query that keeps which of its names were asked for."""

    asked: ClassVar[set[str]] = set()

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def getlist(self, name: str, *args: Any) -> list[Any]:
        self.asked.add(name)
        return super().getlist(name, *args)


def test_no_query_breaks_a_page(app, site, ear, monkeypatch):
    client, odd, every = unchanging(signed_in(app, site.everybody)), [], set()
    monkeypatch.setattr(app.request_class, "parameter_storage_class", Query)
    for number, rule in enumerate(rules_of(app)):
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith("api_") or rule.endpoint == "oversight.export":
            continue
        Query.asked.clear()
        for text in sorted([text for text in TEXTS.values() if len(text) < 6000][number % SPREAD :: SPREAD], key=len):
            # Words without end are for the names that the view asked for; one that asks for none says the same whatever they are.
            names = NAMES if len(text) < LONG else Query.asked
            query = urlencode(dict.fromkeys(names, text), errors="surrogatepass")
            with client.get(address(rule, honest(site, rule)), query_string=query) as answer:
                if answer.status_code not in FINE:
                    odd.append((rule.endpoint, text[:20], answer.status_code))
            if Query.asked <= EVERYWHERE:
                break
        every |= Query.asked

    assert ear.failures == []
    assert odd == []
    assert every - set(NAMES) == set()
