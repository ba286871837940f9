"""Figures are what a slow count of all rows gives, each number opens its own cases, and the same number is the same everywhere."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.accounts.models import User
from app.assignments import published
from app.assignments.models import Assignment
from app.assignments.rules import OPEN, Duty, State
from app.calendar.queries import work_calendar
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from dialogues.duties import Span
from feedback import load
from oversight import ages, register, words
from oversight.figures import COUNTS, DAYS, MEANS, NAMES, SHARES, Dimension, DutiesMixed, Figure, Row, figures, months_of, over
from oversight.register import Cut
from tests.factories import make_user
from tests.oversight import reference
from tests.oversight.cases import FIRST, Case, Scene, at_random, make_scene, write

ANSWERS = Cut(duty=Duty.ANSWER)
YEAR = Span(dt.date(2025, 10, 1), dt.date(2026, 9, 30))
QUARTER = Span(dt.date(2026, 1, 1), dt.date(2026, 3, 31))
TODAY = dt.date(2026, 7, 15)


@pytest.fixture
def scene(app) -> Scene:
    return make_scene()


def of(reader: User, names: Any, **over: Any) -> list[Row]:
    asked: dict[str, Any] = {"cut": ANSWERS, "span": QUARTER, "today": TODAY} | over
    return figures(names, reach=reader.reach, own_path=reader.unit.path, **asked)


def value(scene: Scene, name: str, **over: Any) -> float | None:
    return of(scene.reader, [name], **over)[0][name].value


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
    max_size=40,
)
SPANS = st.builds(
    lambda first, days: Span(FIRST + dt.timedelta(first), FIRST + dt.timedelta(first + days)), st.integers(0, 300), st.integers(0, 120)
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def test_a_cut_to_a_unit_or_a_source_is_what_a_slow_count_gives(many):
    for cut in (replace(ANSWERS, unit=many.units[1]), replace(ANSWERS, source="letter"), replace(ANSWERS, source="conclusion")):
        rows = {
            row.key: {name: told(each) for name, each in row.figures.items()} for row in of(many.reader, NAMES, by=Dimension.UNIT, cut=cut)
        }
        assert rows == expected("unit", many.reader, cut, QUARTER, TODAY)
        assert rows
