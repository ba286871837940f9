"""Asked before the day: an item with code, key, clock and unit, and a line on the session's list."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock
from app.calendar.rules import Stage
from app.database import db
from app.permissions import Role
from dialogues import seen
from dialogues.models import Question, Support
from dialogues.operations import asking, screening
from dialogues.rules import Origin, QuestionState, Status
from feedback.models import Feedback
from feedback.operations import desk
from feedback.operations.intake import ContactMissing, PersonData
from feedback.rules import Status as ItemStatus
from tests import factories
from tests.dialogues import builders
from tests.dialogues.asking import ASKED, WORDS, ask, question
from tests.dialogues.builders import DAY
from tests.feedback import builders as items
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import actions, at
from tests.feedback.pages import post, token


@pytest.fixture
def announced(province, head):
    return builders.session_at(province, head, Status.ANNOUNCED)


@pytest.fixture
def today(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: ASKED)


def count(model) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(model))


def test_a_question_is_an_item_of_the_unit_that_holds_the_session_with_key_and_clock(province, announced):
    taken = ask(announced)
    item = taken.receipt.feedback
    assert taken.receipt.key
    assert (item.status, item.open_answer.unit, item.place_id) == (ItemStatus.IN_HAND, province.ward, announced.place_id)
    assert item.clock(Stage.REPLY).is_running
    assert (taken.question.feedback, taken.question.state, taken.question.origin) == (item, QuestionState.WAITING, Origin.WEB)
    assert actions(taken.question) == ["question.asked"]


def test_no_routing_rule_sends_it_elsewhere_but_danger_is_looked_at_first(province, announced):
    items.add_route(0, "Tất cả về Sở Y tế", unit_id=province.health.id)
    assert question(announced).feedback.open_answer.unit == province.ward
    province.ward.handles_feedback = False  # as a Party committee, which no rule gives anything
    assert question(announced).feedback.open_answer.unit == province.ward
    assert question(announced, accused_unit_id=province.ward.id).feedback.open_answer.unit == province.health
    dangerous = question(announced, body="Có người dọa giết gia đình tôi, bao giờ xử lý?").feedback
    assert dangerous.danger
    assert dangerous.status == ItemStatus.RECEIVED


def test_at_the_desk_a_dangerous_question_stands_under_who_was_asked_and_then_under_who_has_it(app, province, announced):
    items.add_route(0, "Tất cả về Sở Y tế", unit_id=province.health.id)
    item = question(announced, body="Có người dọa giết gia đình tôi, bao giờ xử lý?").feedback
    clerk, page = AtDesk(app, province.clerk), "/can-bo/tiep-nhan?xem="
    assert f"nơi tổ chức buổi đối thoại {announced.code} mà người gửi hỏi" in clerk.get(f"{page}waiting")
    assert f"Gợi ý: {province.ward.name}, nơi tổ chức buổi đối thoại" in clerk.get(f"/can-bo/y-kien/{item.code}/giao")
    desk.route_to(item, province.health, actor=province.clerk, now=ASKED)
    assert f"Đã chuyển: {province.health.name}" in clerk.get(f"{page}under_way")


def test_the_same_token_twice_is_one_question_and_one_receipt(province, announced):
    first, again = ask(announced, token="hai lần"), ask(announced, token="hai lần")
    assert (first.question, first.receipt.code, first.receipt.key) == (again.question, again.receipt.code, again.receipt.key)
    assert (count(Question), count(Feedback)) == (1, 1)


@pytest.mark.parametrize(
    ("status", "until", "now", "takes"),
    [
        (Status.PLANNED, None, at(10), False),
        (Status.ANNOUNCED, None, ASKED, True),
        (Status.READY, None, at(27), True),
        (Status.READY, None, DAY, False),
        (Status.READY, at(26), at(26), False),
        (Status.IN_SESSION, None, DAY, False),
        (Status.HELD, None, at(29), False),
    ],
)
def test_questions_are_taken_from_the_announcement_until_the_day_that_was_set(province, head, status, until, now, takes):
    session = builders.session_at(province, head, status, questions_until=until)
    assert seen.takes_questions(session, now) is takes
    if not takes:
        with pytest.raises(asking.QuestionsClosed):
            ask(session, now)


@pytest.mark.parametrize("person", [PersonData(phone="0912345678"), PersonData(name="Trần Văn Hợp")])
def test_who_cannot_be_answered_is_promised_no_answer(province, announced, person):
    with pytest.raises(ContactMissing):
        ask(announced, people=(person,))


# --- an item sent earlier -------------------------------------------------------------------------------------------------


def test_with_its_key_an_open_item_goes_on_and_reads_the_question_in_its_thread(province, announced):
    receipt = items.submit()
    taken = ask(announced, earlier_code=receipt.code.lower(), earlier_key=receipt.key)
    assert (taken.receipt, taken.question.feedback, taken.question.origin) == (None, receipt.feedback, Origin.FEEDBACK)
    assert receipt.feedback.messages[-1].body == WORDS
    second = ask(announced, earlier_code=receipt.code, earlier_key=receipt.key)
    assert second.question.feedback.repeat_of == receipt.feedback  # on the list already: one line of it is enough


@pytest.mark.parametrize("with_key", [False, True], ids=["its code alone", "answered since"])
def test_otherwise_the_question_is_an_item_that_names_the_earlier_one(province, announced, with_key):
    receipt = items.submit()
    if with_key:
        receipt.feedback.status = ItemStatus.ANSWERED
    taken = ask(announced, earlier_code=receipt.code, earlier_key=receipt.key if with_key else "")
    assert taken.receipt.feedback is not receipt.feedback
    assert taken.receipt.feedback.repeat_of == receipt.feedback
    assert receipt.feedback.messages == []


def test_nothing_is_said_of_an_item_to_who_has_neither_code_nor_key(province, announced):
    code = items.submit().code
    for named in ({"earlier_code": code, "earlier_key": "0000-0000-0000-0000"}, {"earlier_code": "BN-26-7K3FQ2-9"}, {"earlier_key": "x"}):
        with pytest.raises(asking.EarlierUnknown):
            ask(announced, **named)
    assert count(Question) == 0


# --- pages ----------------------------------------------------------------------------------------------------------------

TYPED = {"body": WORDS, "name": "Trần Văn Hợp", "phone": "0912 345 678", "comes_from": "Tổ dân phố 4", "token": "t"}


def test_asking_on_the_page_gives_a_receipt_and_twice_is_once(client, announced, today):
    address = f"/doi-thoai/{announced.code}/hoi"
    first = post(client, address, TYPED)
    assert (first.status_code, first.location) == (303, "/gui-y-kien/bien-nhan")
    receipt = client.get(first.location).text
    item = db.session.scalar(db.select(Feedback))
    assert item.code in receipt
    assert "Mã bí mật" in receipt
    assert f'<a href="/doi-thoai/{announced.code}">{announced.topic}</a>' in receipt  # and back to the session
    assert "Câu hỏi đã vào danh sách" in receipt
    assert "<h1>Đã nhận câu hỏi</h1>" in receipt
    assert '<a href="/doi-thoai" aria-current="page">' in receipt
    assert "Hỏi về quy định, thủ tục" not in receipt
    post(client, address, TYPED)
    assert count(Question) == 1
    assert db.session.scalar(db.select(Question)).comes_from == "Tổ dân phố 4"


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"body": " "}, "Viết câu hỏi"),
        ({"name": ""}, "Ghi họ và tên"),
        ({"phone": ""}, "Ghi ít nhất một cách để trả lời"),
        ({"phone": "0912"}, "Số điện thoại thiếu số"),
        ({"on_behalf": "y"}, "Ghi họ tên người được hỏi hộ"),
        ({"earlier_code": "BN-1"}, "Mã này thiếu hoặc sai một ký tự"),
        ({"earlier_key": "ABCD"}, "Ghi cả mã tra cứu"),
        ({"website": "x"}, "máy tự động"),
        ({"csrf_token": ""}, "bấm nút một lần nữa"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(client, announced, today, over, sentence):
    page = post(client, f"/doi-thoai/{announced.code}/hoi", TYPED | over)
    assert page.status_code == 422
    assert sentence in page.text
    assert "Trần Văn Hợp" in page.text or "name" in over
    assert count(Question) == 0


def test_too_late_the_page_says_so_and_gives_the_words_back(client, announced, monkeypatch, today):
    address = f"/doi-thoai/{announced.code}/hoi"
    typed = TYPED | {"csrf_token": token(client, address)}
    monkeypatch.setattr(clock, "now", lambda: DAY)
    page = client.post(address, data=typed).text
    assert "Đã hết giờ nhận câu hỏi trước" in page
    assert "chi trả đền bù" in page


def test_a_clerk_writes_down_what_came_on_paper_or_for_another_and_hands_over_the_receipt(client, province, announced, today):
    factories.sign_in(client, province.clerk)
    address = f"/can-bo/doi-thoai/{announced.code}/cau-hoi/nhap"
    paper = TYPED | {"channel": "paper"}
    assert "Ghi ngày đến" in post(client, address, paper).text
    paper |= {"received_on": ["17", "8", "2026"], "on_behalf": "y", "principal_name": "Lê Thị Mùi", "principal_agrees": "y"}
    done = post(client, address, paper)
    assert (done.status_code, done.location) == (303, "/can-bo/nhap/phieu-nhan")
    made = db.session.scalar(db.select(Question))
    assert made.feedback.code in client.get(done.location).text
    assert (made.origin, made.feedback.channel, made.feedback.entered_by) == (Origin.PROXY, "paper", province.clerk)
    assert clock.local_date(made.feedback.received_at) == dt.date(2026, 8, 17)
    assert {person.name for person in made.feedback.people} == {"Trần Văn Hợp", "Lê Thị Mùi"}
    factories.sign_in(client, factories.make_user(unit=province.ward, roles=[Role.RECORDS]))
    assert client.get(address).status_code == 403


# --- support --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shown(announced, head):
    one = question(announced, publish_consent=True)
    screening.accept(announced, [one], actor=head, now=ASKED)
    screening.publish(one, "Bao giờ chi trả đền bù?", actor=head, now=ASKED)
    return one


def test_others_support_a_question_once_a_device_and_only_a_digest_is_kept(client, app, announced, shown, today):
    address, page = f"/doi-thoai/{announced.code}/cau-hoi/{shown.uid}/ung-ho", f"/doi-thoai/{announced.code}"
    for form in (page, f"{page}/hoi"):  # once pressed, the page has no such button
        assert post(client, address, page=form).status_code == 303
    first, again = client.get(page).text, client.get(page).text
    assert "1 lượt cùng quan tâm" in first
    assert [first.count("Đã ghi: cũng muốn biết"), again.count("Đã ghi: cũng muốn biết"), again.count("Tôi cũng muốn biết")] == [2, 1, 0]
    assert "Tôi cũng muốn biết" in app.test_client().get(page).text
    post(app.test_client(), address, page=page)
    assert "2 lượt cùng quan tâm" in client.get(page).text
    assert all(len(each.device_digest) == 64 for each in db.session.scalars(db.select(Support)))


def test_nobody_supports_what_is_not_public_or_over(client, announced, head, shown, today):
    hidden = question(announced)
    db.session.commit()
    page = f"/doi-thoai/{announced.code}"
    assert post(client, f"{page}/cau-hoi/{hidden.uid}/ung-ho", page=page).status_code == 404
    assert client.post(f"{page}/cau-hoi/{shown.uid}/ung-ho").status_code == 303  # without its token: asked to press again
    announced.status = Status.HELD
    with pytest.raises(asking.NotShown):
        asking.support(shown, "máy", now=DAY)
    assert count(Support) == 0
