"""What was said in the hall is not lost for the unit that still owes the written answer."""

from __future__ import annotations

import pytest

from app.database import db
from app.permissions import Role
from dialogues.models import Question
from dialogues.operations import concluding, screening
from dialogues.operations.concluding import Answer
from dialogues.rules import AnswerKind, QuestionState, Status
from feedback.operations import papers, unit
from feedback.rules import PaperType
from tests import factories
from tests.dialogues import asking, builders
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk
from tests.feedback.builders import at

#: A page and a paper: what they do to the database is tested on both where it is done.
pytestmark = pytest.mark.strictest_database

SAID = "Phường chi trả trong tháng 9.\nHộ bà Nguyễn Thị Lan nhận trước."


@pytest.fixture
def session(province, head):
    return builders.session_at(province, head, Status.ANNOUNCED)


def hold(session, head, question: Question, answer: Answer) -> None:
    """Hold *session*: the question that was chosen for the day is answered there."""
    session.status = Status.IN_SESSION
    concluding.record_answer(question, answer, actor=head, now=DAY)
    session.status, session.held_at = Status.HELD, DAY
    db.session.flush()


CHAIR, DELEGATE = "Nguyễn Thị Bình, Chủ tịch Ủy ban nhân dân phường", "Lê Văn Hưng, Trưởng phòng Kinh tế"


@pytest.mark.parametrize(
    ("kind", "said_by"),
    [
        (AnswerKind.BY_CHAIR, f"chủ trì ({CHAIR}) đã trả lời:"),
        (AnswerKind.BY_DELEGATE, f"đại biểu ({DELEGATE}) đã trả lời:"),
        (AnswerKind.IN_WRITING, f"chủ trì ({CHAIR}) đã hẹn trả lời bằng văn bản và cho biết:"),
    ],
)
def test_the_written_answer_begins_with_what_was_said_and_the_officer_reads_it_beside(app, province, head, session, kind, said_by):
    asked = asking.question(session)
    screening.choose(session, [asked], for_the_day=True, actor=head, now=at(16))
    hold(session, head, asked, Answer(kind, SAID, by=DELEGATE))
    officer, item = factories.make_user(unit=province.ward, roles=[Role.OFFICER]), asked.feedback
    unit.take(item, actor=officer, now=DAY)
    desk, first = AtDesk(app, officer), SAID.splitlines()[0]
    page = desk.get(f"/can-bo/y-kien/{item.code}")
    assert ("Đã trả lời tại buổi đối thoại" in page) is (kind is not AnswerKind.IN_WRITING)
    assert first in page
    assert f'/doi-thoai/{session.code}"' in page
    drafted = papers.draft(item, PaperType.REPLY, actor=officer, now=at(29))
    assert drafted.body == f"Tại buổi đối thoại {session.code} ngày 31/8/2026, {said_by}\n{SAID}"
    assert desk.get(f"/can-bo/y-kien/{item.code}/van-ban/{drafted.id}").count(first) == 2  # beside, and in the draft
    papers.discard(drafted, actor=officer, now=at(29))
    assert papers.draft(item, PaperType.GUIDE, actor=officer, now=at(29)).body == ""


def test_who_was_answered_together_with_another_reads_what_was_said_without_the_names(province, head, session):
    first, second = asking.question(session), asking.question(session, body="Đền bù bao giờ trả?")
    screening.choose(session, [first], for_the_day=True, actor=head, now=at(16))
    screening.put_together(session, [second], first, actor=head, now=at(16))
    officer = factories.make_user(unit=province.ward, roles=[Role.OFFICER])
    unit.take(second.feedback, actor=officer, now=at(17))
    before = papers.draft(second.feedback, PaperType.REPLY, actor=officer, now=at(17))
    assert before.body == ""
    papers.discard(before, actor=officer, now=at(17))
    hold(session, head, first, Answer(AnswerKind.BY_CHAIR, SAID))
    drafted = papers.draft(second.feedback, PaperType.REPLY, actor=officer, now=at(29))
    assert "Phường chi trả trong tháng 9." in drafted.body
    assert "Nguyễn Thị Lan" not in drafted.body
    assert (second.state, db.session.get(Question, second.id).like) == (QuestionState.LIKE_ANOTHER, first)
