"""Pages as a program sees them: which can be reached, and what their forms would send."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml.html import HtmlElement, fromstring
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import AnyConverter, IntegerConverter, RequestRedirect, Rule, UUIDConverter

from tests.bad_input.conftest import Site

SAMPLES = 2  # pages of one view


@dataclass
class Form:
    """A form that changes something: where it goes, what it sends untouched, and what kind of field each name is."""

    endpoint: str
    action: str
    sends: MultiDict[str, Any] = field(default_factory=MultiDict)
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """The names of what can be typed."""
        return [name for name, kind in self.kinds.items() if kind not in {"checkbox", "radio", "select", "file", "hidden"}]


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
    known = site.rooms.of(rule.endpoint)
    found: dict[str, str] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if name in known:
            found[name] = known[name]
        elif isinstance(converter, AnyConverter):
            found[name] = min(converter.items)  # the same each time: they are a set
        elif isinstance(converter, UUIDConverter):
            found[name] = str(uuid.uuid4())
        elif isinstance(converter, IntegerConverter):
            found[name] = "1"
        else:
            found[name] = site.items[item].code if name == "code" else "x"
    return found


def of_sessions(endpoint: str) -> bool:
    return "dialogue" in endpoint or endpoint.startswith("api_sessions.")


def crawl(app: Flask, client: FlaskClient, starts: list[str], wanted: Callable[[str], bool]) -> dict[str, str]:
    """Return the pages that links lead to from *starts*, by address; a few of each view whose endpoint is *wanted*."""
    adapter = app.url_map.bind("localhost")
    waiting, seen, had, pages = list(starts), set(starts), {}, {}
    while waiting:
        where = waiting.pop(0)
        try:
            endpoint, _values = adapter.match(urlsplit(where).path, method="GET")
        except (HTTPException, RequestRedirect):
            continue
        if (where not in starts and had.get(endpoint, 0) >= SAMPLES) or endpoint == "site.set_language" or not wanted(endpoint):
            continue
        had[endpoint] = had.get(endpoint, 0) + 1
        with client.get(where, follow_redirects=True) as answer:
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            pages[where] = answer.text
        for href in fromstring(pages[where]).xpath("//a/@href"):
            target = urlsplit(urljoin(where, href))
            link = target.path + (f"?{target.query}" if target.query else "")
            if target.netloc in {"", "localhost"} and link not in seen and not target.path.endswith((".pdf", ".xlsx")):
                seen.add(link)
                waiting.append(link)
    return pages


def forms(app: Flask, pages: dict[str, str]) -> Iterator[Form]:
    """Yield each different form of *pages* that is sent by POST."""
    adapter, seen = app.url_map.bind("localhost"), set()
    for where, html in pages.items():
        for tag in fromstring(html).xpath("//form[@method='post']"):
            for action in _actions(tag, where):
                endpoint, _values = adapter.match(urlsplit(action).path, method="POST")
                form = _form(tag, endpoint, action)
                name = (endpoint, tuple(form.kinds))
                if name not in seen:
                    seen.add(name)
                    yield form


def _actions(tag: HtmlElement, where: str) -> list[str]:
    """Return where the buttons of a form send it."""
    own = tag.get("action") or where
    sent_by = [button.get("formaction") or own for button in tag.iter("button") if button.get("type") != "button"]
    return [urljoin(where, action) for action in dict.fromkeys(sent_by or [own])]


def _form(tag: HtmlElement, endpoint: str, action: str) -> Form:
    form = Form(endpoint, action)
    for each in tag.iter("input", "select", "textarea", "button"):
        name = each.get("name")
        if not name:
            continue
        kind = each.tag if each.tag != "input" else each.get("type", "text")
        if kind == "button":
            form.kinds[name] = "hidden"
            continue
        form.kinds[name] = kind
        if kind == "select":
            options = list(each.iter("option"))
            chosen = [option for option in options if "selected" in option.attrib] or options[-1:]
            form.sends.setlist(name, [option.get("value", "") for option in chosen])
        elif kind == "textarea":
            form.sends.add(name, each.text_content())
        elif kind in {"checkbox", "radio"}:
            if "checked" in each.attrib:
                form.sends.add(name, each.get("value", "y"))
        elif kind != "file":
            form.sends.add(name, each.get("value", ""))
    return form
