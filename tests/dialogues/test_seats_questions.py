"""A question from a seat: taken on the day, masked before anybody reads it, and answered in writing if the hall did not."""

from __future__ import annotations

import pytest

from app import clock
from app.access import NotAllowed
from app.database import db
from app.permissions import Role
from dialogues import hall, seen
from dialogues.models import Hall, Question
from dialogues.operations import asking, screening, seats, steps, written
from dialogues.operations.seats import SeatQuestion
from dialogues.rules import AnswerKind, Origin, QuestionState, Status
from feedback.models import Feedback
from feedback.operations.intake import TokenReused
from feedback.rules import SenderType
from tests import factories
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.builders import actions, at
from tests.feedback.pages import post, token

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

WORDS = "Bao giờ chi trả đền bù cho hộ bà Nguyễn Thị Lan, số nhà 12?"
TYPED = {"body": WORDS, "comes_from": "Tổ dân phố 4", "token": "t"}


@pytest.fixture
def on(province, head, monkeypatch):
    """A session that runs."""
    session = builders.session_at(province, head, Status.IN_SESSION)
    session.halls.append(Hall(position=1, name="Hội trường phường"))
    db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: DAY)
    return session


def ask(session, *, form="t", now=DAY, **over) -> Question:
    return seats.ask(session, SeatQuestion(**({"text": WORDS, "token": form, "comes_from": "Tổ dân phố 4"} | over)), now=now)


def close(session, head) -> None:
    steps.move(session, Status.HELD, overrides={}, actor=head, now=DAY)
    db.session.flush()


# --- asking -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "now", "takes"),
    [
        (Status.ANNOUNCED, DAY, False),
        (Status.READY, at(27), False),
        (Status.READY, DAY, True),
        (Status.IN_SESSION, DAY, True),
        (Status.HELD, DAY, False),
    ],
)
def test_questions_from_seats_are_taken_on_the_day_until_it_is_closed(province, head, status, now, takes):
    session = builders.session_at(province, head, status)
    assert hall.takes_from_seats(session, now) is takes
    if not takes:
        with pytest.raises(asking.QuestionsClosed):
            ask(session, now=now)


def test_it_waits_names_nobody_and_a_second_press_adds_nothing(on):
    one = ask(on, name="Trần Văn Hợp", phone="0912345678")
    assert ask(on) is one
    assert (one.state, one.origin, one.feedback, one.asker) == (QuestionState.WAITING, Origin.SEAT, None, "Trần Văn Hợp")
    assert b"Tr" not in one.asker_sealed
    assert not hall.is_shown(one)
    assert actions(one) == ["question.asked"]
    with pytest.raises(TokenReused):
        ask(on, text="Khác")


def test_who_floods_the_hall_is_stopped(on, monkeypatch):
    monkeypatch.setattr(seats, "MOST_WAITING", 1)
    ask(on)
    with pytest.raises(seats.SeatsFull):
        ask(on, form="u")


def test_the_phone_asks_without_a_name_and_sees_what_becomes_of_it(client, on, head):
    address = f"/doi-thoai/{on.code}/tai-cho"
    done = post(client, f"{address}/hoi", TYPED)
    assert (done.status_code, done.location) == (303, address)
    page = client.get(address).text
    assert "Chờ thư ký xem" in page
    assert page.count(WORDS) == 1  # on the phone that asked, and on no other
    assert WORDS not in client.application.test_client().get(address).text
    one = db.session.scalar(db.select(Question))
    screening.refuse(on, [one], why="Ngoài nội dung buổi này", told="", actor=head, now=DAY)
    close(on, head)
    page = client.get(f"{address}/cua-toi").text
    assert "Ngoài nội dung buổi này" in page
    assert one.feedback.code in page
    receipt = client.get(f"{address}/bien-nhan/{one.uid}", follow_redirects=True).text
    assert "Mã bí mật" in receipt
    assert client.application.test_client().get(f"{address}/bien-nhan/{one.uid}").status_code == 404


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"body": " "}, "Viết câu hỏi"),
        ({"body": "a" * 1001}, "1.000"),
        ({"phone": "0912"}, "Số điện thoại thiếu số"),
        ({"website": "x"}, "máy tự động"),
        ({"csrf_token": ""}, "bấm nút một lần nữa"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, on, over, sentence):
    page = post(client, f"/doi-thoai/{on.code}/tai-cho/hoi", TYPED | over)
    assert page.status_code == 422
    assert sentence in page.text
    assert "Tổ dân phố 4" in page.text
    assert hall.waiting(on) == 0


def test_too_late_the_page_gives_the_words_back(client, on, head):
    address = f"/doi-thoai/{on.code}/tai-cho/hoi"
    typed = TYPED | {"csrf_token": token(client, address)}
    close(on, head)
    page = client.post(address, data=typed).text
    assert "không nhận câu hỏi từ chỗ ngồi" in page
    assert "chi trả đền bù" in page


def test_others_support_from_the_hall_what_is_shown_once_a_device(client, on, head):
    one, page = ask(on), f"/doi-thoai/{on.code}/tai-cho"
    assert post(client, f"{page}/ung-ho", {"cau": str(one.uid)}, page=f"{page}/hoi").status_code == 404
    seats.accept(one, "Bao giờ chi trả?", for_the_day=False, actor=head, now=DAY)
    db.session.commit()
    for _press in range(2):
        assert post(client, f"{page}/ung-ho", {"cau": str(one.uid)}, page=page).status_code == 303
    assert seen.supports(on) == {one.id: 1}
    assert post(client, f"{page}/ung-ho", {"cau": "x"}, page=page).status_code == 404


# --- moderation ---------------------------------------------------------------------------------------------------------


def test_nothing_shows_before_somebody_masked_it_and_then_everywhere(client, on, head):
    one, room = ask(on), f"/can-bo/doi-thoai/{on.code}/tu-dien-thoai"
    public = f"/doi-thoai/{on.code}/tai-cho"
    assert "chi trả" not in client.get(public).text
    factories.sign_in(client, head)
    page = client.get(room).text
    assert "Bao giờ chi trả đền bù cho hộ bà […], […]?" in page
    field = f"q{one.id}-text"
    assert post(client, f"{room}/{one.uid}/hien", {field: " "}, page=room).status_code == 422
    data = {field: "Bao giờ chi trả?", f"q{one.id}-csrf_token": token(client, room), "viec": "hang"}
    assert client.post(f"{room}/{one.uid}/hien", data=data).status_code == 303
    assert (one.state, one.for_the_day, one.shown_at) == (QuestionState.ACCEPTED, True, DAY)
    page = client.get(public).text
    assert "Bao giờ chi trả?" in page
    assert "Nguyễn Thị Lan" not in page
    seats.hide(one, actor=head, now=DAY)
    db.session.commit()
    assert "Bao giờ chi trả?" not in client.get(public).text


def test_the_masked_answer_shows_below_it_once_somebody_read_it(client, on, head):
    one = ask(on)
    seats.accept(one, "Bao giờ chi trả?", for_the_day=True, actor=head, now=DAY)
    with pytest.raises(screening.NotTaken):
        seats.show_answer(one, "Tháng 9.", actor=head, now=DAY)
    one.answer_kind, one.answer, one.answered_at = AnswerKind.BY_CHAIR, "Ông Trần Văn Khoa sẽ trả tháng 9.", DAY
    db.session.commit()
    page = client.get(f"/doi-thoai/{on.code}/tai-cho").text
    assert "Chủ trì trả lời tại chỗ" in page
    assert "tháng 9" not in page
    factories.sign_in(client, head)
    room = f"/can-bo/doi-thoai/{on.code}/tu-dien-thoai"
    data = {f"q{one.id}-text": "Trả trong tháng 9.", f"q{one.id}-csrf_token": token(client, room)}
    assert client.post(f"{room}/{one.uid}/tra-loi", data=data).status_code == 303
    assert "Trả trong tháng 9." in client.get(f"/doi-thoai/{on.code}/tai-cho").text


def test_who_does_not_prepare_the_session_moderates_nothing(client, province, on):
    one = ask(on)
    db.session.commit()
    reader = factories.make_user(unit=province.front, roles=[Role.FRONT])
    factories.sign_in(client, reader)
    room = f"/can-bo/doi-thoai/{on.code}/tu-dien-thoai"
    assert "Cho hiện" not in client.get(room).text
    for what in ("hien", "tra-loi", "go", "van-ban", "khong-nhan", "gop"):
        assert client.post(f"{room}/{one.uid}/{what}", data={"csrf_token": token(client, "/tai-khoan")}).status_code == 403
    with pytest.raises(NotAllowed):
        seats.hide(one, actor=reader, now=DAY)


def test_the_room_refuses_joins_and_hands_over_one_by_one(client, on, head):
    factories.sign_in(client, head)
    room = f"/can-bo/doi-thoai/{on.code}/tu-dien-thoai"
    other, like, refused, later = (ask(on, form=name) for name in "abcd")
    for one in (other, later):
        seats.accept(one, "Bao giờ chi trả?", for_the_day=False, actor=head, now=DAY)
    db.session.commit()
    assert client.get(f"{room}.json").json["regions"]["news"].count("2 câu chờ xem") == 1
    assert post(client, f"{room}/{like.uid}/gop", {"other": str(other.id)}).location.endswith("/tu-dien-thoai")
    assert post(client, f"{room}/{refused.uid}/khong-nhan", {"why": "Ngoài nội dung"}).status_code == 303
    assert post(client, f"{room}/{later.uid}/van-ban", page=room).status_code == 303
    assert post(client, f"{room}/{other.uid}/go", page=room).status_code == 303
    assert (like.like, refused.refused_why, other.shown_at) == (other, "Ngoài nội dung", None)
    assert later.feedback is not None
    assert client.get(f"{room}/{later.uid}/gop").status_code == 200


# --- nothing is lost ----------------------------------------------------------------------------------------------------


def test_what_the_hall_did_not_answer_becomes_an_item_when_it_is_closed(province, on, head):
    answered, waiting, refused, named = (
        ask(on, form="a"),
        ask(on, form="b"),
        ask(on, form="c"),
        ask(on, form="d", name="Trần Văn Hợp", phone="0912345678"),
    )
    like = ask(on, form="e")
    seats.accept(answered, "Bao giờ chi trả?", for_the_day=True, actor=head, now=DAY)
    screening.put_together(on, [like], answered, actor=head, now=DAY)
    answered.answer_kind = AnswerKind.BY_CHAIR
    screening.refuse(on, [refused], why="Ngoài nội dung", told="", actor=head, now=DAY)
    close(on, head)
    assert (answered.feedback, like.feedback) == (None, None)
    for one in (waiting, refused, named):
        assert (one.feedback.open_answer.unit, one.feedback.publish_consent, one.feedback.entered_by) == (province.ward, True, None)
    assert (waiting.feedback.sender_type, waiting.feedback.people) == (SenderType.ANONYMOUS, [])
    assert [(person.name, person.phone) for person in named.feedback.people] == [("Trần Văn Hợp", "0912345678")]
    assert written.owe_the_rest(on, now=DAY) == 0


def test_put_off_on_the_day_it_is_answered_in_writing_too(province, head):
    session = builders.session_at(province, head, Status.READY)
    one = ask(session)
    steps.put_off(session, Status.POSTPONED, why="Bão", actor=head, now=DAY)
    assert one.feedback is not None


def test_a_complaint_from_a_seat_goes_to_the_desk_with_its_words_and_leaves_the_session(on, head):
    one = ask(on)
    screening.turn(on, [one], why="Đây là khiếu nại.", actor=head, now=DAY)
    assert (one.text, one.state) == ("", QuestionState.TURNED)
    item = db.session.scalar(db.select(Feedback))
    assert (item.body, item.publish_consent) == (WORDS, False)
