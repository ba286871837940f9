"""What time does: items are closed, keys forgotten, people reminded, mornings summed up, days counted again."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock, settings
from app.access import SYSTEM, NotAllowed
from app.accounts import operations as accounts
from app.audit import entries_about
from app.calendar import operations as calendar
from app.calendar.days import DayKind
from app.calendar.models import CalendarYear
from app.calendar.queries import work_calendar
from app.database import db
from app.escalation import climbing
from app.escalation.operations import load_shipped
from app.letters import letter, sentence
from app.outbox import Channel, Notice
from app.permissions import Role
from app.units import operations as units
from app.units.models import UnitSuccession
from feedback import jobs, ladder, queries, timeline
from feedback.ladder import Level
from feedback.models import ReceiptKey, RoutingRule
from feedback.operations import merging, recounting, reminding, sender, succeeding, unit
from feedback.operations.unit import NotInUnit
from feedback.rules import Status
from tests import factories
from tests.feedback import builders, pages
from tests.feedback.builders import MONDAY, actions, at, told

DUE = dt.date(2026, 8, 17)


@pytest.fixture
def province(app):
    load_shipped(now=MONDAY)
    return builders.make_province()


@pytest.fixture
def today(monkeypatch):
    """Play on a day: the jobs ask the clock."""

    def play(instant: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    return play


def reminded(subject) -> set[tuple[str, str]]:
    return {(template, name) for template, name in told(subject) if template in set(Level)}


# --- closing, forgetting ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "status"), [(15, Status.ANSWERED), (16, Status.CLOSED), (60, Status.CLOSED)])
def test_an_answer_is_closed_when_the_days_for_rating_are_over(province, today, days, status):
    feedback = builders.answered(province)
    today(at(days))

    jobs.close_after_rating_days()
    jobs.close_after_rating_days()

    assert feedback.status == status
    assert actions(feedback).count("feedback.closed") == (status == Status.CLOSED)


def test_what_was_reopened_is_not_closed(province, today):
    feedback = builders.answered(province)
    sender.reopen(feedback, builders.sender_key(feedback), "Chưa xong.", now=at(3))
    today(at(60))
    jobs.close_after_rating_days()
    assert feedback.status == Status.IN_HAND


@pytest.mark.parametrize(("hours", "kept"), [(23, True), (25, False)])
def test_the_copy_of_a_key_is_forgotten_after_a_day_and_the_key_still_opens(province, today, hours, kept):
    receipt = builders.submit()
    today(MONDAY + dt.timedelta(hours=hours))

    jobs.purge_key_copies()

    row = db.session.scalar(db.select(ReceiptKey).where(ReceiptKey.feedback_id == receipt.feedback.id))
    db.session.refresh(row)
    assert (row.copy_sealed is not None) is kept
    assert queries.key_of(receipt.feedback, receipt.key) == row


# --- the ladder -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("day", "levels"),
    [  # due on Monday 17/8/2026; a term of a day or two is not announced
        (dt.date(2026, 8, 17), []),
        (dt.date(2026, 8, 18), [Level.OVERDUE]),
        (dt.date(2026, 8, 21), [Level.OVERDUE]),  # Friday: four after
        (dt.date(2026, 8, 24), [Level.OVERDUE, Level.ESCALATED]),  # the next Monday: five
        (dt.date(2036, 1, 1), [Level.OVERDUE, Level.ESCALATED]),  # beyond the loaded calendar
    ],
)
def test_a_short_term_is_reminded_of_in_two_steps(day, levels):
    assert ladder.reached(DUE, day, work_calendar()) == levels


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("level", [Level.OVERDUE, Level.ESCALATED])
@pytest.mark.parametrize("today", [dt.date(2026, 8, 17), dt.date(2026, 8, 22), dt.date(2026, 9, 4), dt.date(2036, 1, 1)])
def test_the_latest_day_that_has_reached_a_step_is_the_last_of_which_it_is_said(level, today):
    latest = ladder.latest(level, today, work_calendar())
    for days in range(-20, 1):
        due_on = today + dt.timedelta(days=days)
        assert (level in ladder.reached(due_on, today, work_calendar())) == (due_on <= latest)


def test_what_was_told_is_not_even_read_again(province, today):
    factories.make_user(unit=province.root, roles=[Role.HEAD], name="Chủ tịch Thử")  # else nobody hears of the second step
    builders.offered(province)
    builders.received()
    today(at(21))
    assert len(list(reminding.remind(clock.today(), work_calendar(), now=clock.now()))) == 2
    db.session.commit()
    assert not [debts for debts in reminding._debts(clock.today(), work_calendar()) if debts]


def remind() -> None:
    """A working morning: short terms are reminded of, promises climb."""
    jobs.remind()
    climbing.climb()


def test_officer_then_head_then_the_unit_above_are_told_once_each(province, today):
    chairman = factories.make_user(unit=province.root, roles=[Role.HEAD], name="Chủ tịch Thử")
    feedback = builders.taken(province)
    steps = [
        (at(9), set()),  # Wednesday before
        (at(10), {("due_soon", province.officer.name)}),
        (at(15), {("overdue", province.officer.name), ("overdue", province.head.name)}),
        (at(21), {("escalated", chairman.name)}),
        (at(43), set()),
    ]
    seen: set[tuple[str, str]] = set()
    for instant, new in steps:
        today(instant)
        remind()
        remind()  # a job may run twice
        assert reminded(feedback) - seen == new
        seen |= new
    assert db.session.scalar(db.select(db.func.count()).where(Notice.template.like("%/overdue"), Notice.channel == Channel.SITE)) == 2


def test_where_nobody_has_it_everyone_in_the_unit_is_reminded(province, today):
    feedback = builders.offered(province)
    today(at(10))
    remind()
    handlers = {province.officer.name, province.colleague.name, province.head.name, province.deputy.name}
    assert {name for template, name in reminded(feedback) if template == "due_soon"} == handlers


def test_a_unit_that_neither_takes_nor_returns_is_told_with_its_head(province, today):
    feedback = builders.offered(province)
    clock_due = feedback.open_answer.clocks[0].due_on
    today(dt.datetime.combine(clock_due + dt.timedelta(days=1), dt.time(7), tzinfo=clock.LOCAL))
    remind()
    assert ("overdue", province.head.name) in reminded(feedback)
    assert ("overdue", province.officer.name) in reminded(feedback)


def test_what_lies_at_the_desk_too_long_is_told_to_the_desk_and_its_head(province, today):
    feedback = builders.received()
    today(at(2))
    remind()
    assert reminded(feedback) == {("overdue", province.clerk.name), ("overdue", province.desk_head.name)}


def test_the_accused_hears_nothing_even_as_the_superior(province, today):
    chairman = factories.make_user(unit=province.root, roles=[Role.HEAD], name="Chủ tịch Thử")
    feedback = builders.received(accused_unit_id=province.root.id)
    today(at(21))
    remind()
    assert {name for _, name in reminded(feedback)} == {province.clerk.name, province.desk_head.name}
    assert ("escalated", chairman.name) not in reminded(feedback)


def test_what_waits_for_the_sender_is_not_reminded_of(province, today):
    feedback = builders.taken(province)
    unit.ask(feedback, "Số nhà nào?", actor=province.officer, now=at(1))
    today(at(21))
    remind()
    assert reminded(feedback) == set()


def test_what_is_done_is_not_reminded_of(province, today):
    feedback = builders.answered(province)
    today(at(21))
    remind()
    assert reminded(feedback) == set()


@pytest.mark.parametrize("day", [at(12), dt.datetime(2026, 9, 2, 7, tzinfo=clock.LOCAL)])  # a Saturday, the National Day
def test_nobody_is_reminded_on_a_day_off(province, today, day):
    feedback = builders.taken(province)
    today(day)
    remind()
    assert reminded(feedback) == set()


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("make", [builders.taken, builders.offered, lambda province: builders.received()])
def test_every_reminder_can_be_written(app, province, today, level, make, locale):
    chairman = factories.make_user(unit=province.root, roles=[Role.HEAD])
    for user in (chairman, *(value for value in vars(province).values() if hasattr(value, "locale") and hasattr(value, "email"))):
        user.locale = locale
    feedback = make(province)
    today(at(10) if level is Level.DUE_SOON else at(25))
    remind()
    rows = db.session.scalars(db.select(Notice).where(Notice.template == f"feedback/notices/{level}")).all()
    for row in rows:
        if row.channel == Channel.SITE:
            with app.test_request_context(headers={"Accept-Language": locale}):
                assert feedback.code in sentence(row)
        else:
            written = letter(row)
            assert feedback.code in written.subject
            assert f"/can-bo/y-kien/{feedback.code}" in written.text
            assert f"/can-bo/y-kien/{feedback.code}" in written.html
            assert builders.BODY not in written.text
    assert rows or (level is Level.DUE_SOON and feedback.open_answer is None)


# --- the morning ------------------------------------------------------------------------------------------------------------


def digests() -> dict[str, Notice]:
    rows = db.session.scalars(db.select(Notice).where(Notice.template == "feedback/notices/digest"))
    return {row.user.name: row for row in rows}


def test_the_morning_sums_up_what_awaits_each_person_once(province, today):
    builders.taken(province)
    builders.offered(province, at(3))
    builders.received(now=at(14))
    builders.submitted_reply(province, builders.taken(province, at(10)), at(11))
    today(at(15, 7))

    jobs.send_digests()
    jobs.send_digests()

    sent = digests()
    assert set(sent) >= {province.officer.name, province.head.name, province.clerk.name}
    assert province.health_officer.name not in sent  # nothing awaits them
    assert {name: value for name, value in sent[province.head.name].facts.items() if name != "day_on"} == {
        "late": 1, "today": 0, "soon": 1, "offered": 1, "promised_late": 0, "desk": 0, "papers": 1, "numbers": 0,
    }  # fmt: skip
    assert sent[province.clerk.name].facts["desk"] == 1
    written = letter(sent[province.head.name])
    assert written.subject == "1 việc quá hạn sáng 18/8/2026"
    assert "- 1 văn bản chờ duyệt, ký: " in written.text
    assert "chờ ghi số" not in written.text
    assert "1 việc quá hạn trả lời" in written.html


@pytest.mark.parametrize(
    ("prepare", "day"),
    [
        (lambda province: None, at(12, 7)),  # Saturday
        (lambda province: setattr(province.officer, "preferences", {"digest": False}), at(15, 7)),
        (lambda province: setattr(province.officer, "active", False), at(15, 7)),
    ],
)
def test_no_digest_on_days_off_nor_to_who_does_not_want_it(province, today, prepare, day):
    builders.taken(province)
    prepare(province)
    db.session.flush()
    today(day)
    jobs.send_digests()
    assert province.officer.name not in digests()


# --- the calendar changes -----------------------------------------------------------------------------------------------------


def test_a_new_day_off_moves_open_days_and_is_written_down(province):
    feedback = builders.taken(province)
    closed = builders.answered(province)
    calendar.add_day(dt.date(2026, 8, 12), kind=DayKind.LOCAL_OFF, name="Bão", source="Công điện", actor=SYSTEM, now=at(1))

    assert recounting.recount(actor=SYSTEM, now=at(1)) >= 1
    assert recounting.recount(actor=SYSTEM, now=at(1)) == 0

    assert (feedback.clock("reply").due_on, feedback.open_answer.due_on) == (dt.date(2026, 8, 18), dt.date(2026, 8, 18))
    assert closed.clock("reply").due_on == DUE
    entry = next(entry for entry in entries_about(feedback.clock("reply")) if entry.action == "clock.recomputed")
    assert entry.facts == {"stage": "reply", "was": "2026-08-17", "due_on": "2026-08-18", "why": "calendar"}
    told = "Lịch nghỉ thay đổi nên tính lại hạn: Trả lời chậm nhất thứ\u00a0Ba, 18/8/2026, trước là thứ\u00a0Hai, 17/8/2026"
    assert told in [line["title"] for line in timeline.of_sender(feedback)]


def test_the_day_of_an_item_moves_when_one_merged_into_it_does(province):
    one, two = builders.received(), builders.taken(province, at(3))
    merging.propose_merge(one, two, actor=province.clerk, now=at(4))
    merging.merge(one, two, actor=province.clerk, now=at(5))
    assert two.open_answer.due_on == DUE
    calendar.add_day(dt.date(2026, 8, 12), kind=DayKind.LOCAL_OFF, name="Bão", source="Công điện", actor=SYSTEM, now=at(6))
    recounting.recount(actor=SYSTEM, now=at(6))
    assert two.open_answer.due_on == dt.date(2026, 8, 18)


def test_a_clock_without_a_day_gets_one_when_its_year_is_loaded_and_is_lamented_once(province):
    year = db.session.scalar(db.select(CalendarYear).where(CalendarYear.year == 2026))
    values = {"year": 2026, "source": year.source, "confirmed": year.confirmed}
    db.session.execute(db.delete(CalendarYear).where(CalendarYear.year == 2026))
    feedback = builders.received()
    assert feedback.clock("reply").due_on is None
    recounting.recount(actor=SYSTEM, now=at(1))
    recounting.recount(actor=SYSTEM, now=at(2))
    assert actions(feedback.clock("reply")).count("clock.undetermined") == 1

    db.session.add(CalendarYear(**values))
    db.session.flush()
    recounting.recount(actor=SYSTEM, now=at(3))

    assert feedback.clock("reply").due_on == DUE


def test_an_administrator_who_adds_a_day_has_the_open_days_counted_again_at_once(client, province):
    feedback = builders.taken(province, clock.now())
    was = feedback.open_answer.due_on
    admin = factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)])
    factories.sign_in(client, admin)
    day = clock.today() + dt.timedelta(days=1)
    while not work_calendar().is_working(day):
        day += dt.timedelta(days=1)

    answer = pages.post(
        client,
        "/quan-tri/lich/ngay-moi",
        {"day": [str(day.day), str(day.month), str(day.year)], "kind": "local_off", "name": "Bão số 9", "source": "Công điện 12"},
    )

    assert answer.status_code == 302
    assert feedback.open_answer.due_on > was


# --- units and people that go ------------------------------------------------------------------------------------------------


def successor_of(province, **over) -> UnitSuccession:
    heir = factories.make_unit(parent=province.root, name="Sở Xây dựng và Giao thông")
    factories.make_user(unit=heir, roles=[Role.OFFICER], name="Người Sở mới")
    row = UnitSuccession(from_id=province.works.id, to_id=heir.id, effective_on=at(1).date(), **over)
    db.session.add(row)
    db.session.flush()
    return row


def test_open_items_papers_and_rules_follow_a_unit_that_ends(province):
    feedback = builders.taken(province)
    paper = builders.submitted_reply(province, feedback, at(0))
    row = successor_of(province)

    moved = units.apply_successions(actor=SYSTEM, today=at(1).date(), now=at(1))

    assert moved == 1
    assert feedback.open_answer.unit == row.to
    assert feedback.open_answer.due_on == DUE
    assert paper.state == "discarded"
    assert ("offered", "Người Sở mới") in told(feedback)
    rule = db.session.scalar(db.select(RoutingRule).where(RoutingRule.name == "Chiếu sáng về Sở Xây dựng"))
    assert rule.unit_id == row.to_id
    assert units.apply_successions(actor=SYSTEM, today=at(1).date(), now=at(1)) == 0


def test_only_the_field_that_is_handed_over_moves_and_the_rules_stay(province):
    other, lighting = builders.offered(province), builders.received(field_id=province.lighting.id)
    row = successor_of(province, field_id=province.lighting.id)
    assert units.apply_successions(actor=SYSTEM, today=at(1).date(), now=at(1)) == 1
    assert (lighting.open_answer.unit, other.open_answer.unit) == (row.to, province.works)
    assert db.session.scalar(db.select(RoutingRule.unit_id).where(RoutingRule.position == 1)) == province.works.id


def test_an_heir_that_is_complained_of_does_not_get_the_item(province):
    row = successor_of(province)
    feedback = builders.offered(province, accused_unit_id=row.to_id)
    assert units.apply_successions(actor=SYSTEM, today=at(1).date(), now=at(1)) == 0
    assert (feedback.status, feedback.open_answer) == (Status.RECEIVED, None)
    assert feedback.clock("reroute").is_running


def test_what_waits_at_a_desk_that_ends_waits_at_its_heirs(province):
    feedback = builders.received()
    heir = factories.make_unit(parent=province.root, name="Trung tâm Phục vụ hành chính công", is_reception=True)
    db.session.add(UnitSuccession(from_id=province.desk.id, to_id=heir.id, effective_on=at(1).date()))
    settings.change("desk_unit_id", heir.id, actor=SYSTEM, now=at(1))
    units.apply_successions(actor=SYSTEM, today=at(1).date(), now=at(1))
    assert feedback.desk_unit == heir
    assert [(line.unit_id, line.to_at is None) for line in feedback.desk_holdings] == [(province.desk.id, False), (heir.id, True)]


def test_who_leaves_the_service_hands_over_what_is_open(province):
    feedback = builders.taken(province)
    admin = factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)])
    assert sum(count(province.officer) for count in accounts.open_work) == 1
    moved = accounts.deactivate(province.officer, to=province.colleague, actor=admin, today=at(1).date(), now=at(1))
    assert (moved, feedback.open_answer.officer) == (1, province.colleague)


def test_a_head_hands_over_within_the_unit_only(province):
    feedback = builders.taken(province)
    with pytest.raises(NotAllowed):
        succeeding.hand_over(province.officer, province.health_officer, actor=province.head, now=at(1))
    with pytest.raises(NotInUnit):
        succeeding.hand_over(province.officer, province.officer, actor=province.head, now=at(1))
    assert succeeding.hand_over(province.officer, province.colleague, actor=province.head, now=at(1)) == 1
    assert feedback.open_answer.officer == province.colleague
    assert ("handed", province.colleague.name) in told(feedback)
