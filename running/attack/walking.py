"""`python -m running.attack.walking`: walk a site from within, as who is signed in to it, and write down what its views read.

It runs on the data of a site that answers elsewhere, so that a page's address, forms and parameters are those of that site.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Collection, Generator, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule, UnicodeConverter

from running.attack.pages import Page, Sent, Values, Walk, news
from running.attack.target import BROWSER, LEAVING

OF_A_PAGE = 15  # seconds; what takes longer is not waited for
PER_RULE = 2  # pages of one rule that are read; they send the same
NO_PAGES = ("/static/", "/healthz", "/metrics")
FINE = 400  # an answer below it is a page


class Read(ImmutableMultiDict[str, str]):
    """A query or a form that keeps which names it was asked for."""

    names: ClassVar[set[str]] = set()

    def __contains__(self, key: object) -> bool:
        self.names.add(str(key))
        return super().__contains__(key)

    def __getitem__(self, key: str) -> str:
        self.names.add(key)
        return super().__getitem__(key)

    def getlist(self, key: str, *args: Any, **more: Any) -> list[Any]:
        self.names.add(key)
        return super().getlist(key, *args, **more)


class Walker:
    """Goes wherever links lead, and to every address that needs nothing to be put in."""

    def __init__(self, app: Flask, *, address: str, cookie: str, but: Collection[str]) -> None:
        app.request_class.parameter_storage_class = Read
        self.client, self.address = app.test_client(use_cookies=False), address
        self.headers = {"Cookie": cookie, "User-Agent": BROWSER}
        self.map = app.url_map.bind("")
        self.but = but  # rules that somebody walked before
        self.rules = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(NO_PAGES)]
        self.waiting: deque[str] = deque()
        self.seen: set[str] = set()
        self.opened: dict[str, str] = {}  # rule → the first of its addresses
        self.linked: list[tuple[str, str, str, list[tuple[str, str]]]] = []  # method, rule, path, values
        self.read: dict[str, set[str]] = {}  # rule → names that its view looked for
        self.together: set[str] = set()  # rules whose views answer when all of them are there

    def walk(self, first: str, *, seconds: float) -> Walk:
        """Walk from *first* for so many *seconds*; return what there is."""
        until, had = time.monotonic() + seconds, Counter[str]()
        plain = sorted(rule.rule for rule in self.rules if not rule.arguments and "GET" in (rule.methods or ()))
        for path in (first, "/", *plain):
            self.go(path)
        while self.waiting and time.monotonic() < until:
            path = self.waiting.popleft()
            rule = self.rule(path)
            if rule is None or had[rule.rule] >= PER_RULE or (rule.rule in self.but and path != first):
                continue
            had[rule.rule] += 1
            with at_most(OF_A_PAGE):
                self.open(rule, path)
        for path in list(self.opened.values()):
            rule = self.rule(path)
            if time.monotonic() > until or rule is None or not self.read[rule.rule]:
                continue
            # Some names are looked for only when others are there. An answer to all of them is one to each of them, too.
            with at_most(OF_A_PAGE):
                if self.open(rule, f"{path.partition('?')[0]}?{urlencode(self.usual(rule.rule))}"):
                    self.together.add(rule.rule)
        takers = sorted({rule for method, rule, *_ in self.linked if method == "POST"})
        may = [len({rule.rule for rule in self.rules if method in (rule.methods or ())}) for method in ("GET", "POST")]
        return Walk(list(self.opened.items()), list(news(self.sent(), set())), takers, *may)

    def rule(self, path: str, method: str = "GET") -> Rule | None:
        """Return the rule that *path* leads to."""
        try:
            rule, _values = self.map.match(unquote(urlsplit(path).path), method=method, return_rule=True)
        except (HTTPException, RequestRedirect):
            return None
        return None if rule.rule.startswith(NO_PAGES) else rule

    def go(self, path: str) -> None:
        """Open *path* when its turn comes."""
        if path not in self.seen:
            self.seen.add(path)
            self.waiting.append(path)

    def open(self, rule: Rule, path: str) -> bool:
        """Ask for *path*, and note what it leads to and what its view looked for; say whether it is there."""
        Read.names = set()
        with self.client.get(path, base_url=self.address, headers=self.headers) as answer:
            if answer.status_code >= FINE or urlsplit(answer.location or "").path.startswith("/dang-nhap"):
                return False
            self.opened.setdefault(rule.rule, path)
            self.read.setdefault(rule.rule, set()).update(name for name in Read.names if not name.endswith("csrf_token"))
            if answer.location and (target := self.own(path, answer.location)):
                self.go(target)
            if answer.mimetype != "text/html":
                return True
            page = Page()
            page.feed(answer.get_data(as_text=True))
        for link in page.links:
            if target := self.own(path, link):
                self.go(target)
                self.note("GET", target, [])
        for method, action, values in page.forms:
            if target := self.own(path, action or path):
                self.note(method, target, values)
        return True

    def own(self, at: str, link: str) -> str:
        """Return the path and query of a link to this site; nothing for others and for what ends the sign-in."""
        target = urlsplit(urljoin(self.address + at, link))
        if f"{target.scheme}://{target.netloc}" != self.address or target.path.startswith((*LEAVING, "/static/")):
            return ""
        path = quote(unquote(target.path)) or "/"
        return f"{path}?{target.query}" if target.query else path

    def note(self, method: str, target: str, values: list[tuple[str, str]]) -> None:
        """Keep a request that a page sends."""
        path, _mark, query = target.partition("?")
        given = parse_qsl(query, keep_blank_values=True)
        if (rule := self.rule(path, method)) is not None and (given or values):
            self.linked.append((method, rule.rule, target if method == "POST" else path, values if method == "POST" else given + values))

    def usual(self, rule: str) -> Values:
        """Return what the view of *rule* looks for, with values that pages send under these names."""
        known = {name: value for *_request, values in self.linked for name, value in values if value}
        return tuple((name, known.get(name, "1")) for name in sorted(self.read[rule]))

    def sent(self) -> Iterator[Sent]:
        """Yield what pages send, then what a view looks for and no page sends, then addresses that hold words themselves."""
        covered: set[tuple[str, str]] = set()
        for method, rule, path, values in self.linked:
            names = tuple(name for name, _value in values if not name.endswith("csrf_token"))
            covered |= {(rule, name) for name in names if method == "GET"}
            yield Sent(method, rule, path, tuple(values), names)
        for rule, path in self.opened.items():
            rest = tuple((name, value) for name, value in self.usual(rule) if (rule, name) not in covered)
            for values in [rest] if rule in self.together else [(each,) for each in rest]:
                yield Sent("GET", rule, path.partition("?")[0], values, tuple(name for name, _value in values))
        for rule, path in self.opened.items():
            if marked := self.marked(path):
                yield Sent("GET", rule, marked, (), ())

    def marked(self, path: str) -> str:
        """Return *path* with a * behind the last of its words that is looked up."""
        path = path.partition("?")[0]
        rule, values = self.map.match(unquote(path), method="GET", return_rule=True)
        for name in reversed(list(values)):
            if isinstance(rule._converters[name], UnicodeConverter):  # noqa: SLF001 - it has no other name
                before, found, after = path.rpartition(f"/{quote(values[name])}")
                return f"{before}{found}*{after}" if found else ""
        return ""


@contextlib.contextmanager
def at_most(seconds: float) -> Generator[None]:
    """Let a view that takes longer fail, as if it had a fault: the walk goes on."""

    def fail(*_signal: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        with contextlib.suppress(TimeoutError):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def main(given: dict[str, Any]) -> None:
    """Walk as *given* says and write what there is to the file it names."""
    from wsgi import app  # noqa: PLC0415 - only this process has the site

    walker = Walker(app, address=given["address"], cookie=given["cookie"], but=given["but"])
    walk = walker.walk(given["first"], seconds=given["seconds"])
    Path(given["told"]).write_text(json.dumps(asdict(walk)))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
