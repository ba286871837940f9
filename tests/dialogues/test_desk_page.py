"""The page of the secretary's desk: what a device keeps of it, and what a plain form keeps when the sign-in ends in the hall."""

from __future__ import annotations

import html

import pytest

from app import clock
from app.database import db
from app.permissions import Role
from dialogues.models import AgendaItem, Session
from dialogues.rules import EventKind, Part, Status
from dialogues.views.staff.desk_rows import rows
from tests import factories
from tests.app.test_administration import GOOD
from tests.app.test_unsaved import end_session, sign_in_again
from tests.dialogues import builders
from tests.dialogues.at_device import Device, desk, event
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.pages import token

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database


@pytest.fixture
def session(province, head, monkeypatch) -> Session:
    made = builders.session_at(province, head, Status.IN_SESSION)
    made.agenda.append(AgendaItem(position=1, part=Part.FLOOR, title="Nhân dân phát biểu", minutes=30))
    monkeypatch.setattr(clock, "now", lambda: DAY)
    db.session.commit()
    return made


def test_what_a_device_keeps_of_the_page_names_nobody_and_its_worker_reaches_no_other_page(app, session, secretary):
    device = Device(app, session, secretary)
    device(event(EventKind.QUEUED, name="Bà Hợp"), event(EventKind.ASKED, name="Ông Quyền", text="Chợ bao giờ sửa?"))
    at_desk = AtDesk(app, secretary)
    said = ("Bà Hợp", "Ông Quyền", "Chợ bao giờ sửa?")
    assert all(each in at_desk.get(desk(session)) for each in said)
    assert not any(each in at_desk.get(desk(session, "/khung")) for each in said)
    worker = at_desk.client.get(desk(session, "/tho.js"))
    assert (worker.status_code, worker.mimetype) == (200, "text/javascript")
    assert worker.headers["Service-Worker-Allowed"] == desk(session)


def test_the_desk_a_device_keeps_is_given_to_nobody_who_may_not_record(app, session, province):
    reader = factories.make_user(unit=province.ward, roles=[Role.FRONT])
    for rest in ("/khung", "/tho.js"):
        assert AtDesk(app, reader).client.get(desk(session, rest)).status_code == 403


def test_what_a_plain_form_said_when_the_sign_in_ended_is_there_again(app, session, province):
    secretary = factories.make_user(unit=province.ward, roles=[Role.OFFICER], password=GOOD)
    client = AtDesk(app, secretary).client
    typed = {"kind": "asked", "csrf_token": token(client, desk(session)), "text": "Chợ bao giờ sửa?", "name": "Ông Quyền & con"}
    end_session(client)
    page = client.post(desk(session, "/ghi"), data=typed, headers={"Referer": f"http://localhost{desk(session)}"})
    answer, sent = sign_in_again(client, page, secretary.email)
    assert answer.location == desk(session)
    shown = html.unescape(client.post(answer.location, data=sent).text)
    assert "Chợ bao giờ sửa?" in shown
    assert 'value="Ông Quyền & con"' in shown
    assert session.questions == []


@pytest.mark.parametrize(
    ("status", "runs"),
    [(Status.IN_SESSION, "Nhân dân phát biểu"), (Status.HELD, None)],
)
def test_the_clock_runs_while_the_session_does(status, runs):
    item = {"uid": "1", "title": "Nhân dân phát biểu", "begun_at": DAY.isoformat(), "ended_at": None}
    state = {"status": status, "now": (DAY.replace(minute=50)).isoformat(), "agenda": [item], "queue": [], "questions": []}
    found = rows(state, "")
    assert (found.now["title"] if found.now else None, found.minutes) == (runs, 50 if runs else 0)
