"""Citizens take seats: while there is room at once, then in order; each by a link of their own; the day goes into calendars."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
import uuid
from collections import Counter

import pytest

from app import clock, consents
from app.access import SYSTEM, NotAllowed
from app.database import db
from app.letters import letter
from app.outbox import Notice
from app.permissions import Role
from dialogues import calendar_file, links
from dialogues.models import Hall, Registration, Session
from dialogues.operations import registering, steps, telling
from dialogues.operations.registering import Cancelled, NoRoom, RegisteringOver, RegistrationData, SeatData
from dialogues.rules import RegistrationState, Status
from tests import factories
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import MONDAY, at
from tests.feedback.page_forms import form_of, press
from tests.feedback.test_races import DONE, at_once

SEATED, WAITING, CANCELLED = RegistrationState.SEATED, RegistrationState.WAITING, RegistrationState.CANCELLED
NUMBERS = itertools.count()  # a telephone has one seat
TYPED = {"name": "Nguyễn Thị Hợp", "phone": "0912 345 678", "people": "2", "comes_from": "Tổ dân phố 4"}


@pytest.fixture
def session(province, head) -> Session:
    return builders.session_at(province, head, Status.ANNOUNCED, capacity=5)


def register(session, people=1, name="Nguyễn Thị Hợp", **over) -> Registration:
    data = {"name": name, "phone": f"09{next(NUMBERS):08}", "people": people, "token": f"{name}{people}{len(session.registrations)}"} | over
    return registering.register(session, RegistrationData(**data), actor=None, now=at(15))


# --- seats --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("capacity", "groups", "states"),
    [
        (None, [5, 5, 5], [SEATED, SEATED, SEATED]),
        (5, [2, 3, 1], [SEATED, SEATED, WAITING]),
        (5, [4, 2, 1], [SEATED, WAITING, SEATED]),  # a seat does not stay empty because the group before is larger
        (0, [1], [WAITING]),
    ],
)
def test_seats_are_given_as_long_as_there_are_any(session, capacity, groups, states):
    session.capacity = capacity
    assert [register(session, people).state for people in groups] == states


def test_a_hall_has_its_own_seats(session):
    session.halls += [Hall(position=1, name="Hội trường", seats=2), Hall(position=2, name="Nhà văn hóa tổ 4", seats=9)]
    db.session.flush()
    main, other = session.halls
    first = register(session, 2, hall=main)
    assert register(session, 1, hall=main).state == WAITING
    assert register(session, 1, hall=other).state == SEATED
    registering.change(first, SeatData(people=2, hall=other), now=at(16))
    assert [each.state for each in session.registrations] == [SEATED] * 3


def test_who_cancels_makes_room_for_who_waits_the_first_first_and_they_are_told(session):
    first, second = register(session, 3), register(session, 2)
    third, fourth = register(session, 2, name="Bà Tư", email="tu@example.com"), register(session, 1)
    registering.cancel(second, actor=None, now=at(16))
    assert [each.state for each in (first, second, third, fourth)] == [SEATED, CANCELLED, SEATED, WAITING]
    told = db.session.scalars(db.select(Notice).where(Notice.template == "dialogues/notices/seat_found")).all()
    assert [notice.address for notice in told] == ["tu@example.com"]
    assert links.key_of(third) in letter(told[0]).text
    with pytest.raises(Cancelled):
        registering.cancel(second, actor=None, now=at(16))


def test_a_seat_given_back_leaves_nothing_of_who_had_it_neither_does_one_given_back_before(session):
    seat = register(session, 2, email="hop@example.com", comes_from="Tổ dân phố 4", needs="wheelchair")
    (agreed,) = consents.of([seat])
    assert (agreed.wording, agreed.form, agreed.withdrawn_at) == ("notices-seat-1", "web", None)
    telling.put_off(session, now=at(15))
    registering.cancel(seat, actor=None, now=at(16))
    earlier = register(session)
    earlier.state = CANCELLED
    db.session.flush()
    registering.forget_given_back(now=at(17))
    for each in (seat, earlier):
        assert (each.name, each.phone, each.email, each.comes_from, each.needs) == (None, None, None, "", "")
    assert seat.people == 2
    assert agreed.withdrawn_at == at(16)
    assert db.session.query(Notice).filter(Notice.user_id.is_(None)).count() == 0


def test_fewer_people_free_seats_and_more_than_fit_are_refused(session):
    first, second = register(session, 5), register(session, 2)
    registering.change(first, SeatData(people=3), now=at(16))
    assert second.state == SEATED
    with pytest.raises(NoRoom):
        registering.change(first, SeatData(people=4), now=at(16))
    assert first.people == 3


@pytest.mark.parametrize("status", [Status.PLANNED, Status.IN_SESSION, Status.PUBLISHED])
def test_only_an_announced_session_takes_registrations(province, head, status):
    with pytest.raises(RegisteringOver):
        register(builders.session_at(province, head, status))


def test_who_cannot_come_cancels_a_postponed_session_too_but_nobody_after_it_began(session, head):
    first, second = register(session), register(session)
    steps.put_off(session, Status.POSTPONED, why="Bão số 3.", actor=head, now=at(16))
    with pytest.raises(RegisteringOver):
        registering.change(first, SeatData(people=2), now=at(16))
    registering.cancel(first, actor=None, now=at(16))
    with pytest.raises(RegisteringOver):
        registering.cancel(second, actor=None, now=DAY)


def test_a_stranger_writes_nobody_down(session, province):
    with pytest.raises(NotAllowed):
        registering.register(session, RegistrationData(name="A", token="t"), actor=province.officer, now=at(15))


def test_two_at_once_never_share_the_last_seat_and_two_cancelling_move_each_waiting_one_up_once(fresh_app):
    province = builders.make_province()
    head = factories.make_user(unit=province.ward, roles=[Role.HEAD])
    session = builders.session_at(province, head, Status.ANNOUNCED, capacity=2)
    register(session)
    id_ = session.id

    def come(name):
        return lambda: register(db.session.get(Session, id_), name=name)

    def go(seat_id):
        return lambda: registering.cancel(db.session.get(Registration, seat_id), actor=None, now=at(16))

    def states():
        return Counter(each.state for each in db.session.get(Session, id_).registrations)

    def come_again():
        with contextlib.suppress(registering.RegisteredBefore):
            register(db.session.get(Session, id_), name="Sáu", phone="0987654321", token=uuid.uuid4().hex)

    assert at_once(fresh_app, come("Ba"), come("Tư")) == [DONE] * 2
    assert states() == {SEATED: 2, WAITING: 1}
    seated = [each.id for each in db.session.get(Session, id_).registrations if each.state == SEATED]
    assert at_once(fresh_app, come("Năm"), *map(go, seated)) == [DONE] * 3
    assert states() == {SEATED: 2, CANCELLED: 2}
    assert at_once(fresh_app, come_again, come_again) == [DONE] * 2
    assert states() == {SEATED: 2, CANCELLED: 2, WAITING: 1}


# --- pages --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def ahead(session, monkeypatch) -> Session:
    monkeypatch.setattr(clock, "now", lambda: at(15))
    db.session.commit()
    return session


def test_a_citizen_registers_once_however_often_they_press_and_keeps_the_code(client, ahead):
    address = f"/doi-thoai/{ahead.code}/dang-ky"
    form_page = client.get(address).text
    client.get("/ngon-ngu/en")
    form = form_of(client.get(address), "")
    sent = [press(client, form, to=address, **TYPED, needs=["wheelchair"], other_need="Ghế cao") for _ in range(2)]
    client.get("/ngon-ngu/vi")
    assert [answer.status_code for answer in sent] == [303, 303]
    (seat,) = ahead.registrations
    assert (seat.state, seat.people, seat.needs) == (SEATED, 2, "wheelchair, Ghế cao")
    telling.put_off(ahead, now=at(16))
    assert {notice.locale for notice in db.session.scalars(db.select(Notice).where(Notice.user_id.is_(None)))} == {"en"}
    page = client.get(sent[0].location).text
    for shown in (seat.check_in_code, "Nguyễn Thị Hợp", "Lối đi, chỗ ngồi cho xe lăn", "lich.ics", '<svg class="qr"'):
        assert shown in page
    assert seat.phone == "0912345678"
    assert [str(each.words) in form_page for each in consents.of([seat])] == [True]

    # The same telephone in another form: said so, nothing shown of whose it is, the code sent to it again, once a day.
    before = db.session.query(Notice).filter_by(template="dialogues/notices/registered").count()
    for name in ("Trần Văn Lạ", "Lê Văn Khác"):
        answer = press(client, form_of(client.get(address), ""), to=address, **TYPED | {"name": name})
        assert answer.status_code == 422
        assert "đã đăng ký dự buổi này" in answer.text
        assert not {seat.check_in_code, "Nguyễn Thị Hợp"} & set(re.findall(r"[\w ]+", answer.text))
    assert len(ahead.registrations) == 1
    again = db.session.query(Notice).filter_by(template="dialogues/notices/registered").order_by(Notice.id).all()[before:]
    assert [notice.address for notice in again] == ["0912345678"]


def test_a_group_that_is_too_large_is_told_how_many_seats_are_left_and_where(client, ahead):
    ahead.halls += [Hall(position=1, name="Hội trường", seats=4), Hall(position=2, name="Nhà văn hóa tổ 4", seats=2)]
    register(ahead, 3, hall=ahead.halls[0])
    db.session.commit()
    address = f"/doi-thoai/{ahead.code}/dang-ky"
    form = client.get(address)
    assert "Còn 2 chỗ. Đăng ký đông hơn thì cả đoàn vào danh sách chờ." in form.text
    page = client.get(press(client, form_of(form, ""), to=address, **TYPED).location)
    assert "Còn 1 chỗ, chưa đủ cho 2 người. Thứ tự chờ: 1." in page.text
    assert "Bớt người thì có chỗ ngay" in page.text
    assert "Nhà văn hóa tổ 4 còn chỗ cho cả đoàn." in page.text
    change = f"/doi-thoai/{ahead.code}/cho-ngoi/sua"
    press(client, form_of(client.get(change), ""), to=change, people="1")
    assert [each.state for each in ahead.registrations] == [SEATED, SEATED]


def test_the_link_opens_the_seat_elsewhere_changes_it_and_gives_it_back(app, client, ahead):
    seat = register(ahead, 2)
    db.session.commit()
    path = links.seat_link(seat).removeprefix("http://localhost")
    assert client.get(f"/doi-thoai/{ahead.code}/cho-ngoi").status_code == 404
    opened = client.get(path)
    assert (opened.status_code, opened.headers["Referrer-Policy"]) == (303, "no-referrer")
    change = opened.location + "/sua"
    assert press(client, form_of(client.get(change), ""), to=change, people="4").status_code == 303
    assert seat.people == 4
    assert press(client, form_of(client.get(change), ""), to=change, people="9").status_code == 422
    cancel = opened.location + "/huy"
    assert "Đã hủy đăng ký" in client.get(press(client, form_of(client.get(cancel), ""), to=cancel).location).text
    assert seat.state == CANCELLED
    assert press(client, form_of(client.get(cancel), ""), to=cancel).status_code == 422
    assert client.get(path[:-1] + ("0" if path[-1] != "0" else "1")).status_code == 404
    assert links.key_of(seat) not in str(vars(seat))  # only the digest is stored


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Ghi họ và tên"),
        ({"phone": ""}, "Ghi số điện thoại hoặc e-mail"),
        ({"phone": "12"}, "Số điện thoại thiếu số"),
        ({"email": "hop@"}, "E-mail chưa đủ"),
        ({"people": "6"}, "Chọn từ 1 đến 5 người"),
        ({"website": "http://spam.example"}, "máy tự động"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, ahead, wrong, said):
    address = f"/doi-thoai/{ahead.code}/dang-ky"
    answer = press(client, form_of(client.get(address), ""), to=address, **TYPED | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert "Tổ dân phố 4" in answer.text
    assert ahead.registrations == []


def test_nobody_sees_a_session_that_was_not_announced_and_a_begun_one_takes_nobody(client, province, head, ahead, monkeypatch):
    planned = builders.session_at(province, head, Status.PLANNED)
    assert client.get(f"/doi-thoai/{planned.code}/dang-ky").status_code == 404
    monkeypatch.setattr(clock, "now", lambda: DAY)
    address = f"/doi-thoai/{ahead.code}/dang-ky"
    assert "Không nhận đăng ký" in client.get(address).text
    assert client.post(address, data=TYPED).status_code == 409


def test_a_clerk_writes_down_who_calls_sees_how_to_reach_them_and_cancels(app, ahead, secretary, province, head):
    desk, path = AtDesk(app, secretary), f"/can-bo/doi-thoai/{ahead.code}/nguoi-du"
    page = desk.fill(f"{path}/them", **TYPED)
    (seat,) = ahead.registrations
    assert seat.check_in_code in page
    assert "0912" not in page  # who only lists, sees no number
    assert "0912345678" in desk.get(f"{path}/{seat.id}")
    assert "Đã hủy" in desk.fill(f"{path}/{seat.id}/huy")
    assert seat.state == CANCELLED
    desk.get(f"{path}/{seat.id + 999}", status=404)
    reader = AtDesk(app, factories.make_user(unit=province.ward, roles=[Role.RECORDS]))
    assert "Nguyễn Thị Hợp" not in reader.get(path)
    reader.get(f"{path}/{seat.id}", status=403)


def test_seats_that_are_added_go_to_who_waits(session, head):
    waits = [register(session, 4), register(session, 3)][1]
    session.capacity = 7
    assert registering.move_up(session, actor=SYSTEM, now=at(16)) == [waits]


# --- calendars ----------------------------------------------------------------------------------------------------------


def events(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert max(map(len, answer.data.split(b"\r\n"))) <= 75
    text = answer.text.replace("\r\n ", "")
    return [dict(line.split(":", 1) for line in each.split("\r\n") if ":" in line) for each in text.split("BEGIN:VEVENT")[1:]]


def test_a_session_goes_into_a_calendar_and_those_who_follow_hear_what_was_called_off(client, province, head, ahead):
    ahead.topic = "Đường Thiên Đức; đền bù, tái định cư " + "và giá đất, " * 9 + "cây"
    ahead.halls.append(Hall(position=1, name="Hội trường phường", address="12 Nguyễn Trãi"))
    off = builders.session_at(province, head, Status.ANNOUNCED, topic="Chợ Nhớn")
    steps.put_off(off, Status.CANCELLED, why="Dịch.", actor=head, now=at(15))
    builders.session_at(province, head, Status.PLANNED)
    db.session.commit()
    (one,) = events(client.get(f"/doi-thoai/{ahead.code}/lich.ics"))
    assert one["SUMMARY"] == ahead.topic.replace(";", "\\;").replace(",", "\\,")
    assert (one["DTSTART"], one["DTEND"], one["STATUS"]) == ("20260831T010000Z", "20260831T040000Z", "CONFIRMED")
    assert one["LOCATION"] == "Hội trường phường\\, 12 Nguyễn Trãi"
    followed = events(client.get(f"/doi-thoai/lich.ics?don-vi={province.ward.code}&noi={province.place.code}"))
    assert {each["UID"]: each["STATUS"] for each in followed}[one["UID"]] == "CONFIRMED"
    assert [each["SUMMARY"] for each in followed if each["STATUS"] == "CANCELLED"] == ["Hủy: Chợ Nhớn"]
    assert len(followed) == 2
    assert events(client.get(f"/doi-thoai/lich.ics?don-vi={province.works.code}")) == []
    assert client.get("/doi-thoai/lich.ics?don-vi=khong-co").status_code == 404
    assert client.get("/doi-thoai/lich.ics?noi=%00").status_code == 404


def test_what_a_calendar_holds_is_replaced_by_whatever_came_after_it(client, ahead, head):
    def sequence() -> int:
        db.session.commit()
        (one,) = events(client.get(f"/doi-thoai/{ahead.code}/lich.ics"))
        return int(one["SEQUENCE"])

    numbers = [sequence()]
    steps.put_off(ahead, Status.POSTPONED, why="Bão.", actor=head, now=at(15))
    numbers.append(sequence())
    ahead.status, ahead.starts_at = Status.PLANNED, at(40, 8)
    db.session.commit()
    assert client.get(f"/doi-thoai/{ahead.code}/lich.ics").status_code == 404  # its new day is nobody's to know yet
    ahead.status, ahead.announced_at = Status.ANNOUNCED, at(16)
    numbers.append(sequence())
    steps.put_off(ahead, Status.POSTPONED, why="Lụt.", actor=head, now=at(17))
    numbers.append(sequence())
    assert numbers == sorted(set(numbers)), numbers


@pytest.mark.parametrize("new_hour", [None, at(40, 8)])
@pytest.mark.parametrize("called_off", [False, True])
def test_what_is_put_off_is_not_held_at_its_hour_and_the_new_one_is_told_only_when_it_is_announced(
    client, ahead, head, new_hour, called_off
):
    """RFC 5545 3.8.1.11 knows tentative, confirmed and cancelled: put off, it is cancelled at the hour that was told."""
    told = ahead.starts_at
    steps.put_off(ahead, Status.POSTPONED, why="Bão.", actor=head, now=at(15))
    ahead.starts_at = new_hour or told
    if called_off:
        steps.put_off(ahead, Status.CANCELLED, why="Dịch.", actor=head, now=at(16))
    db.session.commit()
    for address in (f"/doi-thoai/{ahead.code}/lich.ics", "/doi-thoai/lich.ics"):
        (one,) = events(client.get(address))
        assert (one["STATUS"], one["DTSTART"]) == ("CANCELLED", f"{told.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}")
        assert one["SUMMARY"].startswith("Hủy" if called_off else "Hoãn")
        assert ("DTEND" in one) is (new_hour is None)


def test_no_letter_of_a_calendar_is_cut_in_two():
    event = calendar_file.Event("u", MONDAY, None, "ặ" * 60 + "\x07\n" + "😀" * 30, "", "", "https://example.vn")
    file = calendar_file.calendar([event], name="n", now=dt.datetime(2026, 8, 3, tzinfo=dt.UTC))
    for line in file.split(b"\r\n"):
        line.decode()
        assert len(line) <= 75
    assert "ặ" * 60 + "\\n" + "😀" * 30 in file.decode().replace("\r\n ", "")
    assert re.search(r"DTSTART:\d{8}T\d{6}Z\r\nSUMMARY", file.decode())
