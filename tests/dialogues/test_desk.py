"""The secretary's desk: what a device says is kept once and done, what comes late waits, what no device of ours says harms nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock
from app.audit import entries_about
from app.database import db
from dialogues.models import AgendaItem, DeviceEvent, Hall, Question, Session
from dialogues.operations import concluding
from dialogues.rules import EventKind, Origin, Part, QuestionState, Status
from tests.dialogues import builders
from tests.dialogues.at_device import event
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import at
from tests.feedback.pages import token

E = EventKind
NOON = DAY + dt.timedelta(hours=3)


@pytest.fixture
def session(province, head, monkeypatch) -> Session:
    made = builders.session_at(province, head, Status.IN_SESSION)
    made.halls += [Hall(position=1, name="Hội trường"), Hall(position=2, name="Điểm cầu tổ 4")]
    made.agenda += [AgendaItem(position=place, part=Part.FLOOR, title=f"Phần {place}", minutes=30) for place in (1, 2)]
    made.questions.append(
        Question(origin=Origin.CLERK, state=QuestionState.ACCEPTED, for_the_day=True, position=1, text="Chợ bao giờ sửa?", asked_at=at(20))
    )
    monkeypatch.setattr(clock, "now", lambda: NOON)
    db.session.commit()
    return made


def desk(session, rest=""):
    return f"/can-bo/doi-thoai/{session.code}/ban{rest}"


@pytest.fixture
def send(app, session, secretary):
    """Send events as the desk's script does; return what became of each."""
    client = AtDesk(app, secretary).client
    mark = token(client, f"/can-bo/doi-thoai/{session.code}/cua")

    def send(*events, device="máy 1", whole=False):
        answer = client.post(desk(session, "/su-kien"), json={"device": device, "events": list(events)}, headers={"X-CSRFToken": mark})
        assert answer.status_code == 200, answer.text
        return answer.json if whole else [each["state"] for each in answer.json["results"]]

    send.client, send.mark = client, mark
    return send


def test_what_a_device_says_stands_on_the_rows_that_all_other_pages_read(send, session):
    first, second = session.agenda
    main, far = session.halls
    chosen = session.questions[0]
    speaker = event(E.QUEUED, hall=str(far.uid))
    asked, came, hands = event(E.ASKED, speaker, 12, hall=str(far.uid)), event(E.CAME), event(E.HANDS)
    events = [
        event(E.ITEM_BEGUN, first, 1), event(E.ITEM_BEGUN, second, 5), speaker, event(E.CALLED, speaker, 11), asked,
        event(E.TEXT_CHANGED, asked, 13, [asked]), event(E.ANSWERED, asked, 14), event(E.REJECTED, asked, 15), came, hands,
        event(E.COUNTED, far), event(E.CALLED, chosen, 20), event(E.ANSWERED, chosen, 21, kind="by_delegate", by="Bà Lan"),
    ]  # fmt: skip
    assert send(*events) == ["applied"] * len(events)
    assert [(item.begun_at, item.ended_at) for item in session.agenda] == [
        (DAY + dt.timedelta(minutes=1), DAY + dt.timedelta(minutes=5)),
        (DAY + dt.timedelta(minutes=5), None),
    ]
    (said,) = session.speakers
    assert (said.name, said.hall, said.called_at) == ("Nguyễn Thị Hợp", far, DAY + dt.timedelta(minutes=11))
    before, question = session.questions
    assert (question.uid, question.origin, question.state, question.for_the_day) == (said.uid, Origin.FLOOR, QuestionState.ACCEPTED, True)
    assert (question.text, question.asker, question.phone) == ("Bao giờ trả tiền đền bù đợt hai?", "Nguyễn Thị Hợp", "0912345678")
    assert (question.comes_from, question.hall, question.asked_at) == ("tổ dân phố 4", far, DAY + dt.timedelta(minutes=12))
    assert (question.answer_kind, question.answer, question.answered_at) == ("by_chair", "Trong tháng 9.", DAY + dt.timedelta(minutes=14))
    assert (question.rejected, question.rejected_wants) == (True, "Trả lời bằng văn bản.")
    assert (before.answered_by, before.text) == ("Bà Lan", "Chợ bao giờ sửa?")
    assert [(each.name, each.people, each.hall) for each in session.attendances] == [("Lê Văn An", 2, main)]
    assert [(each.subject, each.agree, each.disagree, each.present) for each in session.hand_votes] == [("phương án 2", 33, 8, 101)]
    assert far.people_counted == 35
    assert entries_about(session)[-1].facts == {"applied": len(events), "late": 0, "refused": 0, "addendum": 0}
    kept = db.session.scalars(db.select(DeviceEvent)).all()
    assert not any("Hợp".encode() in each.facts_sealed for each in kept)
    assert concluding.raised(session) == [before, question]


def test_what_is_sent_again_is_kept_once(send, session):
    asked = event(E.ASKED)
    batch = [asked, event(E.ANSWERED, asked, 14), event(E.CAME)]
    assert send(*batch) == send(*batch, asked)[:3] == ["applied"] * 3
    assert len(session.questions) == 2
    assert len(session.attendances) == 1
    assert sum(entry.action == "session.recorded" for entry in entries_about(session)) == 1
