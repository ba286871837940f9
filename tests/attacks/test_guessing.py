"""Guessing at speed: from many threads at the site as it is served; and what the time of an answer tells."""

from __future__ import annotations

import http.client
import re
import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import event
from werkzeug.serving import make_server

from app.accounts import passwords
from app.crypto import ciphers
from app.database import db
from feedback import codes, rules
from feedback.codes import KEY_LENGTH, KEY_SYMBOLS
from tests.app.test_accounts import token
from tests.conftest import Backend, build
from tests.factories import make_user
from tests.feedback import builders
from tests.services import free_port
from tests.site.conftest import Quiet
from tests.tried import Tried

pytestmark = pytest.mark.strictest_database

TRIES, THREADS, NETWORKS = 132, 6, 2  # tries at each door
YEAR = 365 * 24 * 3600
WRONG = "X" * KEY_LENGTH
#: How often a network may be wrong before it is told to wait.
MOST = {"form": 40, "link": 40, "API": 60}


@dataclass(frozen=True)
class Door:
    """A way in by code and key."""

    path: str
    is_form: bool = False
    key: bool = False

    def sent(self, code: str, key: str, csrf: str) -> tuple[str, str, str, dict[str, str]]:
        """Return method, address, body and headers; *csrf* is the token of the form."""
        body = urlencode({"code": code, "key": key, "csrf_token": csrf}) if self.is_form else ""
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        return "POST" if body else "GET", self.path.format(code=code, key=key), body, kind | ({"X-Feedback-Key": key} if self.key else {})


DOORS = {
    "form": Door("/tra-cuu", is_form=True),
    "link": Door("/t/{code}/{key}"),
    "API": Door("/api/v1/feedback/{code}", key=True),
}


@dataclass(frozen=True)
class Known:
    """What there is to find, and a code of which there is nothing."""

    item: Any
    sealed: Any

    @property
    def codes(self) -> dict[str, str]:
        return {"an item": self.item.code, "a sealed case": self.sealed.code, "nothing": codes.make_code("BN", 26)}


def made() -> Known:
    builders.make_province()
    return Known(builders.submit(), builders.submit(kind=rules.DENUNCIATION, body="Ông X nhận tiền.", token="sealed"))


@pytest.fixture
def served(backend: Backend, valkey: str) -> Iterator[tuple[Known, int]]:
    """The site on a socket of its own, limits and all; what there is to find, and the port."""
    with Redis.from_url(valkey) as counters:
        counters.flushall()
    app = build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL=valkey, TRUSTED_PROXIES=1)
    with app.app_context():
        known = made()
        db.session.commit()
        port = free_port()
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield known, port
        server.shutdown()
        thread.join()
        server.server_close()
        db.session.remove()
        db.engine.dispose()


#: Each answer has its own.
OWN_HEADERS = {"date", "retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id"}


CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Visitor:
    """Whoever opened the form once: their cookie, and its token."""

    port: int
    cookie: str = ""
    csrf: str = ""

    def ask(self, method: str, where: str, body: str = "", **headers: str) -> tuple[int, list[tuple[str, str]], str]:
        """Return status, headers and text of an answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        line.request(method, where, body or None, headers | ({"Cookie": self.cookie} if self.cookie else {}))
        answer = line.getresponse()
        said = answer.status, answer.getheaders(), answer.read().decode()
        line.close()
        return said


def at_the_form(port: int) -> Visitor:
    _status, headers, text = Visitor(port).ask("GET", "/tra-cuu")
    found = CSRF.search(text)
    assert found
    return Visitor(port, "; ".join(value.partition(";")[0] for name, value in headers if name == "Set-Cookie"), found[1])


def knock(visitor: Visitor, door: Door, code: str, key: str, network: str) -> tuple[int, str]:
    """Return the status of an answer, and all else of it but code, key and what is new in each."""
    method, where, body, headers = door.sent(code, key, visitor.csrf)
    status, given, text = visitor.ask(method, where, body, **headers, **{"X-Forwarded-For": network})
    text = CSRF.sub("", text)
    said = {name.lower(): re.sub(r"=[^;]*", "=", value) if name == "Set-Cookie" else value for name, value in given}
    whole = f"{sorted((name, value) for name, value in said.items() if name not in OWN_HEADERS)} {text}"
    return status, whole.replace(code, "CODE").replace(key, "KEY").replace(codes.show_key(key), "KEY")


def test_whoever_guesses_at_speed_is_turned_away_and_no_answer_tells_a_code_that_is_there(served: tuple[Known, int], tried: Tried) -> None:
    known, port = served
    visitor = at_the_form(port)
    answers: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    let_through: Counter[tuple[str, str]] = Counter()

    def guess(turn: tuple[str, int, str]) -> None:
        door, number, code = turn
        network = f"203.0.113.{len(door)}{number % NETWORKS}"
        status, said = knock(visitor, DOORS[door], code, codes.make_key(), network)
        answers[door, status].add(said)
        let_through[door, network] += status != http.HTTPStatus.TOO_MANY_REQUESTS

    turns = [(door, number, code) for door in DOORS for number in range(TRIES // 3) for code in known.codes.values()]
    begun = time.monotonic()
    with ThreadPoolExecutor(THREADS) as many:
        list(many.map(guess, turns))
    a_second = len(turns) / (time.monotonic() - begun)

    assert {door: {status for each, status in answers if each == door} for door in DOORS} == {
        "form": {422, 429}, "link": {404, 429}, "API": {404, 429},
    }  # fmt: skip
    assert {what: len(said) for what, said in answers.items()} == dict.fromkeys(answers, 1), "one answer, whatever there is"
    assert dict.fromkeys(DOORS, NETWORKS) == Counter(door for door, _network in let_through)
    assert all(MOST[door] <= times <= MOST[door] + THREADS for (door, _network), times in let_through.items()), let_through
    # Who knows a code and does not mind being turned away, a hundred times as fast, for a year, from as many networks as there are.
    assert 100 * a_second * YEAR / len(KEY_SYMBOLS) ** KEY_LENGTH < 1e-9
    for door, status in (("form", 303), ("link", 303)):
        assert knock(visitor, DOORS[door], known.item.code, known.item.key, "203.0.113.40")[0] == status, "the owner is never turned away"
    assert knock(visitor, DOORS["form"], known.sealed.code, known.sealed.key, "203.0.113.40")[0] == http.HTTPStatus.OK
    tried(
        "keys guessed at speed (of 2^80: a year at a hundred times this speed finds one with a chance below 1 : 1,000,000,000)", len(turns)
    )


# --- what the time of an answer tells -----------------------------------------------------------------------------------------

Act = Callable[[], Any]


@pytest.fixture
def work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[Act], tuple[Any, ...]]:
    """What an act costs: the statements it sends, the digests it computes, the passwords it hashes."""
    said, done = list[str](), Counter[str]()
    new, verify = ciphers.hmac.new, PasswordHasher.verify
    monkeypatch.setattr(ciphers.hmac, "new", lambda *given, **more: done.update(["digest"]) or new(*given, **more))
    monkeypatch.setattr(PasswordHasher, "verify", lambda *given: done.update(["hash"]) or verify(*given))
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_rest: said.append(statement))

    def cost(act: Act) -> tuple[Any, ...]:
        db.session.rollback()  # what is read once in a transaction is read again
        said.clear()
        done.clear()
        act()
        digests = 0 if done["hash"] else done["digest"]  # beside a hash one more or less is a ten-thousandth
        return digests, done["hash"], [each for each in said if "SAVEPOINT" not in each]

    return cost


def acts(client: FlaskClient, known: Known) -> dict[str, dict[str, Act]]:
    """Return each thing that may be asked of what there is and of what there is not."""

    def knocking(door: Door, code: str) -> Act:
        method, where, body, headers = door.sent(code, WRONG, csrf)
        return lambda: client.open(where, method=method, data=body or None, headers=headers)

    def posting(where: str, **typed: str) -> Act:
        return lambda: client.post(where, data=typed | {"csrf_token": csrf})

    csrf = token(client, "/tra-cuu")
    officer, hoa = make_user(password="mật khẩu của tôi 26"), "hoa@example.com"
    client.post("/tai-khoan-cua-toi", data={"email": hoa, "csrf_token": csrf})
    mails = {"known": hoa, "unknown": "ai.do@example.com"}
    staff = {"known": officer.email, "unknown": "ai.do@bacninh.example"}
    unknown = {what: code for what, code in known.codes.items() if what != "an item"}  # the code alone opens that one
    return {door: {what: knocking(DOORS[door], code) for what, code in known.codes.items()} for door in DOORS} | {
        "the code alone, typed": {what: posting("/tra-cuu", code=code) for what, code in unknown.items()},
        "the code alone, in an address": {what: (lambda code=code: client.get(f"/tra-cuu/{code}")) for what, code in unknown.items()},
        "e-mail of a citizen": {what: posting("/tai-khoan-cua-toi", email=email) for what, email in mails.items()},
        "password": {what: posting("/dang-nhap", email=email, password="sai hẳn rồi đấy") for what, email in staff.items()},
    }


@pytest.fixture
def asked(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, dict[str, Act]]]:
    """With passwords hashed at their full price, not that of the other tests."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1))
    passwords._nobodys.cache_clear()
    found = acts(client, made())
    db.session.commit()
    yield found
    passwords._nobodys.cache_clear()


def test_what_is_there_and_what_is_not_cost_the_same_work(asked: Any, work: Any, tried: Tried) -> None:
    for acts_of in asked.values():
        for act in acts_of.values():  # what only the first of a process does: templates, statements
            act()
    costs = {door: {what: work(act) for what, act in acts_of.items()} for door, acts_of in asked.items()}
    for door, by_what in costs.items():
        cost, *others = by_what.values()
        assert others == [cost] * len(others), door
    assert costs["password"]["known"][1] == 1
    assert costs["form"]["nothing"][0] >= 2
    tried("work counted for what is there and what is not", sum(map(len, costs.values())))


SAMPLES = 7


def test_what_is_there_and_what_is_not_take_the_same_time_of_the_processor(asked: Any, tried: Tried) -> None:
    """Medians of some, turn by turn; not by the clock, as others want the machine too. A password that is not hashed takes a third."""
    took: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for _sample in range(SAMPLES):
        for door in ("form", "link", "password"):
            for what, act in asked[door].items():
                begun = time.thread_time()
                act()
                took[door][what].append(time.thread_time() - begun)
    medians = {door: sorted(statistics.median(each) for each in by_what.values()) for door, by_what in took.items()}
    assert {door: times for door, times in medians.items() if times[-1] > 1.5 * times[0]} == {}
    tried("answers timed, of what is there and what is not", sum(len(each) for by_what in took.values() for each in by_what.values()))
