"""Two devices send at the same moment, on a database where commits are commits: each thing once, nothing lost, no error page."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from app import clock
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.database import db
from app.permissions import Role
from dialogues import desk_state, live
from dialogues.forms.desk import read
from dialogues.models import AgendaItem, Attendance, DeviceEvent, Hall, HandVote, Question, Session, Speaker
from dialogues.operations import folding, recording, steps
from dialogues.rules import AnswerKind, EventKind, Part, Status
from tests import factories
from tests.dialogues import builders
from tests.dialogues.at_device import Device, desk, event
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import Province
from tests.feedback.pages import token
from tests.feedback.test_races import DONE, at_once

E = EventKind
NOON = DAY + dt.timedelta(hours=3)


@pytest.fixture
def province(fresh_app, monkeypatch) -> Province:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return builders.make_province()


@pytest.fixture
def head(province) -> User:
    return factories.make_user(unit=province.ward, roles=[Role.HEAD])


@pytest.fixture
def session(province, head) -> Session:
    return running(province, head)


def running(province: Province, head: User) -> Session:
    made = builders.session_at(province, head, Status.IN_SESSION)
    made.halls.append(Hall(position=1, name="Hội trường"))
    made.agenda += [AgendaItem(position=place, part=Part.FLOOR, title=f"Phần {place}", minutes=30) for place in (1, 2)]
    db.session.commit()
    return made


def actor(id_: int) -> User:
    user = db.session.get(User, id_)
    user.reach = reach_of(user, on=DAY.date())
    return user


def sending(session: Session, head: User, batch: list[dict[str, Any]]) -> Callable[[], None]:
    """Return what a device does that sends *batch*."""
    id_, head_id = session.id, head.id

    def send() -> None:
        recording.take(db.session.get(Session, id_), "máy", [read(each) for each in batch], actor=actor(head_id), now=NOON)

    return send


def count(model) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(model))


def test_whole_batches_sent_again_at_once_and_words_that_contradict_each_other(fresh_app, session, head):
    asked = event(E.ASKED)
    common = [
        asked,
        event(E.CAME),
        event(E.QUEUED),
        event(E.HANDS),
        event(E.ITEM_BEGUN, session.agenda[0]),
        event(E.COUNTED, session.halls[0]),
    ]
    answers = [event(E.ANSWERED, asked, 20 + number, kind=kind) for number, kind in enumerate(["by_chair", "in_writing", "forwarded"])]
    id_ = session.id
    devices = [sending(session, head, [*common, answers[number % 3]]) for number in range(5)]
    assert at_once(fresh_app, *devices) == [DONE] * 5
    assert [count(model) for model in (DeviceEvent, Question, Attendance, Speaker, HandVote)] == [9, 1, 1, 1, 1]
    (question,) = db.session.scalars(db.select(Question))
    assert question.answer_kind == "forwarded"
    shown = desk_state.state(db.session.get(Session, id_), NOON, prepares=True)
    assert [each["value"]["kind"] for each in shown["questions"][0]["conflicts"]["answer"]] == ["by_chair", "in_writing", "forwarded"]


def test_what_two_devices_say_of_the_same_things_at_once_is_what_all_of_it_comes_to(fresh_app, session, head):
    dice, subjects = random.Random(7), [str(uuid.uuid4()) for _ in range(3)]
    kinds = [E.ASKED, E.TEXT_CHANGED, E.ANSWERED, E.CALLED, E.QUEUED, E.REJECTED]
    said = [
        event(dice.choice(kinds), dice.choice(subjects), dice.randrange(60), kind=dice.choice(list(AnswerKind)), value=f"Lời {number}")
        for number in range(36)
    ]
    id_ = session.id
    outcomes = at_once(fresh_app, *(sending(session, head, said[start::4]) for start in (0, 1, 2, 3, 0)))
    assert outcomes == [DONE] * 5
    told = live.fold(map(read, said))
    rows = {str(row.uid): row for row in db.session.scalars(db.select(Question))}
    for subject in subjects:
        stands = told[uuid.UUID(subject)]
        assert (rows[subject].text, rows[subject].answer_kind) == (stands.shown("text"), stands.shown("answer")["kind"])
        assert rows[subject].called_at == stands.called_at
    in_order = sorted(rows.values(), key=lambda row: row.position)
    assert [row.asked_at for row in in_order] == sorted(row.asked_at for row in rows.values())
    assert db.session.get(Session, id_).live_version >= 5


def test_what_is_sent_while_the_chair_closes_the_session_is_applied_or_waits(fresh_app, session, head):
    id_, head_id = session.id, head.id

    def close() -> None:
        steps.move(db.session.get(Session, id_), Status.HELD, overrides={}, actor=actor(head_id), now=NOON)

    devices = [sending(session, head, [event(E.QUEUED, None, minute)]) for minute in range(4)]
    assert at_once(fresh_app, close, *devices) == [DONE] * 5
    states = [row.state for row in db.session.scalars(db.select(DeviceEvent))]
    assert len(states) == 4
    assert count(Speaker) == states.count("applied") == 4 - states.count("late")


def test_an_id_that_two_sessions_take_at_once_is_one_of_thems_and_the_other_hears_why(fresh_app, province, session, head):
    other = running(province, head)
    taken = [event(E.ASKED), event(E.CAME)]
    same_subject = [event(E.ASKED, taken[0]), event(E.CAME, taken[1])]
    devices = [Device(fresh_app, session, head), Device(fresh_app, other, head), Device(fresh_app, other, head)]
    answers: list[list[str]] = []

    def send(device: Device, events: list[dict[str, Any]]) -> Callable[[], None]:
        return lambda: answers.append(device(*events))

    pairs = [(devices[0], taken), (devices[1], taken), (devices[2], same_subject)]
    assert at_once(fresh_app, *(send(*pair) for pair in pairs)) == [DONE] * 3
    assert sum(states.count("applied") for states in answers) >= 2
    assert {state for states in answers for state in states} == {"applied", "refused"}
    assert count(Question) == count(Attendance) == 1


def test_a_question_that_another_session_took_meanwhile_is_not_written_by_this_one(fresh_app, province, session, head):
    other = running(province, head)
    asked = event(E.ASKED)
    recording.take(other, "máy 1", [read(asked)], actor=actor(head.id), now=NOON)
    db.session.commit()
    changed = read(asked | {"uid": str(uuid.uuid4()), "facts": asked["facts"] | {"text": "Câu khác của buổi khác"}})
    # As if it had been asked there between the look at what stands under the id and the writing.
    with pytest.raises(IntegrityError):
        folding.write(session, live.fold([changed]))
    db.session.rollback()
    assert [(row.session_id, row.text) for row in db.session.scalars(db.select(Question))] == [(other.id, asked["facts"]["text"])]


def test_what_comes_late_is_looked_at_again_where_another_session_took_it_meanwhile(fresh_app, province, session, head, monkeypatch):
    other = running(province, head)
    asked = event(E.ASKED)
    steps.move(session, Status.HELD, overrides={}, actor=actor(head.id), now=NOON)
    db.session.commit()
    assert Device(fresh_app, session, head)(asked) == ["late"]
    recording.take(other, "máy 2", [read(event(E.ASKED, asked))], actor=actor(head.id), now=NOON)
    db.session.commit()
    about, looks = recording._Doubts.about, []

    def not_seen_at_first(doubts, each):
        looks.append(each)
        return "" if len(looks) == 1 else about(doubts, each)

    monkeypatch.setattr(recording._Doubts, "about", not_seen_at_first)
    at_desk = AtDesk(fresh_app, head)
    sent = {"csrf_token": token(at_desk.client, desk(session, "/muon")), "uid": asked["uid"], "decision": "accept"}
    assert at_desk.client.post(desk(session, "/muon"), data=sent).status_code == 303
    db.session.rollback()
    late = db.session.scalars(db.select(DeviceEvent).where(DeviceEvent.session_id == session.id)).one()
    assert (late.state, late.facts["why"], len(looks)) == ("refused", "elsewhere", 2)
