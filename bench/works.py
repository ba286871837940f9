"""What is asked of the site, and what of the reference stands beside it."""

from __future__ import annotations

import http.client
import itertools
import json
import re
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.client import TOGETHER, Ask
from bench.province import Province

OFFICER = "quach.thi.ngan@bacninh.example"  # of the busy unit: growing.BUSY
FRONT = "vi.van.thuan@bacninh.example"  # of the Fatherland Front, which sees all of the register
PASSWORD = "thu-nghiem-2026"  # noqa: S105 - of the demo's people
DEEP = 400  # the page that is reached by going on from page to page
PHRASE, FOLDED = "tuyến đường", "tuyen duong"

REGISTER = "/can-bo/viec-da-cam-ket"

Next = Callable[[], Ask]


@dataclass(frozen=True)
class Work:
    """One kind of request: the ratio it should reach at 200 k items, and which share of it is left at a million against a thousand.

    Of what the reference has nothing like, the 95th of a hundred answers counts, in milliseconds, with one person who asks.
    """

    name: str
    ratio: float
    flat: float
    site: Next
    beside: Next
    expects: int = 200
    beside_expects: int = 200
    within: float | None = None  # milliseconds
    together: int = TOGETHER


def works(province: Province, site: int, reference: int | None, items: int) -> list[Work]:
    """Return what is measured on the ports *site* and *reference*, which holds *items*; without one, only what the site is asked for."""
    officer, front = (("Cookie", sign_in(site, OFFICER)),), (("Cookie", sign_in(site, FRONT)),)
    numbers = itertools.count()
    sent = _endless([_sending(body) for body in _bodies()], numbers)
    filled = _endless([_filling(site)], numbers)
    taken_in = _each([_form(n) for n in range(1, 121)])
    spread = _each([Ask(f"/item/{1 + n * max(1, items // 400)}") for n in range(min(400, items))])
    lists = _each([Ask(f"/items?unit=1&state={state}") for state in ("received", "closed")])
    deep, page = _deep(site, officer[0][1])
    return [
        Work("citizen submits (API)", 0.50, 0.9, sent, taken_in, 201, 303),
        Work("citizen submits (form)", 0.50, 0.9, filled, taken_in, 303, 303),
        Work("unit's list, first page", 0.50, 0.9, _each([Ask("/can-bo/viec", headers=officer)]), lists),
        Work(
            f"unit's list, page {DEEP} or the last",
            0.50,
            0.9,
            _each([Ask(deep, headers=officer)]),
            _each(_deep_beside(reference, page)) if reference else lists,
        ),
        Work("detail", 0.40, 0.9, _each(_details(site, officer[0][1])), spread),
        Work(
            "search, two words",
            0.50,
            0.7,
            _each(_searches(site, officer[0][1])),
            _each([Ask(f"/find?q={urllib.parse.quote('đường làng')}")]),
        ),
        Work("public tracking", 0.80, 0.9, _each([Ask(f"/tra-cuu/{code}") for code in province.codes]), spread),
        Work("public list", 0.80, 0.9, _each([Ask("/da-tra-loi")]), lists),
        Work("register, filtered", 0, 0.5, _each(_filtered(site, front)), lists, within=300, together=1),
        Work("league table", 0, 0.5, _each([Ask("/can-bo/xep-hang", headers=front)]), lists, within=300, together=1),
    ]


def _each(asks: Sequence[Ask]) -> Next:
    assert asks, "nothing to ask for"
    turn = itertools.cycle(asks)
    return lambda: next(turn)


def _endless(makers: Sequence[Callable[[int], Ask]], numbers: Iterator[int]) -> Next:
    turn = itertools.cycle(makers)
    return lambda: next(turn)(next(numbers))


def _bodies() -> list[str]:
    from demo import content  # noqa: PLC0415

    return [item["body"] for item in content.items() if "body" in item][:40]


def _sending(body: str) -> Callable[[int], Ask]:
    def ask(number: int) -> Ask:
        said = {"kind": "report", "body": f"{body} (lần {number})", "contact": {"name": "Nguyễn Thị Hoa", "phone": "0912345678"}}
        written = json.dumps(said).encode()
        return Ask("/api/v1/feedback", "POST", written, (("Content-Type", "application/json"),))

    return ask


def _filling(port: int) -> Callable[[int], Ask]:
    """Return who sends the form again and again: the page with its token and its cookie was fetched once, before."""
    _status, page, cookie = _get(port, "/gui-y-kien", "")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    typed = {
        "csrf_token": token[1],
        "kind": "report",
        "place_id": "tinh",
        "happened": "unknown",
        "sender": "person",
        "name": "Nguyễn Thị Hoa",
    }
    typed |= {"phone": "0912345678", "identity_scope": "unit"}

    def ask(number: int) -> Ask:
        body = f"Đèn đường trước cổng trường hỏng đã hai tuần, tối không ai dám đi (lần {number})."
        sent = urllib.parse.urlencode(typed | {"token": f"bench-{port}-{time.time_ns()}", "body": body}).encode()
        return Ask("/gui-y-kien/gui", "POST", sent, (("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookie)))

    return ask


def _form(unit: int) -> Ask:
    fields = {
        "title": "Đèn đường hỏng",
        "body": "Đèn đường trước cổng trường hỏng đã hai tuần, tối không ai dám đi." * 6,
        "unit_id": str(unit),
    }
    return Ask("/item", "POST", urllib.parse.urlencode(fields).encode(), (("Content-Type", "application/x-www-form-urlencoded"),))


def _searches(port: int, cookie: str) -> list[Ask]:
    """Return the phrase as it is typed, and without its marks; it goes by POST, and its page was fetched once, before."""
    _status, page, new = _get(port, "/can-bo/tim", cookie)
    headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", new or cookie))  # its token came with the new one
    return [Ask("/can-bo/tim", "POST", _typed(page, q=f'"{phrase}"'), headers) for phrase in (PHRASE, FOLDED)]


def _typed(page: str, **fields: str) -> bytes:
    """Return what a browser sends of the form on *page* that was filled with *fields*."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    return urllib.parse.urlencode({"csrf_token": token[1], **fields}).encode()


def sign_in(port: int, email: str) -> str:
    """Return the cookie of who has just signed in."""
    first = _get(port, "/dang-nhap", "")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', first[1])
    assert token is not None
    fields = urllib.parse.urlencode({"csrf_token": token[1], "email": email, "password": PASSWORD})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": first[2]}
    connection.request("POST", "/dang-nhap", fields, headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status in {302, 303}, answer.status
    return _cookies(answer) or first[2]


def _get(port: int, path: str, cookie: str) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), _cookies(answer)


def _cookies(answer: http.client.HTTPResponse) -> str:
    return "; ".join(line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie") or [])


def _deep(port: int, cookie: str) -> tuple[str, int]:
    """Return the address of the page that far in, or of the last there is, and its number."""
    path, page = "/can-bo/viec", 1
    while page < DEEP:
        links = re.findall(r'href="(/can-bo/viec\?[^"]*sau=[^"]+)"', _get(port, path, cookie)[1])
        onward = [each for each in links if re.search(r"[?;]y=", each) is None]
        if not onward:
            break
        path, page = onward[-1].replace("&amp;", "&"), page + 1
    print(f"the deepest page of the list: {page}", file=sys.stderr)
    return path, page


def _deep_beside(port: int, deep: int) -> list[Ask]:
    path = "/items?unit=1&state=closed"
    for _ in range(deep - 1):
        found = re.search(r'href="(\?[^"]*after=[^"]+)"', _get(port, path, "")[1])
        if found is None:
            break
        path = "/items" + found[1].replace("&amp;", "&")
    return [Ask(path)]


def _filtered(port: int, front: tuple[tuple[str, str], ...]) -> list[Ask]:
    """Return what the register's own filters lead to: one choice of each."""
    page = _get(port, REGISTER, front[0][1])[1]
    links = [link.replace("&amp;", "&") for link in re.findall(rf'href="({REGISTER}\?[^"]+)"', page)]
    kinds = {re.sub(r"=[^&]*", "", link): link for link in links}
    assert kinds, "the register has no filters"
    return [Ask(link, headers=front) for link in kinds.values()]


def _details(port: int, cookie: str) -> list[Ask]:
    found = re.findall(r"[?;]y=([A-Z0-9.-]+)", _get(port, "/can-bo/viec", cookie)[1])
    return [Ask(f"/can-bo/y-kien/{code}", headers=(("Cookie", cookie),)) for code in dict.fromkeys(found)]
