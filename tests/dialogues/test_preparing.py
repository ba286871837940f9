"""What is made ready before the day: the checklist with its days, the report of public concerns, the report on earlier promises."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from app.access import NotAllowed
from app.assignments.rules import Duty, State
from app.calendar.queries import work_calendar
from app.database import db
from dialogues import checklist, concerns, earlier
from dialogues.models import ConclusionAssignment, Question, Session
from dialogues.operations import checklist as tasks
from dialogues.operations import reports, steps
from dialogues.operations.editing import Begun
from dialogues.rules import GUARDS, AnswerKind, Facts, Origin, QuestionState, Status, StepRefused
from feedback.models import Rating
from tests import factories
from tests.dialogues import builders
from tests.dialogues.builders import DAY
from tests.feedback.builders import MONDAY, at, received, taken, told
from tests.feedback.pages import post

ADDRESS = "/can-bo/doi-thoai"
TODAY = MONDAY.date()


# --- the checklist ---------------------------------------------------------------------------------------------------------


def test_every_row_serves_a_guard_or_a_step_that_there_is_or_is_ticked_by_hand():
    guards = {guard.name for each in GUARDS.values() for guard in each}
    for task in checklist.tasks().values():
        assert task.before in {"session", "announce"}
        assert task.guard in guards | {""}
        assert task.status in {*Status, ""}
        assert not (task.guard and task.status)


@pytest.mark.parametrize(
    ("before", "days", "due"),
    [
        # The session is on Monday 31/8, a day off that Saturday 22/8 is worked for; it may be announced until Monday 24/8.
        ("session", 0, dt.date(2026, 8, 31)),
        ("session", 1, dt.date(2026, 8, 28)),
        ("session", 5, dt.date(2026, 8, 24)),
        ("announce", 0, dt.date(2026, 8, 24)),
        ("announce", 1, dt.date(2026, 8, 22)),
        ("announce", 2, dt.date(2026, 8, 21)),
    ],
)
def test_days_are_counted_back_over_working_days(province, before, days, due):
    task = checklist.Task(code="x", title="x", before=before, days=days)
    assert checklist.due_on(task, DAY.date(), dt.date(2026, 8, 24), work_calendar()) == due


def test_without_a_day_or_a_calendar_there_is_no_due_day(province):
    task = checklist.Task(code="x", title="x", before="session", days=3)
    assert checklist.due_on(task, None, None, work_calendar()) is None
    assert checklist.due_on(task, dt.date(2099, 1, 6), None, work_calendar()) is None


@pytest.mark.parametrize(
    ("task", "facts", "status", "ticked", "done"),
    [
        ({"guard": "no_staff"}, {}, Status.DRAFT, True, False),
        ({"guard": "no_staff"}, {"staff_assigned": True}, Status.DRAFT, False, True),
        ({"status": "announced"}, {}, Status.PLANNED, True, False),
        ({"status": "announced"}, {}, Status.READY, False, True),
        ({"status": "announced"}, {}, Status.POSTPONED, False, False),
        ({}, {}, Status.DRAFT, False, False),
        ({}, {}, Status.DRAFT, True, True),
    ],
)
def test_a_fact_decides_where_there_is_one(task, facts, status, ticked, done):
    row = checklist.Task(code="x", title="x", before="session", days=1, **task)
    assert checklist.is_done(row, Facts(today=TODAY, **facts), status, ticked=ticked) is done


def test_the_checklist_follows_the_day_and_keeps_what_was_said(province, head, secretary):
    session = builders.draft(province)
    tasks.remake(session)
    db.session.flush()
    trial = next(task for task in session.tasks if task.code == "trial")
    tasks.hand(trial, secretary, "Mượn loa của nhà văn hóa.", actor=head, now=MONDAY)
    assert told(session) == {("task", secretary.name)}
    tasks.tick(trial, done=True, actor=secretary, now=MONDAY)
    session.starts_at = at(42, 8)
    tasks.remake(session)
    db.session.flush()
    assert len(session.tasks) == len(checklist.tasks())
    assert (trial.due_on, trial.owner, trial.done_at) == (dt.date(2026, 9, 11), secretary, MONDAY)
    announce = next(task for task in session.tasks if task.code == "announce")
    with pytest.raises(tasks.TaskSettled):
        tasks.tick(announce, done=True, actor=secretary, now=MONDAY)
    with pytest.raises(NotAllowed):
        tasks.tick(trial, done=False, actor=province.officer, now=MONDAY)


def test_the_checklist_on_its_page(client, province, secretary):
    session = builders.draft(province, starts_at=at(9, 8))
    tasks.remake(session)
    factories.sign_in(client, secretary)
    address = f"{ADDRESS}/{session.code}/chuan-bi"
    page = client.get(address).text
    assert f"Đã xong 2 trên {len(session.tasks)} việc." in page  # chairs and audience are set; no earlier promises
    assert "Quá hạn" in page
    assert "chưa xong thì chưa sang bước sau được" in page
    hall = next(task for task in session.tasks if task.code == "hall")
    post(client, f"{address}/{hall.id}", {"owner": str(secretary.id), "note": "Gọi bà Lan."})
    post(client, f"{address}/{hall.id}/xong", page=address)
    assert (hall.owner, hall.done_by) == (secretary, secretary)
    page = client.get(address).text
    assert f"Đã xong 3 trên {len(session.tasks)} việc." in page
    assert "Gọi bà Lan." in page
    post(client, f"{address}/{hall.id}/xong", {"chua": "1"}, page=address)
    assert hall.done_at is None


# --- public concerns ---------------------------------------------------------------------------------------------------------


def store(province, _head, _secretary):
    """Return a session of a ward in which people wrote: six items this year, two the year before, some that must not count."""
    here = {"place_id": province.place.id}
    for days in (-1, -30, -300):
        received(at(days), field_id=province.lighting.id, **here)
    received(at(-400), field_id=province.lighting.id, **here)
    for days in (-2, -500):
        received(at(days), **here)
    received(at(-800), **here)
    received(at(-3), place_id=factories.make_place().id)
    village = factories.make_place(kind="village", parent_id=province.place.id)
    quoted = received(at(-4), place_id=village.id, body="Nhà ông Nguyễn Văn Bí Mật mất nước.")
    quoted.public_text, quoted.published_at = "Nhà ông […] mất nước.", at(-3)
    accused = received(at(-5), **here)
    accused.accused_unit_id = province.ward.id
    split = received(at(-6), **here)
    split.status = "split"
    db.session.add(Rating(feedback=quoted, round=1, score=2, at=at(-1)))
    db.session.add(Rating(feedback=quoted, round=2, score=5, at=at(-1)))
    db.session.flush()
    return {"session": builders.draft(province)}


@pytest.fixture
def wrote(stored) -> Session:
    return stored["session"]


def test_the_figures_are_those_of_the_area_and_the_year(wrote, province):
    found = concerns.figures(wrote, TODAY)
    assert [(line.name, line.now, line.before) for line in found.lines] == [
        (province.lighting.name, 3, 1),
        (concerns.UNKNOWN, 2, 1),
    ]
    assert (found.received, found.before, found.ratings, found.low) == (5, 2, 2, 1)
    assert [line.name for line in found.rising] == [province.lighting.name, concerns.UNKNOWN]
    assert (found.since, found.until) == (dt.date(2025, 8, 4), TODAY)


def test_what_waits_past_its_day_is_counted(province):
    item = taken(province, place_id=province.place.id)
    for clock in item.clocks:
        clock.due_on = TODAY
    db.session.flush()
    session = builders.draft(province)
    assert [concerns.figures(session, TODAY + dt.timedelta(days=later)).late for later in (0, 1)] == [0, 1]


def test_the_officer_says_over_how_many_months(client, wrote, secretary):
    found = concerns.figures(wrote, TODAY, months=3)
    assert ([(line.now, line.before) for line in found.lines], found.since) == ([(2, 0), (2, 0)], dt.date(2026, 5, 5))
    factories.sign_in(client, secretary)
    page = client.get(f"{ADDRESS}/{wrote.code}/du-luan?thang=3").text
    assert "gửi 4 ý kiến; 3 tháng trước đó là 0 ý kiến" in page


def test_the_quotes_are_of_what_most_was_written_about_first(wrote, province):
    lamp = received(at(-200), place_id=province.place.id, field_id=province.lighting.id)
    lamp.public_text, lamp.published_at = "Đèn tắt.", at(-199)
    db.session.flush()
    assert [quote.text for quote in concerns.figures(wrote, TODAY).quotes] == ["Đèn tắt.", "Nhà ông […] mất nước."]


def test_only_what_was_masked_and_published_is_quoted(wrote):
    text = concerns.draft(concerns.figures(wrote, TODAY))
    assert "Nhà ông […] mất nước." in text
    assert "Bí Mật" not in text
    assert "tăng 2 ý kiến" in text


def test_nothing_was_written(province):
    text = concerns.draft(concerns.figures(builders.draft(province), TODAY))
    assert text.endswith("không có ý kiến nào của người dân trên địa bàn gửi đến.")


def test_the_officer_edits_the_report_and_says_when_it_is_done(client, wrote, secretary):
    address = f"{ADDRESS}/{wrote.code}/du-luan"
    factories.sign_in(client, secretary)
    assert "5 ý kiến; 12 tháng trước đó là 2 ý kiến" in client.get(address).text
    post(client, address, {"text": "Dân hỏi nhiều về nước sạch.", "luu": "1"})
    assert (wrote.concerns, wrote.concerns_done_at) == ("Dân hỏi nhiều về nước sạch.", None)
    assert "Dân hỏi nhiều về nước sạch." in client.get(address).text
    assert "12 tháng trước đó là 2 ý kiến" in client.get(f"{address}?soan-lai=1").text
    assert post(client, address, {"text": " ", "xong": "1"}).status_code == 422
    post(client, address, {"text": "Dân hỏi nhiều về nước sạch.", "xong": "1"})
    assert wrote.concerns_done_at is not None
    post(client, address, {"text": "Còn sửa.", "luu": "1"})
    assert wrote.concerns_done_at is None


def test_a_report_that_a_ready_session_needs_stays_done(province, head):
    session = builders.session_at(province, head, Status.READY)
    reports.write_concerns(session, "Thêm một ý.", done=False, actor=head, now=at(27))
    assert session.concerns_done_at == MONDAY
    with pytest.raises(reports.ReportEmpty):
        reports.write_concerns(session, "  ", done=False, actor=head, now=at(27))


# --- earlier promises ----------------------------------------------------------------------------------------------------------


def promise(session: Session, unit: Any, **over: Any) -> ConclusionAssignment:
    """Return a stored promise of *session*."""
    values = {"duty": Duty.ACT, "title": "Lắp đèn đường tổ 4", "due_on": dt.date(2026, 8, 20), "state": State.TAKEN, "opened_at": MONDAY}
    made = ConclusionAssignment(session=session, unit=unit, **values | over)
    db.session.add(made)
    db.session.flush()
    return made


@pytest.fixture
def before(province, head) -> Session:
    """A session that the ward held at the end of August."""
    return builders.session_at(province, head, Status.CONCLUDED)


@pytest.fixture
def following(province, before) -> Session:
    """The next one, announced, four weeks later."""
    session = builders.draft(province, starts_at=DAY + dt.timedelta(days=28), ends_at=None, status=Status.ANNOUNCED)
    session.concerns, session.concerns_done_at = "Dân hỏi về đèn đường.", at(50)
    return session


def test_an_open_promise_is_not_done_and_needs_its_word(province, before, following, head):
    open_ = promise(before, province.works)
    with pytest.raises(StepRefused) as refused:
        steps.move(following, Status.READY, overrides={}, actor=head, now=at(50))
    assert refused.value.lacks == ("promises_without_word",)
    reports.say_why(following, open_.id, "Chờ vốn quý IV.", actor=head, now=at(50))
    steps.move(following, Status.READY, overrides={}, actor=head, now=at(51))
    assert [(row.title, row.done, row.why_not) for row in following.earlier] == [("Lắp đèn đường tổ 4", False, "Chờ vốn quý IV.")]


def test_it_is_frozen_when_the_session_is_ready_and_looked_at_again_when_that_is_put_off(province, before, following, head):
    duty = promise(before, province.works, state=State.DONE, closed_at=at(40))
    steps.move(following, Status.READY, overrides={}, actor=head, now=at(51))
    duty.state, duty.closed_at = State.TAKEN, None
    db.session.flush()
    assert [each.done for each in earlier.promises(following)] == [True]
    with pytest.raises(reports.PromisesFrozen):
        reports.say_why(following, duty.id, "Hỏng lại.", actor=head, now=at(52))
    steps.put_off(following, Status.POSTPONED, why="Bão.", actor=head, now=at(52))
    assert [each.done for each in earlier.promises(following)] == [False]


def test_what_was_reported_as_done_is_not_told_again_unless_it_is_open_again(province, before, following, head):
    done = promise(before, province.works, state=State.VERIFIED, closed_at=at(40))
    open_ = promise(before, province.health, title="Mở trạm y tế")
    reports.say_why(following, open_.id, "Chờ bàn giao.", actor=head, now=at(50))
    steps.move(following, Status.READY, overrides={}, actor=head, now=at(51))
    following.status, following.held_at = Status.HELD, at(56)
    third = builders.draft(province, starts_at=at(90, 8))
    assert [(each.title, each.why_not) for each in earlier.promises(third)] == [("Mở trạm y tế", "")]
    done.state = State.TAKEN
    db.session.flush()
    assert {each.assignment_id for each in earlier.promises(third)} == {done.id, open_.id}


def test_an_answer_that_was_put_off_is_a_promise_too(province, before, following):
    items = taken(province), taken(province)
    question = Question(
        session_id=before.id, feedback=items[0], origin=Origin.FLOOR, state=QuestionState.ACCEPTED, text="Bao giờ có nước sạch?",
        asked_at=DAY, answer_kind=AnswerKind.IN_WRITING, promised_on=dt.date(2026, 9, 5),
    )  # fmt: skip
    other = Question(
        session_id=before.id, feedback=items[1], origin=Origin.WEB, state=QuestionState.ACCEPTED, text="X", asked_at=DAY,
        answer_kind=AnswerKind.BY_CHAIR,
    )  # fmt: skip
    db.session.add_all([question, other])
    db.session.flush()
    [owed] = earlier.promises(following)
    assert (owed.title, owed.unit_name, owed.due_on, owed.done) == (
        "Bao giờ có nước sạch?",
        province.works.name,
        dt.date(2026, 9, 5),
        False,
    )
    # Beyond the chair's authority a petition goes with it: one matter, one line, done when both are.
    question.answer_kind = AnswerKind.FORWARDED
    petition = promise(before, province.ward, question=question, beyond="Sở Tài chính", state=State.DONE, closed_at=at(40))
    answer = next(each for each in items[0].assignments if each.duty == Duty.ANSWER)
    for state, closed_at, done in ((State.TAKEN, None, False), (State.DONE, at(35), True)):
        answer.state, answer.closed_at = state, closed_at
        db.session.flush()
        [owed] = earlier.promises(following)
        assert (owed.assignment_id, owed.title, owed.done) == (answer.id, "Bao giờ có nước sạch? (kiến nghị Sở Tài chính)", done)
    assert owed.done_on == petition.closed_at.date()


def test_other_units_and_later_sessions_are_not_its_business(province, before, following, head):
    promise(before, province.works)
    stranger = Session(code="BN-DT-25-001", unit=province.works, topic="Cầu", created_at=MONDAY, starts_at=at(60))
    db.session.add(stranger)
    db.session.flush()
    assert earlier.promises(stranger) == []
    assert earlier.promises(before) == []


def test_the_reasons_are_written_on_the_page(client, province, before, following, secretary):
    duty = promise(before, province.works, outcome="Đã khảo sát.")
    kept = promise(before, province.health, title="Dọn rác", state=State.DONE, closed_at=at(40))
    other = promise(before, province.health, title="Đặt thùng rác")
    factories.sign_in(client, secretary)
    address = f"{ADDRESS}/{following.code}/cam-ket-ky-truoc"
    page = client.get(address).text
    assert "Chưa làm xong, chưa ghi lý do" in page
    assert "Đã làm xong" in page
    assert all('aria-current="true">Chuẩn bị</a>' in client.get(each).text for each in (address, f"{ADDRESS}/{following.code}/du-luan"))
    asked = client.get(f"{address}/{duty.id}").text
    assert "Đơn vị ghi: Đã khảo sát." in asked
    assert "Đang làm, còn trong hạn đến" in asked
    assert post(client, f"{address}/{duty.id}", {"why": ""}).status_code == 422
    for done, then in ((duty, f"{address}/{other.id}"), (other, address)):  # one after the other, then back to the list
        assert post(client, f"{address}/{done.id}", {"why": "Chờ vốn quý IV."}).location == then
    assert "Chờ vốn quý IV." in client.get(address).text
    assert "đã làm xong" in post(client, f"{address}/{kept.id}", {"why": "X"}).text
    assert client.get(f"{address}/999999").status_code == 404


def test_what_was_reported_is_not_changed_once_it_was_held(province, before, head):
    with pytest.raises(Begun):
        reports.say_why(before, 1, "X", actor=head, now=DAY)
