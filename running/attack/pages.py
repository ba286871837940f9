"""Pages as a program reads them, and one request for each parameter that they, or the routes behind them, know."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from running.attack.target import ROLES, Site, attacked
from running.attack.tools import last_words
from running.install import HERE, PYTHON, Refused

AT_ONCE = 2  # walks
LONGEST, GRACE = 60, 60  # seconds of a walk, and to load the site before it
#: What a careful person would type, by the kind of the field; anything else is "1".
TYPED = {"date": "2026-11-23", "email": "nguoi.dan@example.vn", "tel": "0912345678", "text": "duong", "search": "duong"}

Values = tuple[tuple[str, str], ...]


class Sent(NamedTuple):
    """A request, and which of its parameters no request before it had. Without any of them, its address holds one, with a * behind it."""

    method: str
    rule: str
    path: str
    values: Values
    new: tuple[str, ...]

    @property
    def link(self) -> str:
        """The address it is sent to."""
        return f"{self.path}?{urlencode(self.values)}" if self.method == "GET" and self.values else self.path


@dataclass
class Walk:
    """What somebody can open and send: an address of each rule, a request for each parameter."""

    pages: list[tuple[str, str]] = field(default_factory=list)  # rule, address
    sent: list[Sent] = field(default_factory=list)
    takers: list[str] = field(default_factory=list)  # rules that the forms of these pages are sent to
    rules: int = 0  # that the site has to be opened
    taking: int = 0  # that take forms


def walks(prepared: Path) -> dict[str, Walk]:
    """Return a walk of each role, made once for all scanners: the copies of a site have the same addresses."""
    kept = prepared / "walks"
    if not kept.exists():
        with attacked(prepared, "walks") as site, ThreadPoolExecutor(AT_ONCE) as pool:
            found, public = {}, []
            for role in ROLES:
                site.enter(role)
                found[role] = pool.submit(_walked, replace(site), site.folder / f"walk of {role}", public)
                if not public:  # what everybody can open is walked once
                    public = [rule for rule, _path in json.loads(found[role].result())["pages"]]
            texts = {f"{number:02} {role}.json": each.result() for number, (role, each) in enumerate(found.items())}
        kept.mkdir()
        for name, text in texts.items():
            (kept / name).write_text(text)
    return {each.stem.partition(" ")[2]: _read(each) for each in sorted(kept.iterdir())}


def reach(walks: Iterable[Walk]) -> str:
    """Return how much of the site they come to, in words."""
    every = list(walks)
    opened = {rule for walk in every for rule, _path in walk.pages}
    sent = {rule for walk in every for rule in walk.takers}
    return (
        f"Together the roles open {len(opened)} of {every[0].rules} kinds of addresses, "
        f"and meet on their pages forms for {len(sent)} of {every[0].taking} that take one."
    )


def _walked(site: Site, told: Path, but: list[str]) -> str:
    """Walk the site as who is signed in, in a process that has the site in memory and sees what its views read."""
    given = {"first": site.first, "address": site.address, "cookie": site.cookie, "but": but, "seconds": LONGEST, "told": str(told)}
    with told.with_suffix(".txt").open("w+") as said:
        subprocess.run(
            [PYTHON, "-m", "running.attack.walking", json.dumps(given)],
            cwd=HERE,
            env=site.environment,
            check=False,
            timeout=LONGEST + GRACE,
            stdout=said,
            stderr=said,
        )
        if not told.exists():
            said.seek(0)
            raise Refused("Không đi qua được trang để thử.", f"The site could not be walked: {last_words(said.read())}")
    return told.read_text()


def _read(told: Path) -> Walk:
    walk = Walk(**json.loads(told.read_text()))
    walk.sent = [Sent(*each[:3], tuple((name, value) for name, value in each[3]), tuple(each[4])) for each in walk.sent]
    return walk


def news(sent: Iterable[Sent], known: set[tuple[str, str, str]]) -> Iterator[Sent]:
    """Yield the requests that have a parameter that is not among the *known*, and make it known."""
    for each in sent:
        asked = each.new or ("*",) * ("*" in each.path)
        names = [name for name in dict.fromkeys(asked) if (each.method, _everywhere(name, each.rule), name) not in known]
        if names:
            known.update((each.method, _everywhere(name, each.rule), name) for name in names)
            yield each._replace(new=tuple(name for name in names if name != "*"))


def _everywhere(name: str, rule: str) -> str:
    return "" if name == "lang" else rule  # every page reads it, by the same line


@dataclass
class Page(HTMLParser):
    """Reads links and forms of a page."""

    links: list[str] = field(default_factory=list)
    forms: list[tuple[str, str, list[tuple[str, str]]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._select, self._also = "", []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self.forms.append((given.get("method", "get").upper(), given.get("action", ""), []))
        elif self.forms:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        name, (method, _action, values) = given.get("name", ""), self.forms[-1]
        if "formaction" in given:
            self._also.append((method, given["formaction"], values))
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or all(known != self._select for known, _value in values)):
            values[:] = [each for each in values if each[0] != self._select] + [(self._select, given.get("value", ""))]
        elif tag == "textarea" and name:
            values.append((name, "Đường hỏng từ tháng trước."))
        elif tag in {"input", "button"} and name and given.get("type") != "file":
            if given.get("type") in {"radio", "checkbox"} and any(known == name for known, _value in values):
                return
            values.append((name, given.get("value") or TYPED.get(given.get("type", "text"), "1")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "form":
            self.forms += self._also
            self._also = []
