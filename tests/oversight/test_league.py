"""The league is fair: like with like, few cases apart, ties on one rank, nothing mixed."""

from __future__ import annotations

import datetime as dt

import pytest

from app import clock, settings
from app.access import SYSTEM
from app.assignments.rules import Duty, State
from app.fold import sort_key
from dialogues.duties import Span
from oversight.figures import DutiesMixed, league
from oversight.register import Cut
from oversight.rules.league import Entry, groups
from tests.oversight.cases import Case, make_scene, write


def entry(name: str, value: float, cases: int = 20, kind: str = "department", level: str = "province") -> Entry:
    return Entry(ord(name[0]), name, sort_key(name), kind, level, value, cases)


def ranks(*entries: Entry, higher_is_better: bool = True) -> list[tuple[str, int, bool]]:
    (group,) = groups(entries, least=10, higher_is_better=higher_is_better)
    return [(placed.entry.name, placed.rank, placed.tied) for placed in group.placed]


def test_the_best_comes_first():
    assert ranks(entry("A", 0.5), entry("B", 0.9)) == [("B", 1, False), ("A", 2, False)]


def test_of_days_the_fewest_come_first():
    assert ranks(entry("A", 5), entry("B", 9), higher_is_better=False) == [("A", 1, False), ("B", 2, False)]


def test_equals_share_a_rank_stand_by_name_and_the_next_is_counted_behind_them():
    found = ranks(entry("Đ", 0.9), entry("D", 0.9), entry("E", 0.9), entry("C", 0.5))

    assert found == [("D", 1, True), ("Đ", 1, True), ("E", 1, True), ("C", 4, False)]


def test_shares_that_are_equal_as_fractions_are_equal():
    assert ranks(entry("A", 3 / 9, 9 * 2), entry("B", 6 / 18, 18)) == [("A", 1, True), ("B", 1, True)]


@pytest.mark.parametrize(("cases", "ranked"), [(9, False), (10, True)])
def test_few_cases_stand_apart(cases, ranked):
    (group,) = groups([entry("A", 1.0, cases), entry("B", 0.5)], least=10, higher_is_better=True)

    assert [each.name for each in group.few] == ([] if ranked else ["A"])
    assert [placed.rank for placed in group.placed] == ([1, 2] if ranked else [1])


def test_only_like_stands_with_like_and_the_province_comes_first():
    found = groups(
        [entry("A", 0.1, kind="government", level="commune"), entry("B", 0.2), entry("C", 0.3, level="commune"), entry("E", 0.4)],
        least=10,
        higher_is_better=True,
    )

    assert [(group.level, group.kind, [placed.entry.name for placed in group.placed]) for group in found] == [
        ("province", "department", ["E", "B"]),
        ("commune", "department", ["C"]),
        ("commune", "government", ["A"]),
    ]


# --- of a province ------------------------------------------------------------------------------------------------------

SPAN, TODAY = Span(dt.date(2026, 1, 1), dt.date(2026, 3, 31)), dt.date(2026, 7, 15)
TOP, WORKS, ROADS, HEALTH, WARD, OTHER_WARD, OFFICE = range(7)


def kept(unit: int, number: int, *, late: int = 0, duty: str = Duty.ANSWER) -> list[Case]:
    done = [Case(unit=unit, opened=92, closed=5, state=State.DONE, duty=duty) for _ in range(number)]
    return done + [Case(unit=unit, opened=92, duty=duty) for _ in range(late)]


@pytest.fixture
def scene(app):
    return make_scene()


def table(scene, name: str = "on_time_share", cut: Cut | None = None):
    reader = scene.reader
    return league.table(name, cut=cut or Cut(duty=Duty.ANSWER), span=SPAN, today=TODAY, reach=reader.reach)


def test_a_unit_counts_with_its_divisions_and_they_do_not_stand_beside_it(scene):
    write(scene, kept(WORKS, 8) + kept(ROADS, 4, late=4) + kept(HEALTH, 12, late=4))
    departments = next(group for group in table(scene) if group.kind == "department")

    assert [(placed.entry.name, placed.rank, placed.entry.cases) for placed in departments.placed] == [
        ("Sở Xây dựng", 1, 16),
        ("Sở Y tế", 1, 16),
    ]


def test_governments_of_province_and_communes_are_not_compared(scene):
    write(scene, kept(TOP, 10) + kept(WARD, 10) + kept(OTHER_WARD, 10, late=10))
    found = {(group.level, group.kind): [placed.entry.name for placed in group.placed] for group in table(scene)}

    assert found == {
        ("province", "government"): ["UBND tỉnh"],
        ("commune", "government"): ["UBND phường Việt Yên", "UBND phường Kinh Bắc"],
    }


def test_duties_to_act_change_nothing_among_duties_to_answer(scene):
    write(scene, kept(HEALTH, 10) + kept(HEALTH, 0, late=30, duty=Duty.ACT))

    assert [placed.entry.value for group in table(scene) for placed in group.placed if placed.entry.name == "Sở Y tế"] == [1]
    with pytest.raises(DutiesMixed):
        table(scene, cut=Cut())


def test_an_administrator_says_how_many_cases_are_few(scene):
    write(scene, kept(HEALTH, 4))
    before = [each.name for group in table(scene) for each in group.few]
    settings.change("league_least", 4, actor=SYSTEM, now=clock.now())

    assert sorted(before) == ["Sở Y tế", "UBND tỉnh"]
    assert [group.few for group in table(scene)] == [(), ()]


@pytest.mark.parametrize("name", league.FIGURES)
def test_every_figure_can_be_ranked(scene, name):
    write(scene, [*kept(HEALTH, 12), Case(unit=WORKS, opened=92, closed=9, state=State.DONE, marks=(3,), hops=3, round=2)])

    assert {"Sở Xây dựng"} <= {each.name for group in table(scene, name) for each in group.few}


def test_who_had_no_case_is_not_in_the_table(scene):
    write(scene, kept(HEALTH, 12))

    assert "Sở Xây dựng" not in {each.name for group in table(scene) for each in (*group.few, *(p.entry for p in group.placed))}
