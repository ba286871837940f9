"""What the lists say in SQL is what the rules say of one item."""

from __future__ import annotations

import datetime as dt

from app import clock, counting
from app.calendar.models import DeadlineRule
from app.database import db
from app.permissions import Permission, Role
from feedback import duties, finding, lists, queries, rules, steps, waiting, words
from feedback.operations import clocks, desk, sender, unit
from feedback.rules import Kind
from tests.factories import make_user
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk


def test_search_finds_for_each_person_exactly_what_they_may_read(province):
    now = clock.now()
    chief = make_user(unit=province.root, roles=[Role.HEAD])
    local = make_user(unit=province.ward, roles=[(Role.OFFICER, province.place)])
    seated = make_user(unit=province.health, roles=[(Role.FRONT, None), (Role.HEAD, province.works)])
    two_desks = make_user(unit=province.desk, roles=[Role.RECEPTION, (Role.OFFICE, province.root)])
    stand_in = make_user(unit=province.steering, roles=[(Role.STEERING, None)])
    builders.delegate(province.records, stand_in, starts_on=clock.today(), ends_on=clock.today(), on=clock.today())
    people = [value for value in vars(province).values() if hasattr(value, "reach")] + [chief, local, seated, two_desks, stand_in]
    items = [
        builders.received(now),
        builders.received(now, place_id=province.place.id),
        builders.taken(province, now),
        builders.answered(province, now),
        builders.received(now, accused_unit_id=province.works.id),
        builders.received(now, accused_unit_id=province.root.id),
        builders.received(now, accused_unit_id=province.desk.id),
        builders.received(now, field_id=province.grassroots.id),
        complaint(province, now),
        complaint(province, now, give=province.works),
        complaint(province, now, give=province.roads),
    ]
    to_roads = builders.received(now)
    desk.route_to(to_roads, province.roads, actor=province.clerk, now=now)
    db.session.flush()
    for item in [*items, to_roads]:
        for person in people:
            may = rules.may_read(person.reach, queries.standing_of(item))
            found = item.code in {each.code for each in finding.find(item.code, person.reach)}
            assert found == may, (item.code, person.unit.name, item.accused_unit and item.accused_unit.name)
    of_works, of_root = (queries.standing_of(items[number]) for number in (4, 5))
    assert [rules.may_read(person.reach, of_works) for person in (seated, stand_in, two_desks)] == [False, False, True]
    assert [rules.may_read(person.reach, of_root) for person in (province.clerk, two_desks)] == [True, False]


def test_what_is_found_says_how_it_stands_and_whose_it_is(province):
    now = clock.now()
    items = [builders.received(now), builders.offered(province, now), builders.taken(province, now), builders.answered(province, now)]
    asked = builders.taken(province, now)
    unit.ask(asked, "Đèn số mấy, ở đoạn nào?", actor=province.officer, now=now)
    db.session.flush()
    for item in [*items, asked]:
        (found,) = [each for each in finding.find(item.code, province.clerk.reach) if each.code == item.code]
        assert words.status_word(found.status, found.waits) == words.status_of(item)
        assert found.unit_id == (item.assignments[-1].unit_id if item.assignments else None)


def test_nobody_of_the_accused_hears_by_whatever_unit_is_theirs(province):
    seated = make_user(unit=province.health, roles=[(Role.OFFICER, province.works)])
    item = builders.received(clock.now(), accused_unit_id=province.works.id)
    people = [province.clerk, province.health_officer, province.officer, seated]
    assert queries.not_accused(people, queries.standing_of(item), on=clock.today()) == people[:2]


def complaint(province, now, give=None):
    item = builders.received(now, kind=Kind.COMPLAINT, accused_unit_id=province.works.id)
    if give is not None:
        desk.route_to(item, give, actor=province.clerk, now=now)
    return item


def test_the_list_of_a_unit_holds_what_its_people_may_handle(province):
    now = clock.now()
    for make in (builders.offered, builders.taken, builders.answered):
        make(province, now)
    below = builders.received(now)
    desk.route_to(below, province.roads, actor=province.clerk, now=now)
    db.session.flush()
    for person in (province.officer, province.head, province.roads_officer, province.health_head, province.clerk):
        found = duties.page(lists.Cut(), person.reach, today=clock.today(), soon=clock.today(), after=None)
        may = [
            duty
            for duty in db.session.query(lists.FeedbackAssignment)
            if duty.is_open and rules.may_handle(person.reach, queries.standing_of(duty.feedback))
        ]
        assert {each.id for each in found} == {each.id for each in may}, person.unit.name


def test_a_line_of_the_list_says_what_the_rules_say_of_its_item(province):
    """Who may take it, what its day is of, where the paper stands: the list asks the database, the item's page asks the rules."""
    now, signer = clock.now(), province.head
    again = builders.answered(province, now)
    sender.reopen(again, builders.sender_key(again), "Vẫn chưa xong.", now=now)
    items = [again, builders.offered(province, now), builders.taken(province, now), builders.taken(province, now)]
    builders.submitted_reply(province, items[3], now)
    unit.hand_to(items[1], province.colleague, actor=province.head, now=now)
    db.session.flush()
    for person in (province.officer, province.colleague, signer):
        rows = {row.code: row for row in duties.page(lists.Cut(), person.reach, today=clock.today(), soon=clock.today(), after=None)}
        assert rows.keys() == {item.code for item in items}
        for item in items:
            row, governing = rows[item.code], clocks.governing(item)
            assert row.had_part == (person.id in steps.looked_before(item)), (item.code, person.name)
            assert row.given_to == steps.given_to(item)
            assert row.term == (governing.stage if governing.due_on == item.open_answer.due_on else None)
            assert row.paper == next((paper.state for paper in item.papers if paper.state in duties.ON_ITS_WAY), None)
        assert {row.had_part for row in rows.values()} <= {True, False}


def test_a_page_says_the_counts_of_its_list_and_counts_no_further_than_a_thousand(province, monkeypatch):
    now, today = clock.now(), clock.today()
    items = [builders.offered(province, now), *(builders.taken(province, now) for _ in range(3))]
    unit.ask(items[1], "Đèn số mấy, ở đoạn nào?", actor=province.officer, now=now)
    items[2].open_answer.due_sort = items[2].open_answer.due_on = today - dt.timedelta(days=1)
    db.session.flush()
    for cut in (lists.Cut(), lists.Cut(holder="me"), lists.Cut(holder="nobody"), lists.Cut(kind="report"), lists.Cut(source="floor")):
        for person in (province.officer, province.head, province.health_officer):
            told, exact = (count(cut, person.reach, today=today, soon=today) for count in (duties.counts, lists.duty_counts))
            assert told == exact
    assert duties.counts(lists.Cut(), province.officer.reach, today=today, soon=today)["all"] == 4
    for module in (counting, duties):
        monkeypatch.setattr(module, "MOST", 2)
    duties._counts.cache_clear()  # it holds the bound
    assert duties.counts(lists.Cut(), province.officer.reach, today=today, soon=today)["all"] == 3
    duties._counts.cache_clear()


def test_only_who_handles_items_in_a_unit_is_offered_as_its_officer(province):
    names = {user.name for user, _number in lists.officers([province.works.path], clock.today())}
    assert province.officer.name in names
    assert province.roads_officer.name in names
    assert province.records.name not in names
    assert province.health_officer.name not in names
    assert lists.officers([], clock.today()) == []


def test_how_many_open_duties_an_officer_has_is_counted(province):
    builders.taken(province, clock.now())
    db.session.flush()
    numbers = {user.id: number for user, number in lists.officers([province.works.path], clock.today())}
    assert (numbers[province.officer.id], numbers[province.colleague.id]) == (1, 0)


def test_papers_wait_only_where_the_permission_holds(province):
    now = clock.now()
    paper = builders.submitted_reply(province, builders.taken(province, now), now)
    db.session.flush()
    for person, waits in ((province.head, True), (province.health_head, False), (province.desk_head, False)):
        found = waiting.papers_under_way(Permission.FEEDBACK_APPROVE, person.reach)
        assert (paper in found) == waits


def test_a_list_says_which_day_it_shows_and_the_notice_is_none_of_the_answer(app, province):
    """Where nobody promised a day for the answer, only the notice of handling has one."""
    db.session.execute(db.update(DeadlineRule).where(DeadlineRule.stage == "reply").values(active=False))
    item = builders.offered(province, clock.now())
    db.session.commit()
    assert item.open_answer.due_on is not None
    assert "Báo cách xử lý" in AtDesk(app, province.officer).get(f"/can-bo/viec?y={item.code}").split("<tbody")[1].split("</tbody")[0]
    unit.take(item, actor=province.officer, now=clock.now())
    assert item.open_answer.due_on is None
