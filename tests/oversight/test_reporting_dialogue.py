"""The section on dialogues of a report: what was planned, held, asked, answered, promised, and what is not done and why."""

from __future__ import annotations

import datetime as dt

import pytest

from app.assignments.rules import Duty, State
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from dialogues.duties import Span
from dialogues.models import Attendance, ConclusionAssignment, EarlierPromise, Question, Session
from dialogues.operations.duties import load_shipped as load_meeting_duties
from dialogues.rules import AnswerKind, Origin, QuestionState, Status
from oversight import papers as made
from oversight.operations import report_duties
from oversight.operations import reports as operations
from oversight.reports import dialogue as reporting_dialogue
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.factories import make_user

EARLY = dt.datetime(2026, 1, 1, 8, 0, tzinfo=LOCAL)
LATE = dt.datetime(2026, 11, 20, 9, 0, tzinfo=LOCAL)
WHOLE = Span(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


@pytest.fixture
def head(province):
    return make_user(unit=province.ward, roles=[Role.HEAD], title="Chủ tịch UBND phường")


@pytest.fixture
def held(province, head) -> Session:
    """A session of the plan with four questions, three of them answered, and two promises, one of them kept."""
    session = builders.session_at(province, head, Status.PUBLISHED)
    for position, kind in enumerate((AnswerKind.BY_CHAIR, AnswerKind.BY_CHAIR, AnswerKind.BY_DELEGATE, AnswerKind.IN_WRITING)):
        question = Question(
            session_id=session.id, origin=Origin.FLOOR, state=QuestionState.ACCEPTED, for_the_day=True, position=position,
            text="Bao giờ có đèn?", answer_kind=kind, asked_at=DAY,
        )  # fmt: skip
        question.asker = "Trần Hữu Đức"
        session.questions.append(question)
    for title, state in (("Lắp đèn đường … như đã nói.", State.TAKEN), ("Nạo vét mương", State.DONE)):
        session.promises.append(
            ConclusionAssignment(
                unit=province.works, duty=Duty.ACT, title=title, due_on=dt.date(2026, 10, 30), state=state, opened_at=DAY,
                closed_at=LATE if state == State.DONE else None,
            )
        )  # fmt: skip
    session.attendances.append(Attendance(session_id=session.id, comes_from="tổ 4", people=41, at=DAY))
    db.session.flush()
    return session


def counted(province, unit=None, span=WHOLE):
    return reporting_dialogue.dialogues(unit or province.ward, span, LATE.date())


def test_it_counts_what_was_planned_held_asked_answered_and_kept(province, held):
    found = counted(province)
    assert (found.planned, found.sessions, found.unplanned, found.people) == (1, [held], 0, 41)
    assert found.answers == {AnswerKind.BY_CHAIR: 2, AnswerKind.BY_DELEGATE: 1, AnswerKind.IN_WRITING: 1}
    assert (found.made, found.kept, found.concluded, found.published, found.archived) == (2, 1, 1, 1, 0)
    assert [(each.due_on, each.late) for each in found.left] == [(dt.date(2026, 10, 30), True)]


def test_the_units_above_count_it_and_no_other_and_no_other_period(province, held):
    assert counted(province, province.root).sessions == [held]
    assert counted(province, province.works).sessions == []
    before = counted(province, span=Span(dt.date(2026, 1, 1), dt.date(2026, 6, 30)))
    assert (before.sessions, before.planned, before.people, before.left) == ([], 0, 0, [])


def test_a_session_without_a_plan_is_told_apart_and_one_put_off_is_not_held(province, head, held):
    builders.draft(province, status=Status.HELD, held_at=DAY, plan_line_id=None)
    builders.draft(province, status=Status.POSTPONED)
    builders.draft(province, status=Status.CANCELLED, starts_at=DAY.replace(year=2025))
    found = counted(province)
    assert (len(found.sessions), found.unplanned, found.put_off) == (2, 1, 1)


def test_the_paper_says_it_in_words_with_the_last_reason_and_nothing_left_to_write(province, head, held):
    load_meeting_duties(now=EARLY)
    report_duties.load_shipped(now=EARLY)
    open_, _kept = held.promises
    for why in ("chờ vốn", "chưa bố trí được vốn; chờ kỳ họp."):
        later = builders.draft(province)
        later.earlier.append(EarlierPromise(session_id=later.id, assignment=open_, title="x", unit_name="y", done=False, why_not=why))
    db.session.flush()
    report = operations.begin(province.ward, report_duties.BOOK.of("BC_NAM")[-1], 2026, actor=head, now=LATE)
    text = next(section["text"] for section in made.body_of(report.paper)["sections"] if section["name"] == "dialogue")
    for said in (
        "Kế hoạch trong kỳ có 1 buổi; đã tổ chức 1 buổi đối thoại (0 buổi ngoài kế hoạch), 41 lượt người dự.",
        "có 1 đơn vị phải đối thoại, 1 đơn vị đã đủ số buổi.",
        "Nhân dân nêu 4 ý kiến, kiến nghị: người chủ trì trả lời tại chỗ 2, người được phân công trả lời tại chỗ 1,",
        "bằng văn bản 1 (đã trả lời 0, chưa trả lời 1), chuyển cấp có thẩm quyền 0.",
        "Việc đã cam kết tại các buổi: 2; đã thực hiện 1, chưa thực hiện 1.",
        f"- Lắp đèn đường ... như đã nói: {province.works.name}, hạn 30/10/2026, đã quá hạn; lý do: chưa bố trí được vốn; chờ kỳ họp.",
    ):
        assert said in text
    assert "…" not in text


def test_a_unit_without_sessions_says_that_it_held_none(province):
    found = counted(province, province.works)
    assert (found.sessions, found.made, found.left, found.owing) == ([], 0, [], 0)
