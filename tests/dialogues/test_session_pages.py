"""The pages on which a session is made and led from step to step; who may not, sees no button and gets no page."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from app import clock
from app.accounts.queries import reach_of
from app.database import db
from dialogues import queries
from dialogues.models import SessionStaff
from dialogues.operations import seats, steps
from dialogues.rules import PaperType, StaffDuty, Status
from tests import factories
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.builders import MONDAY, at
from tests.feedback.pages import post, token

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

ADDRESS = "/can-bo/doi-thoai"


def typed(**over: str) -> dict[str, str]:
    return {
        "topic": "Nước sạch tổ 4", "audience": "Các hộ tổ 4", "form": "in_person", "day": "31/8/2026", "begins": "8h", "ends": "11h30",
    } | over  # fmt: skip


def test_an_officer_makes_a_session_of_a_line(client, province, secretary):
    line = builders.plan(province).lines[0]
    factories.sign_in(client, secretary)
    assert f'href="{ADDRESS}/moi/{line.id}"' in client.get(f"{ADDRESS}/moi").text
    answer = post(client, f"{ADDRESS}/moi/{line.id}", typed())
    session = queries.session_of_line(line)
    assert answer.status_code == 303
    assert session is not None
    assert (session.starts_at, session.ends_at) == (DAY, DAY.replace(hour=11, minute=30))
    assert f'href="{ADDRESS}/moi/{line.id}"' not in client.get(f"{ADDRESS}/moi").text
    assert "đã có buổi đối thoại" in post(client, f"{ADDRESS}/moi/{line.id}", typed()).text


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        ("", ["Gần", "Xa", "Hoãn", "Không ngày", "Mới họp", "Họp lâu"]),
        ("sap-toi", ["Gần", "Xa", "Hoãn", "Không ngày"]),
        ("cho-ket-qua", ["Mới họp"]),
        ("da-xong", ["Họp lâu"]),
        ("khong-co", ["Gần", "Xa", "Hoãn", "Không ngày", "Mới họp", "Họp lâu"]),
    ],
)
def test_the_list_has_what_comes_next_first_and_may_be_narrowed(client, province, secretary, view, shown):
    for topic, status, days in (
        ("Xa", Status.PLANNED, 9), ("Họp lâu", Status.PUBLISHED, -40), ("Gần", Status.READY, 0), ("Hoãn", Status.POSTPONED, -7),
        ("Mới họp", Status.HELD, -3), ("Không ngày", Status.DRAFT, None),
    ):  # fmt: skip
        builders.draft(province, topic=topic, status=status, starts_at=None if days is None else DAY + dt.timedelta(days=days))
    factories.sign_in(client, secretary)
    page = client.get(f"{ADDRESS}/?xem={view}").text
    assert re.findall(r'class="ttl"[^>]*>([^<]*)', page) == shown
    assert ("Chờ ngày mới" in page) is ("Hoãn" in shown)


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"topic": ""}, "Ghi chủ đề"),
        ({"form": "by-pigeon"}, "Chọn hình thức"),
        ({"begins": ""}, "Ghi cả ngày và giờ bắt đầu"),
        ({"begins": "25:00"}, "Ghi giờ và phút"),
        ({"begins": "tám giờ"}, "Ghi giờ và phút"),
        ({"ends": "7:00"}, "Giờ kết thúc phải sau giờ bắt đầu"),
        ({"day": "31/9/2026"}, "không có trong lịch"),
        ({"questions_until": "1/9/2026"}, "trước hoặc đúng ngày họp"),
        ({"capacity": "0"}, "Ghi số từ 1"),
        ({"online_link": "javascript:alert(1)"}, "Đường dẫn chưa đúng"),
        ({"online_link": "https://[x"}, "Đường dẫn chưa đúng"),
    ],
)
def test_what_is_typed_wrong_is_said_and_kept(client, province, secretary, over, sentence):
    session = builders.draft(province)
    factories.sign_in(client, secretary)
    answer = post(client, f"{ADDRESS}/{session.code}/sua", typed(**over))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.topic == "Giải phóng mặt bằng đường Thiên Đức"


def test_the_facts_come_back_as_they_were_typed(client, province, secretary):
    session = builders.draft(province)
    factories.sign_in(client, secretary)
    post(client, f"{ADDRESS}/{session.code}/sua", typed(begins="14h30", ends="16g", questions_until="28/8/2026", capacity="120"))
    assert session.questions_until == dt.datetime(2026, 8, 29, tzinfo=DAY.tzinfo)
    page = client.get(f"{ADDRESS}/{session.code}/sua").text
    for value in ('value="14:30"', 'value="16:00"', 'value="28"', 'value="120"'):
        assert value in page


def test_a_day_too_near_to_be_announced_in_time_is_said_when_it_is_set(client, province, secretary):
    line = builders.plan(province).lines[0]
    line.head = "Chủ tịch UBND phường"
    factories.sign_in(client, secretary)
    address = post(client, f"{ADDRESS}/moi/{line.id}", typed(day="5/8/2026")).location
    late = "Họp thứ Tư, 5/8/2026 thì phải thông báo chậm nhất thứ Tư, 29/7/2026, đã qua ngày ấy."
    assert late in client.get(address).text.replace("\xa0", " ")
    chair = client.get(f"{address}/to-chuc/chu-tri").text  # who meets the people, as the plan says
    assert 'value="Chủ tịch UBND phường"' in chair
    assert f'<option selected value="{province.ward.id}">' in chair
    for day, said in (("6/8/2026", True), ("31/8/2026", False)):
        post(client, f"{address}/sua", typed(day=day))
        assert ("đã qua ngày ấy" in client.get(address).text) is said


def test_a_session_that_voters_asked_for(client, province, secretary):
    factories.sign_in(client, secretary)
    asked = {"unit": str(province.ward.id), "trigger": "voters", "trigger_note": "412 trên 3.860 cử tri ký đơn."}
    assert "Ghi ai đề nghị" in post(client, f"{ADDRESS}/moi/dot-xuat", typed(**asked | {"trigger_note": " "})).text
    assert "Chọn đơn vị" in post(client, f"{ADDRESS}/moi/dot-xuat", typed(**asked | {"unit": str(province.works.id)})).text
    answer = post(client, f"{ADDRESS}/moi/dot-xuat", typed(**asked))
    assert "412 trên 3.860 cử tri" in client.get(answer.location).text


def test_the_first_page_says_what_is_missing_and_where_it_is_mended(client, province, head, secretary):
    session = builders.session_at(province, head, Status.PLANNED)
    address = f"{ADDRESS}/{session.code}"
    factories.sign_in(client, secretary)
    page = client.get(address).text
    assert "Chưa phân công thư ký" in page
    assert f'<a href="{address}/to-chuc">Chưa phân công thư ký' in page
    assert f'<a href="{address}/sua">Chưa có nội quy' in page
    session.house_rules = "Phát biểu ngắn gọn."
    assert f'<a href="{address}/sua">Chưa có nội quy' not in client.get(address).text
    assert '<button class="btn">Thông báo' not in page
    answer = client.post(f"{address}/buoc/thong-bao", data={"csrf_token": token(client, f"{address}/sua")}, follow_redirects=True)
    assert "Chưa làm được bước này" in answer.text
    assert session.status == Status.PLANNED


def test_the_step_is_one_press_once_nothing_is_missing(client, province, head, secretary):
    session = builders.draft(province)
    session.plan_line = builders.plan(province).lines[0]
    address = f"{ADDRESS}/{session.code}"
    factories.sign_in(client, secretary)
    post(client, f"{address}/buoc/vao-ke-hoach", page=address)
    assert session.status == Status.PLANNED
    late = post(client, f"{address}/buoc/vao-ke-hoach", page=f"{address}/sua")
    assert "vừa được người khác xử lý" in client.get(late.location).text


def test_only_the_head_goes_on_without_what_is_missing_and_says_why(client, province, head, secretary):
    session = builders.session_at(province, head, Status.PLANNED, starts_at=at(3), ends_at=None)
    builders._prepare_for(session, Status.ANNOUNCED, province)
    address = f"{ADDRESS}/{session.code}"
    factories.sign_in(client, secretary)
    assert "do lãnh đạo đơn vị quyết định" in client.get(address).text
    assert client.get(f"{address}/buoc/thong-bao").status_code == 303
    factories.sign_in(client, head)
    assert "Vẫn làm, ghi lý do" in client.get(address).text
    assert "Ghi lý do" in post(client, f"{address}/buoc/thong-bao", {"why_announced_late": " "}).text
    post(client, f"{address}/buoc/thong-bao", {"why_announced_late": "Bão số 3."})
    assert session.status == Status.ANNOUNCED
    assert "Bão số 3." in client.get(address).text


def test_putting_off_and_calling_off_by_their_pages(client, province, head, secretary):
    session = builders.session_at(province, head, Status.PLANNED)
    address = f"{ADDRESS}/{session.code}"
    factories.sign_in(client, secretary)
    assert post(client, f"{address}/hoan", {"why": ""}).status_code == 422
    post(client, f"{address}/hoan", {"why": "Bão số 3."})
    assert "Bão số 3." in client.get(address).text
    post(client, f"{address}/huy", {"why": "Đã giải quyết xong."})
    assert session.status == Status.CANCELLED
    assert client.get(f"{address}/huy").status_code == 303


def test_who_chairs_who_helps_and_where(client, province, head, secretary):
    session = builders.draft(province)
    room = f"{ADDRESS}/{session.code}/to-chuc"
    factories.sign_in(client, secretary)
    chair = {"part": "chair", "unit": str(province.ward.id), "name": "Lê Văn Sáu", "title": "Bí thư Đảng ủy phường", "user": str(head.id)}
    post(client, f"{room}/chu-tri", chair)
    post(client, f"{room}/giup-viec", {"user": str(secretary.id), "duty": "secretary"})
    assert "đã được giao việc đó" in post(client, f"{room}/giup-viec", {"user": str(secretary.id), "duty": "secretary"}).text
    post(client, f"{room}/hoi-truong", {"name": "Hội trường phường", "address": "12 Thiên Đức", "seats": "150"})
    page = client.get(room).text
    for word in ("Lê Văn Sáu", secretary.name, "12 Thiên Đức"):
        assert word in page
    new = session.chairs[-1]
    assert new.user == head
    assert 'value="Bí thư Đảng ủy phường"' in client.get(f"{room}/chu-tri/{new.id}").text
    post(client, f"{room}/chu-tri/{new.id}", chair | {"title": "Phó Bí thư", "unit": str(province.works.id)})
    assert (new.title, new.name, new.unit, new.user) == ("Phó Bí thư", "Lê Văn Sáu", province.works, head)
    post(client, f"{room}/chu-tri/{new.id}", chair)
    post(client, f"{room}/chu-tri/{new.id}/co-mat", page=room)
    post(client, f"{room}/giup-viec/{session.staff[0].id}/co-mat", page=room)
    assert (new.present, session.staff[0].present) == (True, True)
    post(client, f"{room}/giup-viec/{session.staff[0].id}/co-mat", {"vang": "1"}, page=room)
    assert not session.staff[0].present
    for what, row in (("chu-tri", new), ("giup-viec", session.staff[0]), ("hoi-truong", session.halls[0])):
        post(client, f"{room}/{what}/{row.id}/bo", page=room)
    assert (len(session.chairs), session.staff, session.halls) == (2, [], [])


def test_a_co_organiser_reads_and_changes_nothing(client, province):
    session = builders.draft(province)
    reader = province.front_reader
    reader.reach = reach_of(reader, on=MONDAY.date())
    factories.sign_in(client, reader)
    for page in ("", "/to-chuc", "/chuan-bi", "/chuong-trinh", "/cam-ket-ky-truoc"):
        answer = client.get(f"{ADDRESS}/{session.code}{page}")
        assert answer.status_code == 200
        assert "btn-3" not in answer.text
    for page in ("/sua", "/hoan", "/du-luan", "/to-chuc/chu-tri"):
        assert client.get(f"{ADDRESS}/{session.code}{page}").status_code == 403


def test_where_there_is_no_session_and_where_it_is_none_of_ones_business_looks_the_same(client, province):
    session = builders.draft(province)
    factories.sign_in(client, province.health_officer)
    answers = [client.get(f"{ADDRESS}/{code}") for code in (session.code, "BN-DT-26-666")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert "Không có buổi đối thoại này" in answers[0].text


def test_a_day_beyond_the_calendar_breaks_no_page(client, province, secretary):
    session = builders.draft(province, starts_at=dt.datetime(2099, 1, 5, 8, tzinfo=DAY.tzinfo), ends_at=None)
    builders.issue(session, PaperType.NOTICE)
    factories.sign_in(client, secretary)
    assert "29/12/2098" in client.get(f"{ADDRESS}/{session.code}").text
    post(client, f"{ADDRESS}/{session.code}/sua", typed(day="6/1/2099", begins="8:00", ends=""))
    assert "Chưa tính được" in client.get(f"{ADDRESS}/{session.code}/chuan-bi").text


def test_who_has_come_is_asked_once_everything_is_ready(client, province, head):
    session = builders.session_at(province, head, Status.ANNOUNCED)
    room = f"{ADDRESS}/{session.code}/to-chuc"
    factories.sign_in(client, head)
    assert "Ghi có mặt" not in client.get(room).text
    session.concerns, session.concerns_done_at = "Giá đền bù.", MONDAY
    steps.move(session, Status.READY, overrides={}, actor=head, now=at(26))
    db.session.commit()
    assert client.get(room).text.count("Ghi có mặt") == 3
    post(client, f"{room}/chu-tri/{session.chairs[0].id}/co-mat", page=room)
    assert client.get(room).text.count("Ghi có mặt") == 2


def test_before_a_session_begins_or_ends_the_page_says_what_one_may_not_have_meant(client, province, head, monkeypatch):
    session = builders.session_at(province, head, Status.READY)
    session.staff.append(SessionStaff(user=head, duty=StaffDuty.SECRETARY))
    for each in (*session.chairs, *session.staff):
        each.present = True
    overview, begin, end = (f"{ADDRESS}/{session.code}{rest}" for rest in ("", "/buoc/bat-dau", "/buoc/ket-thuc"))
    early = "Giờ đã thông báo là 8:00, bây giờ mới 0:52. Biên bản sẽ ghi bắt đầu lúc 0:52."
    for now, said in ((DAY.replace(hour=0, minute=52), True), (DAY - dt.timedelta(minutes=10), False)):
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        factories.sign_in(client, head)
        assert [early in client.get(page).text for page in (overview, begin)] == [said, said]
    post(client, begin, page=begin)
    seats.ask(session, seats.SeatQuestion(text="Bao giờ có nước?", token="1"), now=DAY)
    db.session.commit()
    rest = "1 câu hỏi từ điện thoại chưa được trả lời: trả lời bằng văn bản, có mã theo dõi."
    assert rest in client.get(end).text
    post(client, end, page=end)
    assert session.status == Status.HELD
    assert rest in client.get(overview).text  # said once more when it is done
    assert rest not in client.get(overview).text
