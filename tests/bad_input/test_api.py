"""Bad input through the API: a problem with a sentence that names the field, nothing stored, never a fault."""

from __future__ import annotations

import json

import pytest

from app.database import db
from feedback.models import Feedback
from tests.bad_input.conftest import counts
from tests.bad_input.garbage import MEGABYTE, TEXTS

ADDRESS = "/api/v1/feedback"
GOOD = {"kind": "report", "body": "Rãnh thoát nước trước dãy nhà bị đất đá lấp."}


def post(client, body, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=not _travels(body)).encode()
    return client.post(ADDRESS, data=raw, content_type="application/json", headers=headers)


def _travels(body) -> bool:
    """Say whether *body* can be UTF-8; half a character travels escaped."""
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def assert_problem(answer, *statuses):
    assert answer.status_code in statuses, answer.text[:300]
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"]
    assert "Traceback" not in answer.text


NO_JSON = {
    "nothing": b"",
    "a half object": b'{"kind": "report", "body": "a',
    "bytes that are no text": b"\xff\xfe\x00{",
    "a list": b"[]",
    "a word": b'"x"',
    "null": b"null",
    "a list 10,000 deep": b"[" * 10_000 + b"]" * 10_000,
    "objects 100,000 deep": b'{"body":' * 100_000 + b"1" + b"}" * 100_000,
    "10,000 deep in a field": b'{"kind":"report","body":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "an integer of 5,000 digits": b'{"kind":"report","body":' + b"9" * 5000 + b"}",
    "NUL": b"\x00" * 100,
    "a form": b"kind=report&body=a",
}


@pytest.mark.parametrize("raw", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_object_of_json_is_a_problem(client, province, ear, raw):
    before = counts()

    assert_problem(post(client, raw), 400, 422)
    assert counts() == before
    assert ear.failures == []


WRONG_TYPES = {"a list": ["a"], "an object": {"a": "b"}, "a number": 5, "a float": 1.5, "a huge integer": 10**40, "yes": True, "null": None}
FIELDS = ["kind", "body", "subject", "field", "area", "contact", "tax_code", "lang"]


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in FIELDS for what, value in WRONG_TYPES.items() if (name, what) != ("contact", "an object")]
)
def test_another_type_than_text_is_named(client, province, ear, name, value):
    before = counts()

    answer = post(client, GOOD | {name: value})

    assert_problem(answer, 422)
    assert name in answer.json["errors"]
    assert counts() == before
    assert ear.failures == []


BAD_WORDS = {
    "a megabyte": ({"body": MEGABYTE}, 422, "body"),
    "nine megabytes": ({"body": MEGABYTE * 9}, 413, None),
    "a subject of a megabyte": ({"subject": "x" * 1_000_000}, 422, "subject"),
    "a field of a megabyte": ({"field": "x" * 1_000_000}, 422, "field"),
    "an area of a megabyte of marks": ({"area": "a" + "\u0301\u0323" * 80_000}, 422, "area"),
    "only spaces": ({"body": TEXTS["spaces"]}, 422, "body"),
    "only what cannot be seen": ({"body": TEXTS["unseen"]}, 422, "body"),
    "only controls": ({"body": TEXTS["controls"]}, 422, "body"),
    "only half a character": ({"body": "\ud800"}, 422, "body"),
    "an unknown field": ({"field": "khong-co"}, 422, "field"),
    "a field with NUL": ({"field": "duong\x00"}, 422, "field"),
    "a field of half a character": ({"field": "\udfff"}, 422, "field"),
    "an unknown area": ({"area": "99999"}, 422, "area"),
    "an area of SQL": ({"area": TEXTS["SQL"]}, 422, "area"),
    "an e-mail that is a header": ({"contact": {"email": TEXTS["header"]}}, 422, "contact"),
    "an e-mail of a megabyte": ({"contact": {"email": "a" * 1_000_000 + "@b.vn"}}, 422, "contact"),
    "an e-mail of half a character": ({"contact": {"email": "\ud800@b.vn"}}, 422, "contact"),
    "a phone of letters": ({"contact": {"phone": "chín một hai"}}, 422, "contact"),
    "a phone in superscript": ({"contact": {"phone": "09²2345678"}}, 422, "contact"),
    "a phone of 9 digits": ({"contact": {"phone": "091234567"}}, 422, "contact"),
    "a phone of 40 digits": ({"contact": {"phone": "0" * 40}}, 422, "contact"),
    "a tax code of garbage": ({"tax_code": "abc"}, 422, "tax_code"),
    "a tax code whose check digit is wrong": ({"tax_code": "0100109107"}, 422, "tax_code"),
    "a name of a megabyte": ({"contact": {"name": "x" * 1_000_000}}, 422, "contact"),
    "5,000 contacts": ({"contact": [{"name": f"Người {n}"} for n in range(5000)]}, 422, "contact"),
    "an unknown kind": ({"kind": "gossip"}, 422, "kind"),
    "a language with NUL": ({"lang": "vi\x00"}, 422, "lang"),
}


@pytest.mark.parametrize(("over", "status", "field"), BAD_WORDS.values(), ids=BAD_WORDS)
def test_bad_words_are_named_and_nothing_is_stored(client, province, ear, over, status, field):
    before = counts()

    answer = post(client, GOOD | over)

    assert_problem(answer, status)
    if field is not None:
        assert field in answer.json["errors"]
    assert counts() == before
    assert ear.failures == []


TAKEN = {
    "script": (TEXTS["script"], TEXTS["script"]),
    "emoji alone": ("😀", "😀"),
    "decomposed": ("Nguye\u0302\u0303n", "Nguyễn"),
    "NUL in the middle": ("Đường\x00 hỏng", "Đường hỏng"),
    "half a character in the middle": ("Đường \ud800hỏng", "Đường hỏng"),
    "right to left": ("Báo\u202e động", "Báo động"),
}


@pytest.mark.parametrize(("typed", "stored"), TAKEN.values(), ids=TAKEN)
def test_odd_but_honest_words_are_taken(client, province, ear, typed, stored):
    assert post(client, GOOD | {"body": typed}).status_code == 201
    (item,) = db.session.scalars(db.select(Feedback)).all()
    assert item.body == stored
    assert ear.failures == []


@pytest.mark.parametrize("key", ["x" * 201, "\xff" * 8000])
def test_an_idempotency_key_that_is_too_long_is_named_and_never_cut(client, province, key):
    answer = post(client, GOOD, **{"Idempotency-Key": key})

    assert answer.status_code == 422
    assert answer.json["errors"] == {"Idempotency-Key": ["Dài quá 200 ký tự."]}
    assert not db.session.scalars(db.select(Feedback)).all()


def test_every_unknown_code_is_named_at_once(client, province):
    assert set(post(client, GOOD | {"field": "no-such", "area": "99999"}).json["errors"]) == {"field", "area"}


@pytest.mark.parametrize("key", ["\xff" * 200, "a\tb", "'; --", "\xa0"])
def test_any_idempotency_key_is_kept_to(client, province, ear, key):
    first, again = (post(client, GOOD, **{"Idempotency-Key": key}) for _ in range(2))

    assert first.status_code == again.status_code == 201
    assert first.json["code"] == again.json["code"]
    assert ear.failures == []


@pytest.fixture
def receipt(client, province):
    return post(client, GOOD).json


BAD_VERBS = {
    "a message of nothing": ("messages", {"text": " "}, "text"),
    "a message of a megabyte": ("messages", {"text": MEGABYTE}, "text"),
    "a message that is a list": ("messages", {"text": ["a"]}, "text"),
    "a score of 6": ("rating", {"score": 6}, "score"),
    "a score of 10^40": ("rating", {"score": 10**40}, "score"),
    "a score of words": ("rating", {"score": "năm"}, "score"),
    "a score in Arabic digits": ("rating", {"score": "٥"}, "score"),
    "a score of yes": ("rating", {"score": True}, "score"),
    "a score that is no number": ("rating", {"score": float("nan")}, "score"),
    "a score without end": ("rating", {"score": float("inf")}, "score"),
    "a score of 4.5": ("rating", {"score": 4.5}, "score"),
    "no reason": ("reopening", {"reason": TEXTS["unseen"]}, "reason"),
    "a reason of marks": ("reopening", {"reason": "\u0301\u0323" * 50_000}, "reason"),
}


@pytest.mark.parametrize(("verb", "sent", "field"), BAD_VERBS.values(), ids=BAD_VERBS)
def test_what_the_sender_adds_is_checked_alike(client, receipt, ear, verb, sent, field):
    before = counts()

    answer = client.post(
        f"{ADDRESS}/{receipt['code']}/{verb}",
        data=json.dumps(sent, ensure_ascii=False),
        content_type="application/json",
        headers={"X-Feedback-Key": receipt["key"]},
    )

    if field == "reason" and answer.status_code == 409:
        return  # eight marks are words enough, and there is no answer yet
    assert_problem(answer, 422)
    assert field in answer.json["errors"]
    assert counts() == before
    assert ear.failures == []


@pytest.mark.parametrize("key", [*(text for text in TEXTS.values() if text.strip() and text.isprintable() and text.isascii()), "\xff" * 40])
@pytest.mark.parametrize("verb", ["", "/messages", "/withdrawal"])
def test_a_wrong_key_opens_nothing(client, receipt, ear, key, verb):
    before = counts()
    send = client.post if verb else client.get

    answer = send(f"{ADDRESS}/{receipt['code']}{verb}", headers={"X-Feedback-Key": key}, **({"json": {"text": "a"}} if verb else {}))

    assert_problem(answer, 404)
    assert counts() == before
    assert ear.failures == []


def test_someone_elses_key_is_answered_like_a_code_that_is_not_there(client, receipt):
    other = post(client, GOOD).json

    crossed = client.get(f"{ADDRESS}/{receipt['code']}", headers={"X-Feedback-Key": other["key"]})
    unknown = client.get(f"{ADDRESS}/BN-26-7K3FQ2-9", headers={"X-Feedback-Key": other["key"]})

    assert crossed.status_code == unknown.status_code == 404
    assert crossed.json == unknown.json


QUERIES = ["q", "kind", "field", "area", "unit", "status", "cursor", "limit", "lang", "page"]


@pytest.mark.parametrize("name", QUERIES)
def test_no_query_breaks_the_list(client, province, ear, name):
    for text in [*TEXTS.values(), MEGABYTE[:4000], "tampered.signature", "a" * 4000]:
        answer = client.get(ADDRESS, query_string={name: text.encode(errors="surrogatepass")})
        if answer.status_code != 200:
            assert_problem(answer, 422)
            assert name in answer.json["errors"]
    assert ear.failures == []


@pytest.mark.parametrize("language", ["en;q=NaN", "x" * 5000, "*", "vi\xff", ",,,;;;q=", "en-GB,en;q=0.5", "zh"])
def test_any_accept_language_gets_a_sentence(client, province, ear, language):
    assert_problem(client.get("/api/v1/nothing", headers={"Accept-Language": language}), 404)
    assert ear.failures == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data", "nonsense", ""]
)
def test_another_content_type_is_a_problem_or_read_as_json(client, province, ear, kind):
    answer = client.post(ADDRESS, data=json.dumps(GOOD), content_type=kind)

    if answer.status_code != 201:
        assert_problem(answer, 400, 415, 422)
    assert ear.failures == []


@pytest.mark.parametrize(
    ("method", "address"), [("DELETE", ADDRESS), ("PUT", f"{ADDRESS}/BN-26-7K3FQ2-9"), ("POST", "/api/v1/units"), ("PATCH", ADDRESS)]
)
def test_another_method_is_a_problem_that_names_the_right_ones(client, province, method, address):
    answer = client.open(address, method=method)

    assert_problem(answer, 405)
    assert "GET" in answer.headers["Allow"]
