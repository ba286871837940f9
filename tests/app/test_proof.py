"""A proof of work: when it is asked for, what counts as one, and that asking for it loses nothing and shuts nobody out."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from altcha import Challenge, Payload, solve_challenge
from flask import Flask
from flask.testing import FlaskClient
from limits import parse
from limits.storage import storage_from_string

from app import clock, settings
from app.access import SYSTEM
from app.citizens.models import CitizenCode
from app.database import db
from app.limits import PROVED, limiter
from app.proof import asking, rules
from app.proof.rules import APART, GUESSES, LASTS, MANY, ONE, Fault, When
from feedback.models import Feedback
from feedback.sealed.models import SealedCase
from tests.counting import count_on
from tests.feedback import builders
from tests.feedback.builders import MONDAY
from tests.feedback.pages import token
from tests.tried import Tried

ASK = "/tai-khoan-cua-toi"
BODY = "Rãnh thoát nước trước dãy nhà bị đất đá lấp, mưa là nước tràn vào nhà."
pytestmark = pytest.mark.strictest_database

SECRET = "một câu không ai biết"
AT = 1_800_000_000


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "COST", 1)


# --- rules -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "sent", "tries", "wait"),
    [
        (When.NEEDED, 0, 0, 0),
        (When.NEEDED, 99, 19, 0),
        (When.NEEDED, 100, 0, MANY),
        (When.NEEDED, 0, 20, ONE),
        (When.NEEDED, 100, 20, ONE),
        (When.ALWAYS, 0, 0, MANY),
        (When.ALWAYS, 0, 20, ONE),
        (When.NEVER, 10_000, 10_000, 0),
    ],
)
def test_a_proof_is_asked_for_while_many_send_or_one_network_does(when: When, sent: int, tries: int, wait: int) -> None:
    assert rules.seconds_to_wait(when, sent=sent, most_sent=100, tries=tries, most_tries=20) == wait


def made(purpose: str = "sending.send", network: str = "203.0.113.9", now: int = AT) -> str:
    return rules.challenge(purpose, network, wait=MANY, now=now, secret=SECRET)


def solved(challenge: str) -> str:
    asked = Challenge.from_dict(json.loads(base64.b64decode(challenge))["challenge"])
    solution = solve_challenge(asked, counter_start=GUESSES.start)
    assert solution is not None
    return Payload(asked, solution).to_base64()


def changed(challenge: str, change: Callable[[dict[str, Any]], Any]) -> str:
    whole = json.loads(base64.b64decode(challenge))
    change(whole)
    return base64.b64encode(json.dumps(whole).encode()).decode()


@pytest.mark.parametrize(
    ("sent", "seconds", "network", "fault"),
    [
        (solved, 1, "198.51.100.1", None),  # whoever solved it may have gone from home to the street
        (solved, LASTS - 1, "203.0.113.9", None),
        (solved, LASTS, "203.0.113.9", Fault.OVER),
        (str, MANY - 1, "203.0.113.9", Fault.EARLY),
        (str, MANY, "203.0.113.9", None),
        (str, MANY, "198.51.100.1", Fault.OTHER_NETWORK),
        (str, LASTS, "203.0.113.9", Fault.OVER),
        (str, -APART, "203.0.113.9", Fault.EARLY),  # another machine's clock is a little behind
        (solved, -APART - 1, "203.0.113.9", Fault.OVER),  # this one was ahead
        (lambda it: changed(it, lambda whole: whole.update(solution={"counter": 1, "derivedKey": "00"})), 1, "203.0.113.9", Fault.EARLY),
        (lambda it: changed(it, lambda whole: whole["challenge"]["parameters"]["data"].update(at=0)), 1, "203.0.113.9", Fault.NONE),
        (lambda it: changed(it, lambda whole: whole["challenge"]["parameters"].update(keyPrefix="")), 1, "203.0.113.9", Fault.NONE),
        (lambda it: changed(it, lambda whole: whole["challenge"].update(signature=None)), 1, "203.0.113.9", Fault.NONE),
    ],
)
def test_what_counts_as_a_proof(sent: Callable[[str], str], seconds: int, network: str, fault: Fault | None) -> None:
    proof = rules.read(sent(made()), secret=SECRET)
    assert rules.fault(proof, purpose="sending.send", network=network, now=AT + seconds, secret=SECRET) == fault
    other_form = rules.fault(proof, purpose="citizens.ask", network=network, now=AT + seconds, secret=SECRET)
    assert other_form == (Fault.NONE if fault == Fault.NONE else Fault.OTHER_FORM)
    assert rules.read(sent(made()), secret="another") is None


GARBAGE = [
    "", "x", "é", "A" * 5000, "bnVsbA==", "W10=", "e30=", base64.b64encode(b'{"challenge": {"parameters": 1}}').decode(),
    base64.b64encode(b"[" * 2000).decode(), base64.b64encode(b"\xff").decode(), base64.b64encode(b'{"challenge": [1e999]}').decode(),
]  # fmt: skip


def test_what_is_no_proof_at_all_is_read_as_none(tried: Tried) -> None:
    whole = made()
    cut = [whole[:length] for length in range(0, len(whole), 37)]
    spoiled = [
        changed(whole, lambda it, value=value: it.update(solution=value)) for value in (None, 1, [], {}, {"counter": "x", "derivedKey": 7})
    ]
    found = [rules.read(text, secret=SECRET) for text in (*GARBAGE, *cut, *spoiled)]
    assert all(proof is None or not proof.solved for proof in found)
    tried("proofs of work that are none", len(found))


# --- forms -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def app(limited_app: Flask) -> Flask:
    """The site with its limits on."""
    return limited_app


class Time:
    """The time the site believes it is."""

    now = MONDAY

    def passes(self, seconds: int) -> None:
        self.now += dt.timedelta(seconds=seconds)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(clock, "now", lambda: time.now)
    return time


def choose(when: When, **more: int) -> None:
    for name, value in {"proof": when, **more}.items():
        settings.change(name, value, actor=SYSTEM, now=clock.now())
    db.session.commit()


def carried(page: str) -> str:
    found = re.search(r'name="proof" value="([^"]+)"', page)
    return found[1] if found else ""


def ask(client: FlaskClient, proof: str | None = None, email: str = "hoa@example.com") -> Any:
    """Ask for a code as a browser does, with what the page carries unless *proof* is given."""
    page = client.get(ASK).text
    csrf = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert csrf
    return client.post(ASK, data={"csrf_token": csrf[1], "email": email, "proof": carried(page) if proof is None else proof})


def codes() -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(CitizenCode)) or 0


@pytest.mark.usefixtures("time")
def test_nobody_is_asked_until_many_send(client: FlaskClient) -> None:
    choose(When.NEEDED, proof_sent=2)
    for _ in range(2):
        assert "data-proof" not in client.get(ASK).text
        assert ask(client).status_code == 303
    assert "data-proof" in client.get(ASK).text
    assert ask(client).status_code == 422
    choose(When.NEVER)
    assert ask(client).status_code == 303


@pytest.mark.usefixtures("time")
def test_a_network_that_sends_much_is_asked_on_every_form_whatever_it_was_answered_and_no_other_is(app: Flask, client: FlaskClient) -> None:
    choose(When.NEEDED, proof_tries=3)
    for _ in range(3):
        assert ask(client, email="không phải e-mail").status_code == 422
    assert "data-proof" in client.get(ASK).text
    assert f'data-wait="{ONE}"' in client.get("/gui-y-kien/to-cao/gui").text
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert "data-proof" not in elsewhere.get(ASK).text


SEALED = "/gui-y-kien/to-cao/gui"
SHARED = "100.64.7.7"  # a carrier's: a whole commune comes from it


def test_a_neighbour_who_uses_up_the_sealed_form_keeps_nobody_of_the_same_address_from_it(app: Flask, time: Time, tried: Tried) -> None:
    builders.make_province()
    choose(When.NEEDED, proof_tries=3)
    robot, solves, waits = (app.test_client() for _ in range(3))
    for client in (robot, solves, waits):
        client.environ_base["REMOTE_ADDR"] = SHARED
    flood = {"csrf_token": token(robot, SEALED), "body": "Thư rác"}
    answers = [robot.post(SEALED, data=flood | ({"understood": "y"} if count >= 3 else {})) for count in range(6)]
    for _ in range(100):  # and so on
        limiter.limiter.hit(parse(PROVED), "limit", SHARED, "sending.send_sealed")
    assert {answer.status_code for answer in answers} == {422}
    tried("sealed forms of one network, until it is asked for a proof and after", len(answers))

    def send(client: FlaskClient, proof: str) -> str:
        typed = {"csrf_token": token(client, SEALED), "understood": "y", "body": "Ông ấy đòi tiền ba nhà.", "token": str(id(client))}
        return client.post(SEALED, data=typed | {"proof": proof}).text

    challenges = [carried(client.get(SEALED).text) for client in (solves, waits)]
    assert SHARED not in base64.b64decode(challenges[0]).decode(), "the page names no address"
    assert "Đã khóa thông tin lại" in send(solves, solved(challenges[0]))
    early = send(waits, challenges[1])
    assert "Ông ấy đòi tiền ba nhà." in early
    time.passes(ONE)
    assert "Đã khóa thông tin lại" in send(waits, carried(early))
    assert len(db.session.scalars(db.select(SealedCase)).all()) == 2
    with waits.session_transaction() as kept:
        assert set(kept) <= {"csrf_token", "_permanent", asking.STAMP}, "nor does a cookie say what was sent"


def test_who_solved_it_is_not_asked_again_within_the_hour_nor_for_ever(client: FlaskClient, time: Time) -> None:
    choose(When.ALWAYS)
    first = ask(client, solved(carried(client.get(ASK).text)))
    assert first.status_code == 303
    assert "data-proof" not in client.get(ASK).text
    assert ask(client, email="lan@example.com").status_code == 303
    time.passes(3600)
    assert "data-proof" in client.get(ASK).text
    choose(When.NEVER)


@pytest.mark.usefixtures("time")
def test_one_answer_is_good_for_some_sendings_only(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "sendings", asking.Tally("3 per hour"))
    choose(When.ALWAYS)
    assert ask(client, solved(carried(client.get(ASK).text))).status_code == 303
    statuses = [ask(client, email=f"nguoi{number}@example.com").status_code for number in range(3)]
    assert statuses == [303, 303, 422]


def test_without_script_the_form_waits_counted_from_when_it_was_opened_and_every_word_is_kept(client: FlaskClient, time: Time) -> None:
    choose(When.ALWAYS)
    page = client.get(ASK).text
    time.passes(5)
    early = ask(client, carried(page))
    assert early.status_code == 422
    assert f"đợi {MANY - 5} giây" in early.text
    assert 'value="hoa@example.com"' in early.text
    assert carried(early.text) == carried(page)
    assert codes() == 0
    time.passes(MANY - 5)
    assert ask(client, carried(early.text)).status_code == 303
    assert codes() == 1


@pytest.mark.usefixtures("time")
def test_a_proof_that_was_used_or_is_of_another_form_or_secret_is_none(app: Flask, client: FlaskClient, tried: Tried) -> None:
    choose(When.ALWAYS)
    used = solved(carried(client.get(ASK).text))
    assert ask(client, used).status_code == 303
    robot = app.test_client()
    other_form = solved(carried(robot.get("/gui-y-kien/to-cao/gui").text))
    attempts = [used, other_form, solved(made("citizens.ask", "127.0.0.1", int(clock.now().timestamp()))), "", "x"]
    answers = [ask(robot, attempt, f"may{number}@example.com") for number, attempt in enumerate(attempts)]
    assert [answer.status_code for answer in answers] == [422] * len(attempts)
    assert all(carried(answer.text) not in {"", attempt} for answer, attempt in zip(answers, attempts, strict=True))
    assert codes() == 1
    tried("forms sent with a used, foreign or forged proof of work", len(attempts))


@pytest.mark.usefixtures("time")
def test_of_many_at_once_with_one_proof_one_is_let_in(app: Flask, valkey: str, monkeypatch: pytest.MonkeyPatch, tried: Tried) -> None:
    storage: Any = storage_from_string(f"redis+{valkey}")
    storage.reset()
    count_on(monkeypatch, storage)
    choose(When.ALWAYS)
    robots = [app.test_client() for _ in range(6)]
    pages = [robot.get(ASK).text for robot in robots]
    tokens = [token(robot, ASK) for robot in robots]
    proof = solved(carried(pages[0]))
    start, statuses = threading.Barrier(len(robots)), []

    def send(robot: FlaskClient, csrf: str) -> None:
        start.wait()
        statuses.append(robot.post(ASK, data={"csrf_token": csrf, "email": f"{csrf[:9]}@example.com", "proof": proof}).status_code)

    threads = [threading.Thread(target=send, args=each) for each in zip(robots, tokens, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 422, 422, 422, 422, 422]
    tried("forms sent at once with one proof of work", len(robots))


@pytest.mark.usefixtures("time")
def test_while_valkey_is_gone_a_proof_is_asked_for_counts_once_in_a_process_and_nobody_is_shut_out(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_on(monkeypatch, storage_from_string("redis://127.0.0.1:1/0"))
    choose(When.ALWAYS)
    proof = solved(carried(client.get(ASK).text))
    assert ask(client, proof).status_code == 303
    assert ask(app.test_client(), proof).status_code == 422


def form(**over: str) -> dict[str, str]:
    person = {"name": "Nguyễn Thị Hợp", "phone": "0912345678", "sender": "person", "identity_scope": "unit"}
    return {"kind": "report", "body": BODY, "token": "t-1"} | person | over


def test_what_was_reviewed_is_shown_for_review_again_and_goes_out_when_the_time_is_over(client: FlaskClient, time: Time) -> None:
    place = builders.make_province().place
    choose(When.ALWAYS)
    sent = form(csrf_token=token(client, "/gui-y-kien"), place_id=str(place.id))
    review = client.post("/gui-y-kien/xem-lai", data=sent)
    assert review.status_code == 200
    proof = carried(review.text)
    assert proof
    early = client.post("/gui-y-kien/gui", data=sent | {"proof": proof})
    assert early.status_code == 422
    assert "Xem lại trước khi gửi</h1>" in early.text
    assert "đợi 20 giây rồi bấm gửi lại" in early.text
    assert "chỗ cần sửa" not in early.text
    assert f'name="body" value="{BODY}"' in early.text
    assert early.text.count('name="proof"') == 1
    assert db.session.scalar(db.select(Feedback)) is None
    time.passes(MANY)
    assert client.post("/gui-y-kien/gui", data=sent | {"proof": carried(early.text)}).status_code == 303
    assert client.get("/gui-y-kien/bien-nhan").status_code == 200


@pytest.mark.usefixtures("time")
def test_of_sealed_words_nothing_is_stored_on_the_way(client: FlaskClient) -> None:
    builders.make_province()
    choose(When.ALWAYS)
    address = "/gui-y-kien/to-cao/gui"
    answer = client.post(address, data={"csrf_token": token(client, address), "body": BODY, "understood": "y", "token": "t-2"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (422, "no-store")
    assert BODY in answer.text
    assert db.session.scalar(db.select(SealedCase)) is None
    with client.session_transaction() as session:
        assert set(session) <= {"csrf_token", "_fresh", "_permanent"}


def test_a_program_gets_the_challenge_in_a_problem_and_is_asked_each_time(client: FlaskClient, time: Time) -> None:
    builders.make_province()
    choose(When.ALWAYS)
    body = {"kind": "report", "body": BODY}
    for _ in range(2):
        asked = client.post("/api/v1/feedback", json=body)
        assert (asked.status_code, asked.mimetype, asked.json["type"]) == (429, "application/problem+json", "urn:problem:proof-required")
        assert f"sau {MANY} giây" in asked.json["detail"]
        taken = client.post("/api/v1/feedback", json=body, headers={"X-Proof": solved(asked.json["proof"])})
        assert taken.status_code == 201, taken.text
    waited = client.post("/api/v1/feedback", json=body).json["proof"]
    time.passes(MANY)
    assert client.post("/api/v1/feedback", json=body, headers={"X-Proof": waited}).status_code == 201
    for call in ("questions", "registrations"):
        answer = client.post(f"/api/v1/sessions/DT-KHONG-CO/{call}", json={})
        assert answer.json["type"] == "urn:problem:proof-required"


def test_every_form_that_may_ask_shows_the_challenge(app: Flask) -> None:
    templates = [path for part in ("app", "feedback", "dialogues") for path in (Path(__file__).parents[2] / part).rglob("*.html")]
    shown = {found for path in templates for found in re.findall(r"\bproof\('([a-z_.]+)'\)", path.read_text(encoding="utf-8"))}
    asked = app.extensions["proof"]
    assert asked <= app.view_functions.keys()
    assert {endpoint for endpoint in asked if not endpoint.startswith("api_")} == shown
