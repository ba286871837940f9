"""Every address of the site with garbage in it, by every method, as everyone: a plain page, the right refusal, never a fault."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from urllib.parse import quote

from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule, UnicodeConverter, UUIDConverter

from tests.bad_input.conftest import Site, signed_in
from tests.bad_input.garbage import IN_ADDRESSES, TEXTS
from tests.feedback.pages import token

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
FINE = {200, 201, 302, 303, 304, 308, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422}


def rules_of(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in {"static", "accounts.sign_out"}]


def address(rule: Rule, values: dict[str, str]) -> str:
    """Return the address of *rule* with *values* put in raw: a browser, not url_for, decides what stands there."""
    parts = []
    for part in rule.rule.replace("<", "\0<").replace(">", "\0").split("\0"):
        if part.startswith("<"):
            parts.append(quote(values[part.rpartition(":")[2].lstrip("<")], safe=""))
        else:
            parts.append(part)
    return "".join(parts)


def honest(site: Site, rule: Rule, item: str = "taken") -> dict[str, str]:
    """Return arguments that lead somewhere."""
    found: dict[str, str] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if isinstance(converter, AnyConverter):
            found[name] = next(iter(converter.items))
        elif isinstance(converter, UUIDConverter):
            found[name] = str(uuid.uuid4())
        elif isinstance(converter, IntegerConverter):
            found[name] = "1"
        else:
            found[name] = site.items[item].code if name == "code" else "x"
    return found


#: What reaches a view where a number is due; the router turns away all else.
NUMBERS = ("10^30", "beyond bigint", "5,000 digits", "Arabic digits", "full-width digits", "zero")
SPREAD = 6  # words are dealt out among the addresses: each meets this fraction of them


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
    csrf = token(client, "/gui-y-kien")
    odd = []
    for rule, what, where in bad_addresses(app, site):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            with client.open(where, method=method, data={"csrf_token": csrf} if method == "POST" else None) as answer:
                if answer.status_code not in FINE:
                    odd.append((rule.endpoint, method, what, answer.status_code))

    assert ear.failures == []
    assert odd == []
