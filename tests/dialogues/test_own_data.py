"""Whoever took a seat or was asked to come reads what is held of them, takes it along, and erases it; by their own link, nobody else."""

from __future__ import annotations

import pytest

from app import clock, consents
from app.audit import entries_about
from app.database import db
from app.outbox import Notice
from dialogues import links
from dialogues.models import Invitation, Registration, Session
from dialogues.operations import inviting, registering, telling
from dialogues.operations.inviting import GuestData
from dialogues.operations.registering import RegistrationData
from dialogues.rules import GuestAnswer, GuestKind, RegistrationState, Status
from tests.dialogues import builders
from tests.feedback.builders import at
from tests.feedback.page_forms import form_of, press

NAME, PHONE, EMAIL, FROM = "Nguyễn Thị Hợp", "0912345678", "hop@example.com", "Tổ dân phố 4"


@pytest.fixture
def session(province, head, monkeypatch) -> Session:
    made = builders.session_at(province, head, Status.ANNOUNCED)
    monkeypatch.setattr(clock, "now", lambda: at(15))
    return made


@pytest.fixture
def seat(session) -> Registration:
    typed = RegistrationData(name=NAME, phone=PHONE, email=EMAIL, comes_from=FROM, people=2, token="t")
    made = registering.register(session, typed, actor=None, now=at(15))
    db.session.commit()
    return made


def opens(client, link, session) -> str:
    client.get(link.removeprefix("http://localhost"))
    return f"/doi-thoai/{session.code}/thong-tin"


def erase(client, address):
    return press(client, form_of(client.get(address), ""), to=address)


def test_a_seat_is_read_and_taken_along_by_its_own_link_and_nobody_else(app, client, session, seat):
    address = opens(client, links.seat_link(seat), session)
    page, copy = client.get(address).text, client.get(f"{address}.json")
    assert {"ho_ten", "dien_thoai", "e_mail", "tu_dau_den", "so_nguoi", "dong_y"} <= set(copy.json)
    for held in (NAME, PHONE, EMAIL, FROM):
        assert held in page
        assert held in copy.json.values()
    assert str(consents.of([seat])[0].words) in copy.json["dong_y"]
    assert copy.headers["Content-Disposition"].startswith("attachment")
    taken = [entry for entry in entries_about(session) if entry.action == "session.data_taken"]
    assert [entry.facts for entry in taken] == [{"of": "registration", "row_id": seat.id}]
    for stranger_at in (address, f"{address}.json"):
        assert app.test_client().get(stranger_at).status_code == 404
        assert app.test_client().post(stranger_at).status_code in {404, 405}
    assert seat.name == NAME


@pytest.mark.parametrize(("status", "state"), [(Status.ANNOUNCED, "cancelled"), (Status.HELD, "seated"), (Status.CANCELLED, "seated")])
def test_erased_it_is_nowhere_and_the_record_tells_of_it_and_of_nobody(client, session, seat, status, state):
    telling.put_off(session, now=at(15))
    session.status = status
    db.session.commit()
    address = opens(client, links.seat_link(seat), session)
    form = form_of(client.get(address), "")
    assert [press(client, form, to=address).status_code for _ in range(2)] == [303, 303]
    assert (seat.name, seat.phone, seat.email, seat.comes_from, seat.people, seat.state) == (None, None, None, "", 2, state)
    assert db.session.query(Notice).filter(Notice.user_id.is_(None)).count() == 0
    told = [entry for entry in entries_about(session) if entry.action == "session.data_erased"]
    assert [entry.facts for entry in told] == [{"of": "registration", "row_id": seat.id}]
    assert not any(held in client.get(address).text for held in (NAME, PHONE, EMAIL, FROM))
    assert set(client.get(f"{address}.json").json) <= {"buoi_doi_thoai", "so_nguoi", "tinh_trang", "dang_ky_luc", "dong_y"}


def test_while_it_goes_on_nothing_is_erased_and_the_page_says_when(client, session, seat):
    session.status = Status.IN_SESSION
    db.session.commit()
    refused = erase(client, opens(client, links.seat_link(seat), session))
    assert refused.status_code == 422
    assert "Xóa được khi buổi kết thúc" in refused.text
    assert (seat.name, seat.state) == (NAME, RegistrationState.SEATED)


def test_of_a_guest_the_ways_to_reach_them_go_at_once_and_the_name_stays_on_the_list(client, session, head):
    data = GuestData(kind=GuestKind.PERSON, name="Bà Trần Thị Hoa", phone=PHONE)
    (guest,) = inviting.invite(session, [data], actor=head, now=at(15))
    inviting.send(session, actor=head, now=at(15))
    inviting.answer(guest, GuestAnswer.COMING, actor=None, now=at(15))
    db.session.commit()
    address = opens(client, links.guest_link(guest), session)
    assert PHONE in client.get(address).text
    assert erase(client, address).status_code == 303
    assert (guest.name, guest.phone, guest.answer) == ("Bà Trần Thị Hoa", None, GuestAnswer.COMING)
    assert consents.of([guest])[0].withdrawn_at == at(15)
    assert db.session.query(Notice).filter_by(subject_type=Invitation.__tablename__).count() == 0
