"""The same form sent twice at the same moment, on a database where commits are commits: one question, one line in the thread."""

from __future__ import annotations

import pytest

from app import clock
from app.access import SENDER
from app.database import db
from app.permissions import Role
from dialogues import queries
from dialogues.models import Question, Support
from dialogues.operations import asking
from dialogues.rules import QuestionState, Status
from feedback.models import Feedback, Message
from tests import factories
from tests.dialogues import builders
from tests.dialogues.asking import ASKED, asked
from tests.feedback import builders as items
from tests.feedback.test_races import DONE, at_once


@pytest.fixture
def province(fresh_app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: ASKED)
    return items.make_province()


def count(model) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(model))


def test_questions_and_supports_sent_at_once_are_counted_once(fresh_app, province):
    session = builders.session_at(province, factories.make_user(unit=province.ward, roles=[Role.HEAD]), Status.ANNOUNCED)
    code, receipt = session.code, items.submit()
    new, goes_on = asked(token="new"), asked(token="goes on", earlier_code=receipt.code, earlier_key=receipt.key)

    def ask(each):
        return lambda: asking.ask(queries.by_code(code), each, actor=SENDER, now=ASKED)

    assert at_once(fresh_app, *map(ask, (new, new, new, goes_on, goes_on))) == [DONE] * 5
    assert (count(Question), count(Feedback), count(Message)) == (2, 2, 1)

    shown = db.session.scalar(db.select(Question))
    shown.state, shown.public_text = QuestionState.ACCEPTED, "Bao giờ chi trả đền bù?"
    id_ = shown.id

    def support(device):
        return lambda: asking.support(db.session.get(Question, id_), device, now=ASKED)

    assert at_once(fresh_app, *map(support, "aaba")) == [DONE] * 4
    assert count(Support) == 2
