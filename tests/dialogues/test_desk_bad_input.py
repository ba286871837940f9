"""What no device of ours sends is refused alone, with a sentence, and nothing else is harmed by it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest

from app import clock
from app.database import db
from dialogues.models import AgendaItem, DeviceEvent, Hall, Question, Session
from dialogues.rules import EventKind, Origin, Part, QuestionState, Status
from tests.dialogues import builders
from tests.dialogues.at_device import FACTS, Device, event
from tests.dialogues.builders import DAY
from tests.feedback.builders import at

#: Pages and forms, one by one: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

E = EventKind


@pytest.fixture
def session(province, head, monkeypatch) -> Session:
    made = running(province, head)
    monkeypatch.setattr(clock, "now", lambda: DAY + dt.timedelta(hours=3))
    db.session.commit()
    return made


def running(province, head) -> Session:
    made = builders.session_at(province, head, Status.IN_SESSION)
    made.halls.append(Hall(position=1, name="Hội trường"))
    made.agenda.append(AgendaItem(position=1, part=Part.FLOOR, title="Phát biểu", minutes=30))
    for number, (state, for_the_day) in enumerate(
        [(QuestionState.ACCEPTED, True), (QuestionState.ACCEPTED, False), (QuestionState.WAITING, False)]
    ):
        made.questions.append(
            Question(origin=Origin.CLERK, state=state, for_the_day=for_the_day, position=number, text=f"Câu {number}", asked_at=at(20))
        )
    return made


@pytest.fixture
def send(app, session, secretary):
    return Device(app, session, secretary)


NO_UIDS: list[Any] = [None, 7, "", "x", [], {}, True, "\ud800", "0" * 31, "g" * 32]
NO_NUMBERS: list[Any] = ["ba", "-1", -1, 10**30, "9" * 400, 1.5, float("nan"), float("inf"), True, [], {}, "1e3", "٣x"]
NO_LINES: list[Any] = [7, True, [], {}, "A" * 201, float("nan")]
NO_TEXTS: list[Any] = [None, "", " \u200b\n\x00", 7, [], {}, "A" * 5001]

#: (kind, field, what no device of ours sends there)
BAD_FACTS: list[tuple[EventKind, str, list[Any]]] = [
    (E.ASKED, "text", NO_TEXTS),
    (E.ASKED, "name", NO_LINES),
    (E.ASKED, "comes_from", NO_LINES),
    (E.ASKED, "phone", NO_LINES),
    (E.ASKED, "hall", ["x", 7, [], str(uuid.UUID(int=9))]),
    (E.TEXT_CHANGED, "value", NO_TEXTS),
    (E.ANSWERED, "kind", [None, "", "by_magic", 7, [], {}]),
    (E.ANSWERED, "by", NO_LINES),
    (E.ANSWERED, "text", NO_TEXTS[3:]),
    (E.REJECTED, "wants", NO_TEXTS[3:]),
    (E.REJECTED, "taken_back", ["có", 7, [], {}]),
    (E.QUEUED, "name", NO_LINES),
    (E.CAME, "people", [0, 501, *NO_NUMBERS]),
    (E.COUNTED, "people", [None, "", 100_001, *NO_NUMBERS]),
    (E.HANDS, "about", [None, "", *NO_LINES]),
    (E.HANDS, "counted_in", ["heads", 7, []]),
    (E.HANDS, "agree", [None, "", 94, *NO_NUMBERS]),
    (E.HANDS, "disagree", [69, *NO_NUMBERS]),
    (E.HANDS, "present", [40, *NO_NUMBERS]),
    (E.WITHDRAWN, "of", ["tất cả", 7, []]),
]
#: The same of what stands around the facts.
BAD_EVENTS: dict[str, list[Any]] = {
    "uid": NO_UIDS,
    "subject": NO_UIDS,
    "kind": [None, "", "sung", 7, [], {}],
    "at": [None, "", 7, [], "hôm qua", "2026-08-31T08:00:00", "2026-08-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00"],
    "base": ["x", 7, {}, [7], ["x"], [None], [[]], [str(uuid.UUID(int=1))] * 101],
    "facts": [None, "", 7, [], [["text", "x"]]],
}


def test_a_field_that_no_device_of_ours_sends_so_is_refused_with_a_sentence_and_not_kept(send, session):
    sent = [event(kind, session.halls[0] if kind == E.COUNTED else None, **{name: bad}) for kind, name, bads in BAD_FACTS for bad in bads]
    sent += [event(E.ASKED) | {name: bad} for name, bads in BAD_EVENTS.items() for bad in bads]
    sent += [{key: value for key, value in event(E.ASKED).items() if key != name} for name in ("uid", "kind", "subject", "at", "facts")]
    sent += [event(E.QUEUED, name="", comes_from="\u202e"), event(E.CAME, name="", comes_from="")]
    unlikely = [each for each in sent if each.get("at") != BAD_EVENTS["at"][-1]]  # a late year is a wrong clock: believed to be now
    answers = [each for start in range(0, len(unlikely), 200) for each in send.said(*unlikely[start : start + 200])]
    taken = [(given, answer) for given, answer in zip(unlikely, answers, strict=True) if answer["state"] != "refused" or not answer["why"]]
    assert taken == []
    assert len(session.questions) == 3
    kept = db.session.scalars(db.select(DeviceEvent)).all()
    assert [each.facts["why"] for each in kept] == ["no_hall"]  # of good shape


def test_what_is_no_event_is_refused_and_its_neighbours_are_taken(send, session):
    nothing = [None, 7, "x", [], [[]], {}, {"uid": []}, float("nan")]
    first, last = event(E.QUEUED, None, 1), event(E.QUEUED, None, 2)
    assert send(first, *nothing, last) == ["applied", *["refused"] * len(nothing), "applied"]
    assert len(session.speakers) == 2


def test_what_people_write_comes_through_clean_and_whole(send, session):
    long = "Đường " * 800
    text = "  Bao giờ\u200b có nước?\r\n\r\n\r\n\r\n\r\n<b>&amp;</b> 😀 \x00\ud800\u202e" + "a\u0301"
    send(event(E.ASKED, None, 1, text=text, name=" Nguyễn\tThị\n Hợp ", phone="bà không nhớ"), event(E.ASKED, None, 2, text=long))
    first, second = (each for each in session.questions if each.origin == Origin.FLOOR)
    assert (first.text, first.asker, first.phone) == ("Bao giờ có nước?\n\n\n<b>&amp;</b> 😀 á", "Nguyễn Thị Hợp", "bà không nhớ")
    assert second.text == long.strip()


#: Message → what it is answered with.
MESSAGES: list[tuple[str | bytes, int]] = [
    ("", 400), ("{", 400), ("[]", 400), ("null", 400), ('"x"', 400), ("7", 400), ("NaN", 400), ("{}", 400), (b"\xff\xfe\x00", 400),
    ("[" * 100_000, 400), ('{"device": "a", "events": ' + "9" * 5000 + "}", 400), ('{"device": "a", "events": ' + '{"a":' * 40_000, 400),
    ('{"events": []}', 400), ('{"device": "a"}', 400), ('{"device": 7, "events": []}', 400), ('{"device": "", "events": []}', 400),
    ('{"device": "\\u200b", "events": []}', 400), (json.dumps({"device": "a" * 65, "events": []}), 400),
    ('{"device": "a", "events": {}}', 400), (json.dumps({"device": "a", "events": [None] * 201}), 400),
    (json.dumps({"device": "a", "events": ["x" * 257 * 1024]}), 413), (json.dumps({"device": "a", "events": [None] * 200}), 200),
    ('{"device": "a", "events": []}', 200),
]  # fmt: skip


def test_a_message_that_is_none_is_answered_with_a_sentence(send, session):
    for body, status in MESSAGES:
        answer = send.post(body, status)
        assert answer["why"] if status != 200 else "state" in answer
    assert db.session.scalars(db.select(DeviceEvent)).all() == []


def test_a_message_without_the_forms_token_is_refused(send, session):
    send.mark = "x"
    answer = send.client.post(f"/can-bo/doi-thoai/{session.code}/ban/su-kien", json={"device": "a", "events": []})
    assert answer.status_code == 400


def test_what_is_about_something_else_is_refused_by_name_and_kept(send, session, province, head):
    elsewhere = running(province, head)
    db.session.flush()
    ours, theirs = session.questions, elsewhere.questions
    mine = [event(kind) for kind in (E.ASKED, E.CAME, E.HANDS, E.QUEUED)]
    assert send(*mine) == ["applied"] * 4
    asked, came, hands, queued = mine
    refused = {
        "Không còn phần chương trình hoặc hội trường này. Tải lại trang.": [
            event(E.ITEM_BEGUN, elsewhere.agenda[0]), event(E.ITEM_BEGUN, session.halls[0]), event(E.ITEM_ENDED),
            event(E.ITEM_BEGUN, asked),
            event(E.COUNTED, elsewhere.halls[0]), event(E.COUNTED, session.agenda[0]), event(E.COUNTED),
        ],
        "Mục này thuộc buổi đối thoại khác.": [
            event(E.ANSWERED, theirs[0]), event(E.CALLED, theirs[0]), event(E.ASKED, theirs[0]), event(E.WITHDRAWN, theirs[0]),
        ],
        "Không còn hội trường, điểm cầu này. Tải lại trang rồi chọn lại.": [event(E.QUEUED, hall=str(elsewhere.halls[0].uid))],
        "Mục này không phải loại có thể ghi như vậy.": [
            event(E.ASKED, ours[0]), event(E.QUEUED, ours[0]), event(E.ANSWERED, came), event(E.ANSWERED, hands), event(E.CAME, asked),
            event(E.HANDS, queued), event(E.ASKED, session.halls[0]), event(E.CALLED, session.agenda[0]), event(E.CAME, session.halls[0]),
        ],
        "Câu hỏi này không còn trong các câu đã nêu tại buổi đối thoại.": [event(E.ANSWERED, ours[1]), event(E.CALLED, ours[2])],
    }  # fmt: skip
    sent = [(each, why) for why, events in refused.items() for each in events]
    answers = send.said(*(each for each, _why in sent))
    assert [(answer["state"], answer["why"]) for answer in answers] == [("refused", why) for _each, why in sent]
    assert send(*(each for each, _why in sent)) == ["refused"] * len(sent)
    assert {each.text for each in session.questions if each.origin == Origin.CLERK} == {"Câu 0", "Câu 1", "Câu 2"}
    assert elsewhere.speakers == elsewhere.attendances == []
    there = Device(send.app, elsewhere, send.user)
    assert [each["why"] for each in there.said(asked)] == ["Mục này thuộc buổi đối thoại khác."]


def test_facts_beyond_the_table_are_dropped(send):
    assert send(event(E.QUEUED, uid="x", why="not_now", said_at="bậy", secret="s" * 9000)) == ["applied"]
    assert set(db.session.scalars(db.select(DeviceEvent)).one().facts) == set(FACTS[E.QUEUED])
