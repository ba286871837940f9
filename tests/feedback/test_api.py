"""The JSON API, as a program written against it sees it."""

from __future__ import annotations

import json

import pytest

from app import clock, settings
from app.access import SYSTEM
from app.database import db
from feedback.models import Feedback, RoutingRule
from feedback.sealed.models import SealedCase
from tests.factories import make_field, make_place, make_unit


@pytest.fixture
def province(app):
    """A desk, a ward with its committee, and one field."""
    desk = make_unit(name="Ban Tiếp công dân tỉnh", is_reception=True, code="tiep-cong-dan")
    place = make_place(name="Việt Yên")
    committee = make_unit(name="UBND phường Việt Yên", kind="government", level="commune", place_id=place.id, code="ubnd-viet-yen")
    field = make_field(name="Đường, cầu, thoát nước", code="duong")
    db.session.add(RoutingRule(position=1, name="Về xã, phường", to_place=True, direct=True))
    for name, value in {"desk_unit_id": desk.id, "code_prefix": "BN"}.items():
        settings.change(name, value, actor=SYSTEM, now=clock.now())
    db.session.commit()
    return {"desk": desk, "place": place, "committee": committee, "field": field}


BODY = "Rãnh thoát nước trước dãy nhà bị đất đá lấp, mưa là nước tràn vào nhà."


def send(client, **over):
    headers = over.pop("headers", {})
    return client.post("/api/v1/feedback", json={"kind": "report", "body": BODY} | over, headers=headers)


def test_a_report_is_routed_to_the_commune_and_gets_two_dates(client, province):
    answer = send(client, field="duong", area=province["place"].code, contact={"name": "Nguyễn Thị Hợp", "phone": "0912345678"})

    assert answer.status_code == 201, answer.text
    receipt = answer.json
    assert receipt["code"].startswith("BN-")
    assert receipt["unit"]["code"] == "ubnd-viet-yen"
    assert receipt["status"] == "in_hand"
    assert receipt["notice_due_on"]
    assert receipt["due_on"]
    assert "10 ngày làm việc" in receipt["due_reason"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_code_alone_shows_nothing_that_was_typed(client, province):
    receipt = send(client, contact={"name": "Nguyễn Thị Hợp", "phone": "0912345678"}).json

    seen = client.get(f"/api/v1/feedback/{receipt['code']}")

    assert seen.status_code == 200
    assert "Rãnh" not in seen.text
    assert "Hợp" not in seen.text
    assert "timeline" not in seen.json


def test_code_and_key_show_the_thread(client, province):
    receipt = send(client).json

    seen = client.get(f"/api/v1/feedback/{receipt['code']}", headers={"X-Feedback-Key": receipt["key"]})

    assert seen.json["body"] == BODY
    assert seen.json["timeline"][0]["event"] == "received"


def test_the_same_idempotency_key_is_the_same_submission(client, province):
    first = send(client, headers={"Idempotency-Key": "abc"}).json
    second = send(client, headers={"Idempotency-Key": "abc"}).json

    assert (first["code"], first["key"]) == (second["code"], second["key"])
    assert db.session.scalar(db.select(db.func.count()).select_from(Feedback)) == 1


def test_the_host_header_leads_nobody_elsewhere(client, province):
    links = send(client, headers={"Host": "evil.example"}).json["links"]

    assert links["self"].startswith("http://localhost/api/v1/feedback/")


def test_a_denunciation_is_sealed_and_its_code_alone_is_unknown(client, province):
    receipt = send(client, kind="denunciation", body="Ông X nhận tiền của doanh nghiệp Y").json

    assert receipt["unit"] is None
    assert receipt["notice_due_on"] is None
    assert receipt["due_on"] is None
    assert "không nhận tố cáo qua mạng" in receipt["notice"]
    assert client.get(f"/api/v1/feedback/{receipt['code']}").status_code == 404
    assert db.session.scalar(db.select(db.func.count()).select_from(Feedback)) == 0
    assert db.session.scalar(db.select(db.func.count()).select_from(SealedCase)) == 1


def test_a_withdrawn_item_cannot_be_withdrawn_again(client, province):
    receipt = send(client).json
    address, headers = f"/api/v1/feedback/{receipt['code']}/withdrawal", {"X-Feedback-Key": receipt["key"]}

    assert client.post(address, headers=headers).json["status"] == "withdrawn"
    again = client.post(address, headers=headers)

    assert again.status_code == 409
    assert again.json["type"] == "urn:problem:too-late"


def test_a_message_is_added_to_the_thread(client, province):
    receipt = send(client).json

    answer = client.post(
        f"/api/v1/feedback/{receipt['code']}/messages",
        json={"text": "Nặng nhất trước số nhà 42."},
        headers={"X-Feedback-Key": receipt["key"]},
    )

    assert answer.status_code == 201
    assert answer.json["messages"][-1]["text"] == "Nặng nhất trước số nhà 42."


BAD = [
    # what is sent, the status, the field it names (or None)
    ({"body": ""}, 422, "body"),
    ({"body": "   \n\t "}, 422, "body"),
    ({"body": "\u200b\u202e\x00"}, 422, "body"),
    ({"body": "a" * 5001}, 422, "body"),
    ({"body": "a" * 1_000_000}, 422, "body"),
    ({"body": None}, 422, "body"),
    ({"body": ["x"]}, 422, "body"),
    ({"kind": "nonsense"}, 422, "kind"),
    ({"kind": 5}, 422, "kind"),
    ({"field": "no-such-field"}, 422, "field"),
    ({"area": "99999"}, 422, "area"),
    ({"contact": {"email": "khong-phai-thu"}}, 422, "contact"),
    ({"contact": "Nguyễn Thị Hợp"}, 422, "contact"),
    ({"subject": "x" * 201}, 422, "subject"),
    ({"lang": "fr"}, 422, "lang"),
    ({"publish": 1}, 422, "publish"),
    ({"publish": "yes"}, 422, "publish"),
    ({"kind": "complaint"}, 422, None),
]


@pytest.mark.parametrize(("sent", "status", "field"), BAD)
def test_bad_input_is_named_and_nothing_is_stored(client, province, sent, status, field):
    answer = send(client, **sent)

    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"]
    if field is not None:
        assert field in answer.json["errors"]
    assert db.session.scalar(db.select(db.func.count()).select_from(Feedback)) == 0


@pytest.mark.parametrize("raw", [b"{", b"[]", b'"x"', b"", b"\xff\xfe", b'{"kind": "report", "body": "\\ud800"}', b"null"])
def test_what_is_no_json_object_is_refused_with_a_sentence(client, province, raw):
    answer = client.post("/api/v1/feedback", data=raw, content_type="application/json")

    assert 400 <= answer.status_code < 500
    assert answer.json["detail"]


HTML = [
    "<script>alert(1)</script> Đường hỏng",
    "=1+1 Đường hỏng",
    "Nguyê\u0303n Huê\u0323 bi\u0323 ngâ\u0323p",
    "Đường\u202e hỏng\u200b nặng",
]


@pytest.mark.parametrize("body", HTML)
def test_odd_but_honest_text_is_taken(client, province, body):
    assert send(client, body=body).status_code == 201


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/api/v1/nothing", 404),
        ("get", "/api/v1/feedback/BN-26-AAAAAA-A", 404),
        ("get", "/api/v1/feedback/%00", 404),
        ("put", "/api/v1/feedback", 405),
        ("get", "/api/v1/feedback?cursor=tampered", 422),
        ("get", "/api/v1/feedback?limit=1000000000000", 422),
        ("get", "/api/v1/feedback?kind=x", 422),
    ],
)
def test_wrong_addresses_are_problems(client, province, method, address, status):
    answer = getattr(client, method)(address)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_a_wrong_key_and_an_unknown_code_get_the_same_answer(client, province):
    receipt = send(client).json

    wrong = client.get(f"/api/v1/feedback/{receipt['code']}", headers={"X-Feedback-Key": "0000-0000-0000-0000"})
    unknown = client.get("/api/v1/feedback/BN-26-7K3FQ2-9", headers={"X-Feedback-Key": receipt["key"]})

    assert wrong.status_code == unknown.status_code == 404
    assert wrong.json == unknown.json


def test_problems_speak_english_when_asked(client, province):
    answer = client.get("/api/v1/nothing", headers={"Accept-Language": "en"})

    assert answer.json["type"] == "urn:problem:not-found"


def test_the_lists_answer(client, province):
    send(client)

    assert "duong" in [field["code"] for field in client.get("/api/v1/fields").json]
    assert "ubnd-viet-yen" in [unit["code"] for unit in client.get("/api/v1/units").json]
    assert province["place"].code in [area["code"] for area in client.get("/api/v1/areas").json]
    assert client.get("/api/v1/feedback?q=dat dai").json == {"items": [], "next": None}


def test_the_document_is_openapi_3_1_and_names_every_path(client, province):
    document = json.loads(client.get("/api/v1/openapi.json").text)

    assert document["openapi"] == "3.1.0"
    assert {
        "/api/v1/feedback",
        "/api/v1/feedback/{code}",
        "/api/v1/feedback/{code}/messages",
        "/api/v1/feedback/{code}/rating",
        "/api/v1/feedback/{code}/withdrawal",
        "/api/v1/feedback/{code}/reopening",
        "/api/v1/units",
        "/api/v1/fields",
        "/api/v1/areas",
    } <= set(document["paths"])
    assert client.get("/api").status_code == 200
