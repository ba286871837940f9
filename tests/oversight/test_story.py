"""The page of one promise: everything that happened to it, once, and nothing of it to who may not know."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from bs4 import BeautifulSoup
from flask import current_app

from app.access import SYSTEM
from app.assignments import operations as promises
from app.assignments.models import Assignment
from app.audit import AuditEntry
from app.calendar.queries import work_calendar
from app.calendar.rules import Facts
from app.database import db
from app.hooks import add
from app.permissions import Role
from dialogues.models import ConclusionAssignment
from dialogues.rules import Status
from feedback.operations import papers, sender, unit
from oversight import story
from oversight.story import Action, Entry, Reader, terms
from tests.dialogues import builders as sessions
from tests.factories import make_unit, make_user, sign_in
from tests.feedback import builders
from tests.feedback.builders import at

NAME, PHONE = "Trần Thị Hoa", "0912345678"


@pytest.fixture
def answered(province):
    """An answer that promised work, by a person whose name, phone and words are theirs."""
    feedback = builders.taken(province, body=f"Bà {NAME} báo đèn tắt.")
    paper = builders.signed_reply(province, feedback, at(1), [builders.promised(at(20).date())])
    papers.enter_number(paper, number="128/SXD-HT", numbered_on=at(1).date(), actor=province.records, now=at(1))
    db.session.flush()
    return feedback


def duty_of(feedback, duty):
    return next(each for each in feedback.assignments if each.duty == duty)


def reader(user):
    return Reader(user.reach)


def page_of(client, user, row):
    sign_in(client, user)
    answer = client.get(f"/can-bo/viec-da-cam-ket/{row.id}")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def told(row, as_reader):
    with current_app.test_request_context():  # links need one
        return [(str(entry.text), entry.url) for entry in story.of(row, as_reader)]


def texts(row, user):
    return [text for text, _url in told(row, reader(user))]


def test_the_page_says_what_was_promised_in_the_words_it_was_signed_with_and_by_whom(client, province, answered):
    page = page_of(client, province.front_reader, duty_of(answered, "act")).select_one("main").text

    point = answered.papers[0].points[0]
    assert point.text in page
    assert "128/SXD-HT, ngày 4/8/2026" in page
    assert answered.papers[0].signed_by.name in page
    assert province.works.name in page


def test_the_story_runs_backwards_with_instants_at_second_precision(client, province, answered):
    page = page_of(client, province.front_reader, duty_of(answered, "answer"))

    instants = [each["datetime"] for each in page.select(".timeline time")]
    assert instants == sorted(instants, reverse=True)
    assert len(instants) >= 3
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", each) for each in instants), instants


def test_a_step_is_told_once_though_the_item_and_the_promise_both_know_it(province, answered):
    said = texts(duty_of(answered, "answer"), province.front_reader)

    assert len([each for each in said if "nhận" in each and "giải quyết" not in each]) == 1
    assert len(said) == len(set(said))


def test_the_work_promised_hears_of_its_own_answer_and_not_of_the_taking_of_the_item(province, answered):
    said = texts(duty_of(answered, "act"), province.front_reader)

    assert any("trả lời" in each for each in said)
    assert not any("Gửi ý kiến" in each for each in said)


def test_who_may_not_open_the_item_gets_no_link_and_no_name(client, province, answered):
    role = make_user(unit=make_unit(), roles=[(Role.HEAD, province.works)])  # HEAD of Sở Xây dựng reads its items
    row = duty_of(answered, "act")
    stranger = Reader(make_user(unit=make_unit(), roles=[]).reach)

    assert not any(url for _text, url in told(row, stranger))
    assert any(url for _text, url in told(row, reader(role)))
    assert page_of(client, role, row).select(f'a[href="/can-bo/y-kien/{answered.code}"]')


def test_nothing_of_a_person_stands_on_the_page_so_no_look_is_recorded(client, province, answered):
    key = builders.sender_key(answered)
    sender.rate(answered, key, score=2, why=f"Gọi tôi số {PHONE}, hỏi bà {NAME}.", now=at(3))
    looks = db.select(db.func.count()).select_from(AuditEntry).where(AuditEntry.action == "personal_data.seen")
    before = db.session.scalar(looks)

    page = page_of(client, province.front_reader, duty_of(answered, "answer"))
    rating = page.select_one("#tra-loi").parent.parent.text

    assert PHONE not in page.text
    assert "Không hài lòng" in rating
    assert NAME not in rating
    assert db.session.scalar(looks) == before


def test_an_extension_is_shown_with_its_ground_and_who_granted_it(client, province):
    feedback = builders.taken(province)
    unit.ask_extension(feedback, ground="complex", reason="Phải đo lại cả tuyến.", actor=province.officer, now=at(1))
    row = duty_of(feedback, "answer")
    request = next(each.asked for term in terms.of(row, at(1).date(), opens=True) for each in term.extensions)
    assert request is not None
    unit.decide_extension(feedback, request, granted=True, remarks="", actor=province.head, now=at(2))

    text = page_of(client, province.front_reader, row).select_one("#han").parent.parent.text
    found = [each for term in terms.of(row, at(2).date(), opens=True) for each in term.extensions]

    assert len(found) == 1
    assert found[0].asked is request
    assert found[0].due_on == row.due_on != row.first_due_on
    assert province.officer.name in text
    assert province.head.name in text
    assert "vụ việc phức tạp" in text
    assert "Phải đo lại cả tuyến." in text


def test_a_refused_extension_stays_in_sight(province):
    feedback = builders.taken(province)
    unit.ask_extension(feedback, ground="complex", reason="Bận.", actor=province.officer, now=at(1))
    row = duty_of(feedback, "answer")
    (request,) = [each.asked for term in terms.of(row, at(1).date(), opens=True) for each in term.extensions]
    unit.decide_extension(feedback, request, granted=False, remarks="Đủ người.", actor=province.head, now=at(2))

    (refused,) = [each for term in terms.of(row, at(2).date(), opens=True) for each in term.extensions]

    assert refused.amount is None
    assert refused.remarks == "Đủ người."
    assert "Không đồng ý gia hạn" in texts(row, province.front_reader)


def test_a_pause_is_shown_with_its_days(client, province):
    feedback = builders.taken(province)
    unit.ask(feedback, "Số cột đèn?", actor=province.officer, now=at(1))

    page = page_of(client, province.front_reader, duty_of(feedback, "answer")).text

    assert "tạm dừng tính hạn từ 4/8/2026" in page


def test_the_third_hop_is_called_what_it_is(province):
    feedback = builders.offered(province)
    row = duty_of(feedback, "answer")
    for number, to in enumerate((province.health, province.roads, province.works), start=1):
        promises.transfer(
            row, to, reason="in_note", rule_facts=Facts(kind="report"), calendar=work_calendar(), actor=SYSTEM, now=at(number)
        )

    said = [each for each in texts(row, province.front_reader) if "Chuyển từ" in each]

    assert ["lòng vòng" in each for each in said] == [True, False, False]


def test_who_held_it_stands_in_a_table_that_stacks(client, province, answered):
    table = page_of(client, province.front_reader, duty_of(answered, "answer")).select_one("table.cards")

    assert province.officer.name in table.text
    assert {each.get("data-l") for each in table.select("tbody td")} == {"Từ", "Đến", "Ngày làm việc"}


def test_a_promise_of_a_session_names_the_chair_and_the_session(client, province):
    head = make_user(unit=province.ward, roles=[Role.HEAD])
    session = sessions.session_at(province, head, Status.CONCLUDED)
    row = ConclusionAssignment(
        duty="act",
        title="Nạo vét rãnh",
        unit_id=province.works.id,
        session=session,
        opened_at=at(0),
        opened_on=at(0).date(),
        public_form="written",
    )
    db.session.add(row)
    db.session.flush()

    page = page_of(client, province.front_reader, row).text

    assert session.chairing[0].name in page
    assert session.topic in page
    assert "Buổi đối thoại: đã có kết luận" in page


def test_another_matter_adds_its_entries_and_buttons(client, province, answered, monkeypatch):
    def entries(row: Assignment, _reader: Reader) -> list[Entry]:
        return [Entry(dt.datetime(2030, 1, 1, tzinfo=dt.UTC), f"Đôn đốc việc {row.id}", "bell", "/can-bo/don-doc")]

    monkeypatch.setattr(story, "further", [*story.further, entries])
    monkeypatch.setattr(story, "actions", [lambda _row, _reader: [Action("Đôn đốc", "/can-bo/don-doc/moi")]])
    row = duty_of(answered, "act")

    page = page_of(client, province.front_reader, row)

    assert page.select_one(".timeline li a").text == f"Đôn đốc việc {row.id}"
    assert page.select_one('a.btn[href="/can-bo/don-doc/moi"]')


def test_a_hook_is_added_once_however_many_sites_there_are():
    hooks = []
    for _site in range(2):
        add(hooks, texts)
    assert hooks == [texts]


def test_what_happened_since_the_last_look_is_marked(client, province, answered):
    from oversight.operations import watching  # noqa: PLC0415

    row = duty_of(answered, "act")
    watching.watch(row, actor=province.front_reader, today=at(1).date(), now=at(1) - dt.timedelta(days=300))

    first, second = page_of(client, province.front_reader, row), page_of(client, province.front_reader, row)

    assert "mới" in first.select_one(".timeline .tag").text
    assert not second.select(".timeline .tag"), "looked at: no longer new"
