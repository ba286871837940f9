"""Who is taken out of an item goes from every session, letter and note that names them; the record stays whole."""

from __future__ import annotations

import pytest

from app import clock
from app.assignments.rules import State
from app.chain import operations as chain
from app.chain import verifying
from app.clock import local_date
from app.database import Base, db
from dialogues.models import MinutesVersion, Question
from dialogues.rules import AnswerKind, Status
from feedback.personal import erasing, operations
from feedback.personal.rules import RequestKind
from feedback.rules import Status as ItemStatus
from oversight.models import WatchNote
from tests.dialogues import builders
from tests.dialogues.asking import question
from tests.feedback.builders import at, sender_key

pytestmark = pytest.mark.strictest_database

BODY = "Tôi là Trần Văn Hợp, tran van hop, gọi 0912 345 678. Bao giờ chi trả đền bù?"
NAMES = ("Trần Văn Hợp", "trần văn hợp", "tran van hop", "0912345678", "0912 345 678", "0912.345.678", "hop@example.com", "Tổ dân phố 4")


def standing() -> set[str]:
    """Return where one of the names stands: in which column of which table."""
    found = set()
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(db.select(table)).mappings():
            for column, value in row.items():
                text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                if any(name in text for name in NAMES):
                    found.add(f"{table.name}.{column}")
    return found


@pytest.fixture
def asked(app, province, head, monkeypatch) -> Question:
    """A question sent before a session that repeats its asker's name in what others wrote there."""
    monkeypatch.setattr(clock, "now", lambda: at(31))
    session = builders.session_at(province, head, Status.READY)
    made = question(session, body=BODY, publish_consent=True)
    made.answer_kind, made.answer = AnswerKind.BY_CHAIR, "Trả lời ông Hợp, số 0912.345.678: tháng sau."
    made.public_text, made.public_answer = "Bao giờ chi trả?", "Tháng sau."
    session.conclusion = "Giao Sở Tài chính trả lời ông trần văn hợp và bà Nguyễn Thị Lan."
    session.minutes.append(MinutesVersion(number=1, text="Ông Trần  Văn Hợp hỏi.", at=at(31)))
    made.feedback.status, made.feedback.closed_at = ItemStatus.CLOSED, at(30)
    duty = made.feedback.assignments[0]
    duty.state = State.DONE
    db.session.add(WatchNote(assignment_id=duty.id, user_id=head.id, unit_id=head.unit_id, body="Gọi hop@example.com. Hỏi lại.", at=at(31)))
    db.session.flush()
    return made


def test_after_the_erasure_no_name_stands_in_any_table_and_the_record_is_whole(asked, province):
    item, key = asked.feedback, sender_key(asked.feedback)
    assert {
        "feedback.body",
        "question.text",
        "dialogue_session.conclusion",
        "question.answer",
        "question.comes_from",
        "watch_note.body",
    } <= standing()
    chain.seal(now=at(31), everything=True)
    db.session.commit()
    request = operations.ask(item, key, RequestKind.ERASURE, now=at(31))
    free = erasing.pieces(item, key)
    assert {"Giao Sở Tài chính trả lời ông […] và bà Nguyễn Thị Lan."} <= {piece.suggestion for piece in free}
    left = [piece.suggestion for piece in free]
    operations.agree(request, left, seen=erasing.digest(free), actor=province.clerk, now=at(32))
    db.session.flush()
    db.session.expire_all()
    assert standing() == set()
    assert (asked.asker, asked.phone) == (None, None)
    assert "chi trả đền bù" in asked.text
    chain.seal(now=at(32), everything=True)
    db.session.commit()
    report = verifying.verify((), today=local_date(at(32)))
    assert report.links > 0
    assert {fault.kind for fault in report.faults} <= {"grant_untold"}, "of the test's own people nobody told the record"
