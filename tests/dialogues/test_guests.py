"""Guests: written down one by one or from a list, told once, answering by a link of their own."""

from __future__ import annotations

import pytest

from app import clock, consents
from app.access import NotAllowed
from app.audit import entries_about
from app.database import db
from app.letters import letter, sentence
from app.outbox import Channel, Notice
from app.permissions import Role
from dialogues import links
from dialogues.models import Attendance, Invitation, Session
from dialogues.operations import inviting, telling
from dialogues.operations.inviting import GuestData, InvitingOver, NotAnnounced
from dialogues.rules import GuestAnswer, GuestKind, Status
from tests import factories
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import MONDAY, at
from tests.feedback.page_forms import form_of, press

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

HOA = GuestData(kind=GuestKind.PERSON, name="Bà Trần Thị Hoa", title="Trưởng thôn Đoài", phone="0912345678")


@pytest.fixture
def session(province, head, monkeypatch) -> Session:
    made = builders.session_at(province, head, Status.ANNOUNCED)
    monkeypatch.setattr(clock, "now", lambda: at(15))
    db.session.commit()
    return made


@pytest.fixture
def guest(session, head) -> Invitation:
    (made,) = inviting.invite(session, [HOA], actor=head, now=at(15))
    db.session.commit()
    return made


def path(session, rest=""):
    return f"/can-bo/doi-thoai/{session.code}/khach-moi{rest}"


# --- writing down -------------------------------------------------------------------------------------------------------


def test_a_pasted_list_becomes_guests_in_its_order(app, session, secretary):
    desk = AtDesk(app, secretary)
    text = "Bà Trần Thị Hoa; Trưởng thôn Đoài; 0912 345 678\n\n Ông Lê  Văn An\tGiám đốc Công ty An Phát\tan@example.com\nHội Phụ nữ;;"
    assert "Đã thêm 3 khách mời." in desk.fill(path(session, "/dan"), lines=text)
    assert [(each.position, each.name, each.title, each.phone, each.email) for each in session.invitations] == [
        (1, "Bà Trần Thị Hoa", "Trưởng thôn Đoài", "0912345678", None),
        (2, "Ông Lê Văn An", "Giám đốc Công ty An Phát", None, "an@example.com"),
        (3, "Hội Phụ nữ", "", None, None),
    ]
    assert len({each.check_in_code for each in session.invitations}) == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("; Trưởng thôn; 0912345678", "Dòng 2: thiếu họ tên"),
        ("Lê Văn An; ; 0912", "Dòng 2: Số điện thoại thiếu số: mới có 4 số"),
        ("Lê Văn An; ; an@", "Dòng 2: e-mail chưa đúng"),
        ("Lê Văn An; Trưởng thôn; 0912345678; thêm", "Dòng 2: có nhiều hơn ba phần"),
        ("Bà Hoa", "Dòng 2: trùng với một dòng ở trên"),
        ("A" * 201, "Dòng 2: dài quá 200 ký tự"),
        ("\n".join(f"Khách {number};;12" for number in range(30)), "Còn 10 dòng nữa chưa đọc được"),
        ("\n".join(f"Khách {number}" for number in range(500)), "Có 501 dòng, mỗi lần nhiều nhất 500 dòng"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_nobody_is_added(app, session, secretary, line, said):
    page = AtDesk(app, secretary).fill(path(session, "/dan"), status=422, lines=f"Bà Hoa\n{line}")
    assert said in page
    assert "Bà Hoa" in page
    assert session.invitations == []


def test_one_guest_is_written_down_a_unit_by_its_own_name(app, session, secretary, province):
    desk = AtDesk(app, secretary)
    desk.fill(path(session, "/them"), kind="unit", unit=str(province.works.id), seats="2")
    desk.fill(path(session, "/them"), kind="group", name="Các hộ dân tổ dân phố 4", seats="30")
    assert [(each.name, each.unit, each.seats) for each in session.invitations] == [
        ("Sở Xây dựng", province.works, 2), ("Các hộ dân tổ dân phố 4", None, 30),
    ]  # fmt: skip
    for wrong, said in (
        ({"name": ""}, "Ghi tên"),
        ({"name": "A", "seats": "²"}, "Ghi số chỗ"),
        ({"name": "A", "kind": "x"}, "Chọn mời ai"),
    ):
        assert said in desk.fill(path(session, "/them"), status=422, **wrong)


# --- telling ------------------------------------------------------------------------------------------------------------


def test_each_guest_is_told_once_and_the_letter_has_the_link_that_nothing_stores(session, head, province):
    unit = GuestData(kind=GuestKind.UNIT, name="Sở Xây dựng", unit=province.works)
    mailed = GuestData(kind=GuestKind.PERSON, name="Ông An", email="an@example.com")
    guests = inviting.invite(session, [HOA, mailed, unit], actor=head, now=at(15))
    assert [inviting.send(session, actor=head, now=at(15)) for _ in range(2)] == [3, 0]
    told = db.session.scalars(db.select(Notice).where(Notice.subject_type == "invitation").order_by(Notice.id)).all()
    assert [(notice.channel, notice.address, notice.user) for notice in told] == [
        (Channel.SMS, "0912345678", None), (Channel.EMAIL, "an@example.com", None),
        (Channel.SITE, None, province.head), (Channel.EMAIL, None, province.head),
    ]  # fmt: skip
    for notice, guest in ((told[0], guests[0]), (told[1], guests[1]), (told[3], guests[2])):
        assert links.key_of(guest) in letter(notice).text
        assert links.key_of(guest) not in f"{notice.facts} {guest.link_digest}"
    assert links.key_of(guests[2]) in sentence(told[2])


def test_nobody_is_told_before_the_session_is_announced(province, head):
    planned = builders.session_at(province, head, Status.PLANNED)
    inviting.invite(planned, [HOA], actor=head, now=MONDAY)
    with pytest.raises(NotAnnounced):
        inviting.send(planned, actor=head, now=MONDAY)


# --- answering ----------------------------------------------------------------------------------------------------------


def test_a_guest_answers_by_link_and_may_change_their_mind_until_it_begins(client, guest, session, monkeypatch):
    opened = client.get(links.guest_link(guest).removeprefix("http://localhost"))
    address = opened.location
    form = form_of(client.get(address), "")
    assert "Ghi ai đi thay" in press(client, form, to=address, answer="deputy", note=" ").text
    assert guest.answer is None
    press(client, form, to=address, answer="deputy", note="Ông Nguyễn Văn Ba, Phó trưởng thôn")
    page = client.get(address).text
    (agreed,) = consents.of([guest])
    assert str(agreed.words) in page
    telling.put_off(session, now=at(16))
    assert guest.check_in_code in page
    assert "Ông Nguyễn Văn Ba" in page
    press(client, form_of(client.get(address), ""), to=address, answer="not_coming", note="kẹt")
    assert (guest.answer, guest.answer_note) == (GuestAnswer.NOT_COMING, "")
    assert agreed.withdrawn_at == at(15)
    telling.put_off(session, now=at(17))  # who does not come is written to no more
    assert [notice.created_at for notice in db.session.query(Notice) if notice.address == guest.phone] == [at(16)]
    assert guest.check_in_code not in client.get(address).text
    assert press(client, form, to=address, answer="perhaps").status_code == 422
    monkeypatch.setattr(clock, "now", lambda: DAY)
    assert press(client, form, to=address, answer="coming").status_code == 422
    assert guest.answer == GuestAnswer.NOT_COMING


@pytest.mark.parametrize("status", [Status.IN_SESSION, Status.CANCELLED])
def test_no_answer_and_no_guest_after_it_began_or_was_called_off(guest, session, head, status):
    session.status = status
    with pytest.raises(InvitingOver):
        inviting.answer(guest, GuestAnswer.COMING, actor=None, now=at(16))
    with pytest.raises(InvitingOver):
        inviting.invite(session, [HOA], actor=head, now=at(16))


def test_the_secretary_writes_an_answer_down_and_sees_the_seats_counted(app, guest, session, secretary):
    desk = AtDesk(app, secretary)
    inviting.invite(session, [GuestData(kind=GuestKind.GROUP, name="Các hộ tổ 4", seats=30)], actor=secretary, now=at(15))
    db.session.commit()
    page = desk.get(path(session, f"/{guest.id}"))
    assert links.guest_link(guest) in page
    assert "Đã ghi câu trả lời." in desk.fill(path(session, f"/{guest.id}"), answer="coming")
    assert "Mời 31 chỗ, đã nhận lời 1 chỗ." in desk.get(path(session))
    waiting = desk.get(path(session, "?tra-loi=chua"))
    assert "Các hộ tổ 4" in waiting
    assert "Bà Trần Thị Hoa" not in waiting
    assert "Đã gửi 2 lời mời." in desk.fill(path(session, "/gui"))
    desk.get(path(session, f"/{guest.id}"))
    looks = [entry.actor_id for entry in entries_about(session) if entry.action == "personal_data.seen"]
    assert looks == [secretary.id]  # the address of a guest was shown; once a day a look is recorded


def test_a_guest_who_was_taken_off_has_no_link_any_more_and_one_who_came_stays(app, client, guest, session, secretary, head):
    desk, address = AtDesk(app, secretary), links.guest_link(guest).removeprefix("http://localhost")
    came = Attendance(invitation=guest, at=at(15))
    session.attendances.append(came)
    db.session.commit()
    assert "không bỏ khỏi danh sách được" in desk.fill(path(session, f"/{guest.id}/bo"), status=422)
    session.attendances.remove(came)
    db.session.delete(came)
    inviting.send(session, actor=head, now=at(15))
    db.session.commit()
    desk.fill(path(session, f"/{guest.id}/bo"))
    assert client.get(address).status_code == 404
    assert db.session.scalar(db.select(Notice.id).where(Notice.subject_type == "invitation")) is None


def test_who_belongs_elsewhere_opens_nothing(app, guest, session, province):
    works = AtDesk(app, province.officer)
    for rest in ("", "/them", "/dan", "/gui", f"/{guest.id}", f"/{guest.id}/bo"):
        works.get(path(session, rest), status=404)
    reader = AtDesk(app, factories.make_user(unit=province.ward, roles=[Role.RECORDS]))
    assert "/khach-moi/them" not in reader.get(path(session))
    reader.get(path(session, f"/{guest.id}"), status=403)
    for operation in (
        lambda: inviting.invite(session, [HOA], actor=province.officer, now=at(15)),
        lambda: inviting.answer(guest, GuestAnswer.COMING, actor=province.officer, now=at(15)),
        lambda: inviting.remove(guest, actor=province.officer, now=at(15)),
    ):
        with pytest.raises(NotAllowed):
            operation()
