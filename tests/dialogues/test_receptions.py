"""Days on which a head receives citizens: the calendar, booking a turn, the register, the notice; and who is told."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from app import clock, consents
from app.access import NotAllowed
from app.accounts.models import Delegation
from app.accounts.queries import reach_of
from app.administration import sentences
from app.assignments.rules import IllegalTransition
from app.audit import entries_about
from app.database import db
from app.letters import letter
from app.outbox import Notice
from app.permissions import Role
from dialogues.models import ReceptionDay, ReceptionVisit
from dialogues.operations import booking, receptions
from dialogues.operations.booking import Booking
from dialogues.operations.receptions import Hours
from dialogues.rules import ReceptionState, VisitState
from tests import factories
from tests.feedback import builders as feedback
from tests.feedback import pages
from tests.feedback.builders import MONDAY, at
from tests.feedback.test_races import DONE, at_once

STAFF = "/can-bo/doi-thoai/tiep-cong-dan"
PUBLIC = "/doi-thoai/tiep-cong-dan"
HOURS = Hours(begins=dt.time(8), ends=dt.time(9, 30), venue="Phòng tiếp công dân, trụ sở phường", slot_minutes=30)
WHO = Booking(position=1, name="Nguyễn Thị Hợp", subject="Thoát nước", phone="0912345678")
TYPED = {"slot": "1", "name": "Nguyễn Thị Hợp", "phone": "0912 345 678", "subject": "Thoát nước"}


@pytest.fixture
def day(province, secretary) -> ReceptionDay:
    """A week after MONDAY: three turns, at 8:00, 8:30 and 9:00."""
    return receptions.add_days(province.ward, [at(7).date()], HOURS, actor=secretary, now=MONDAY)[0]


def notices(template: str) -> list[Notice]:
    return list(db.session.scalars(db.select(Notice).where(Notice.template == f"dialogues/notices/{template}").order_by(Notice.id)))


# --- the calendar -------------------------------------------------------------------------------------------------------


def test_a_unit_receives_once_a_day_and_only_its_own_people_plan_it(province, secretary, day):
    with pytest.raises(receptions.DayTaken):
        receptions.add_days(province.ward, [day.day], HOURS, actor=secretary, now=MONDAY)
    more = receptions.add_days(province.ward, [day.day, at(8).date()], HOURS, actor=secretary, now=MONDAY)
    assert [each.day for each in more] == [at(8).date()]
    with pytest.raises(NotAllowed):
        receptions.add_days(province.ward, [at(9).date()], HOURS, actor=province.officer, now=MONDAY)


def test_months_are_laid_by_a_pattern_and_a_day_off_goes_to_the_next_working_day(client, province, secretary):
    factories.sign_in(client, secretary)
    sent = {
        "unit": str(province.ward.id), "days": "2, 15", "month": "2026-8", "months": "2",
        "begins": "8h", "ends": "11:00", "slot_minutes": "30", "venue": "Trụ sở",
    }  # fmt: skip
    assert pages.post(client, f"{STAFF}/them-nhieu", sent | {"days": "0, 40"}).status_code == 422
    assert pages.post(client, f"{STAFF}/them-nhieu", sent).status_code == 303
    days = db.session.scalars(db.select(ReceptionDay.day).order_by(ReceptionDay.day)).all()
    # 2/8 is over, 15/8 a Saturday, 2/9 National Day with the day beside it.
    assert days == [dt.date(2026, 8, 17), dt.date(2026, 9, 3), dt.date(2026, 9, 15)]
    assert pages.post(client, f"{STAFF}/them-nhieu", sent).status_code == 422  # nothing new


def test_who_booked_moves_along_with_the_day_and_hears_of_it(province, secretary, day):
    visit = booking.book(day, Booking(position=3, name="A", subject="Đất", email="a@example.com"), token="t1", now=MONDAY)
    with pytest.raises(receptions.ReasonMissing):
        receptions.move(day, at(9).date(), HOURS, why=" ", actor=secretary, now=MONDAY)
    short = Hours(begins=dt.time(8), ends=dt.time(9), venue="Trụ sở", slot_minutes=30)
    with pytest.raises(receptions.TooFewSlots):
        receptions.move(day, at(9).date(), short, why="Bão số 3.", actor=secretary, now=MONDAY)
    new = receptions.move(day, at(9).date(), HOURS, why="Bão số 3.", actor=secretary, now=MONDAY)
    assert (visit.day, day.state, day.moved_to_id, day.why_not) == (new, ReceptionState.MOVED, new.id, "Bão số 3.")
    text = letter(notices("reception_moved")[0]).text
    assert "9:00 thứ" in text.replace("\xa0", " ")
    assert "12/8/2026" in text
    assert "Bão số 3." in text
    with pytest.raises(IllegalTransition):
        receptions.cancel(day, why="Bão.", actor=secretary, now=MONDAY)


def test_cancelling_tells_those_who_booked_and_frees_nobody_to_come(province, secretary, day):
    visit = booking.book(day, WHO, token="t1", now=MONDAY)
    receptions.cancel(day, why="Chủ tịch đi họp Quốc hội.", actor=secretary, now=MONDAY)
    assert visit.state == VisitState.CANCELLED
    text = letter(notices("reception_cancelled")[0]).text
    assert "hủy ngày tiếp công dân" in text
    assert "Chủ tịch đi họp Quốc hội." in text
    with pytest.raises(booking.DayClosed):
        booking.book(day, WHO, token="t2", now=MONDAY)


# --- booking ------------------------------------------------------------------------------------------------------------


def test_the_same_token_books_once(day):
    first = booking.book(day, WHO, token="t1", now=MONDAY)
    assert booking.book(day, WHO, token="t1", now=MONDAY) is first
    assert len(day.visits) == len(notices("reception_booked")) == 1
    with pytest.raises(booking.TokenReused):
        booking.book(day, Booking(position=2, name="A", subject="B", phone="0912345678"), token="t1", now=MONDAY)


@pytest.mark.parametrize(
    ("who", "when", "refusal"),
    [
        ({"position": 1, "phone": "0987654321"}, MONDAY, booking.SlotTaken),
        ({"position": 4, "phone": "0987654321"}, MONDAY, booking.SlotTaken),
        ({"position": 0, "phone": "0987654321"}, MONDAY, booking.SlotTaken),
        ({"position": 2, "phone": "0912345678"}, MONDAY, booking.BookedAlready),
        ({"position": 2, "phone": "0987654321"}, at(7, 8), booking.DayClosed),
    ],
)
def test_what_cannot_be_booked(day, who, when, refusal):
    booking.book(day, WHO, token="t1", now=MONDAY)
    with pytest.raises(refusal):
        booking.book(day, Booking(name="A", subject="B", **who), token="t2", now=when)


def test_two_at_once_never_share_a_turn_and_a_form_pressed_twice_books_once(fresh_app):
    province = feedback.make_province()
    secretary = factories.make_user(unit=province.ward, roles=[Role.OFFICER])
    id_ = receptions.add_days(province.ward, [at(7).date()], HOURS, actor=secretary, now=MONDAY)[0].id

    def press(position, phone, token):
        def act():
            day = db.session.get(ReceptionDay, id_)
            booking.free_slots(day)  # as the page that was open did
            booking.book(day, Booking(position=position, name="Hợp", subject="Đất", phone=phone), token=token, now=MONDAY)

        return act

    turns = [(1, "0912345678", "a"), (1, "0987654321", "b"), (2, "0912000111", "c"), (2, "0912000111", "c"), (3, "0912345678", "d")]
    one, other, first, again, last = at_once(fresh_app, *(press(*turn) for turn in turns))
    assert (first, again) == (DONE, DONE)
    assert {type(each) for each in (one, other, last) if each != DONE} <= {booking.SlotTaken, booking.BookedAlready}
    booked = [(visit.position, visit.phone) for visit in db.session.get_one(ReceptionDay, id_).visits]
    positions, phones = zip(*booked, strict=True)
    assert len(set(positions)) == len(set(phones)) == len(booked)
    assert set(positions) >= {1, 2}


def test_a_place_given_back_is_anothers_and_not_on_the_day_itself(day):
    visit = booking.book(day, WHO, token="t1", now=MONDAY)
    booking.cancel_visit(visit, now=MONDAY)
    assert (visit.name, visit.phone, visit.subject) == (None, None, "")  # forgotten
    assert booking.free_slots(day) == {1: dt.time(8), 2: dt.time(8, 30), 3: dt.time(9)}
    again = booking.book(day, WHO, token="t2", now=MONDAY)
    with pytest.raises(booking.DayClosed):
        booking.cancel_visit(again, now=at(7, 8))


def test_letters_about_a_booking_speak_the_language_it_was_made_in(province, secretary, day):
    booking.book(day, Booking(position=1, name="A", subject="B", email="a@example.com", locale="en"), token="t1", now=MONDAY)
    receptions.cancel(day, why="Bão.", actor=secretary, now=MONDAY)
    assert [each.locale for name in ("reception_booked", "reception_cancelled") for each in notices(name)] == ["en", "en"]


def test_a_citizen_books_finds_and_cancels_by_code(client, day):
    db.session.commit()
    assert "còn 3 lượt" in client.get(PUBLIC).text
    book = f"{PUBLIC}/{day.uid}/dat-hen"
    page = client.get(book).text
    token = re.search(r'name="token"[^>]*value="([^"]+)"', page)
    assert token
    sent = TYPED | {"token": token[1]}
    assert "để được báo" in pages.post(client, book, sent | {"phone": ""}).text
    assert pages.post(client, book, sent | {"slot": "9"}).status_code == 422
    for _ in range(2):  # pressed twice
        assert pages.post(client, book, sent).location == f"{PUBLIC}/luot-hen"
    visit = db.session.scalars(db.select(ReceptionVisit)).one()
    slip = client.get(f"{PUBLIC}/luot-hen").text
    assert visit.code in slip
    assert visit.code in letter(notices("reception_booked")[0]).text
    assert visit.locale == "vi"
    assert "Hợp" not in slip  # whoever finds the code reads no name
    taken = pages.post(client, book, TYPED | {"phone": "0987654321", "token": "another"})
    assert "vừa có người đặt" in taken.text
    assert "0987654321" in taken.text

    stranger = client.application.test_client()
    assert stranger.get(f"{PUBLIC}/luot-hen").location == f"{PUBLIC}/tim"
    assert pages.post(stranger, f"{PUBLIC}/tim", {"code": "TCD-26-111111-1"}).status_code == 422
    assert pages.post(stranger, f"{PUBLIC}/tim", {"code": visit.code.lower().replace("-", " ")}).location == f"{PUBLIC}/luot-hen"
    assert pages.post(stranger, f"{PUBLIC}/luot-hen/huy", page=f"{PUBLIC}/luot-hen").status_code == 303
    db.session.expire_all()
    assert visit.state == VisitState.CANCELLED
    (agreed,) = consents.of([visit])
    assert str(agreed.words) in page
    assert agreed.withdrawn_at is not None
    assert (visit.name, visit.phone, notices("reception_booked")) == (None, None, [])


@pytest.mark.parametrize(("state", "name"), [(VisitState.CAME, "Nguyễn Thị Hợp"), (VisitState.STAYED_AWAY, None)])
def test_once_the_day_is_over_who_booked_is_erased_by_the_code_but_not_from_the_register(client, day, secretary, monkeypatch, state, name):
    visit = booking.book(day, WHO, token="t1", now=MONDAY)
    with pytest.raises(booking.DayClosed):
        booking.forget_visit(visit, now=at(7))
    receptions.write_visit(visit, state, said="", result="", code="", actor=secretary, now=at(7))
    db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: at(8))
    pages.post(client, f"{PUBLIC}/tim", {"code": visit.code})
    assert "của tôi</button>" in client.get(f"{PUBLIC}/luot-hen").text
    pages.post(client, f"{PUBLIC}/luot-hen/huy", page=f"{PUBLIC}/luot-hen")
    assert "của tôi</button>" not in client.get(f"{PUBLIC}/luot-hen").text
    assert (visit.name, visit.phone, visit.state) == (name, None, state)
    erased = [entry.facts for entry in entries_about(day) if entry.action == "reception.data_erased"]
    assert erased == [{"visit_id": visit.id}]


def test_what_is_off_says_why_and_takes_no_booking(client, day, secretary):
    receptions.move(day, at(9).date(), HOURS, why="Bão số 3.", actor=secretary, now=MONDAY)
    db.session.commit()
    page = client.get(PUBLIC).text
    assert "Bão số 3." in page
    assert "Ngày mới: thứ" in page
    answer = client.get(f"{PUBLIC}/{day.uid}/dat-hen")
    assert (answer.status_code, "Bão số 3." in answer.text) == (409, True)


def test_nothing_of_who_comes_and_why_is_public(client, day):
    booking.book(day, Booking(position=1, name="Lê Văn Mật", subject="Tố cáo ông Ba", phone="0912345678"), token="t1", now=MONDAY)
    db.session.commit()
    for address in (PUBLIC, f"{PUBLIC}?don-vi={day.unit_id}", f"{PUBLIC}/{day.uid}/dat-hen"):
        text = client.get(address).text
        assert "Mật" not in text
        assert "ông Ba" not in text


# --- the day ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def deputy(province, head):
    """Stands in for the head on these days, with all that the head may."""
    user = factories.make_user(unit=province.ward, roles=[Role.OFFICER])
    db.session.add(Delegation(from_id=head.id, to_id=user.id, form="KT.", starts_on=MONDAY.date(), ends_on=at(30).date()))
    db.session.flush()
    user.reach = reach_of(user, on=MONDAY.date())
    return user


def test_only_the_head_in_person_receives(province, day, head, deputy, secretary):
    for other in (deputy, secretary, province.head):
        with pytest.raises(receptions.NotTheHead):
            receptions.write_up(day, received_by=other, minutes="Biên bản.", conclusion="", actor=secretary, now=at(7))
    receptions.write_up(day, received_by=head, minutes="Biên bản.", conclusion="", actor=secretary, now=at(7))
    assert (day.state, day.received_by) == (ReceptionState.HELD, head)


def test_the_register_opens_on_the_day_and_closes_with_the_number(province, day, head, secretary):
    visit = booking.book(day, WHO, token="t1", now=MONDAY)
    item = feedback.received()
    written = {"said": "Ngập.", "result": "Giao Phòng Kinh tế.", "actor": secretary}
    with pytest.raises(receptions.TooEarly):
        receptions.write_visit(visit, VisitState.CAME, code="", now=at(6), **written)
    with pytest.raises(receptions.VisitsUnmarked):
        receptions.write_up(day, received_by=head, minutes="B", conclusion="K", actor=secretary, now=at(7))
    with pytest.raises(receptions.NoSuchItem):
        receptions.write_visit(visit, VisitState.CAME, code="BN-26-111111-1", now=at(7), **written)
    receptions.write_visit(visit, VisitState.CAME, code=item.code, now=at(7), **written)
    assert visit.feedback_id == item.id
    other = receptions.walk_in(day, Booking(position=0, name="Trần Văn Ba", subject="Đất"), actor=secretary, now=at(7))
    assert (other.position, other.state) == (4, VisitState.CAME)  # after the three turns
    receptions.write_up(day, received_by=head, minutes="B", conclusion="Phòng Kinh tế trả lời trước 1/9.", actor=secretary, now=at(7))
    receptions.number(day, "15/TB-UBND", at(8).date(), actor=head, now=at(8))
    with pytest.raises(IllegalTransition):
        receptions.write_visit(visit, VisitState.CAME, code="", now=at(9), **written)
    told = [line.text.replace("\xa0", " ") for line in sentences.tell(entries_about(day))]
    assert told[-1] == "ghi số 15/TB-UBND cho thông báo kết luận của buổi tiếp công dân thứ Hai, 10/8/2026 của Ủy ban nhân dân phường"
    assert "ghi sổ" in told[2]


@pytest.mark.parametrize(
    ("number", "on", "refusal"),
    [
        ("15/TB-UBND", at(8).date(), receptions.NumberTaken),
        ("16/TB-UBND", at(5).date(), receptions.NumberedWrongDay),
        ("16/TB-UBND", at(20).date(), receptions.NumberedWrongDay),
    ],
)
def test_a_notice_gets_a_number_of_its_own_on_a_possible_day(day, head, secretary, number, on, refusal):
    other = receptions.add_days(day.unit, [at(1).date()], HOURS, actor=secretary, now=MONDAY)[0]
    for each in (other, day):
        receptions.write_up(each, received_by=head, minutes="B", conclusion="K", actor=secretary, now=at(8))
    receptions.number(other, "15/TB-UBND", at(8).date(), actor=head, now=at(8))
    with pytest.raises(refusal):
        receptions.number(day, number, on, actor=head, now=at(8))
    with pytest.raises(NotAllowed):
        receptions.number(day, "16/TB-UBND", at(8).date(), actor=secretary, now=at(8))


def test_the_pages_of_a_day(client, monkeypatch, province, day, head, secretary):
    visit = booking.book(day, WHO, token="t1", now=MONDAY)
    address = f"{STAFF}/{day.uid}"
    factories.sign_in(client, secretary)
    assert "Ghi kết quả" not in client.get(address).text  # the day has not come
    monkeypatch.setattr(clock, "now", lambda: at(7))
    factories.sign_in(client, secretary)
    assert "Hợp" not in client.get(address).text
    seen = len([entry for entry in entries_about(day) if entry.action == "personal_data.seen"])
    assert "Hợp" in client.get(f"{address}/so").text
    assert len([entry for entry in entries_about(day) if entry.action == "personal_data.seen"]) == seen + 1
    line = f"{address}/luot/{visit.id}"
    assert pages.post(client, line, {"state": "came", "said": "Ngập.", "code": "sai"}).status_code == 422
    assert pages.post(client, line, {"state": "came", "said": "Ngập.", "result": "Giao."}).status_code == 303
    assert pages.post(client, f"{address}/nguoi-den", {"name": "Trần Văn Ba", "subject": "Đất"}).status_code == 303
    result = {"received_by": str(head.id), "minutes": "Biên bản.", "conclusion": "Trả lời trước 1/9."}
    assert pages.post(client, f"{address}/ket-qua", result | {"received_by": str(secretary.id)}).status_code == 422
    assert pages.post(client, f"{address}/ket-qua", result).status_code == 303
    assert client.get(f"{address}/ghi-so").status_code == 403

    factories.sign_in(client, province.front_reader)  # reads, and meets neither names nor minutes
    page = client.get(address).text
    assert "Trả lời trước 1/9." in page
    assert "Biên bản." not in page
    assert client.get(f"{address}/so").status_code == 403
    factories.sign_in(client, province.officer)
    assert client.get(address).status_code == 404

    factories.sign_in(client, head)
    number = {"number": "15/TB-UBND", "numbered_on": ["10", "8", "2026"]}
    assert pages.post(client, f"{address}/ghi-so", number).status_code == 303
    assert "15/TB-UBND" in client.get(STAFF).text


def test_a_day_is_added_moved_and_cancelled_on_its_pages(client, province, secretary):
    factories.sign_in(client, secretary)
    hours = {"begins": "8:00", "ends": "11:00", "slot_minutes": "30", "venue": "Trụ sở"}
    sent = hours | {"unit": str(province.ward.id), "day": ["10", "8", "2026"]}
    assert pages.post(client, f"{STAFF}/them", sent | {"ends": "7:00"}).status_code == 422
    assert pages.post(client, f"{STAFF}/them", sent | {"day": ["10", "8", "2029"]}).status_code == 422
    assert pages.post(client, f"{STAFF}/them", sent).status_code == 303
    first = db.session.scalars(db.select(ReceptionDay)).one()
    move = hours | {"day": ["12", "8", "2026"], "why": "Bão số 3."}
    assert pages.post(client, f"{STAFF}/{first.uid}/doi-ngay", move | {"why": ""}).status_code == 422
    assert pages.post(client, f"{STAFF}/{first.uid}/doi-ngay", move).status_code == 303
    new = db.session.scalars(db.select(ReceptionDay).where(ReceptionDay.id == first.moved_to_id)).one()
    assert "Bão số 3." in client.get(f"{STAFF}/{first.uid}").text
    assert pages.post(client, f"{STAFF}/{new.uid}/huy", {"why": "Bão số 4."}).status_code == 303
    assert client.get(f"{STAFF}?don-vi={province.ward.id}").text.count("Bão") == 0
    db.session.expire_all()
    assert new.state == ReceptionState.CANCELLED
