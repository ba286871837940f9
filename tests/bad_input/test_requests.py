"""Requests as no browser sends them, and guessing: a plain answer, nothing stored, and an end to it."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy.exc import TimeoutError  # noqa: A004 - of the pool of connections

from app import settings
from app.access import SYSTEM
from app.database import db
from feedback import codes
from feedback.models import ReceiptKey
from feedback.operations import intake
from tests.bad_input.conftest import counts, signed_in
from tests.conftest import build
from tests.feedback import builders
from tests.feedback.builders import MONDAY
from tests.feedback.page_forms import form_of, press
from tests.tried import Tried

pytestmark = pytest.mark.strictest_database

REVIEW, SEND = "/gui-y-kien/xem-lai", "/gui-y-kien/gui"

BROKEN = {
    # headers and body, the status, and a word of the page
    "a multipart without boundary": ("multipart/form-data", b"--x\r\n", {422}),
    "a multipart that never ends": (
        'multipart/form-data; boundary="x"',
        b'--x\r\nContent-Disposition: form-data; name="body"\r\n\r\nabc',
        {400, 422},
    ),
    "a multipart of garbage": ('multipart/form-data; boundary="x"', secrets.token_bytes(5000), {400, 422}),
    "a part whose headers never end": ('multipart/form-data; boundary="x"', b"--x\r\n" + b"A: b\r\n" * 5000, {400, 413, 422}),
    "2,000 parts": (
        'multipart/form-data; boundary="x"',
        b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nb\r\n' % n for n in range(2000)) + b"--x--\r\n",
        {413},
    ),
    "9 MB of text": ("application/x-www-form-urlencoded", b"body=" + b"a" * 9_000_000, {413}),
    "9 MB of text in a part": (
        'multipart/form-data; boundary="x"',
        b'--x\r\nContent-Disposition: form-data; name="body"\r\n\r\n' + b"a" * 9_000_000 + b"\r\n--x--\r\n",
        {413},
    ),
    "JSON": ("application/json", b'{"body": "a"}', {422}),
    "no type": ("", b"body=a", {422}),
    "a type of garbage": ("\xff/\x00", b"body=a", {422}),
}


@pytest.mark.parametrize("fault", ["it only reads", "none of its connections is free"])
def test_a_database_that_takes_nothing_is_told_as_a_pause_and_not_as_a_fault(client, province, monkeypatch, fault):
    send = form_of(press(client, form_of(client.get("/gui-y-kien"), REVIEW), body="Đèn tắt", kind="report", place_id="tinh"), SEND)
    if fault == "it only reads":
        db.session.remove()  # what is set in a savepoint ends with it
        if db.engine.dialect.name == "sqlite":
            pytest.skip("PostgreSQL has a kind of error of its own for this")
        db.engine.exec_driver_sql("SET TRANSACTION READ ONLY")
    else:
        monkeypatch.setattr(intake, "submit", Mock(side_effect=TimeoutError("QueuePool limit")))
    page = press(client, send)
    assert (page.status_code, "Trang web đang tạm nghỉ" in page.text) == (503, True)


@pytest.mark.parametrize(("kind", "body", "statuses"), BROKEN.values(), ids=BROKEN)
def test_a_broken_body_gets_a_page_and_stores_nothing(client, province, ear, tried: Tried, kind, body, statuses):  # noqa: PLR0917 - fixtures
    before = counts()

    answer = client.post(REVIEW, data=body, content_type=kind)

    assert answer.status_code in statuses
    assert '<html lang="vi"' in answer.text
    assert counts() == before
    assert ear.failures == []
    tried("bodies without end, of garbage, of thousands of parts", 1)


@pytest.mark.parametrize(
    ("length", "statuses"), [("200000000", {413}), ("500", {400, 422}), ("-1", {400, 411, 413, 422}), ("x", {400, 411, 413, 422})]
)
def test_a_length_that_lies_gets_a_page(client, province, ear, length, statuses):
    answer = client.post(
        REVIEW, data=b"body=a", content_type="application/x-www-form-urlencoded", environ_overrides={"CONTENT_LENGTH": length}
    )

    assert answer.status_code in statuses
    assert ear.failures == []


HEADERS = {
    "Accept-Language": ["en;q=NaN", "x" * 5000, "vi\xff", ",;q="],
    "Cookie": ["session=" + "x" * 4000, "session=\x00", "lang=../../etc; thread=" + "9" * 3000, "thread=e30.e30.e30"],
    "Referer": ["javascript:alert(1)", "http://evil.example/", "http://[", "\xff"],
    "Host": ["evil.example", "localhost:99999", "a" * 300],
    "If-None-Match": ['"' + "x" * 3000, "*", "\xff"],
    "Range": ["bytes=0-99999999999999999999", "bytes=-", "x"],
    "X-Forwarded-For": ["' OR 1=1", "::::", "1" * 500],
}


@pytest.mark.parametrize("name", HEADERS)
def test_no_header_breaks_a_page(client, province, ear, name, tried: Tried):
    asked = 0
    for value in HEADERS[name]:
        for where in ("/", "/gui-y-kien", "/tra-cuu/BN-26-7K3FQ2-9", "/static/site.css"):
            with client.get(where, headers={name: value}) as answer:
                assert answer.status_code in {200, 206, 304, 400, 404, 416}, (where, value)
                asked += 1
    assert ear.failures == []
    tried("headers as no browser sends them", asked)


@pytest.mark.parametrize("where", ["/tra-cuu/BN-26-7K3FQ2-9/bo-sung", "/gui-y-kien/tuong-tu", "/dang-xuat", "/thong-bao/da-doc"])
def test_a_get_where_a_post_is_due_is_told_so(client, province, where):
    answer = client.get(where)

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "<h1>" in answer.text


@pytest.mark.parametrize("page", [10**12, 10**30, -1, "²", "9" * 5000, "0", "1e3", ""])
def test_a_page_that_cannot_be_is_empty_or_the_first(client, province, ear, page):
    assert client.get(f"/viec-da-hua?trang={page}").status_code == 200
    assert ear.failures == []


CURSORS = ("tampered", "W10.x", "a" * 3000, "\x00", "..", "eyJhIjoxfQ.AAAA")
LISTS = ("/da-tra-loi?sau=", "/can-bo/viec-da-cam-ket?after=", "/can-bo/viec?sau=", "/can-bo/tiep-nhan?sau=")


def test_a_cursor_that_was_tampered_with_begins_at_the_first_page(app, site, ear):
    client = signed_in(app, site.everybody)
    for where in LISTS:
        first = len(rows(client.get(where)))
        assert [(cursor, len(rows(client.get(where + cursor)))) for cursor in CURSORS] == [(cursor, first) for cursor in CURSORS]
    assert ear.failures == []


def rows(answer: Any) -> list[str]:
    """Return the codes that a list shows."""
    assert answer.status_code == 200
    return re.findall(r"BN-26-\w{6}-\w", answer.text)


# --- codes and keys -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["", "BN-26-7K3FQ2-8", "x", "\x00", "²²²", "ß" * 14, "🇻🇳", "9" * 5000])
def test_a_wrong_code_is_told_before_anything_is_looked_up(client, province, ear, code):
    answer = press(client, form_of(client.get("/tra-cuu"), "/tra-cuu"), code=code)

    assert answer.status_code == 422
    assert "Mã này thiếu hoặc sai một ký tự" in answer.text or "Ghi mã tra cứu" in answer.text or "nhiều nhất là 40" in answer.text
    assert ear.failures == []


def test_someone_elses_key_is_answered_like_no_key_at_all(client, province):
    mine, theirs = builders.submit(), builders.submit()
    db.session.commit()
    form = form_of(client.get("/tra-cuu"), "/tra-cuu")

    crossed = press(client, form, code=mine.code, key=theirs.key)
    unknown = press(client, form, code=codes.make_code("BN", 26), key=theirs.key)

    for answer in (crossed, unknown):
        assert answer.status_code == 422
        assert "Không có ý kiến nào khớp cả hai mã" in answer.text
    assert client.get_cookie("thread", path="/tra-cuu") is None
    assert client.get(f"/t/{mine.code}/{theirs.key}").status_code == 404


def test_a_key_guessed_1000_times_is_let_in_nowhere_is_soon_refused_and_keeps_the_owner_out_of_nothing(backend, valkey, tried: Tried):
    app = build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL=valkey)
    with app.app_context():
        builders.make_province()
        receipt = builders.submit()
        code = receipt.code
        settings.change("code_prefix", "BN", actor=SYSTEM, now=MONDAY)
        db.session.commit()
        client = app.test_client()
        form = form_of(client.get("/tra-cuu"), "/tra-cuu")
        seen = Counter(press(client, form, code=code, key=codes.make_key()).status_code for _guess in range(1000))
        refused = press(client, form, code=code, key=codes.make_key())
        owner = press(client, form, code=code, key=receipt.key)
        keys = db.session.scalar(db.select(db.func.count()).select_from(ReceiptKey))
        db.session.remove()
        db.engine.dispose()

    assert set(seen) == {422, 429}
    assert seen[422] <= 40
    assert owner.status_code == 303
    assert int(refused.headers["Retry-After"]) > 0
    assert "<h1>" in refused.text
    assert keys == 1
    tried("keys of one receipt guessed in the form", sum(seen.values()))
