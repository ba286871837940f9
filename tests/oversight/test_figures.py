"""Figures are what a slow count of all rows gives, each number opens its own cases, and the same number is the same everywhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select, true

from app.accounts.models import User
from app.assignments import beside, published
from app.assignments.models import Assignment
from app.assignments.rules import OPEN, Duty, State
from app.calendar.models import CalendarYear
from app.calendar.queries import work_calendar
from app.clock import LOCAL
from app.database import db
from dialogues.duties import Span
from feedback import load
from oversight import register, words
from oversight.figures import COUNTS, DAYS, MEANS, NAMES, SHARES, SITE, Dimension, DutiesMixed, Figure, Row, figures, months_of, over
from oversight.register import Cut, cuts
from tests.factories import sign_in
from tests.oversight import reference
from tests.oversight.cases import FIRST, Case, Scene, at_random, make_scene, write

ANSWERS = Cut(duty=Duty.ANSWER)
YEAR = Span(dt.date(2025, 10, 1), dt.date(2026, 9, 30))
QUARTER = Span(dt.date(2026, 1, 1), dt.date(2026, 3, 31))
TODAY = dt.date(2026, 7, 15)


@pytest.fixture
def scene(app) -> Scene:
    return make_scene()


def of(reader: User, names: Any, **asked: Any) -> list[Row]:
    asked = {"cut": ANSWERS, "span": QUARTER, "today": TODAY} | asked
    return figures(names, reach=reader.reach, **asked)


def value(scene: Scene, name: str, **asked: Any) -> float | None:
    return of(scene.reader, [name], **asked)[0][name].value


# --- the same as the slow count -----------------------------------------------------------------------------------------


def told(figure: Figure) -> tuple[Any, ...]:
    return figure.value, figure.numerator, figure.denominator, figure.unknown


def expected(by: str, reader: User, cut: Cut, span: Span, today: dt.date) -> dict[Any, dict[str, tuple[Any, ...]]]:
    kinds = {cut.source} if cut.source else {"feedback", "conclusion"}
    asked = [each for each in reference.seen_by(reader, reference.read()) if each.row.duty == cut.duty and each.row.kind in kinds]
    if cut.unit is not None:
        asked = [each for each in asked if cut.unit in each.above]
    calendar = work_calendar()
    if by == "month":
        return {
            month.first.isoformat(): {name: reference.figure(name, asked, month, today, calendar) for name in NAMES}
            for month in reference.months(span)
        }
    rows: dict[Any, list[reference.Promise]] = {None: []} if by == "whole" else {}
    for each in asked:
        for key in reference.keys(by, each, reader):
            rows.setdefault(key, []).append(each)
    counted = {key: {name: reference.figure(name, those, span, today, calendar) for name in NAMES} for key, those in rows.items()}
    return {key: row for key, row in counted.items() if by == "whole" or any(any(each[1:]) for each in row.values())}


CASES = st.lists(
    st.builds(
        Case,
        kind=st.sampled_from(["feedback", "feedback", "conclusion", "letter"]),
        duty=st.sampled_from(["answer", "answer", "act"]),
        unit=st.integers(0, 6),
        place=st.sampled_from([None, 0, 1]),
        field=st.sampled_from([None, 0, 1]),
        opened=st.integers(0, 400),
        due=st.sampled_from([None, 0, 5, 10, 40]),
        extended=st.sampled_from([0, 15]),
        round=st.integers(1, 2),
        hops=st.integers(0, 4),
        marks=st.sampled_from([(), (), (4,), (1, 5)]),
        other_mark=st.sampled_from([None, 5]),
        accused=st.sampled_from([False, False, False, True]),
    ).flatmap(
        lambda case: st.one_of(
            st.builds(replace, st.just(case), state=st.sampled_from(sorted(OPEN))),
            st.builds(
                replace,
                st.just(case),
                closed=st.integers(0, 100),
                state=st.sampled_from([State.DONE, State.DONE, State.VERIFIED, State.RETURNED, State.CANCELLED]),
            ),
        )
    ),
    min_size=5,
    max_size=30,
)
SPANS = st.builds(
    lambda first, days: Span(FIRST + dt.timedelta(first), FIRST + dt.timedelta(first + days)), st.integers(0, 300), st.integers(0, 120)
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cases=CASES,
    span=SPANS,
    ago=st.integers(-60, 60),
    who=st.sampled_from(["reader", "reader", "departments", "commune"]),
    duty=st.sampled_from(Duty),
)
def test_every_figure_by_every_dimension_is_what_a_slow_count_of_all_rows_gives(scene, cases, span, ago, who, duty):
    reader, cut, today = getattr(scene, who), Cut(duty=duty), span.last + dt.timedelta(ago)
    with db.session.begin_nested() as here:
        write(scene, cases)
        for by in Dimension:
            rows = {
                row.key: {name: told(figure) for name, figure in row.figures.items()}
                for row in of(reader, NAMES, by=by, cut=cut, span=span, today=today)
            }
            wanted = expected(by, reader, cut, span, today)
            assert rows == wanted, by
        here.rollback()


@pytest.fixture
def many(scene) -> Scene:
    write(scene, at_random(Random(7), 300))
    return scene


@pytest.mark.parametrize("source", ["", "conclusion", "letter"])
def test_a_cut_to_a_unit_and_to_a_source_is_what_a_slow_count_gives(many, source):
    cut = replace(ANSWERS, unit=many.units[1], source=source)
    rows = {row.key: {name: told(each) for name, each in row.figures.items()} for row in of(many.reader, NAMES, by=Dimension.UNIT, cut=cut)}

    assert rows == expected("unit", many.reader, cut, QUARTER, TODAY)
    assert rows


def test_many_spans_at_once_are_what_each_alone_is(many):
    spans = [*months_of(YEAR), YEAR, QUARTER]  # of one length or another, and one inside the other
    found = over(NAMES, spans, by=Dimension.UNIT_BELOW, cut=ANSWERS, today=TODAY, reach=many.reader.reach)

    assert {tuple(row.key for row in rows) for rows in found.values()} == {tuple(row.key for row in found[YEAR])}, "the same rows in each"
    for span in (spans[2], YEAR, QUARTER):
        alone = figures(NAMES, by=Dimension.UNIT_BELOW, cut=ANSWERS, span=span, today=TODAY, reach=many.reader.reach)
        assert {row.key: row.figures for row in found[span] if row.key in {each.key for each in alone}} == {
            row.key: row.figures for row in alone
        }


# --- each number opens its cases ----------------------------------------------------------------------------------------


def length(cut: Cut, reader: User) -> int:
    listed = register.narrowed(select(Assignment.id), cut, TODAY, reader.reach)
    return db.session.scalar(select(func.count()).select_from(listed.where(register.in_view(cut.view, TODAY)).subquery())) or 0


@pytest.mark.parametrize("by", Dimension)
def test_every_number_of_cases_is_the_length_of_the_list_that_its_cut_opens(many, by):
    names = (*COUNTS, *SHARES) if by is Dimension.WHOLE else ("on_time_share", "response_rate", "reopened", "overdue", "open_31-60")
    figures_of = [figure for row in of(many.reader, names, by=by) for figure in row.figures.values()]
    numbers = {figure.cut: figure.numerator for figure in figures_of} | {each.of: each.denominator for each in figures_of if each.of}

    assert sum(number or 0 for number in numbers.values()) > 30
    assert numbers == {cut: length(cut, many.reader) for cut in numbers}


def test_what_days_and_means_were_taken_of_opens_too(many):
    row = of(many.reader, [*DAYS, *MEANS])[0]

    assert [length(row[name].cut, many.reader) for name in (*DAYS, "transfers_mean")] == [
        row[n].denominator for n in (*DAYS, "transfers_mean")
    ]
    assert length(row["rating_mean"].cut, many.reader) == value(many, "rated")


def test_a_cut_comes_through_its_address_and_says_what_it_is(many):
    for by in (Dimension.UNIT, Dimension.UNIT_BELOW, Dimension.AREA, Dimension.FIELD, Dimension.LEVEL):
        for row in of(many.reader, ["met", "open_181"], by=by):
            for figure in row.figures.values():
                assert cuts.cut_of(cuts.arguments(figure.cut)) == figure.cut


def test_every_figure_has_a_word(app):
    assert set(words.COUNTED) == set(COUNTS)


def test_the_list_behind_a_number_is_a_page_of_the_register(many, client):
    figure = of(many.reader, ["due"], by=Dimension.UNIT, cut=Cut(duty=Duty.ANSWER, source="feedback"))[0]["due"]
    sign_in(client, many.reader)

    page = client.get("/can-bo/viec-da-cam-ket", query_string=cuts.arguments(figure.cut))

    assert page.status_code == 200
    assert "việc đến hạn từ ngày" in page.text


# --- what the figures mean ----------------------------------------------------------------------------------------------

KEPT = {"state": State.DONE, "opened": 92}  # 1/1/2026, and due on 11/1


@pytest.mark.parametrize(
    ("second", "share"),
    [
        ({"closed": 9}, 1),
        ({"closed": 10}, 1),  # on the day
        ({"closed": 11}, 0.5),  # late
        ({"state": State.TAKEN}, 0.5),  # left open: no better than late
        ({"closed": 200}, 0.5),  # closed long after the span: no better
        ({"closed": 9, "state": State.CANCELLED}, 1),  # owed no more: counts nowhere
        ({"due": None, "state": State.TAKEN}, 1),  # paused: not due
        ({"extended": 15, "closed": 20}, 1),  # extended, and kept by the later day
        ({"extended": 150, "state": State.TAKEN}, 1),  # not due in this span any more
    ],
)
def test_the_on_time_share_is_of_what_fell_due_whether_it_was_closed_or_not(scene, second, share):
    write(scene, [Case(**KEPT, closed=5), Case(**KEPT | second)])

    assert value(scene, "on_time_share") == share


def test_more_time_improves_the_share_by_the_last_day_and_not_the_one_by_the_first(scene):
    write(scene, [Case(**KEPT, closed=20, extended=15), Case(**KEPT, closed=5)])

    assert [value(scene, name) for name in ("on_time_share", "first_on_time_share")] == [1, 0.5]


def test_the_share_of_what_was_closed_says_nothing_of_what_was_left(scene):
    write(scene, [Case(**KEPT, closed=5), Case(opened=92, state=State.TAKEN)])

    assert [value(scene, name) for name in ("closed_in_time_share", "on_time_share")] == [1, 0.5]


def test_a_day_counts_as_due_when_it_is_over(scene):
    write(scene, [Case(opened=92)])  # due on 11/1/2026

    numbers = [value(scene, "due", today=dt.date(2026, 1, day)) for day in (10, 11, 12)]

    assert numbers == [0, 0, 1]


def test_what_is_open_and_overdue_is_so_at_the_end_of_each_month(scene):
    write(scene, [Case(opened=92, due=40, state=State.DONE, closed=70)])  # opened on 1/1, due on 10/2, closed on 12/3

    rows = of(scene.reader, ["open", "overdue"], by=Dimension.MONTH)

    assert [(row.label, row["open"].value, row["overdue"].value) for row in rows] == [
        ("2026-01", 1, 0),
        ("2026-02", 1, 1),
        ("2026-03", 0, 0),
    ]


def test_the_month_that_runs_is_as_of_today(scene):
    write(scene, [Case(opened=92, state=State.TAKEN)])  # due on 11/1

    assert [value(scene, "overdue", today=dt.date(2026, 1, day)) for day in (11, 12)] == [0, 1]


@pytest.mark.parametrize(
    ("days", "median", "ninth"),
    [
        ([], None, None),
        ([7], 4, 4),  # opened on 1/1/2026; Friday 2/1 was off, worked for on Saturday 10/1
        ([9], 6, 6),
        ([1, 4, 5, 6, 7], 2, 4),
        ([4] * 9 + [7], 1, 1),
        ([4] * 8 + [7] * 2, 1, 4),
        ([4, 7], 1, 4),  # half of two is one
    ],
)
def test_days_are_working_days_that_half_and_nine_of_ten_did_not_exceed(scene, days, median, ninth):
    write(scene, [Case(opened=92, state=State.DONE, closed=each) for each in days])

    row = of(scene.reader, DAYS)[0]

    assert [told(row[name])[:3] for name in DAYS] == [(median, None, len(days)), (ninth, None, len(days))]


def test_what_reaches_into_a_year_without_calendar_is_said_to_be_unknown(scene):
    for row in db.session.scalars(select(CalendarYear).where(CalendarYear.year == 2025)):
        db.session.delete(row)
    write(scene, [Case(opened=90, state=State.DONE, closed=9), Case(opened=92, state=State.DONE, closed=9)])

    figure = of(scene.reader, ["median_days"])[0]["median_days"]

    assert (figure.denominator, figure.unknown) == (1, 1)


def test_duties_to_answer_and_to_act_are_never_added_up(scene):
    with pytest.raises(DutiesMixed):
        of(scene.reader, ["made"], cut=Cut())


def test_a_unit_with_what_is_below_it_is_the_sum_of_those(many):
    own = {row.key: row["made"].value or 0 for row in of(many.reader, ["made"], by=Dimension.UNIT)}
    below = {row.key: row["made"].value or 0 for row in of(many.reader, ["made"], by=Dimension.UNIT_BELOW)}
    top, works, roads, *_ = (unit.id for unit in many.units)

    assert below[works] == own[works] + own[roads]
    assert below[top] == sum(own.values())


def test_rows_stand_in_the_order_of_lists_and_what_has_none_last(many):
    areas, units = (of(many.reader, ["made"], by=by) for by in (Dimension.AREA, Dimension.UNIT))

    assert [row.label for row in areas] == ["phường Kinh Bắc", "phường Việt Yên", ""]
    assert [row.thing.level for row in units] == sorted((row.thing.level for row in units), reverse=True)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ((2026, 1, 1), (2026, 3, 31), ["01-01 01-31", "02-01 02-28", "03-01 03-31"]),
        ((2025, 12, 15), (2026, 1, 10), ["12-15 12-31", "01-01 01-10"]),
        ((2026, 5, 9), (2026, 5, 9), ["05-09 05-09"]),
    ],
)
def test_months_are_cut_off_where_a_span_begins_and_ends(first, last, months):
    assert [f"{each.first:%m-%d} {each.last:%m-%d}" for each in months_of(Span(dt.date(*first), dt.date(*last)))] == months


# --- the same number is the same everywhere -----------------------------------------------------------------------------

EVER, AFTERWARDS = Span(dt.date(2020, 1, 1), dt.date(2027, 12, 1)), dt.date(2027, 12, 1)


@pytest.mark.parametrize("duty", Duty)
def test_the_views_of_the_register_count_the_same(many, duty):
    row = of(many.reader, COUNTS, cut=Cut(duty=duty), span=EVER, today=AFTERWARDS)[0]
    views = register.counts(Cut(duty=duty), many.reader.reach, AFTERWARDS)[duty]

    same = {"late": "overdue", "open": "open", "done": "closed", "in_time": "in_time", "late_done": "late"}
    assert {view: views[view] for view in same} == {view: row[name].value for view, name in same.items()}


@pytest.mark.parametrize("duty", Duty)
def test_the_load_of_units_counts_the_same(many, duty):
    reader, since = many.reader, AFTERWARDS - dt.timedelta(days=600)
    loads = load.of(
        duty, reader.reach, today=AFTERWARDS, soon=AFTERWARDS, since=dt.datetime.combine(since, dt.time(), LOCAL)
    )  # fmt: skip
    rows = of(
        reader, ["open", "overdue", "closed", "late"], by=Dimension.UNIT, cut=Cut(duty=duty, source="feedback"), today=AFTERWARDS,
        span=Span(since, AFTERWARDS),
    )  # fmt: skip

    assert {id_: [each.open, each.late, each.done, each.done_late] for id_, each in loads.units.items()} == {
        row.key: [figure.value for figure in row.figures.values()] for row in rows
    }


def test_what_the_public_reads_of_promises_to_act_is_counted_the_same(many, monkeypatch):
    everyone = published.Source(Assignment, true, (), (), dict)
    monkeypatch.setattr(published, "sources", {"feedback": everyone, "conclusion": everyone})
    beside.settle(db.session.connection())

    row = figures(COUNTS, cut=Cut(duty=Duty.ACT), span=EVER, today=AFTERWARDS, reach=SITE)[0]

    assert published.sums(AFTERWARDS) == {
        "in_time": row["in_time"].value,
        "late_done": row["late"].value,
        "open": row["open"].value - row["overdue"].value,
        "overdue": row["overdue"].value,
    }


def test_nothing_is_asked_more_than_a_few_times_however_many_units_and_months(many):
    ran: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        ran.append(statement)

    db.session.expire_all()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        over(NAMES, months_of(YEAR), by=Dimension.UNIT_BELOW, cut=ANSWERS, today=TODAY, reach=many.reader.reach)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(ran) <= 12
