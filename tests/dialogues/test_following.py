"""Who asked to be told is told: after a yes from the address, of what everyone may read, until they end it."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock, consents, letters
from app.assignments.rules import Duty, State
from app.database import db
from app.outbox import Notice
from dialogues import jobs, links
from dialogues.models import ConclusionAssignment, Follower, Hall
from dialogues.operations import publishing, sessions, steps, subscribing
from dialogues.rules import Status
from tests.dialogues import builders
from tests.feedback.builders import at
from tests.feedback.pages import post

EMAIL = "theodoi@example.com"


def told(email=EMAIL):
    """Return the letters to *email*, by template."""
    rows = db.session.query(Notice).order_by(Notice.id).all()
    return [(row.template.rpartition("/")[2], row) for row in rows if row.address == email]


@pytest.fixture
def followed(client, province, head, monkeypatch):
    """A session that is announced, with somebody who said yes by the link in the letter."""
    session = builders.session_at(province, head, Status.ANNOUNCED)
    db.session.commit()
    monkeypatch.setattr(clock, "now", lambda: at(15))
    page = f"/doi-thoai/{session.code}/nhan-tin"
    assert "Ghi địa chỉ e-mail" in post(client, page, {"email": ""}).text
    for _press in range(2):
        assert post(client, page, {"email": EMAIL}).status_code == 303
    (letter,) = told()
    assert letter[0] == "follow"
    follower = db.session.query(Follower).one()
    address = "/" + links.follower_link_of(follower.id).split("/", 3)[3]
    assert address in letters.letter(letter[1]).text
    assert "Đồng ý nhận tin" in client.get(address).text
    assert follower.confirmed_at is None
    post(client, address, {"viec": "nhan"})
    assert follower.confirmed_at == at(15)
    assert [str(each.words) in client.get(address).text for each in consents.of([follower])] == [True]
    return session, address


def promise(session, province, **over):
    values = {"duty": Duty.ACT, "title": "Nạo vét", "public_title": "Nạo vét", "unit": province.works, "opened_at": at(30)} | over
    row = ConclusionAssignment(session=session, state=State.TAKEN, hops=0, round=1, **values)
    db.session.add(row)
    db.session.flush()
    return row


def test_nobody_is_told_before_they_said_yes_and_who_never_does_is_forgotten(client, province, head):
    session = builders.session_at(province, head, Status.ANNOUNCED)
    subscribing.ask(session, EMAIL, locale="vi", now=at(15))
    steps.put_off(session, Status.POSTPONED, why="Bão.", actor=head, now=at(16))
    assert [name for name, _letter in told()] == ["follow"]
    subscribing.forget_unconfirmed(now=at(23))
    assert (db.session.query(Follower).count(), told()) == (0, [])


def test_changes_result_and_what_became_of_promises_are_told_once_and_a_link_ends_it(client, followed, province, head, monkeypatch):
    session, address = followed
    for name in ("Nhà văn hóa tổ 4", "Trường tiểu học"):  # two halls on one day: told once
        sessions.add_hall(session, Hall(name=name), actor=head, now=at(15))
    steps.put_off(session, Status.POSTPONED, why="Bão.", actor=head, now=at(16))
    session.status, session.names_reviewed_at = Status.CONCLUDED, at(30)
    publishing.publish(session, actor=head, now=at(31))
    kept, late = promise(session, province, due_on=dt.date(2026, 9, 20)), promise(session, province, due_on=dt.date(2026, 9, 20))
    promise(session, province, due_on=dt.date(2026, 12, 20))
    kept.state, kept.closed_at = State.DONE, at(40)
    for day in (41, 49, 50, 51):
        monkeypatch.setattr(clock, "now", lambda day=day: at(day, 7))
        jobs.tell_followers()
    assert [name for name, _letter in told()] == ["follow", "changed", "put_off", "published", "news", "news"]
    assert [row.facts["what"] for name, row in told() if name == "news"] == ["kept", "late"]
    for _name, row in told()[1:]:
        letter = letters.letter(row)
        assert address in letter.text
        assert address in letter.html
        assert f"/doi-thoai/{session.code}" in letter.text
    assert late.is_open
    db.session.commit()
    assert "Không gửi tin về buổi này nữa" in client.get(post(client, address, {"viec": "thoi"}).location).text
    assert (db.session.query(Follower).count(), db.session.query(consents.Consent).count()) == (0, 0)
    assert client.get(address).status_code == 404
