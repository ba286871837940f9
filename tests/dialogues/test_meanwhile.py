"""Two have the same form open: whoever comes second writes over nothing that they have not seen, and loses nothing that they typed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.database import db
from dialogues.models import AgendaItem
from dialogues.rules import Part
from tests import factories
from tests.dialogues import builders

STAFF = "/can-bo/doi-thoai"


def typed(page: str) -> dict[str, Any]:
    """Return what the form of *page* would send as it is."""
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'name="was"' in each)
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', re.sub(r'<input[^>]*type="radio"[^>]*>', "", form)))
    found |= {name: value for value, name in re.findall(r'<input[^>]*value="([^"]+)"[^>]*name="([^"]+)"', form) if name not in found}
    return found


@pytest.fixture
def session(province):
    made = builders.draft(province, concerns="Dân hỏi về giá đền bù.")
    made.agenda += [AgendaItem(position=1, part=Part.FLOOR, title="Nhân dân phát biểu", minutes=60)]
    db.session.flush()
    return made


#: The page, what the first one stores (by the form's names), what the second typed, and what must still stand.
FORMS = {
    "programme": ("chuong-trinh", {"them": "1"}, {"items-0-title": "Bà con phát biểu"}, "Nhân dân phát biểu, 10,"),
    "facts": ("sua", {"capacity": "50"}, {"audience": "Các hộ tổ 5"}, "Số chỗ cho người dân đăng ký: 50"),
    "concerns": ("du-luan", {"text": "Dân hỏi về nước sạch."}, {"text": "Dân hỏi về rác."}, "nước sạch"),
    "line": ("", {"topic": "Nước sạch"}, {"audience": "Các hộ tổ 5"}, "Nội dung, chủ đề: Nước sạch"),
}


@pytest.mark.parametrize("which", FORMS)
def test_who_comes_second_reads_what_stands_and_keeps_what_was_typed(client, province, session, secretary, which):
    room, first, second, stands = FORMS[which]
    address = f"{STAFF}/{session.code}/{room}"
    if which == "line":
        line = builders.plan(province, state="draft").lines[0]
        address = f"{STAFF}/ke-hoach/{province.ward.id}/2026/dong/{line.id}"
    given = {
        "facts": {"topic": session.topic, "form": "in_person", "day": "31/8/2026", "begins": "8:00"},
        "line": {"quarter": "3", "topic": "Đường", "form": "in_person", "audience": "Các hộ tổ 4"},
        "programme": {"items-0-part": "floor"},
    }.get(which, {})
    factories.sign_in(client, secretary)
    stale = typed(client.get(address).text) | given
    assert client.post(address, data=stale | first).status_code == 303
    refused = client.post(address, data=stale | second)
    assert refused.status_code == 422
    assert "bấm lần nữa thì thay bản kia" in refused.text
    assert stands in refused.text
    assert all(value in refused.text for value in second.values())
    # Shown what stands, they say it once more.
    again = stale | second | {"was": typed(refused.text)["was"]}
    assert client.post(address, data=again).status_code == 303
    assert client.post(address, data=again).status_code == 303  # a double click is no conflict
