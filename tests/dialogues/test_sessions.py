"""A session is made and its facts are set; its first page says what the next step lacks, and takes it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid

import pytest

from app import letters
from app.access import NotAllowed
from app.accounts.models import User
from app.audit import entries_about
from app.database import db
from app.outbox import Channel, Notice
from app.permissions import Role
from app.units.models import Unit, UnitKind
from dialogues import queries
from dialogues.live import Event
from dialogues.models import AgendaItem, Attendance, Chair, Follower, Hall, Invitation, PlanLine, Registration, Session, Speaker
from dialogues.operations import checking_in, recording, seats, sessions, steps
from dialogues.operations.checking_in import Scan
from dialogues.operations.editing import Begun
from dialogues.operations.seats import SeatQuestion
from dialogues.operations.sessions import SessionFacts
from dialogues.rules import EventKind, Form, PaperFormat, Part, PlanState, RegistrationState, StaffDuty, Status, StepRefused, Trigger
from tests import factories
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import MONDAY, at, told
from tests.feedback.test_races import DONE, assert_one_effect, at_once

FACTS = SessionFacts(topic="Nước sạch tổ 4", audience="Các hộ tổ 4", starts_at=DAY, ends_at=DAY + dt.timedelta(hours=3))
ADDRESS = "/can-bo/doi-thoai"


def ad_hoc(province, actor, facts=FACTS) -> Session:
    return sessions.create_ad_hoc(
        province.ward, facts, trigger=Trigger.VOTERS, note="412 trên 3.860 cử tri ký đơn.", actor=actor, now=MONDAY
    )  # fmt: skip


def test_codes_run_on_in_their_year(province, secretary):
    builders.draft(province, code="BN-DT-26-998")
    builders.draft(province, code="BN-DT-25-1500")
    assert [ad_hoc(province, secretary).code for _ in range(3)] == ["BN-DT-26-999", "BN-DT-26-1000", "BN-DT-26-1001"]


def test_a_code_taken_at_the_same_moment_is_not_given_twice(province, secretary, monkeypatch):
    builders.draft(province, code="BN-DT-26-007")
    seen = iter([6, 7])  # the first look was before the other's commit
    monkeypatch.setattr(queries, "last_number", lambda _start: next(seen))
    session = ad_hoc(province, secretary)
    assert session.code == "BN-DT-26-008"
    assert [entry.action for entry in entries_about(session)] == ["session.created"]


def test_a_line_of_an_approved_plan_becomes_one_session(province, secretary, head):
    line = builders.plan(province).lines[0]
    session = sessions.create_of_line(line, FACTS, actor=secretary, now=MONDAY)
    assert (session.unit, session.plan_line, session.paper_format) == (province.ward, line, PaperFormat.STATE)
    with pytest.raises(sessions.LineTaken):
        sessions.create_of_line(line, FACTS, actor=secretary, now=MONDAY)
    steps.put_off(session, Status.CANCELLED, why="Trùng lịch họp Hội đồng nhân dân.", actor=head, now=MONDAY)
    assert sessions.create_of_line(line, FACTS, actor=secretary, now=MONDAY).code != session.code


def test_what_may_not_become_a_session(province, secretary):
    draft = builders.plan(province, state=PlanState.DRAFT).lines[0]
    backwards = dataclasses.replace(FACTS, ends_at=DAY)
    with pytest.raises(sessions.PlanNotApproved):
        sessions.create_of_line(draft, FACTS, actor=secretary, now=MONDAY)
    with pytest.raises(sessions.TriggerMissing):
        sessions.create_ad_hoc(province.ward, FACTS, trigger=Trigger.SUPERIOR, note=" ", actor=secretary, now=MONDAY)
    with pytest.raises(sessions.EndsBeforeItBegins):
        ad_hoc(province, secretary, backwards)
    for stranger in (province.officer, province.front_reader):
        with pytest.raises(NotAllowed):
            ad_hoc(province, stranger)


def test_a_party_committee_writes_its_papers_as_the_party_does(province):
    committee = factories.make_unit(kind=UnitKind.PARTY, name="Đảng ủy phường")
    officer = factories.make_user(unit=committee, roles=[Role.OFFICER])
    session = sessions.create_ad_hoc(committee, FACTS, trigger=Trigger.HOT_TOPIC, note="Điểm nóng đất đai.", actor=officer, now=MONDAY)
    assert session.paper_format == PaperFormat.PARTY


def test_the_day_that_people_were_told_stands_until_it_is_put_off(province, head, secretary):
    session = builders.session_at(province, head, Status.ANNOUNCED)
    same = {name: getattr(session, name) for name in SessionFacts.__dataclass_fields__}
    longer = SessionFacts(**same | {"ends_at": DAY + dt.timedelta(hours=4)})
    sessions.change(session, longer, actor=secretary, now=MONDAY)
    assert session.ends_at == DAY + dt.timedelta(hours=4)
    for other in ({"starts_at": DAY + dt.timedelta(hours=1), "ends_at": None}, {"form": Form.ONLINE}):
        with pytest.raises(sessions.DayAnnounced):
            sessions.change(session, SessionFacts(**same | other), actor=secretary, now=MONDAY)
    steps.put_off(session, Status.POSTPONED, why="Bão số 3.", actor=head, now=at(20))
    sessions.change(session, SessionFacts(**same | {"starts_at": at(42), "ends_at": None}), actor=secretary, now=at(20))
    assert session.day == at(42).date()


def test_what_has_begun_is_not_prepared_any_more(province, head):
    session = builders.session_at(province, head, Status.IN_SESSION)
    changes = [
        lambda: sessions.change(session, FACTS, actor=head, now=DAY),
        lambda: sessions.add_staff(session, head, StaffDuty.DOOR, actor=head, now=DAY),
        lambda: sessions.add_hall(session, Hall(name="Điểm cầu 2"), actor=head, now=DAY),
        lambda: sessions.remove_chair(session, session.chairs[0], actor=head, now=DAY),
    ]
    for change in changes:
        with pytest.raises(Begun):
            change()


def test_a_duty_is_given_once_and_a_hall_with_people_stays(province, head, secretary):
    session = ad_hoc(province, secretary)
    sessions.add_staff(session, secretary, StaffDuty.SECRETARY, actor=head, now=MONDAY)
    with pytest.raises(sessions.StaffTwice):
        sessions.add_staff(session, secretary, StaffDuty.SECRETARY, actor=head, now=MONDAY)
    hall = Hall(name="Hội trường phường", address="12 Thiên Đức")
    sessions.add_hall(session, hall, actor=head, now=MONDAY)
    db.session.flush()
    session.registrations.append(Registration(hall_id=hall.id, check_in_code="K7", link_digest="x", created_at=MONDAY))
    db.session.flush()
    with pytest.raises(sessions.InUse):
        sessions.remove_hall(session, hall, actor=head, now=MONDAY)


@pytest.mark.parametrize(
    ("status", "may", "heard"),
    [
        (Status.DRAFT, True, False), (Status.READY, True, True), (Status.IN_SESSION, True, False),
        (Status.HELD, False, False), (Status.CANCELLED, False, False),
    ],
)  # fmt: skip
def test_where_it_is_held_is_corrected_until_it_is_over_and_who_was_told_hears_it(app, province, head, status, may, heard):
    session = builders.session_at(province, head, Status.DRAFT if status is Status.CANCELLED else status, form="mixed")
    session.status = status
    session.halls.append(Hall(position=1, name="Hội trường", address="12 Thiên Đức", seats=80))
    follower = Follower(session_id=session.id, email_index="x", link_digest="y", at=MONDAY, confirmed_at=MONDAY)
    follower.email = "hop@example.com"
    db.session.add(follower)
    db.session.flush()
    desk, room = AtDesk(app, head), f"/can-bo/doi-thoai/{session.code}/to-chuc"
    hall = f"{room}/hoi-truong/{session.halls[0].id}"
    assert (hall in desk.get(room), f"{room}/duong-dan" in desk.get(room)) == (may, may)
    said = desk.fill(hall, name="Nhà văn hóa", address="5 Lý Thái Tổ", seats="120", status=303 if may else 422)
    assert ("đã bắt đầu, đã xong" in said) is not may
    desk.fill(f"{room}/duong-dan", online_link="https://hop.bacninh.gov.vn/abc", status=303 if may else 422)
    now = ("Nhà văn hóa", "5 Lý Thái Tổ", 120, "https://hop.bacninh.gov.vn/abc") if may else ("Hội trường", "12 Thiên Đức", 80, "")
    assert (session.halls[0].name, session.halls[0].address, session.halls[0].seats, session.online_link) == now
    letters = db.session.query(Notice).filter_by(template="dialogues/notices/changed", channel=Channel.EMAIL).all()
    assert bool(letters) is heard
    if may:
        assert "Ghi địa chỉ" in desk.fill(hall, address="", status=422)
        assert "Đường dẫn chưa đúng" in desk.fill(f"{room}/duong-dan", online_link="hop", status=422)


def test_a_hall_that_somebody_came_into_stays_and_one_that_was_only_asked_from_goes(province, head):
    session = builders.session_at(province, head, Status.READY)
    for name in ("Hội trường phường", "Nhà văn hóa tổ 4", "Nhà văn hóa tổ 5"):
        sessions.add_hall(session, Hall(name=name, address=""), actor=head, now=at(27))
    main, entered, queued = session.halls
    session.attendances.append(Attendance(uid=uuid.uuid4(), hall=entered, at=DAY))
    session.speakers.append(Speaker(uid=uuid.uuid4(), hall=queued, at=DAY))
    question = seats.ask(session, SeatQuestion(text="Bao giờ có đèn?", token="t", hall_id=main.id), now=DAY)
    db.session.flush()
    for hall in (entered, queued):
        with pytest.raises(sessions.InUse):
            sessions.remove_hall(session, hall, actor=head, now=DAY)
    sessions.remove_hall(session, main, actor=head, now=DAY)
    db.session.flush()
    assert (session.halls, question.hall_id) == ([entered, queued], None)


def test_put_off_when_people_were_there_already_the_new_day_begins_with_nobody(province, head):
    session = builders.session_at(province, head, Status.READY)
    session.halls.append(hall := Hall(position=1, name="Hội trường phường", address=""))
    session.agenda.append(item := AgendaItem(position=1, part=Part.FLOOR, title="Nhân dân phát biểu", minutes=60))
    session.registrations.append(Registration(people=2, check_in_code="K7", link_digest="x", created_at=MONDAY))
    db.session.flush()
    came = lambda: checking_in.check_in(session, Scan(uid=uuid.uuid4(), at=DAY, hall=hall), "K7", actor=head, now=DAY)  # noqa: E731
    begin = lambda: Event(uuid.uuid4(), EventKind.ITEM_BEGUN, item.uid, DAY, frozenset(), {})  # noqa: E731
    came()
    asked = Event(
        uuid.uuid4(), EventKind.ASKED, uuid.uuid4(), DAY, frozenset(),
        {"text": "Bao giờ có đèn?", "name": "", "comes_from": "Tổ 4", "phone": "", "hall": ""},
    )  # fmt: skip
    queued = Event(uuid.uuid4(), EventKind.QUEUED, uuid.uuid4(), DAY, frozenset(), {"name": "Khoa", "comes_from": "", "hall": ""})
    counted = Event(uuid.uuid4(), EventKind.COUNTED, hall.uid, DAY, frozenset(), {"people": 40})
    recording.take(session, "m1", [begin(), asked, queued, counted], actor=head, now=DAY)
    steps.put_off(session, Status.POSTPONED, why="Bão số 3.", actor=head, now=DAY)
    db.session.expire_all()
    assert (session.attendances, session.speakers, item.begun_at, hall.people_counted) == ([], [], None, None)
    assert [question.text for question in session.questions] == ["Bao giờ có đèn?"]
    session.status = Status.READY
    recording.take(session, "m1", [queued, dataclasses.replace(begin(), at=DAY + dt.timedelta(days=7))], actor=head, now=at(35, 8))
    assert (session.speakers, item.begun_at) == ([], DAY + dt.timedelta(days=7))  # sent again, it is no news of the new day
    assert not came().again


def test_a_chair_is_a_body_and_a_name(province, secretary):
    session = ad_hoc(province, secretary)
    sessions.add_chair(session, Chair(unit=province.ward, name="A", title="B"), actor=secretary, now=MONDAY)
    sessions.add_chair(session, Chair(unit=province.front, name="C", title="D", part="co_organiser"), actor=secretary, now=MONDAY)
    db.session.flush()
    assert [(chair.name, chair.position) for chair in session.chairs] == [("A", 1), ("C", 2)]
    assert [chair.name for chair in session.chairing] == ["A"]


# --- who hears when it is put off -----------------------------------------------------------------------------------------


@pytest.fixture
def expected(province, head, secretary) -> Session:
    """A session that guests, citizens and helpers wait for."""
    province.ward.name = "Ủy ban nhân dân phường A & B"
    session = builders.session_at(province, head, Status.ANNOUNCED)
    session.chairs[0].user = head
    session.invitations += [
        Invitation(position=1, kind="person", name="Ông Khoa", email="khoa@example.com", link_digest="a", check_in_code="1"),
        Invitation(position=2, kind="unit", name="Sở Xây dựng", unit=province.works, link_digest="b", check_in_code="2"),
    ]
    session.registrations += [
        Registration(phone="0912345678", check_in_code="3", link_digest="c", created_at=MONDAY),
        Registration(
            email="thoi@example.com", state=RegistrationState.CANCELLED, check_in_code="4", link_digest="d", created_at=MONDAY
        ),
    ]  # fmt: skip
    db.session.add(Follower(session=session, email="khoa@example.com", email_index="e", link_digest="e", at=MONDAY, confirmed_at=MONDAY))
    db.session.flush()
    return session


def notices(session: Session, since: int = 0) -> list[Notice]:
    db.session.flush()
    query = db.select(Notice).where(Notice.subject_type == "dialogue_session", Notice.subject_id == session.id, Notice.id > since)
    return list(db.session.scalars(query.order_by(Notice.id)))


def test_those_who_were_told_hear_that_it_is_put_off_each_once(expected, province, head):
    steps.put_off(expected, Status.POSTPONED, why="Bão số 3.", actor=head, now=at(20))
    outside = {(notice.channel, notice.address) for notice in notices(expected) if notice.user is None}
    assert outside == {(Channel.EMAIL, "khoa@example.com"), (Channel.SMS, "0912345678")}
    staff = {name for template, name in told(expected) if template == "put_off" and name != "sender"}
    assert staff == {head.name, province.officer.name, province.head.name}  # chair, secretary, head of the invited unit


def test_the_new_day_is_told_to_those_who_knew_the_old_one(expected, head):
    steps.put_off(expected, Status.POSTPONED, why="Bão số 3.", actor=head, now=at(20))
    last = notices(expected)[-1].id
    expected.starts_at = at(42, 14)
    steps.move(expected, Status.PLANNED, overrides={}, actor=head, now=at(21))
    assert notices(expected, last) == []
    with pytest.raises(StepRefused) as refused:
        steps.move(expected, Status.ANNOUNCED, overrides={}, actor=head, now=at(22))
    assert set(refused.value.lacks) == {"no_programme", "no_house_rules", "no_invitation"}  # those that are out name the other day
    for paper in expected.papers:
        paper.created_at = at(21)
    steps.move(expected, Status.ANNOUNCED, overrides={}, actor=head, now=at(22))
    assert "14:00 thứ\xa0Hai, 14/9/2026" in letters.letter(next(each for each in notices(expected, last) if each.address)).text


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_letter_names_the_host_and_the_day_in_every_form(app, expected, head, cancelled):
    steps.put_off(expected, Status.CANCELLED if cancelled else Status.POSTPONED, why="Bão số 3.", actor=head, now=at(20))
    by = {notice.channel: notice for notice in notices(expected)}
    mail = letters.letter(next(each for each in notices(expected) if each.address and each.channel == Channel.EMAIL))
    assert mail.subject == ("Hủy" if cancelled else "Hoãn") + " buổi đối thoại của Ủy ban nhân dân phường A & B"
    assert "31/8/2026" in mail.text
    assert f"/doi-thoai/{expected.code}" in mail.text
    assert "phường A &amp; B" in (mail.html or "")
    assert "Bão" not in mail.text  # the page says why, to who may read it
    assert expected.code in letters.letter(by[Channel.SMS]).text
    with app.test_request_context():
        assert expected.code in letters.sentence(by[Channel.SITE])


def test_more_seats_are_for_those_who_wait(province, head, secretary):
    session = builders.session_at(province, head, Status.ANNOUNCED, capacity=1)
    session.registrations += [
        Registration(people=1, state=state, check_in_code=state, link_digest=state, created_at=MONDAY)
        for state in (RegistrationState.SEATED, RegistrationState.WAITING)
    ]
    db.session.flush()
    same = {name: getattr(session, name) for name in SessionFacts.__dataclass_fields__}
    sessions.change(session, SessionFacts(**same | {"capacity": 2}), actor=secretary, now=at(15))
    assert [each.state for each in session.registrations] == [RegistrationState.SEATED] * 2


# --- two at once ----------------------------------------------------------------------------------------------------------


def test_sessions_made_at_the_same_moment_get_codes_of_their_own_and_a_line_one_session(fresh_app):
    province = builders.make_province()
    secretary = factories.make_user(unit=province.ward, roles=[Role.OFFICER])
    reach, secretary_id, ward_id = secretary.reach, secretary.id, province.ward.id
    line_id = builders.plan(province).lines[0].id

    def actor() -> User:
        user = db.session.get_one(User, secretary_id)
        user.reach = reach
        return user

    def make() -> None:
        unit = db.session.get_one(Unit, ward_id)
        sessions.create_ad_hoc(unit, FACTS, trigger=Trigger.VOTERS, note="412 cử tri.", actor=actor(), now=MONDAY)

    def make_of_line() -> None:
        sessions.create_of_line(db.session.get_one(PlanLine, line_id), FACTS, actor=actor(), now=MONDAY)

    assert at_once(fresh_app, make, make, make) == [DONE] * 3
    assert sorted(db.session.scalars(db.select(Session.code))) == ["BN-DT-26-001", "BN-DT-26-002", "BN-DT-26-003"]
    assert_one_effect(at_once(fresh_app, make_of_line, make_of_line), refusals=(sessions.LineTaken,))
