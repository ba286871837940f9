"""The page of the secretary's desk: what a device keeps of it, and what a plain form keeps when the sign-in ends in the hall."""

from __future__ import annotations

import datetime as dt
import html
import uuid

import pytest

from app import clock
from app.database import db
from app.permissions import Role
from dialogues.models import AgendaItem, Question, Session, Speaker
from dialogues.rules import AnswerKind, EventKind, Origin, Part, QuestionState, Status
from dialogues.views.staff.desk_rows import rows
from tests import factories
from tests.app.test_administration import GOOD
from tests.app.test_unsaved import end_session, sign_in_again
from tests.dialogues import builders
from tests.dialogues.at_device import Device, desk, event
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.pages import statements, token

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


def many(session: Session, kind: str | None, number: int = 300) -> None:
    session.questions += [
        Question(
            origin=Origin.FLOOR, state=QuestionState.ACCEPTED, for_the_day=True, position=place, asked_at=DAY + dt.timedelta(seconds=place),
            text=f"Câu thứ {place}: {'đường, nước, đất đai, ' * 20}", answer_kind=kind, answer="Phường tiếp thu. " * 20 if kind else "",
        )
        for place in range(len(session.questions) + 1, len(session.questions) + number + 1)
    ]  # fmt: skip
    db.session.flush()


def test_three_hundred_questions_make_the_page_no_longer_and_every_one_of_them_is_reached(app, session, secretary):
    at_desk = AtDesk(app, secretary)
    many(session, None, 3)
    at_desk.get(desk(session))
    with statements() as few:
        at_desk.get(desk(session))
    many(session, None)
    many(session, AnswerKind.BY_CHAIR)
    with statements() as more:
        page = at_desk.get(desk(session))
    assert len(more) == len(few)
    assert len(page.encode()) < 300_000
    assert ("Câu thứ 303:" in page, "Câu thứ 603:" in page, "Câu thứ 9:" in page) == (True, True, False)
    assert f'<a data-more href="{desk(session)}?xong=8#xong-h">' in page
    assert "Câu thứ 590:" in at_desk.get(desk(session, "?xong=8"))


@pytest.mark.parametrize("name", ["mo", "xong", "hang", "chua-neu"])
@pytest.mark.parametrize("number", [0, 1, 8, 9, 29])
def test_page_by_page_every_row_is_drawn_once(name, number):
    conflicts, answer = dict.fromkeys(("text", "answer", "rejected"), ()), {"kind": "by_chair", "text": "Có."}
    asked = {"answer": answer if name == "xong" else None, "conflicts": conflicts, "origin": "question", "called_at": None}
    many = [asked | {"uid": str(place)} for place in range(number)]
    state = {"status": Status.HELD, "agenda": [], "queue": [], "questions": []}
    state |= {"questions" if name in {"mo", "xong"} else "queue": many}
    drawn, start = [], 0
    while start < max(number, 1):
        found = rows(state, "", {name: str(start)})
        part = {"mo": found.open, "xong": found.done, "hang": found.queue, "chua-neu": found.chosen}[name]
        drawn, start = drawn + [each["uid"] for each in part.shown], part.most
        assert (part.total, part.rest) == (number, max(0, number - start))
    assert sorted(drawn, key=int) == [each["uid"] for each in many]
    assert rows(state, "", {name: "9" * 9}).open.start == rows(state, "", {name: "x"}).open.start == 0


def test_a_refused_form_stands_in_its_row_however_far_back_and_a_call_is_seen_at_once(app, session, secretary):
    many(session, AnswerKind.BY_CHAIR)
    for place in range(40):
        session.speakers.append(Speaker(uid=uuid.uuid4(), at=DAY + dt.timedelta(seconds=place), comes_from=f"tổ {place}"))
    session.speakers[-1].called_at = DAY
    db.session.flush()
    at_desk, first = AtDesk(app, secretary), session.questions[0]
    page = at_desk.get(desk(session))
    assert ("tổ 1<" in page, "tổ 39<" in page, "tổ 30<" in page) == (True, True, False)
    typed = {"kind": "text_changed", "subject": str(first.uid), "part": "text", "value": ""}
    typed |= {"uid": str(uuid.uuid4()), "base": "", "csrf_token": token(at_desk.client, desk(session))}
    answer = at_desk.client.post(desk(session, "/ghi"), data=typed)
    assert (answer.status_code, "Câu thứ 1:" in answer.text) == (422, True)
