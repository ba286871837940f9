"""The pages a role can reach and what they send: one request of each kind, for the scanner that tries parameters."""

from __future__ import annotations

import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from html.parser import HTMLParser

from running.attack.target import BROWSER, LEAVING, Site, shape

PER_KIND = 3  # pages of one shape that are read; they send the same
LARGEST = 3_000_000  # bytes of a page


@dataclass(frozen=True)
class Sent:
    """A request with parameters, as a page would send it."""

    method: str
    path: str
    values: tuple[tuple[str, str], ...]

    @property
    def kind(self) -> tuple[str, str, tuple[str, ...]]:
        """What makes two of them the same: where they go and what they are called."""
        return self.method, shape(self.path), tuple(sorted({name for name, _value in self.values}))


@dataclass
class Page(HTMLParser):
    """Reads links and forms of a page."""

    links: list[str] = field(default_factory=list)
    forms: list[tuple[str, str, list[tuple[str, str]]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._select, self._area = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self.forms.append((given.get("method", "get").upper(), given.get("action", ""), []))
        elif self.forms:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        name, values = given.get("name", ""), self.forms[-1][2]
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or all(known != self._select for known, _value in values)):
            values[:] = [each for each in values if each[0] != self._select] + [(self._select, given.get("value", ""))]
        elif tag == "textarea" and name:
            values.append((name, "Đường hỏng từ tháng trước."))
        elif tag in {"input", "button"} and name and given.get("type") != "file":
            if given.get("type") in {"radio", "checkbox"} and any(known == name for known, _value in values):
                return
            values.append((name, given.get("value") or "1"))


def sent_by(site: Site, *, seconds: float) -> list[Sent]:
    """Return one request of each kind that the pages of who is signed in send; stop looking after *seconds*."""
    until = time.monotonic() + seconds
    waiting, seen, had, found = deque([site.first, "/"]), {site.first, "/"}, {}, {}
    while waiting and time.monotonic() < until:
        path = waiting.popleft()
        query = urllib.parse.urlsplit(path).query
        asked = Sent("GET", path.partition("?")[0], tuple(urllib.parse.parse_qsl(query, keep_blank_values=True)))
        if asked.values:
            found.setdefault(asked.kind, asked)
        if had.setdefault(asked.kind, 0) >= PER_KIND or (page := _read(site, path)) is None:
            continue
        had[asked.kind] += 1
        for link in page.links:
            if (target := _own(site, path, link)) and target not in seen:
                seen.add(target)
                waiting.append(target)
        for method, action, values in page.forms:
            if (target := _own(site, path, action or path)) and values:
                given = urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query)
                each = Sent(
                    method, target if method == "POST" else target.partition("?")[0], tuple(values if method == "POST" else given + values)
                )
                found.setdefault(each.kind, each)
    return list(found.values())


def _read(site: Site, path: str) -> Page | None:
    request = urllib.request.Request(site.address + path, headers={"Cookie": site.cookie, "User-Agent": BROWSER})  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            if answer.headers.get_content_type() != "text/html":
                return None
            page = Page()
            page.feed(answer.read(LARGEST).decode(errors="replace"))
            return page
    except (OSError, ValueError):
        return None


def _own(site: Site, at: str, link: str) -> str:
    """Return the path and query of a link to this site; nothing for others and for what ends the sign-in."""
    target = urllib.parse.urlsplit(urllib.parse.urljoin(site.address + at, link))
    if f"{target.scheme}://{target.netloc}" != site.address or target.path.startswith((*LEAVING, "/static/")):
        return ""
    path = urllib.parse.quote(urllib.parse.unquote(target.path)) or "/"
    return f"{path}?{target.query}" if target.query else path
