"""Sorted before the day: some chosen, the others answered in writing, and none loses its clock."""

from __future__ import annotations

import re
import uuid

import pytest
from sqlalchemy import select

from app import clock, search
from app.access import NotAllowed
from app.calendar.rules import Stage
from app.database import db
from app.outbox import Notice
from app.permissions import Role
from dialogues import desk_state, given, seen
from dialogues.models import DeviceEvent, Question
from dialogues.operations import screening
from dialogues.operations.steps import ReasonMissing
from dialogues.rules import AnswerKind, Origin, QuestionState, Status
from feedback.models import MessageKind, ReceiptKey
from feedback.operations import sender
from feedback.rules import Status as ItemStatus
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import sealing
from tests import factories
from tests.dialogues import builders
from tests.dialogues.asking import ASKED, question
from tests.feedback.builders import actions, told
from tests.feedback.page_forms import form_of, press
from tests.feedback.pages import post, statements


def store(province, head, secretary):
    """Return an announced session to which three questions were sent and taken."""
    session = builders.session_at(province, head, Status.ANNOUNCED)
    made = [question(session, body=words) for words in ("Bao giờ đền bù?", "Tiền đền bù khi nào có?", "Đường rộng mấy mét?")]
    screening.accept(session, made, actor=secretary, now=ASKED)
    return {"session": session, "three": made}


@pytest.fixture
def session(request, province, head):
    if "three" in request.fixturenames:
        return request.getfixturevalue("stored")["session"]
    return builders.session_at(province, head, Status.ANNOUNCED)


@pytest.fixture
def by(secretary):
    return {"actor": secretary, "now": ASKED}


@pytest.fixture
def three(stored):
    return stored["three"]


def test_what_is_put_together_follows_the_question_it_is_like(session, by, three):
    first, second, third = three
    screening.put_together(session, [second], first, **by)
    assert (second.state, second.like) == (QuestionState.LIKE_ANOTHER, first)
    screening.put_together(session, [first], third, **by)
    assert (first.like, second.like) == (third, third)
    screening.refuse(session, [third], why="Không thuộc nội dung.", told="Lý do.", **by)
    assert {(each.state, each.like) for each in (first, second)} == {(QuestionState.ACCEPTED, None)}
    with pytest.raises(screening.LikeItself):
        screening.put_together(session, [second], third, **by)
    with pytest.raises(screening.LikeItself):
        screening.put_together(session, [second], second, **by)


def test_who_is_left_out_reads_why_and_is_owed_the_answer_as_before(session, by, three):
    one = three[0]
    due = one.feedback.clock(Stage.REPLY).due_on
    with pytest.raises(ReasonMissing):
        screening.refuse(session, [one], why=" ", told="", **by)
    for _press in range(2):
        screening.refuse(session, [one], why="Thuộc tỉnh giải quyết.", told="Không đưa vào: thuộc tỉnh giải quyết.", **by)
    assert (one.state, one.refused_why) == (QuestionState.REFUSED, "Thuộc tỉnh giải quyết.")
    assert [(each.kind, each.body) for each in one.feedback.messages] == [(MessageKind.TOLD, "Không đưa vào: thuộc tỉnh giải quyết.")]
    assert ("told", "sender") in told(one.feedback)
    assert (one.feedback.clock(Stage.REPLY).is_running, one.feedback.clock(Stage.REPLY).due_on) == (True, due)
    assert actions(one)[-1] == "question.screened"


def withdraw(one):
    key = db.session.scalars(select(ReceiptKey).where(ReceiptKey.feedback_id == one.feedback_id, ReceiptKey.may_act)).one()
    sender.withdraw(one.feedback, key, now=ASKED)


def test_what_its_asker_withdraws_leaves_the_day_the_pages_and_the_desk(client, session, by, three, head):
    one, like = three[:2]
    one.feedback.publish_consent = True
    screening.publish(one, "Bao giờ đền bù đất?", actor=head, now=ASKED)
    screening.put_together(session, [like], one, **by)
    screening.choose(session, [one], for_the_day=True, **by)
    session.status = Status.READY
    db.session.commit()
    address = f"/doi-thoai/{session.code}"
    assert "Bao giờ đền bù đất?" in client.get(address).text
    seen_at = session.live_version
    withdraw(one)
    assert (one.state, one.for_the_day, one.public_text) == (QuestionState.WITHDRAWN, False, None)
    assert (like.state, like.like) == (QuestionState.ACCEPTED, None)  # who asked the same has not taken it back
    db.session.commit()
    assert session.live_version > seen_at
    assert [page for page in (address, f"/api/v1/sessions/{session.code}") if "Bao giờ đền bù đất?" in client.get(page).text] == []
    assert desk_state.state(session, ASKED, prepares=True)["queue"] == []
    for do in (screening.accept, lambda *chosen, **by: screening.choose(*chosen, for_the_day=True, **by)):
        with pytest.raises(screening.NotTaken):
            do(session, [one], **by)


def test_what_was_answered_in_the_hall_stays_said_and_is_owed_to_nobody_who_took_it_back(session, three, head):
    one = three[0]
    one.feedback.publish_consent, one.for_the_day = True, True
    one.answer_kind, one.promised_on, one.answered_at = AnswerKind.IN_WRITING, ASKED.date(), ASKED
    one.public_text = one.result_text = "Bao giờ đền bù đất?"
    session.status = Status.PUBLISHED
    db.session.flush()
    assert one.is_promised
    withdraw(one)
    assert (one.state, one.answer_kind, one.is_promised) == (QuestionState.ACCEPTED, AnswerKind.IN_WRITING, False)
    assert (seen.questions(session), seen.untold(session)) == ([], [one])
    assert given.answers_of_published(ASKED.date())[1] == []


def test_a_complaint_or_denunciation_leaves_the_session_and_goes_back_to_the_desk(province, session, by, three, head):
    one = three[0]
    one.feedback.publish_consent = True
    screening.publish(one, "Bao giờ đền bù?", actor=head, now=ASKED)
    screening.choose(session, [one], for_the_day=True, **by)
    screening.turn(session, [one], why="Đây là tố cáo.", **by)
    assert (one.state, one.text, one.public_text, one.for_the_day) == (QuestionState.TURNED, "", None, False)
    assert one.feedback.status == ItemStatus.RECEIVED
    assert [(each.kind, each.body) for each in one.feedback.messages] == [(MessageKind.NOTE, "Đây là tố cáo.")]
    assert one.feedback.clock(Stage.REPLY).is_running
    for do in (
        lambda: screening.accept(session, [one], **by),
        lambda: screening.refuse(session, [one], why="a", told="a", **by),
        lambda: screening.choose(session, [one], for_the_day=True, **by),
    ):
        with pytest.raises(screening.NotTaken):
            do()


def test_what_denounces_leaves_indexes_notices_and_devices_and_asked_in_the_hall_it_is_sealed(session, by, three, secretary):
    one = three[0]
    one.feedback.publish_consent = True
    one.feedback.public_title, one.feedback.public_text, one.feedback.published_at = "Đền bù", "Bao giờ đền bù?", ASKED
    seat = Question(session=session, origin=Origin.SEAT, state=QuestionState.WAITING, text="Ông X nhận tiền.", asked_at=ASKED)
    seat.asker, seat.phone = "Lê Văn Ba", "0912345678"
    db.session.add(seat)
    db.session.flush()
    db.session.add(
        DeviceEvent(
            uid=uuid.uuid4(), session=session, device="d", user_id=secretary.id, kind="asked", subject=seat.uid, base=[], at=ASKED,
            facts={"text": seat.text, "name": "Lê Văn Ba", "hall": ""}, received_at=ASKED, state="applied",
        )
    )  # fmt: skip
    found = select(search.SearchDocument).where(search.SearchDocument.subject_id == one.feedback.id)
    assert db.session.scalars(found).all()
    screening.turn(session, [one, seat], why="Đây là tố cáo.", denounces=True, **by)
    assert db.session.scalars(found).all() == []
    assert not [row for row in db.session.query(Notice).filter_by(subject_type="feedback", subject_id=one.feedback.id) if row.address]
    assert (one.feedback.public_text, one.feedback.published_at) == (None, None)
    assert (seat.text, seat.asker, seat.phone, seat.feedback) == ("", None, None, None)
    assert "Ông X nhận tiền." in db.session.query(SealedCase).one().body
    assert db.session.query(DeviceEvent).one().facts == {"text": "", "name": "", "hall": ""}


def test_what_its_desk_seals_leaves_the_session_too(session, three):
    one, words = three[0], three[0].text
    one.public_text = words
    clerk = factories.make_user(unit=one.feedback.desk_unit, roles=[Role.RECEPTION])
    sealing.seal(one.feedback, reason="Đây là tố cáo", actor=clerk, now=ASKED)
    assert (one.text, one.public_text, one.feedback_id, one.state) == ("", None, None, QuestionState.TURNED)
    assert words in db.session.query(SealedCase).one().body


def test_questions_are_chosen_ordered_and_grouped(session, by, secretary, three):
    first, second, third = three
    screening.choose(session, three, for_the_day=True, **by)
    assert [each.position for each in three] == [1, 2, 3]
    screening.put_in_order(session, {third.id: 1, first.id: 9}, actor=secretary)
    assert [each.position for each in three] == [2, 3, 1]
    screening.choose(session, [third], for_the_day=False, **by)
    assert (third.for_the_day, third.feedback.clock(Stage.REPLY).is_running) == (False, True)

    screening.name_themes(session, {}, ["Đền bù", "Đường"], actor=secretary)
    price, road = session.themes
    screening.put_together(session, [second], first, **by)
    screening.group(session, [first], price, actor=secretary)
    assert second.theme == price
    screening.name_themes(session, {price.id: "", road.id: "Làm đường"}, ["Khác"], actor=secretary)
    assert [theme.title for theme in session.themes] == ["Làm đường", "Khác"]
    assert (first.theme, second.theme) == (None, None)


def test_only_who_prepares_sorts_and_only_who_publishes_publishes(province, session, secretary, head, three):
    one = three[0]
    one.feedback.publish_consent = True
    for stranger in (province.officer, province.head, province.clerk, province.front_reader):
        with pytest.raises(NotAllowed):
            screening.accept(session, [one], actor=stranger, now=ASKED)
    with pytest.raises(NotAllowed):
        screening.publish(one, "Bao giờ đền bù?", actor=secretary, now=ASKED)
    other = builders.session_at(province, head, Status.ANNOUNCED)
    with pytest.raises(NotAllowed):  # a question of another session
        screening.accept(other, [one], actor=secretary, now=ASKED)
    screening.publish(one, "Bao giờ đền bù?", actor=head, now=ASKED)
    assert one.public_text == "Bao giờ đền bù?"
    screening.unpublish(one, actor=head, now=ASKED)
    assert one.public_text is None
    one.feedback.publish_consent = False
    with pytest.raises(screening.ConsentMissing):
        screening.publish(one, "Bao giờ đền bù?", actor=head, now=ASKED)


def test_what_was_answered_or_held_stays_as_it_is(session, by, three):
    three[0].answer_kind = AnswerKind.BY_CHAIR
    with pytest.raises(screening.AnsweredAlready):
        screening.choose(session, three, for_the_day=True, **by)
    session.status = Status.HELD
    with pytest.raises(screening.ScreeningOver):
        screening.accept(session, three[1:], **by)


# --- pages ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def as_head(client, head, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: ASKED)
    factories.sign_in(client, head)
    return client


def test_the_list_shows_each_question_that_is_not_put_with_its_day_and_who_has_it(as_head, session, by, three, province):
    screening.choose(session, three[:1], for_the_day=True, **by)
    screening.refuse(session, three[1:2], why="Thuộc tỉnh.", told="Thuộc tỉnh.", **by)
    question(session, body="Còn chờ xem?")
    floor = Question(session=session, origin=Origin.FLOOR, state=QuestionState.ACCEPTED, text="Hỏi tại chỗ?", asked_at=ASKED)
    db.session.add(floor)
    db.session.commit()
    address = f"/can-bo/doi-thoai/{session.code}/cau-hoi"
    page = as_head.get(f"{address}?muc=van-ban").text
    for one in three[1:]:
        assert one.text in page
        assert one.feedback.code in page
    assert three[0].text not in page
    assert "Còn chờ xem?" not in page
    assert province.ward.short_name in page
    with statements() as seen_few:
        assert as_head.get(address).status_code == 200
    for number in range(6):
        question(session, body=f"Câu thêm {number}?")
    db.session.commit()
    with statements() as seen_many:
        as_head.get(address)
    assert len(seen_many) < len(seen_few) + 6  # calendar and settings are read once a transaction; no question is read by itself


def test_one_press_does_it_to_all_that_are_ticked(as_head, session):
    made = [question(session, body=f"Câu {number}?") for number in range(3)]
    db.session.commit()
    page = f"/can-bo/doi-thoai/{session.code}/cau-hoi"
    ticked = {"c": [str(each.id) for each in made[:2]]}

    def do(what: str, **more: str) -> str:
        answer = post(as_head, f"{page}/lam", ticked | {"viec": what} | more, page=page)
        return as_head.get(answer.location).text

    made[0].state = QuestionState.REFUSED
    assert "Bỏ chọn câu ấy" in do("chon")
    assert made[1].state == QuestionState.WAITING
    page_then = do("bo-chon")
    assert (made[1].state, "2 câu trả lời bằng văn bản." in page_then) == (QuestionState.ACCEPTED, True)
    assert '<td class="fit" data-l="Tại buổi đối thoại">Trả lời bằng văn bản</td>' in page_then
    assert "Đã nhận 2 câu." in do("nhan")
    assert "Sẽ hỏi 2 câu tại buổi." in do("chon")
    assert [each.position for each in made] == [1, 2, 0]
    post(as_head, f"{page}/thu-tu", {f"thu-{made[1].id}": "1", f"thu-{made[0].id}": "2", "thu-x": "²"}, page=page)
    assert [each.position for each in made] == [2, 1, 0]
    post(as_head, f"/can-bo/doi-thoai/{session.code}/chu-de", {"themes-0-title": "Đền bù"})
    do("chu-de", **{"chu-de": str(session.themes[0].id)})
    assert made[0].theme.title == "Đền bù"
    assert "Câu 1?" in do("khong-nhan")
    assert "Chưa chọn câu hỏi nào." in as_head.get(post(as_head, f"{page}/lam", {"viec": "nhan"}, page=page).location).text


def test_the_pages_that_ask_for_words_do_what_they_say(as_head, session, by, three):
    first, second, third = three
    db.session.commit()
    page = f"/can-bo/doi-thoai/{session.code}/cau-hoi"
    assert post(as_head, f"{page}/khong-nhan?c={first.id}", {"why": ""}).status_code == 422
    post(as_head, f"{page}/khong-nhan?c={first.id}", {"why": "Thuộc tỉnh."})
    assert "Lý do: Thuộc tỉnh." in first.feedback.messages[-1].body
    post(as_head, f"{page}/gop?c={second.id}", {"other": str(third.id)})
    assert second.like == third
    post(as_head, f"{page}/chuyen?c={third.id}", {"to": "complaint", "why": "Khiếu nại quyết định thu hồi."})
    assert "Đây là khiếu nại. Khiếu nại quyết định thu hồi." in third.feedback.messages[-1].body
    assert as_head.get(f"{page}/gop?c=0").status_code == 404


def test_masking_goes_from_one_question_to_the_next(as_head, session, by, head):
    made = [question(session, body="Hỏi bà Nguyễn Thị Lan ở số nhà 12?", publish_consent=True) for _number in range(2)]
    silent = question(session)
    screening.accept(session, [*made, silent], **by)
    db.session.commit()
    page = f"/can-bo/doi-thoai/{session.code}/cau-hoi"
    shown = as_head.get(f"{page}/{made[0].uid}").text
    assert "Hỏi bà […]" in shown
    assert "Trần Văn Hợp" not in shown
    assert f"/y-kien/{made[0].feedback.code}/nguoi-gui" in shown  # who asked is looked at with a reason
    assert post(as_head, f"{page}/{made[0].uid}", {"text": "Hỏi […]?"}).status_code == 422  # not read again
    looked = post(as_head, f"{page}/{made[0].uid}", {"text": "Hỏi bà Lan, ông Trần Văn Hợp?", "checked": "y"})
    assert "Hỏi <mark>bà Lan</mark>, ông <mark>Trần Văn Hợp</mark>?" in looked.text  # on the page of the session, as it will be
    assert made[0].public_text is None
    again = press(as_head, form_of(looked, f"{page}/{made[0].uid}"), do="back").text
    assert "Hỏi bà Lan, ông Trần Văn Hợp?</textarea>" in again
    looked = post(as_head, f"{page}/{made[0].uid}", {"text": "Hỏi […]?", "checked": "y"})
    done = press(as_head, form_of(looked, f"{page}/{made[0].uid}"))
    assert done.location == f"{page}/{made[1].uid}"
    assert made[0].public_text == "Hỏi […]?"
    assert "Người hỏi không cho đăng" in as_head.get(f"{page}/{silent.uid}").text
    post(as_head, f"{page}/{made[0].uid}/go", page=f"{page}/{made[0].uid}")
    assert made[0].public_text is None


def test_who_speaks_when_is_listed_and_each_look_is_recorded(as_head, province, session, by, three):
    screening.choose(session, [three[1], three[0]], for_the_day=True, **by)
    three[0].feedback.identity_scope = "reception"
    db.session.commit()
    page = as_head.get(f"/can-bo/doi-thoai/{session.code}/cau-hoi/nguoi-hoi")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.text.index("Tiền đền bù khi nào có?") < page.text.index("Bao giờ đền bù?")
    assert page.text.count("Trần Văn Hợp") == 1
    assert "Giữ bí mật họ tên" in page.text
    assert actions(session)[-1] == "personal_data.seen"


def test_others_read_or_see_nothing(client, province, session, three, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: ASKED)
    db.session.commit()
    page = f"/can-bo/doi-thoai/{session.code}/cau-hoi"
    factories.sign_in(client, province.front_reader)
    assert 'name="viec"' not in client.get(page).text
    three[0].feedback.publish_consent = True
    db.session.commit()
    shown = client.get(f"{page}/{three[0].uid}").text
    assert "Trần Văn Hợp" not in shown
    assert re.search(r"Chưa đăng\s+Bản che tên do .+ đăng\.", shown)
    assert client.get(f"{page}/nguoi-hoi").status_code == 403
    for address in (f"{page}/lam", f"{page}/thu-tu", f"{page}/{three[0].uid}", f"{page}/{three[0].uid}/go"):
        assert post(client, address, page="/can-bo/tim").status_code == 403, address
    factories.sign_in(client, factories.make_user(unit=province.health, roles=[Role.OFFICER]))
    for address in (page, f"{page}/{three[0].uid}", f"{page}/khong-nhan?c={three[0].id}", f"/can-bo/doi-thoai/{session.code}/chu-de"):
        assert client.get(address).status_code == 404, address
