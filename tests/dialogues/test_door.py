"""The door: each comes in once, whatever device or lost network says it again; the list to sign; who may stand there."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import uuid

import pytest

from app import clock
from app.access import NotAllowed
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.database import db
from app.permissions import Role
from dialogues.models import Attendance, Hall, Session, SessionStaff
from dialogues.operations import checking_in, inviting, registering
from dialogues.operations.checking_in import CodeUnknown, DoorClosed, Scan
from dialogues.operations.inviting import GuestData
from dialogues.operations.registering import RegistrationData
from dialogues.rules import GuestKind, StaffDuty, Status
from tests import factories
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import at
from tests.feedback.pages import token
from tests.feedback.test_races import DONE, at_once

EARLY = DAY - dt.timedelta(minutes=30)


NUMBERS = itertools.count()  # a telephone has one seat


def seat(session, name, people=1):
    data = RegistrationData(name=name, phone=f"09{next(NUMBERS):08}", people=people, comes_from="Tổ 4", token=name)
    return registering.register(session, data, actor=None, now=at(27))


def store(province, head, _secretary):
    """Return a session that is ready, with two halls, three people who registered and one who was invited."""
    made = builders.session_at(province, head, Status.READY, capacity=4)
    made.halls += [Hall(position=1, name="Hội trường"), Hall(position=2, name="Điểm cầu tổ 4")]
    db.session.flush()
    seat(made, "Nguyễn Thị Hợp", 3)
    inviting.invite(made, [GuestData(kind=GuestKind.PERSON, name="Ông Lê Văn An", title="Trưởng thôn")], actor=head, now=at(27))
    return {"session": made}


@pytest.fixture
def session(stored, monkeypatch) -> Session:
    monkeypatch.setattr(clock, "now", lambda: EARLY)
    return stored["session"]


def scan(uid=None, at=EARLY, hall=None) -> Scan:
    return Scan(uid=uid or uuid.uuid4(), at=at, hall=hall)


def door(session, rest=""):
    return f"/can-bo/doi-thoai/{session.code}/cua{rest}"


# --- each once ----------------------------------------------------------------------------------------------------------


def test_a_code_lets_in_everybody_it_was_made_for_and_only_once(app, session, secretary):
    desk, (hop,), (an,) = AtDesk(app, secretary), session.registrations, session.invitations
    where = {"ma-hall": str(session.halls[1].id)}
    typed = f" {hop.check_in_code[:3].lower()}-{hop.check_in_code[3:]}"
    page = desk.fill(door(session), door(session, "/ma"), **{"ma-code": typed}, **where)
    assert "Mời vào: Nguyễn Thị Hợp, 3 người, Điểm cầu tổ 4" in page
    assert "Đã vào 3 người: đăng ký 3, khách mời 0, không có mã 0." in page
    assert "Nguyễn Thị Hợp: mã này đã vào lúc 7:30" in desk.fill(door(session), door(session, "/ma"), **{"ma-code": hop.check_in_code})
    assert "Ông Lê Văn An" in desk.fill(door(session), door(session, "/ma"), **{"ma-code": an.check_in_code})
    assert [(each.people, each.hall.name) for each in session.attendances] == [(3, "Điểm cầu tổ 4"), (1, "Hội trường")]


def test_who_has_no_code_comes_in_by_name_and_a_slip_is_taken_back(app, session, secretary):
    desk = AtDesk(app, secretary)
    come = {"khach-name": "Bà Tư", "khach-comes_from": "Xóm Đông", "khach-people": "2"}
    assert "Mời vào: Bà Tư, 2 người, Hội trường" in desk.fill(door(session), door(session, "/khach"), **come)
    (came,) = session.attendances
    assert (came.name, came.comes_from) == ("Bà Tư", "Xóm Đông")
    assert "Đã bỏ lượt ghi nhầm." in desk.fill(door(session, f"/{came.id}/bo"))
    assert session.attendances == []


@pytest.mark.parametrize(
    ("form", "typed", "said"),
    [
        ("/ma", {"ma-code": ""}, "Gõ hoặc quét mã"),
        ("/ma", {"ma-code": "ZZZZZZ"}, "Không có mã này trong buổi đối thoại"),
        ("/ma", {"ma-code": "waits"}, "Mã này đang chờ chỗ"),
        ("/ma", {"ma-code": "back"}, "Đăng ký này đã hủy"),
        ("/ma", {"ma-code": "group"}, "Giấy mời chung của một nhóm"),
        ("/ma", {"ma-code": "ZZZZZZ", "ma-hall": "0"}, "Chọn nơi đón"),
        ("/khach", {"khach-name": ""}, "Ghi họ và tên"),
        ("/khach", {"khach-name": "Tư", "khach-people": "0"}, "Ghi số người bằng chữ số"),
    ],
)
def test_what_lets_nobody_in_says_why(app, session, secretary, form, typed, said):
    codes = {"waits": seat(session, "Ba", 2).check_in_code}
    gone = seat(session, "Tư")
    registering.cancel(gone, actor=None, now=at(27))
    (group,) = inviting.invite(session, [GuestData(kind=GuestKind.GROUP, name="Các hộ tổ 4", seats=30)], actor=secretary, now=at(27))
    codes |= {"back": gone.check_in_code, "group": group.check_in_code}
    typed = {name: codes.get(value, value) for name, value in typed.items()}
    assert said in AtDesk(app, secretary).fill(door(session), door(session, form), status=422, **typed)
    assert session.attendances == []


@pytest.mark.parametrize(
    ("status", "opens"), [(Status.ANNOUNCED, False), (Status.IN_SESSION, True), (Status.HELD, True), (Status.CONCLUDED, False)]
)
def test_the_door_is_open_from_ready_until_the_conclusion(app, session, secretary, status, opens):
    session.status = status
    assert ("ma-code" in AtDesk(app, secretary).get(door(session))) is opens
    if not opens:
        with pytest.raises(DoorClosed):
            checking_in.walk_in(session, scan(), name="Tư", comes_from="", people=1, actor=secretary, now=EARLY)


def test_whoever_is_assigned_keeps_the_door_and_other_readers_do_not(app, session, province):
    keeper = factories.make_user(unit=province.ward, roles=[Role.RECORDS])
    reader = factories.make_user(unit=province.ward, roles=[Role.RECORDS])
    session.staff.append(SessionStaff(user=keeper, duty=StaffDuty.DOOR))
    assert "Mời vào" in AtDesk(app, keeper).fill(door(session), door(session, "/ma"), **{"ma-code": session.invitations[0].check_in_code})
    AtDesk(app, reader).get(door(session, "/ma.json"), status=403)
    page = AtDesk(app, reader).get(door(session))
    assert "Đã vào 1 người" in page
    assert "Ông Lê Văn An" not in page
    AtDesk(app, province.officer).get(door(session), status=404)
    with pytest.raises(NotAllowed):
        checking_in.check_in(session, scan(), "ZZZZZZ", actor=reader, now=EARLY)


def test_two_devices_scan_one_code_at_once(fresh_app):
    province = builders.make_province()
    head = factories.make_user(unit=province.ward, roles=[Role.HEAD])
    session = builders.session_at(province, head, Status.READY)
    code, id_, head_id = seat(session, "Hợp").check_in_code, session.id, head.id
    db.session.commit()

    def come():
        keeper = db.session.get(User, head_id)
        keeper.reach = reach_of(keeper, on=DAY.date())
        checking_in.check_in(db.session.get(Session, id_), scan(), code, actor=keeper, now=EARLY)

    assert at_once(fresh_app, come, come, come) == [DONE] * 3
    assert db.session.scalar(db.select(db.func.count()).select_from(Attendance)) == 1


# --- a device without network -------------------------------------------------------------------------------------------


@pytest.fixture
def device(app, session, secretary):
    """A device at the door: what it sends, as its script does, and what it is told."""
    client = AtDesk(app, secretary).client
    mark = token(client, door(session))

    def send(*scans, status=200):
        answer = client.post(door(session, "/gui"), json={"scans": list(scans)}, headers={"X-CSRFToken": mark})
        assert answer.status_code == status, answer.text
        return [each["state"] for each in answer.json["results"]] if status == 200 else []

    send.client = client
    return send


def test_what_a_device_sends_again_counts_once_at_the_hour_it_was_written(device, session):
    first = {"uid": str(uuid.uuid4()), "at": "2026-08-31T07:05:00+07:00", "code": session.registrations[0].check_in_code}
    walked = {"uid": str(uuid.uuid4()), "at": "2020-01-01T00:00:00Z", "name": "Bà Tư", "people": 2, "hall": session.halls[1].id}
    assert device(first, walked) == ["came", "came"]
    assert device(first, walked, first | {"uid": str(uuid.uuid4())}) == ["came", "came", "again"]
    assert [(each.people, each.at) for each in session.attendances] == [(3, EARLY.replace(hour=7, minute=5)), (2, EARLY)]


#: What no device of ours sends; the last ones lack only what each of them names.
BAD_SCANS = [
    {}, {"uid": 7, "code": "A"}, {"uid": "x", "code": "A"}, {"uid": None, "name": "Tư"},
    *({"uid": str(uuid.UUID(int=5)), **wrong} for wrong in (
        {"code": "ZZZZZZ"}, {"code": 5}, {"code": ["A"]}, {"code": "A" * 300}, {"name": ""}, {"name": "Tư", "people": 0},
        {"name": "Tư", "people": "1"}, {"name": "Tư", "people": 10**30}, {"name": {}, "people": 1}, {"name": "Tư", "at": "hôm qua"},
        {"name": "Tư", "at": 5}, {"name": "\ud800\x00"}, {"name": "Tư", "at": "0001-01-01T00:00:00+14:00"},
    )),
]  # fmt: skip


def test_a_scan_that_no_device_of_ours_sends_is_refused_alone(device, session):
    good = {"uid": str(uuid.uuid4()), "code": session.invitations[0].check_in_code}
    assert device(*BAD_SCANS, good) == ["refused"] * len(BAD_SCANS) + ["came"]
    assert len(session.attendances) == 1


def test_what_is_no_list_of_scans_is_refused_whole(device, session):
    headers = {"X-CSRFToken": token(device.client, door(session)), "Content-Type": "application/json"}
    for body in ([], 5, {}, {"scans": 5}, {"scans": [5]}, {"scans": [{}] * 201}):
        assert device.client.post(door(session, "/gui"), data=json.dumps(body), headers=headers).status_code == 400, body
    assert device.client.post(door(session, "/gui"), json={"scans": []}).status_code == 400  # without a token


def test_a_scan_of_another_session_is_none_of_this_one(session, province, head, secretary):
    other = builders.session_at(province, head, Status.READY)
    uid = uuid.uuid4()
    checking_in.walk_in(other, scan(uid), name="Tư", comes_from="", people=1, actor=secretary, now=EARLY)
    with pytest.raises(CodeUnknown):
        checking_in.walk_in(session, scan(uid), name="Tư", comes_from="", people=1, actor=secretary, now=EARLY)


def test_a_device_knows_digests_and_no_code_and_no_name(app, session, secretary):
    hop = session.registrations[0]
    checking_in.check_in(session, scan(), hop.check_in_code, actor=secretary, now=EARLY)
    text = AtDesk(app, secretary).get(door(session, "/ma.json"))
    mark = hashlib.sha256(f"{session.uid}:{hop.check_in_code}".encode()).hexdigest()[:20]
    assert (json.loads(text)["people"][mark], json.loads(text)["came"]) == (3, [mark])
    for kept_back in (hop.check_in_code, "Hợp", "An", "0912"):
        assert kept_back not in text


# --- on paper -----------------------------------------------------------------------------------------------------------


def test_the_list_to_sign_is_in_the_order_of_given_names_a_table_a_hall(app, session, secretary, head):
    session.capacity = None
    for name, hall in (("Trần Văn Ánh", 0), ("Lê Thị An", 0), ("Đỗ Văn Bình", 0), ("Phạm Thị Ân", 0), ("Cao Bá Quát", 1)):
        registering.register(session, RegistrationData(name=name, hall=session.halls[hall], token=name), actor=None, now=at(27))
    inviting.invite(session, [GuestData(kind=GuestKind.GROUP, name="Các hộ tổ 4", seats=3)], actor=head, now=at(27))
    page = AtDesk(app, secretary).get(f"/can-bo/doi-thoai/{session.code}/danh-sach-ky")
    assert page.count("<td></td><td></td>") == 3  # names of a group are written by hand
    order = ["Ông Lê Văn An", "Lê Thị An", "Trần Văn Ánh", "Phạm Thị Ân", "Đỗ Văn Bình", "Cao Bá Quát", "Nguyễn Thị Hợp"]
    assert sorted(order, key=page.index) == order
