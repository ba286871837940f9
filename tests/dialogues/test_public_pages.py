"""What everyone reads of sessions: nothing before it is announced, of questions the masked copies, of answers what was published."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock
from app.assignments.rules import Duty
from app.database import db
from dialogues import public
from dialogues.models import AgendaItem, ConclusionAssignment, Hall
from dialogues.operations import screening, sessions, steps
from dialogues.rules import PaperType, Part, Status
from tests.dialogues import builders
from tests.dialogues.asking import ASKED, question
from tests.feedback.builders import at
from tests.feedback.pages import statements

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database


@pytest.fixture(autouse=True)
def today(province, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: ASKED)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.PLANNED])
def test_nothing_is_shown_before_it_is_announced(client, province, head, status):
    session = builders.session_at(province, head, status)
    db.session.commit()
    for address in ("", "/hoi"):
        assert client.get(f"/doi-thoai/{session.code}{address}").status_code == 404
    assert client.get(f"/api/v1/sessions/{session.code}").status_code == 404
    assert session.topic not in client.get("/doi-thoai").text
    assert client.get("/api/v1/sessions").json["items"] == []


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        (Status.ANNOUNCED, "Sắp diễn ra"),
        (Status.READY, "Chưa bắt đầu"),  # and its hour has come
        (Status.IN_SESSION, "Đang diễn ra"),
        (Status.HELD, "Đã họp xong"),
        (Status.ARCHIVED, "Đã công bố kết quả"),
    ],
)
def test_the_list_and_the_page_say_how_it_stands(client, province, head, monkeypatch, status, shown):
    session = builders.session_at(province, head, status)
    if status == Status.READY:
        monkeypatch.setattr(clock, "now", lambda: session.starts_at)
    db.session.commit()
    for address in ("/doi-thoai", f"/doi-thoai/{session.code.lower()}"):
        page = client.get(address).text
        assert shown in page
        assert session.topic in page
    assert ("Gửi câu hỏi trước" in page) is (status == Status.ANNOUNCED)


@pytest.mark.parametrize(("hours", "said"), [(1, "Hôm nay"), (24, "Sắp diễn ra")])
def test_the_first_page_and_the_list_name_what_comes_next(client, province, head, monkeypatch, hours, said):
    session = builders.session_at(province, head, Status.READY)
    monkeypatch.setattr(clock, "now", lambda: session.starts_at - dt.timedelta(hours=hours))
    db.session.commit()
    for address in ("/", "/doi-thoai"):
        page = client.get(address).text
        assert session.topic in page
        assert said in page
    steps.put_off(session, Status.POSTPONED, why="Mưa to.", actor=head, now=clock.now())
    db.session.commit()
    assert session.topic not in client.get("/").text


def test_a_slash_too_many_leads_to_the_page(client, province):
    moved = client.get("/doi-thoai/?sau=x")
    assert (moved.status_code, moved.location) == (308, "/doi-thoai?sau=x")
    for address in ("/khong-co-trang-nay/", "//doi-thoai/", "//"):
        assert client.get(address).headers.get("Location", "/")[:2] != "//"
    assert client.get("/khong-co-trang-nay/").status_code == client.post("/doi-thoai/").status_code == 404


def test_the_page_says_when_where_how_and_what_comes_after_what(client, province, head):
    session = builders.session_at(province, head, Status.ANNOUNCED, online_link="javascript:alert(1)")
    session.halls.append(Hall(position=1, name="Hội trường phường", address="Số 1 đường Thiên Đức"))
    session.agenda += [
        AgendaItem(position=1, part=Part.INTRODUCTION, title="Khai mạc", minutes=15),
        AgendaItem(position=2, part=Part.FLOOR, title="Nhân dân phát biểu", minutes=90),
    ]
    db.session.commit()
    page = client.get(f"/doi-thoai/{session.code}").text
    for text in (
        "Hội trường phường",
        "8:15",
        "90 phút",
        "Nguyễn Thị Bình",
        "Các hộ dân tổ dân phố 4",
        "Trần Văn Khoa",
        "/dang-ky",
        "/lich.ics",
    ):
        assert text in page
    assert 'href="javascript' not in page


def test_a_question_is_public_only_in_its_masked_copy(client, province, head):
    session = builders.session_at(province, head, Status.ANNOUNCED)
    shown, like, hidden = (question(session, publish_consent=True) for _number in range(3))
    screening.accept(session, [shown, like, hidden], actor=head, now=ASKED)
    screening.put_together(session, [like], shown, actor=head, now=ASKED)
    screening.publish(shown, "Bao giờ chi trả đền bù?", actor=head, now=ASKED)
    screening.publish(like, "Khi nào có tiền đền bù?", actor=head, now=ASKED)
    db.session.commit()
    for text in (client.get(f"/doi-thoai/{session.code}").text, str(client.get(f"/api/v1/sessions/{session.code}").json)):
        assert "Bao giờ chi trả đền bù?" in text
        assert "Khi nào có tiền đền bù?" in text
        for secret in ("Nguyễn Thị Lan", "Trần Văn Hợp", "Tổ dân phố 4", shown.feedback.code):
            assert secret not in text
    screening.refuse(session, [shown], why="Trùng.", told="Trùng.", actor=head, now=ASKED)
    db.session.commit()
    assert "Bao giờ chi trả đền bù?" not in client.get(f"/doi-thoai/{session.code}").text


@pytest.mark.parametrize(("status", "out"), [(Status.CONCLUDED, False), (Status.PUBLISHED, True)])
def test_answers_are_read_when_the_result_is_published(client, province, head, status, out):
    session = builders.session_at(province, head, Status.READY)
    one = question(session, publish_consent=True)
    screening.accept(session, [one], actor=head, now=ASKED)
    one.public_text, one.public_answer, one.answer_kind, session.public_conclusion = "Bao giờ?", "Trong tháng 9.", "by_chair", "Làm ngay."
    session.promises.append(
        ConclusionAssignment(
            duty=Duty.ACT,
            title="Bà Lan: lấp hố.",
            public_title="Lấp hố trước cổng chợ.",
            unit=province.works,
            opened_at=ASKED,
            due_on=at(40).date(),
        )
    )
    session.status = status
    db.session.commit()
    assert ("Trong tháng 9." in client.get(f"/doi-thoai/{session.code}").text) is out
    assert ("Lấp hố trước cổng chợ." in client.get(f"/doi-thoai/{session.code}").text) is out
    api = client.get(f"/api/v1/sessions/{session.code}").json
    assert [(each["text"], each["due_on"], each["done"]) for each in api["conclusions"]] == [
        ("Lấp hố trước cổng chợ.", "2026-09-12", False)
    ] * out
    assert (api["questions"][0]["answer"], api["conclusion"]) == (("Trong tháng 9.", "Làm ngay.") if out else (None, None))


def test_put_off_it_says_why_and_tells_the_old_day_no_more(client, province, head):
    session = builders.session_at(province, head, Status.ANNOUNCED)
    steps.put_off(session, Status.POSTPONED, why="Bão số 3 đổ bộ.", actor=head, now=ASKED)
    db.session.commit()
    for text in (client.get(f"/doi-thoai/{session.code}").text, client.get("/doi-thoai").text):
        assert "31/8/2026" not in text
        assert "Hoãn" in text
    assert "Bão số 3 đổ bộ." in client.get(f"/doi-thoai/{session.code}").text
    assert client.get(f"/api/v1/sessions/{session.code}").json["starts_at"] is None


def test_what_is_planned_for_another_day_is_read_when_that_day_is_announced(client, province, head, monkeypatch):
    session = builders.session_at(province, head, Status.ANNOUNCED)
    steps.put_off(session, Status.POSTPONED, why="Bão số 3 đổ bộ.", actor=head, now=ASKED)
    session.status, session.starts_at, session.ends_at, session.audience = Status.PLANNED, at(45, 8), None, "Các hộ khu mới"
    session.halls.append(Hall(position=1, name="Hội trường mới"))
    session.agenda.append(AgendaItem(position=1, part=Part.INTRODUCTION, title="Khai mạc mới", minutes=15))
    old = [paper for paper in session.papers if paper.type == PaperType.PROGRAMME]
    builders.issue(session, PaperType.PROGRAMME)
    new = session.papers[-1]
    new.created_at = at(16)
    db.session.commit()
    facts = sessions.SessionFacts(topic="Rác thải", audience=session.audience, place_id=session.place_id, starts_at=session.starts_at)
    with pytest.raises(sessions.TopicAnnounced):
        sessions.change(session, facts, actor=head, now=at(17))
    address = f"/doi-thoai/{session.code}"
    pages = [address, f"{address}/man-hinh", f"{address}/tai-cho", f"{address}/tin.atom", f"/api/v1/sessions/{session.code}", "/doi-thoai"]
    secrets = ("17/9/2026", "2026-09-17", "Hội trường mới", "Khai mạc mới", "Các hộ khu mới", str(new.uid))

    def told() -> dict[str, list[str]]:
        answers = {page: client.get(page) for page in pages}
        texts = {page: str(answer.json) if answer.is_json else answer.text for page, answer in answers.items()}
        assert [page for page, text in texts.items() if session.topic not in text] == []
        return {page: each for page, text in texts.items() if (each := [word for word in secrets if word in text])}

    assert told() == {}
    assert "Hoãn" in client.get(address).text
    assert client.get(f"{address}/van-ban/{new.uid}.pdf").status_code == 404
    assert old[0] in public.papers(session)
    session.status, session.announced_at = Status.ANNOUNCED, at(18)
    db.session.commit()
    assert set(told()[address]) == set(secrets) - {"2026-09-17"}
    assert new in public.papers(session)


def test_held_sessions_come_page_by_page_with_few_questions_to_the_database(client, province, head):
    made = [
        builders.draft(province, status=Status.HELD, announced_at=ASKED, starts_at=at(-number), topic=f"Buổi {number}.")
        for number in range(22)
    ]
    db.session.commit()
    with statements() as asked:
        first = client.get("/doi-thoai").text
    assert len(asked) < 20
    assert "Buổi 0." in first
    assert "Buổi 20." not in first
    following = first.split("/doi-thoai?sau=")[1].split('"')[0]
    second = client.get(f"/doi-thoai?sau={following}").text
    assert "Buổi 20." in second
    assert "Buổi 21." in second
    assert "Buổi 0." not in second
    assert "Buổi 0." in client.get("/doi-thoai?sau=bịa").text
    assert len(made) == 22
