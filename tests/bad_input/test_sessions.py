"""What programs send to a session: the API's questions, seats and supports, and the scans of a door without network."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.bad_input.conftest import Site, counts, signed_in, undone
from tests.bad_input.garbage import MEGABYTE, TEXTS
from tests.bad_input.test_api import NO_JSON, WRONG_TYPES, assert_problem
from tests.feedback.pages import token

pytestmark = pytest.mark.strictest_database

WHO = {"name": "Nguyễn Thị Hợp", "phone": "0987654321"}
GOOD: dict[str, dict[str, Any]] = {
    "questions": {"text": "Bao giờ có đèn?", "contact": WHO, "comes_from": "tổ 4", "earlier_code": "", "earlier_key": "", "publish": True},
    "registrations": {"contact": WHO, "comes_from": "tổ 4", "people": 2, "hall": "", "needs": ["wheelchair"]},
    "support": {"device": "0123456789abcdef0123456789"},
}
ODD = {
    **WRONG_TYPES,
    "a megabyte": MEGABYTE,
    **{what: TEXTS[what] for what in ("NUL", "half a character", "unseen", "5,000 digits", "JSON")},
}


def dumped(sent: Any) -> bytes:
    return json.dumps(sent, ensure_ascii=True).encode()


@pytest.mark.parametrize("verb", GOOD)
def test_what_a_program_sends_to_a_session_is_taken_whole_or_a_problem(app, site, ear, verb):
    room, client = site.rooms.of("api_sessions"), app.test_client()
    of = f"/{room['uid']}" if verb == "support" else ""
    where = f"/api/v1/sessions/{room['code']}/{'questions' if of else verb}{of}{'/support' if of else ''}"
    # Each field meets half of what is odd; two fields that follow each other meet all.
    fields = [(GOOD[verb], {name: value}) for place, name in enumerate(GOOD[verb]) for value in list(ODD.values())[place % 2 :: 2]]
    fields += [(GOOD[verb], {"contact": WHO | {name: value}}) for place, name in enumerate(WHO) for value in list(ODD.values())[place::2]]
    sent = [dumped(good | over) for good, over in fields] + list(NO_JSON.values())
    before, refused = counts(), 0
    for body in sent:
        with undone():
            answer = client.post(where, data=body, content_type="application/json")
            if answer.status_code != 201:
                refused += 1
                assert_problem(answer, 400, 413, 422)
                assert counts() == before, body[:200]
    assert refused > len(NO_JSON)
    assert ear.failures == []


SCAN = {"uid": "", "at": "2026-08-03T09:00:00+07:00", "hall": 1, "code": "", "name": "Bà Tư", "comes_from": "tổ 4", "people": 2}
TIMES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59", "hôm nay", "2026-W32-1", "²")
SCANS = [SCAN | {name: value} for name in SCAN for value in ODD.values()] + [SCAN | {"at": at} for at in TIMES] + [{}]


def test_what_a_door_sends_is_taken_or_named_and_never_in_the_way_of_the_others(app, site, ear):
    where, client, csrf = scanning(app, site)
    for scan in SCANS:
        good = SCAN | {"uid": str(uuid.uuid4())}
        with undone():
            sent = [{"uid": str(uuid.uuid4())} | {name: value for name, value in scan.items() if value != ""}, good]
            answer = client.post(f"{where}/gui", data=dumped({"scans": sent}), headers=csrf, content_type="application/json")
            assert (answer.status_code, ear.failures) == (200, [])
            assert [each["state"] for each in answer.json["results"]][1] == "came", scan
            assert client.get(where).status_code == 200, scan  # whatever was kept can be shown
    assert ear.failures == []


@pytest.mark.parametrize("body", [*NO_JSON.values(), b'{"scans": {}}', b'{"scans": [1]}', dumped({"scans": [SCAN] * 201})])
def test_what_no_door_sends_is_refused_whole(app, site, ear, body):
    where, client, csrf = scanning(app, site)
    before = counts()
    assert client.post(f"{where}/gui", data=body, headers=csrf, content_type="application/json").status_code == 400
    assert counts() == before
    assert ear.failures == []


def scanning(app: Any, site: Site) -> tuple[str, Any, dict[str, str]]:
    """Return the address of a door, who keeps it, and the header that its device sends."""
    where, client = f"/can-bo/doi-thoai/{site.rooms.of('dialogue_staff.send_scans')['code']}/cua", signed_in(app, site.everybody)
    return where, client, {"X-CSRFToken": token(client, where)}
