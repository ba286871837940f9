"""After the session: what those present thought of it, a year in figures, photographs, and news to follow."""

from __future__ import annotations

import csv
import datetime as dt
import io
import xml.etree.ElementTree as ET

import pytest

from app import clock
from app.access import NotAllowed
from app.accounts.queries import reach_of
from app.database import db
from app.permissions import Role
from dialogues import hall, photos, public, statistics
from dialogues.models import Attendance, ConclusionAssignment, Evaluation, Hall, Question
from dialogues.operations import evaluating, pictures, steps
from dialogues.operations.evaluating import Marks
from dialogues.operations.papers import Closed
from dialogues.rules import AnswerKind, Origin, QuestionState, Status
from tests import factories
from tests.app.files import samples
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback import builders as items
from tests.feedback.builders import at
from tests.feedback.pages import post, statements

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

MARKED = {"heard": "5", "answered": "2", "organised": "4", "words": "Trả lời giá đất còn chung chung."}
AFTER = DAY + dt.timedelta(hours=4)


@pytest.fixture
def held(province, head, monkeypatch):
    session = builders.session_at(province, head, Status.HELD)
    monkeypatch.setattr(clock, "now", lambda: AFTER)
    return session


# --- evaluation ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "days", "takes"),
    [(Status.IN_SESSION, 0, False), (Status.HELD, 0, True), (Status.PUBLISHED, 13, True), (Status.PUBLISHED, 15, False)],
)
def test_it_is_asked_for_from_the_end_of_the_session_for_two_weeks(province, head, status, days, takes):
    session = builders.session_at(province, head, status)
    now = AFTER + dt.timedelta(days=days)
    assert hall.takes_evaluations(session, now) is takes
    if not takes:
        with pytest.raises(evaluating.EvaluationClosed):
            evaluating.evaluate(session, Marks(5, 5, 5), device="m", now=now)


def test_a_device_says_it_once_and_only_its_digest_is_kept(client, held, head):
    page = f"/doi-thoai/{held.code}/danh-gia"
    assert post(client, page, MARKED | {"heard": "6"}).status_code == 422
    assert post(client, page, MARKED).status_code == 303
    assert "đã đánh giá buổi này rồi" in client.get(page).text
    evaluating.evaluate(held, Marks(1, 1, 1), device="m", now=AFTER)
    with pytest.raises(evaluating.EvaluatedBefore):
        evaluating.evaluate(held, Marks(1, 1, 1), device="m", now=AFTER)
    kept = db.session.scalar(db.select(Evaluation).where(Evaluation.words != ""))
    assert (kept.heard, kept.answered, kept.organised, len(kept.device_digest)) == (5, 2, 4, 64)
    factories.sign_in(client, head)
    results = client.get(f"/can-bo/doi-thoai/{held.code}/danh-gia").text
    assert "Trả lời giá đất còn chung chung." in results
    assert "2 phiếu" in results
    assert "Chưa ghi số người có mặt." in results
    held.attendances.append(came := Attendance(people=2, at=DAY))
    for people, warned in ((2, False), (1, True)):
        came.people = people
        db.session.commit()
        results = client.get(f"/can-bo/doi-thoai/{held.code}/danh-gia").text
        assert f"2 phiếu trên {people} người có mặt." in results
        assert ("Số phiếu nhiều hơn số người có mặt" in results) is warned
    assert "3 trên 5" in results
    assert "chung chung" not in client.get(f"/doi-thoai/{held.code}").text


def test_what_was_typed_is_given_back_where_it_comes_too_late(client, held, monkeypatch):
    monkeypatch.setattr(hall, "EVALUATED_FOR", dt.timedelta())
    answer = post(client, f"/doi-thoai/{held.code}/danh-gia", MARKED, page=f"/doi-thoai/{held.code}/tai-cho")
    assert "Đã hết hạn đánh giá" in answer.text
    assert "chung chung" in answer.text


# --- the year -----------------------------------------------------------------------------------------------------------


def test_a_year_counts_sessions_people_answers_promises_and_marks_of_the_units_in_reach(client, province, held, head):
    held.halls += [Hall(position=1, name="Hội trường", people_counted=None), Hall(position=2, name="Điểm cầu", people_counted=70)]
    held.attendances.append(Attendance(people=3, at=DAY))
    for kind in (AnswerKind.BY_CHAIR, AnswerKind.BY_CHAIR, AnswerKind.IN_WRITING, None):
        held.questions.append(Question(origin=Origin.FLOOR, state=QuestionState.ACCEPTED, text="Hỏi", asked_at=DAY, answer_kind=kind))
    evaluating.evaluate(held, Marks(5, 2, 5), device="m", now=AFTER)
    builders.session_at(province, head, Status.ANNOUNCED)
    builders.draft(province)
    ((unit, row),) = statistics.of_year(head.reach, 2026, AFTER.date())
    assert unit == province.ward
    assert (row.planned, row.held, row.people, row.asked, row.put) == (2, 1, 70, 4, 3)
    assert (row.answers[AnswerKind.BY_CHAIR], row.mean(), row.mean("answered")) == (2, 4, 2)
    assert statistics.of_year(head.reach, 2025, AFTER.date()) == []
    factories.sign_in(client, head)
    page = client.get("/can-bo/doi-thoai/thong-ke").text
    assert province.ward.name in page
    table = list(csv.reader(io.StringIO(client.get("/can-bo/doi-thoai/thong-ke.csv").data.decode("utf-8-sig"))))
    assert table[1][:5] == [province.ward.name, "2", "1", "70", "4"]
    assert len(table[0]) == len(table[1])
    stranger = factories.make_user(unit=province.health, roles=[Role.OFFICER])
    assert statistics.of_year(reach_of(stranger, on=AFTER.date()), 2026, AFTER.date()) == []


def test_a_promise_is_late_when_its_day_passed_before_it_was_kept():
    day = dt.date(2026, 9, 1)
    later = day + dt.timedelta(days=1)
    stands = [public.settled(day, done_on, None, day) for done_on in (None, day, later)]
    assert stands == [(None, False), (day, False), (later, True)]
    # The answer to a question that went upwards is given when the petition is settled, too.
    for kept_on, expected in ((None, (None, False)), (later, (later, True))):
        assert public.settled(day, day, public.Above(day, kept_on), day) == expected


def test_a_question_and_its_petition_are_one_promise_of_the_year(province, held, head):
    asked = Question(
        origin=Origin.FLOOR, state=QuestionState.ACCEPTED, text="Hỏi", asked_at=DAY, answer_kind=AnswerKind.FORWARDED,
        promised_on=AFTER.date(), feedback=items.received(),
    )  # fmt: skip
    held.questions.append(asked)
    for question in (asked, None):
        duty = {"unit": province.ward, "duty": "act", "title": "Kiến nghị", "due_on": AFTER.date(), "opened_at": DAY, "question": question}
        held.promises.append(ConclusionAssignment(**duty, beyond="Sở Tài chính" if question else None, state="done", closed_at=AFTER))
    db.session.flush()
    ((_unit, row),) = statistics.of_year(head.reach, 2026, AFTER.date())
    assert (row.promised, row.kept, row.late) == (2, 1, 0)


def test_the_year_is_read_at_once_however_many_sessions_there_are(client, province, head):
    builders.session_at(province, head, Status.HELD)
    factories.sign_in(client, head)
    client.get("/can-bo/doi-thoai/thong-ke?nam=2026")
    with statements() as one:
        client.get("/can-bo/doi-thoai/thong-ke?nam=2026")
    for _more in range(2):
        builders.session_at(province, head, Status.HELD)
    with statements() as many:
        client.get("/can-bo/doi-thoai/thong-ke?nam=2026")
    assert len(many) == len(one)


# --- photographs and the recording --------------------------------------------------------------------------------------


def test_a_photograph_is_public_once_somebody_chose_it_and_the_result_is_out(client, app, province, head, monkeypatch):
    session = builders.session_at(province, head, Status.CONCLUDED)
    factories.sign_in(client, head)
    room = f"/can-bo/doi-thoai/{session.code}/anh"
    assert "Ghi ảnh chụp gì" in post(client, room, {"file": (io.BytesIO(samples.picture()), "hop.jpg")}).text
    typed = {"file": (io.BytesIO(samples.picture()), "hop.jpg"), "shows": "Bà con trong hội trường", "public": "y"}
    assert post(client, room, typed).status_code == 303
    (photo,) = photos.of(session)
    public = f"/doi-thoai/{session.code}/anh/{photo.id}"
    anyone = app.test_client()
    assert anyone.get(public).status_code == 404
    builders._prepare_for(session, Status.PUBLISHED, province)
    steps.move(session, Status.PUBLISHED, overrides={}, actor=head, now=at(32))
    db.session.commit()
    assert 'alt="Bà con trong hội trường"' in anyone.get(f"/doi-thoai/{session.code}").text
    small = anyone.get(f"{public}?nho=1")
    assert (small.status_code, small.mimetype) == (200, "image/jpeg")
    assert anyone.get(f"{public}?nho=1", headers={"If-None-Match": small.headers["ETag"]}).status_code == 304
    assert small.headers["ETag"] != anyone.get(public).headers["ETag"]
    assert client.get(f"{room}/{photo.id}").status_code == 200
    assert post(client, f"{room}/{photo.id}/cho-hien", page=room).status_code == 303
    assert anyone.get(public).status_code == 404
    assert post(client, f"{room}/{photo.id}/bo", page=room).status_code == 303
    assert photos.of(session) == []


@pytest.mark.parametrize(
    ("link", "kept"), [("https://youtu.be/x", True), ("javascript:alert(1)", False), ("ftp://x", False), ("https://[x", False), ("", True)]
)
def test_the_recording_is_an_address_of_the_web(client, held, head, link, kept):
    factories.sign_in(client, head)
    room = f"/can-bo/doi-thoai/{held.code}/anh"
    held.recording_link = "https://cu.example"
    db.session.commit()
    assert post(client, f"{room}/ghi-hinh", {"link": link}, page=room).status_code == (303 if kept else 422)
    assert held.recording_link == (link if kept else "https://cu.example")


def test_pictures_are_those_of_who_prepares_and_stand_once_archived(province, head):
    session = builders.session_at(province, head, Status.ARCHIVED)
    with pytest.raises(Closed):
        pictures.link_recording(session, "https://x.example", actor=head, now=AFTER)
    with pytest.raises(NotAllowed):
        pictures.link_recording(session, "x", actor=province.front_reader, now=AFTER)


# --- news ---------------------------------------------------------------------------------------------------------------


def news(client, address="/doi-thoai/tin.atom") -> list[str]:
    answer = client.get(address)
    assert answer.mimetype == "application/atom+xml"
    root = ET.fromstring(answer.data)  # noqa: S314 - we wrote it
    entries = root.findall("{*}entry")
    assert len({entry.findtext("{*}id") for entry in entries}) == len(entries)
    return [entry.findtext("{*}title") for entry in entries]


def test_the_feed_tells_what_was_announced_put_off_and_came_out(client, province, head, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(41))
    assert news(client) == []
    builders.session_at(province, head, Status.PLANNED)
    builders.session_at(province, head, Status.ANNOUNCED, topic="Chợ & <đường>\x00")
    put_off = builders.session_at(province, head, Status.READY, topic="Rác")
    steps.put_off(put_off, Status.POSTPONED, why="Bão", actor=head, now=at(27))
    out = builders.session_at(province, head, Status.PUBLISHED, topic="Đất")
    told = news(client)
    assert told[:2] == ["Kết quả đối thoại: Đất", "Hoãn: Rác"]
    assert sorted(told[2:]) == ["Sắp đối thoại: Chợ & <đường>", "Sắp đối thoại: Rác", "Sắp đối thoại: Đất"]
    assert news(client, f"/doi-thoai/{out.code}/tin.atom") == ["Kết quả đối thoại: Đất", "Đã họp: Đất", "Sắp đối thoại: Đất"]
