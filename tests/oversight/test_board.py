"""The board: every number opens its cases, an address says a cut and is read back, and a kept view opens what was kept."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup
from werkzeug.datastructures import MultiDict

from app import clock
from app.accounts.models import User
from app.assignments.models import NO_DATE, Assignment
from app.assignments.rules import OPEN, Duty, State
from app.clock import LOCAL
from app.database import db
from app.escalation.models import Escalation
from app.escalation.operations import load_shipped
from app.escalation.queries import all_rungs
from app.permissions import Role
from dialogues.duties import Span
from dialogues.models import ConclusionAssignment
from dialogues.rules import Status
from feedback.models import FeedbackAssignment
from oversight import register, words
from oversight.board import picture
from oversight.board import saved as kept_views
from oversight.models import SavedView
from oversight.operations import saved
from oversight.register import ANY, NONE, Cut, ages, cuts, kinds, populations
from oversight.rules.saved import NameTaken, TooManyViews
from tests.dialogues.builders import session_at
from tests.factories import make_user, sign_in
from tests.feedback import builders
from tests.feedback.pages import token
from tests.feedback.test_races import DONE, at_once

TODAY = dt.date(2026, 9, 15)
PROMISES = 70
BOARD, PICTURE, KEPT = "/can-bo/viec-da-cam-ket", "/can-bo/viec-da-cam-ket/buc-tranh", "/can-bo/viec-da-cam-ket/cach-xem"


# --- days ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("buckets", [ages.AGES, ages.LATENESS])
def test_buckets_leave_no_day_out_and_count_none_twice(buckets):
    assert buckets[0].first == 0
    assert all(each.last is not None and following.first == each.last + 1 for each, following in pairwise(buckets))
    assert buckets[-1].last is None


# --- the picture --------------------------------------------------------------------------------------------------------


@pytest.fixture
def mixed(app):
    """A province with promises of every unit, area, field, source, state and age."""
    province, dice = builders.make_province(), random.Random(4)
    session = session_at(province, make_user(unit=province.ward, roles=[Role.HEAD]), Status.CONCLUDED)
    for number in range(PROMISES):
        opened = TODAY - dt.timedelta(days=dice.choice([0, 3, 5, 6, 15, 40, 100, 200]))
        due = None if dice.random() < 0.1 else opened + dt.timedelta(days=dice.choice([3, 10, 16, 30]))
        state = dice.choice(list(State))
        closed = None if state in OPEN else min(TODAY, opened + dt.timedelta(days=dice.choice([1, 9, 12, 50])))
        of_session = dice.random() < 0.3
        row = (ConclusionAssignment if of_session else FeedbackAssignment)(
            duty=dice.choice(list(Duty)), title=f"Việc {number}", state=state,
            unit_id=dice.choice([province.works, province.roads, province.health, province.ward]).id,
            place_id=dice.choice([province.place.id, None]), field_id=dice.choice([province.lighting.id, province.regulation.id, None]),
            due_on=due, first_due_on=due, due_sort=due or NO_DATE, opened_at=noon(opened), closed_at=closed and noon(closed),
        )  # fmt: skip
        if isinstance(row, ConclusionAssignment):
            row.session_id = session.id
        db.session.add(row)
    db.session.flush()
    _climb(dice)
    return province


def _climb(dice: random.Random) -> None:
    """Let some of the promises have climbed the ladder, for the day they owe now or for one before it."""
    load_shipped(now=noon(TODAY))
    rungs = all_rungs()
    for row in db.session.scalars(db.select(Assignment).where(Assignment.due_on.is_not(None)).order_by(Assignment.id)):
        for rung in rungs[: dice.randrange(len(rungs) + 1)]:
            due = row.due_on - dt.timedelta(days=dice.choice([0, 0, 7]))
            step = {"assignment_id": row.id, "rule_id": rung.id, "code": rung.code, "level": rung.level, "days": rung.days}
            db.session.add(Escalation(unit_id=row.unit_id, due_on=due, climbed_on=due, **step))
    db.session.flush()


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=LOCAL)


def listed(cut: Cut, reader: User) -> int:
    """Return how long the list is that the address of *cut* opens."""
    read = cuts.cut_of(MultiDict(cuts.arguments(cut)))
    return len(register.page(read, reader.reach, TODAY, after=None, limit=1000))


@pytest.mark.parametrize("by", picture.DIMENSIONS)
def test_every_number_of_the_picture_is_the_length_of_the_list_it_opens(mixed, by):
    reader = mixed.front_reader
    whole = register.counts(Cut(view="all"), reader.reach, TODAY)

    rows = picture.rows(by, Cut(), reader.reach, TODAY)

    assert len(rows) > 1
    for row in rows:
        assert words.of_dimension(by, row.thing)
        for duty, cells in row.cells.items():
            for view, cell in cells.items():
                assert (by, duty, view, cell.number) == (by, duty, view, listed(cell.cut, reader))
    sums = picture.sums(rows, Cut())
    assert {duty: {view: cell.number for view, cell in cells.items()} for duty, cells in sums.items()} == {
        duty: {view: whole[duty][view] for view in picture.COUNTED} for duty in Duty
    }
    assert sum(cell.number for cells in sums.values() for cell in cells.values()) > 40


QUARTER = Span(dt.date(2026, 6, 1), dt.date(2026, 8, 31))


def test_every_figure_of_a_period_counts_what_its_address_opens(mixed):
    reader = mixed.front_reader
    for counted in populations.CONDITIONS:
        cut = Cut(view="all", counted=counted, span=QUARTER)

        numbers = register.counts(cut, reader.reach, TODAY)

        assert (counted, sum(each["all"] for each in numbers.values())) == (counted, listed(cut, reader))


@pytest.mark.parametrize(("counted", "by"), [("open", "tuoi"), ("overdue", "tre")])
def test_the_picture_of_a_period_that_is_over_counts_as_of_its_end(mixed, counted, by):
    reader = mixed.front_reader
    rows = picture.rows(by, Cut(counted=counted, span=QUARTER), reader.reach, TODAY)

    cells = [cell for row in rows for cells in row.cells.values() for cell in cells.values()]
    assert [cell.number for cell in cells] == [listed(cell.cut, reader) for cell in cells]
    assert sum(cell.number for cell in cells) > 0


def test_the_picture_of_a_unit_keeps_to_it_and_to_what_a_reader_may_see(mixed):
    head = mixed.head  # of Sở Xây dựng: its own and its division's
    rows = picture.rows("don-vi", Cut(), head.reach, TODAY)

    assert {row.thing for row in rows} == {mixed.works, mixed.roads}
    below = picture.rows("don-vi", Cut(unit=mixed.roads), mixed.front_reader.reach, TODAY)
    assert [row.thing for row in below] == [mixed.roads]


def test_what_was_promised_to_no_citizen_is_shown_only_where_its_source_is_asked_for(mixed, monkeypatch):
    reader = mixed.front_reader
    monkeypatch.setitem(kinds.KINDS, "conclusion", replace(kinds.KINDS["conclusion"], to_citizens=False))

    everything, citizens, asked = (listed(Cut(view="all", source=source), reader) for source in (ANY, "", "conclusion"))

    assert (everything, citizens + asked) == (PROMISES, PROMISES)
    assert asked > 0


# --- lists --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["all", "open", "done"])
@pytest.mark.parametrize("sort", register.SORTS)
def test_page_after_page_shows_each_promise_once_in_its_order(mixed, sort, view):
    reader, cut = mixed.front_reader, Cut(view=view)
    at_one_go = [row.id for row in register.page(cut, reader.reach, TODAY, after=None, sort=sort, limit=1000)]

    seen, after = [], None
    while rows := register.page(cut, reader.reach, TODAY, after=after, sort=sort, limit=7):
        seen += [row.id for row in rows]
        after = register.place_of(rows[-1], sort, cut, TODAY)

    assert seen == at_one_go
    assert len(set(seen)) == listed(cut, reader) > 7


@pytest.mark.parametrize("view", ["all", "open", "done"])
def test_sorted_by_days_late_the_latest_come_first(mixed, view):
    rows = register.page(Cut(view=view), mixed.front_reader.reach, TODAY, after=None, sort="late", limit=1000)

    late = [ages.late_days_of(row, TODAY) for row in rows]
    assert late == sorted(late, reverse=True)
    assert late[0] > 30


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"view": "late", "duty": "act"},
        {"level": "commune", "state": "taken", "source": "feedback"},
        {"place_id": NONE, "field_id": NONE, "session_id": NONE},
        {"age": "31-60", "late_from": 1, "late_to": 5},
        {"late_to": 0},
        {"rung": "chairman"},
        {"rung": register.NO_RUNG},
        {"view": "all", "counted": "overdue", "span": Span(dt.date(2026, 1, 1), dt.date(2026, 6, 30))},
        {"view": "late", "counted": "made", "span": Span(dt.date(2026, 1, 1), dt.date(2026, 6, 30))},
        {"source": ANY, "view": "late_done"},
    ],
)
def test_an_address_is_read_back_as_the_cut_it_was_written_for(mixed, changes):
    whole = {"unit": mixed.works, "alone": True, "place_id": mixed.place.id, "field_id": mixed.lighting.id}
    for cut in (Cut(**changes), Cut(**(whole | changes))):
        assert cuts.cut_of(MultiDict(cuts.arguments(cut))) == cut
        assert cuts.said(cut)


# --- pages --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def board(app, monkeypatch):
    """Three items: one open, one answered, one answered with a promise."""
    monkeypatch.setattr(clock, "now", lambda: builders.at(40))
    province = builders.make_province()
    builders.taken(province).assignments[0].field_id = province.lighting.id
    builders.answered(province)
    builders.answer(province, builders.taken(province), builders.at(1), [builders.promised(builders.at(9).date())])
    db.session.commit()
    return province


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200, address
    return BeautifulSoup(answer.text, "html.parser")


def test_each_number_on_the_page_leads_to_as_many_lines(client, board):
    sign_in(client, board.front_reader)

    links = page(client, PICTURE).select("table.t td a")

    numbers = {link["href"]: int(link.text) for link in links}
    assert (len(numbers) > 2, max(numbers.values())) == (True, 2)
    for address, number in numbers.items():
        assert len(page(client, address).select("table.work tbody tr")) == number, address


def test_the_duties_are_counted_apart_on_the_list_too(client, board):
    sign_in(client, board.front_reader)

    rows = page(client, f"{BOARD}?xem=all").select("table:has(#dem) tbody tr")

    assert {row.th.text: int(row.select("td")[-1].text) for row in rows} == {"Phải trả lời": 3, "Phải làm": 1}


@pytest.mark.parametrize(
    ("who", "whose"),
    [
        ("front_reader", "Việc của mọi cơ quan, đơn vị trong tỉnh:"),
        ("head", "Việc của Sở Xây dựng và các đơn vị trực thuộc:"),
        ("health_head", "Việc của Sở Y tế:"),
    ],
)
def test_the_head_of_the_page_says_whose_promises_they_are_and_how_many_are_seen(client, board, who, whose):
    sign_in(client, getattr(board, who))
    for view, number in {"all": 0 if who == "health_head" else 4, "open": 0 if who == "health_head" else 2}.items():
        seen = page(client, f"{BOARD}?xem={view}").main.text
        assert (whose in seen, f"({number} việc)." in seen) == (True, True), view


@pytest.mark.parametrize(("who", "offered"), [("front_reader", {"Sở Xây dựng", "Sở Y tế"}), ("health_head", {"Sở Y tế"})])
def test_only_units_whose_promises_a_reader_can_see_are_offered_to_filter_by(client, board, who, offered):
    sign_in(client, getattr(board, who))
    names = {option.text for option in page(client, BOARD).select("#don-vi option")}
    assert names & {"Sở Xây dựng", "Sở Y tế"} == offered


def test_the_page_says_in_words_what_is_seen_and_keeps_the_rest_when_one_thing_is_chosen(client, board):
    sign_in(client, board.front_reader)
    query = f"xem=all&viec=answer&cap=province&tre-tu=1&cot=viec,tuoi&xep=late&linh-vuc={board.lighting.code}"

    seen = page(client, f"{BOARD}?{query}")

    assert f"Tất cả; trả lời; cấp tỉnh; {board.lighting.name}; trễ 1 ngày trở lên" in seen.text
    assert [head.text for head in seen.select("table.work thead th")] == ["Nội dung", "Số ngày từ khi giao"]
    oldest = next(link for link in seen.select(".filters a") if link.text == "giao lâu trước")
    asked = dict(parse_qsl(query))
    assert dict(parse_qsl(urlsplit(oldest["href"]).query)) == asked | {"xep": "oldest"}
    form = seen.select_one("form[role=search]")
    sent = {field["name"]: field.get("value") for field in form.select("input[type=hidden]")}
    assert sent == {"xem": "all", "viec": "answer", "xep": "late", "cot": "viec"}


# --- kept views ---------------------------------------------------------------------------------------------------------


def keep(client, name, query="xem=late&cot=viec,tre&xep=late", **more):
    address = f"{KEPT}/luu?{query}"
    return press(client, address, address, name=name, **more)


def press(client, page_, address, **typed):
    return client.post(address, data={"csrf_token": token(client, page_), **typed})


def test_a_view_is_kept_opened_renamed_and_dropped(client, province):
    sign_in(client, province.front_reader)

    assert keep(client, "Việc trễ").status_code == 303
    view = db.session.scalar(db.select(SavedView))
    opened = client.get(f"{KEPT}/{view.id}")
    assert dict(parse_qsl(urlsplit(opened.location).query)) == {"xem": "late", "cot": "viec,tre", "xep": "late"}
    assert urlsplit(opened.location).path == BOARD

    press(client, f"{KEPT}/{view.id}/sua", f"{KEPT}/{view.id}/sua", name="Trễ hạn")
    shown = page(client, KEPT)
    assert [row.th.text for row in shown.select("tbody tr")] == ["Trễ hạn"]
    assert "Quá hạn" in shown.select_one("tbody td").text
    assert press(client, KEPT, f"{KEPT}/{view.id}/xoa").status_code == 303
    assert "Chưa lưu cách xem nào" in page(client, KEPT).text


def test_the_picture_is_kept_as_the_picture(client, province):
    sign_in(client, province.front_reader)
    keep(client, "Theo lĩnh vực", "trang=picture&theo=linh-vuc&viec=act")

    view = db.session.scalar(db.select(SavedView))
    opened = urlsplit(client.get(f"{KEPT}/{view.id}").location)

    assert (opened.path, dict(parse_qsl(opened.query))) == (PICTURE, {"theo": "linh-vuc", "viec": "act"})


def test_a_shared_view_is_opened_by_the_people_of_the_unit_and_changed_by_its_owner_alone(client, province):
    owner = province.front_reader
    colleague, stranger = make_user(unit=province.front, roles=[(Role.FRONT, None)]), province.steering_reader
    sign_in(client, owner)
    keep(client, "Chung", shared="y")
    keep(client, "Riêng")
    shared, own = db.session.scalars(db.select(SavedView).order_by(SavedView.id))

    sign_in(client, colleague)
    assert [(client.get(f"{KEPT}/{view.id}").status_code) for view in (shared, own)] == [302, 404]
    mark = f"{KEPT}/luu"
    assert press(client, mark, f"{KEPT}/{shared.id}/sua", name="Của tôi").status_code == 404
    assert press(client, mark, f"{KEPT}/{shared.id}/xoa").status_code == 404
    assert not page(client, KEPT).select("tbody form")
    sign_in(client, stranger)
    assert client.get(f"{KEPT}/{shared.id}").status_code == 404


@pytest.mark.parametrize(("name", "sentence"), [("", "Đặt tên"), ("x" * 61, "nhiều nhất"), ("Việc trễ", "Đã có một cách xem khác")])
def test_a_name_that_is_missing_too_long_or_taken_is_said_and_what_was_typed_stays(client, province, name, sentence):
    sign_in(client, province.front_reader)
    keep(client, "Việc trễ")

    answer = keep(client, name, "xem=all")

    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{name}"' in answer.text
    assert db.session.scalar(db.select(db.func.count()).select_from(SavedView)) == 1


def test_a_view_cannot_take_the_name_of_another_nor_can_there_be_too_many(province, monkeypatch):
    owner, at = province.front_reader, builders.at(1)
    first, second = (saved.keep(page="register", address="", name=name, shared=False, actor=owner, now=at) for name in ("a", "b"))

    with pytest.raises(NameTaken):
        saved.change(second, name="a", shared=False, actor=owner)
    assert [view.name for view in kept_views.of(owner)] == ["a", "b"]
    saved.change(first, name="a", shared=True, actor=owner)
    monkeypatch.setattr("oversight.rules.saved.MOST", 2)
    with pytest.raises(TooManyViews):
        saved.keep(page="register", address="", name="c", shared=False, actor=owner, now=at)


def test_the_same_press_at_the_same_moment_keeps_one_view(fresh_app):
    owner_id = builders.make_province().front_reader.id
    db.session.commit()

    def once_more():
        owner = db.session.get_one(User, owner_id)
        saved.keep(page="register", address="xem=late", name="Trễ", shared=False, actor=owner, now=builders.at(1))

    assert at_once(fresh_app, once_more, once_more, once_more) == [DONE] * 3
    assert db.session.scalar(db.select(db.func.count()).select_from(SavedView)) == 1
