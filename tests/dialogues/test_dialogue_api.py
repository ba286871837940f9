"""The sessions for programs: the same as on the pages, by names that stay."""

from __future__ import annotations

import pytest

from app import clock
from app.database import db
from dialogues.models import Question
from dialogues.operations import screening
from dialogues.rules import Status
from tests.dialogues import builders
from tests.dialogues.asking import ASKED, WORDS, question
from tests.feedback import builders as items

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

SENT = {"text": WORDS, "contact": {"name": "Trần Văn Hợp", "phone": "0912345678"}, "comes_from": "Tổ dân phố 4"}


@pytest.fixture
def session(province, head, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: ASKED)
    made = builders.session_at(province, head, Status.ANNOUNCED)
    db.session.commit()
    return made


def ask(client, session, body, key="k1"):
    return client.post(f"/api/v1/sessions/{session.code}/questions", json=body, headers={"Idempotency-Key": key})


def test_sessions_are_listed_by_what_is_ahead_and_what_is_past(client, session, province, head):
    held = [builders.session_at(province, head, Status.HELD) for _number in range(2)]
    db.session.commit()
    ahead = client.get("/api/v1/sessions").json
    assert [(each["code"], each["unit"]["code"], each["takes_questions"]) for each in ahead["items"]] == [
        (session.code, province.ward.code, True)
    ]
    first = client.get("/api/v1/sessions?when=past&limit=1").json
    second = client.get("/api/v1/sessions", query_string={"when": "past", "limit": 1, "cursor": first["next"]}).json
    assert {each["items"][0]["code"] for each in (first, second)} == {each.code for each in held}
    assert second["next"] is None
    assert client.get(f"/api/v1/sessions?unit={province.health.code}").json["items"] == []
    for wrong in ("when=later", "cursor=x&when=past", "unit=none", "limit=0"):
        assert client.get(f"/api/v1/sessions?{wrong}").status_code == 422, wrong


def test_a_question_is_asked_once_whatever_is_repeated(client, session):
    first, again = ask(client, session, SENT), ask(client, session, SENT)
    assert first.status_code == 201
    assert first.json["key"]
    assert first.json["due_on"]
    assert (first.json["code"], first.json["key"], first.json["question"]) == (
        again.json["code"],
        again.json["key"],
        again.json["question"],
    )
    assert db.session.scalar(db.select(db.func.count()).select_from(Question)) == 1
    assert ask(client, session, SENT | {"text": "Khác"}).json["type"] == "urn:problem:key-reused"


def test_with_its_key_an_earlier_item_goes_on(client, session):
    receipt = items.submit()
    db.session.commit()
    taken = ask(client, session, SENT | {"earlier_code": receipt.code, "earlier_key": receipt.key}).json
    assert (taken["code"], taken["key"]) == (receipt.code, None)


@pytest.mark.parametrize(
    ("over", "name"),
    [
        ({"text": " "}, "unprocessable-content"),
        ({"contact": {"name": "Trần Văn Hợp"}}, "contact-missing"),
        ({"contact": {"phone": "0912345678"}}, "contact-missing"),
        ({"earlier_code": "BN-26-7K3FQ2-9", "earlier_key": "x"}, "code-or-key-unknown"),
    ],
)
def test_what_is_wrong_with_a_question_is_a_problem_and_nothing_is_stored(client, session, over, name):
    answer = ask(client, session, SENT | over)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["type"].removeprefix("urn:problem:") in {name, name.replace("content", "entity")}
    assert db.session.scalar(db.select(Question)) is None


def test_after_the_time_for_asking_the_refusal_says_so(client, session):
    session.status = Status.IN_SESSION
    db.session.commit()
    assert (ask(client, session, SENT).status_code, ask(client, session, SENT).json["type"]) == (409, "urn:problem:questions-closed")


def test_a_public_question_is_supported_once_a_device(client, session, head):
    one, hidden = question(session, publish_consent=True), question(session)
    screening.accept(session, [one, hidden], actor=head, now=ASKED)
    screening.publish(one, "Bao giờ chi trả đền bù?", actor=head, now=ASKED)
    db.session.commit()

    def support(which, device, place=1):
        address = f"/api/v1/sessions/{session.code}/questions/{which.uid}/support"
        return client.post(address, json={"device": device}, environ_base={"REMOTE_ADDR": f"203.0.113.{place}"})

    ours = support(one, "a" * 16).json["device"]
    sent = [("a" * 16, 1), ("b" * 16, 1), (ours, 2), (ours[:-1] + "!", 2)]  # made up, made up, ours from elsewhere, changed
    assert [support(one, device, place).json["supports"] for device, place in sent] == [1, 1, 1, 2]
    assert client.get(f"/api/v1/sessions/{session.code}").json["questions"][0]["supports"] == 2
    assert support(hidden, "a" * 16).status_code == 404
    assert support(one, "short").status_code == 422
    session.status = Status.HELD
    db.session.commit()
    assert support(one, "c" * 16).status_code == 409


def test_a_seat_is_taken_once_and_its_link_is_for_who_took_it(client, session):
    address, body = f"/api/v1/sessions/{session.code}/registrations", {"contact": SENT["contact"], "people": 2, "needs": ["wheelchair"]}
    first, again = (client.post(address, json=body, headers={"Idempotency-Key": "s1"}) for _press in range(2))
    assert (first.status_code, first.json["state"], first.json["people"]) == (201, "seated", 2)
    assert first.json == again.json
    assert len(session.registrations) == 1
    assert client.get(first.json["link"]).status_code == 303
    # A program that numbers its calls from 1 is not the only one: the same key with another name opens nobody's seat.
    hung = {"name": "Đỗ Văn Hùng", "phone": "0987654321"}
    other = client.post(address, json=body | {"contact": hung}, headers={"Idempotency-Key": "s1"})
    assert (other.status_code, len(session.registrations)) == (201, 2)
    assert not {other.json["link"], other.json["check_in_code"]} & {first.json["link"], first.json["check_in_code"]}
    assert client.post(address, json=body).json["type"] == "urn:problem:registered-before"
    # Nor does whoever knows the key and the name: the telephone is another, or the telephone is known and another thing is asked for.
    namesake = body | {"contact": SENT["contact"] | {"phone": "0987654322", "email": ""}}
    answer = client.post(address, json=namesake, headers={"Idempotency-Key": "s1"})
    assert answer.json.get("link") != first.json["link"]
    assert client.post(address, json=body | {"people": 1}, headers={"Idempotency-Key": "s1"}).status_code == 409
    for wrong in ({"people": 9}, {"needs": ["a horse"]}, {"hall": "x"}, {"contact": {"name": "Trần Văn Hợp"}}):
        assert client.post(address, json=body | wrong).status_code == 422, wrong
    session.status = Status.HELD
    db.session.commit()
    assert client.post(address, json=body).json["type"] == "urn:problem:registering-over"
