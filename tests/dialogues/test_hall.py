"""The hall's screen and the phones: what is on, without a name, and polling that costs next to nothing."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest

from app import clock
from app.database import db
from dialogues import hall, places
from dialogues.desk_state import on_floor
from dialogues.models import AgendaItem, Hall, Question, Speaker
from dialogues.rules import AnswerKind, Origin, QuestionState, Status
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.pages import statements

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

NAME = "Nguyễn Thị Lan"


@pytest.fixture
def on(province, head, monkeypatch):
    """A session that runs, with two halls and a programme."""
    session = builders.session_at(province, head, Status.IN_SESSION)
    session.halls += [Hall(position=1, name="Hội trường phường"), Hall(position=2, name="Điểm cầu khu 6")]
    session.agenda += [
        AgendaItem(position=1, part="introduction", title="Giới thiệu", minutes=10, begun_at=DAY, ended_at=DAY + dt.timedelta(minutes=9)),
        AgendaItem(position=2, part="floor", title="Nhân dân phát biểu", minutes=60, begun_at=DAY + dt.timedelta(minutes=9)),
        AgendaItem(position=3, part="conclusion", title="Kết luận", minutes=15),
    ]
    db.session.flush()
    monkeypatch.setattr(clock, "now", lambda: DAY + dt.timedelta(minutes=20))
    return session


def speaker(session, comes_from="Tổ dân phố 4, phường Võ Cường", minute=15) -> Speaker:
    at = DAY + dt.timedelta(minutes=minute)
    made = Speaker(uid=uuid.uuid4(), session=session, hall=session.halls[1], comes_from=comes_from, at=at, called_at=at)
    made.name = NAME
    db.session.add(made)
    db.session.flush()
    return made


def question(session, **over) -> Question:
    values = {"origin": Origin.FLOOR, "state": QuestionState.ACCEPTED, "for_the_day": True, "asked_at": DAY, "text": f"Tôi là {NAME}."}
    made = Question(session=session, **values | over)
    made.asker = NAME
    db.session.add(made)
    db.session.flush()
    return made


def drawn(client, session, page="man-hinh") -> str:
    return "".join(client.get(f"/doi-thoai/{session.code}/truc-tiep.json?trang={page}").json["regions"].values())


def test_the_screen_says_what_is_on_who_speaks_by_place_and_where_to_ask(client, on):
    called = speaker(on)
    page = client.get(f"/doi-thoai/{on.code}/man-hinh").text
    for said in ("Tổ dân phố 4, phường Võ Cường", "Điểm cầu khu 6", "Nhân dân phát biểu", "Kết luận", f"/dt/{on.code}<"):
        assert said in page
    assert NAME not in page
    question(on, uid=called.uid)
    assert NAME not in drawn(client, on)


def test_what_a_speaker_asked_stands_there_once_somebody_masked_it_and_goes_when_it_is_answered(client, on):
    called = speaker(on)
    asked = question(on, uid=called.uid, public_text="Bao giờ chi trả?")
    assert hall.live(on, on_floor(on)).speaking.text == "Bao giờ chi trả?"
    assert "Đã hỏi, chờ trả lời" in drawn(client, on, "tai-cho")
    asked.answer_kind = AnswerKind.BY_CHAIR
    assert hall.live(on, on_floor(on)).speaking is None
    later = question(on, called_at=DAY + dt.timedelta(minutes=17), comes_from="Chợ Bích Động")
    assert hall.live(on, on_floor(on)).speaking.comes_from == later.comes_from


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Tổ dân phố 4, phường Võ Cường", "Tổ dân phố 4, phường Võ Cường"),
        ("thôn Hà Mãn", "thôn Hà Mãn"),
        ("bà Lan, tổ 4", "[…], tổ 4"),
        ("Nguyễn Thị Lan, số nhà 12, 0912 345 678", "[…], […], […]"),
        ("Lan Hương tổ 4", "[…]"),  # what no pattern knows for a name is no place either
        ("tổ 4 Lan Hương", "[…]"),
        ("thôn Hà Mãn Nguyễn Văn Tâm", "[…]"),
        ("thôn cô Lan", "[…]"),
        ("Chủ nhà trọ, tổ dân phố My Điền", "[…], tổ dân phố My Điền"),
        ("Ở trọ tổ dân phố My Điền", "Ở trọ tổ dân phố My Điền"),
        ("thôn Hà Mãn xã Trí Quả", "thôn Hà Mãn xã Trí Quả"),
        ("to dan pho 4a; phuong Vo Cuong", "to dan pho 4a, phuong Vo Cuong"),
        ("Khu phố Cô Mễ (đường Nguyễn Thị Minh Khai)", "Khu phố Cô Mễ, đường Nguyễn Thị Minh Khai"),
        ("Công ty may Việt Khánh", "Công ty may Việt Khánh"),
        ("Công ty Nguyễn Văn Tâm", "[…]"),
        ("Tổ 4, CHỦ TỊCH NGUYỄN VĂN A THAM NHŨNG", "Tổ 4, […]"),
        ("Công ty NGUYỄN VĂN A THAM NHŨNG", "[…]"),
        ("nguyễn văn tèo tổ 4", "[…]"),
        ("xã " * 60, "[…]"),
    ],
)
def test_from_where_somebody_comes_names_a_place_and_nobody(typed, shown):
    assert places.place_of(typed) == shown


def test_where_nothing_reads_as_a_place_the_wall_says_only_that_somebody_of_the_hall_speaks(client, on):
    speaker(on, "Lan Hương, nhà cuối ngõ")
    page = client.get(f"/doi-thoai/{on.code}/man-hinh").text
    assert "Người dự họp" in page
    assert "Lan Hương" not in page


@pytest.mark.parametrize("page", ["man-hinh", "tai-cho"])
def test_where_nothing_changed_a_poll_is_two_statements_and_no_cookie(client, on, page):
    address = f"/doi-thoai/{on.code}/truc-tiep.json?trang={page}&tieng=en"
    first = client.get(address)
    assert json.loads(first.data)["regions"]
    with statements() as seen:
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert len([each for each in seen if each.startswith("SELECT")]) <= 2
    assert "Set-Cookie" not in again.headers
    speaker(on)
    second = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    on.topic = "Nước sạch tổ 4"
    db.session.commit()
    assert "Nước sạch tổ 4" in client.get(address, headers={"If-None-Match": second.headers["ETag"]}).json["regions"]["topic"]
    assert client.get(address.replace("=en", "=vi")).headers["ETag"] != first.headers["ETag"]


def test_the_page_knows_its_version_so_that_the_first_poll_finds_nothing_new(client, on):
    page = client.get(f"/doi-thoai/{on.code}/man-hinh").text
    tag = client.get(f"/doi-thoai/{on.code}/truc-tiep.json?trang=man-hinh&tieng=vi").headers["ETag"]
    assert f"data-etag='{tag}'" in page or tag.replace('"', "&#34;") in page


def test_a_satellite_hall_has_its_own_code_and_the_phone_remembers_it(client, on):
    second = on.halls[1]
    assert f"/dt/{on.code}/2<" in client.get(f"/doi-thoai/{on.code}/man-hinh?diem-cau={second.uid}").text
    seat = client.get(f"/dt/{on.code}/2", follow_redirects=True)
    assert second.name in seat.text
    assert f'selected value="{second.uid}"' in client.get(f"/doi-thoai/{on.code}/tai-cho/hoi").text
    for wrong in (f"/dt/{on.code}/9", f"/dt/{on.code}"):
        assert client.get(wrong, follow_redirects=True).status_code == 200


@pytest.mark.parametrize("address", ["man-hinh", "tai-cho", "truc-tiep.json", "danh-gia", "tai-cho/hoi", "tai-cho/cua-toi"])
def test_what_was_never_announced_has_no_live_page(client, province, head, address):
    planned = builders.session_at(province, head, Status.PLANNED)
    assert client.get(f"/doi-thoai/{planned.code}/{address}").status_code == 404


@pytest.mark.parametrize("status", [Status.ANNOUNCED, Status.READY, Status.HELD, Status.PUBLISHED, Status.CANCELLED])
def test_the_live_pages_stand_at_every_status(client, province, head, status):
    session = builders.session_at(province, head, Status.ANNOUNCED if status is Status.CANCELLED else status)
    session.status = status
    db.session.flush()
    for page in ("man-hinh", "tai-cho"):
        assert client.get(f"/doi-thoai/{session.code}/{page}").status_code == 200
        assert drawn(client, session, page)
