"""Figures that are not of promises: meetings owed to the people, and denunciations, of which next to nothing is said."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from app import clock
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from dialogues import board
from dialogues.duties import DutyKind, Span, State
from dialogues.operations.duties import load_shipped
from feedback import rules
from feedback.sealed.models import SealedCase, SealedCaseStep
from feedback.sealed.operations import sealing
from feedback.sealed.rules import SealedStep
from oversight.figures import sealed as figures_sealed
from oversight.figures.meetings import Meetings, meetings, total
from oversight.figures.sealed import half_year
from tests.factories import make_place, make_user
from tests.feedback import builders
from tests.oversight.cases import make_scene

# --- denunciations ------------------------------------------------------------------------------------------------------

TODAY = dt.date(2027, 1, 15)
SPANS = [(dt.date(2026, 7, 1), dt.date(2026, 12, 31)), (dt.date(2026, 1, 1), dt.date(2026, 6, 30))]


def day(month: int, number: int, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, number, 6, 30, tzinfo=LOCAL)


def send(at: dt.datetime, **steps: dt.datetime) -> None:
    """Take in a case; *steps*: what was done with it, and when."""
    builders.submit(at, kind=rules.DENUNCIATION, body="Cán bộ nhận tiền", token=at.isoformat())
    db.session.flush()
    case = db.session.scalars(db.select(SealedCase).order_by(SealedCase.id.desc())).first()
    reader = make_user()
    for kind, when in steps.items():
        db.session.add(SealedCaseStep(case=case, user_id=reader.id, at=when, kind=SealedStep[kind], said="Đã xem"))
    db.session.flush()


def front(scope=None):
    return make_user(roles=[(Role.FRONT, scope)]).reach


def test_how_many_came_is_said_of_half_years_that_are_over(province):
    for at in (day(6, 30), day(7, 1), day(12, 31), day(1, 5, 2027)):
        send(at)

    counted = [((span.first, span.last), number) for span, number in figures_sealed.received(TODAY, 2)]

    assert counted == [(SPANS[0], 2), (SPANS[1], 1)]


@pytest.mark.parametrize(
    ("steps", "became"),
    [
        ({"BOOKED": day(8, 12)}, (1, 0)),  # seven working days after Monday 3/8
        ({"BOOKED": day(8, 13)}, (0, 1)),
        ({"OPENED": day(8, 4)}, (0, 1)),  # a look is not yet handling it
        ({"ADDED": day(8, 4), "PASSED_ON": day(8, 20)}, (0, 1)),
        ({"OUTSIDE": day(8, 5), "BOOKED": day(8, 20)}, (1, 0)),
        ({}, (0, 1)),
    ],
)
def test_a_case_is_in_time_when_something_was_done_by_the_day_of_first_handling(province, steps, became):
    send(day(8, 3), **steps)

    found = figures_sealed.timeliness(front(), TODAY, 1)

    assert [(each.received, each.in_time, each.late, each.waiting, each.unknown) for each in found] == [(1, *became, 0, 0)]
    assert found[0].share == became[0]


def test_a_case_whose_day_has_not_passed_is_neither_in_time_nor_late(province):
    send(day(12, 31))

    (found,) = figures_sealed.timeliness(front(), dt.date(2027, 1, 4), 1)

    assert (found.waiting, found.late, found.share) == (1, 0, None)


def test_only_mttq_of_the_province_reads_how_timely_they_were(province):
    scopes = [province.front, make_place(), province.root]
    others = [make_user(roles=[(role, None)]).reach for role in Role if role is not Role.FRONT]

    assert figures_sealed.timeliness(front(), TODAY) is not None
    assert [figures_sealed.timeliness(reach, TODAY) for reach in (*map(front, scopes), *others)] == [None] * (len(scopes) + len(others))


def totals(client) -> list[object]:
    """What everyone, and MTTQ of the province, may count: the public page of figures, its data, and how timely they were."""
    return [
        *(client.get(path).text for path in ("/minh-bach", "/api/v1/statistics")),
        figures_sealed.received(TODAY), figures_sealed.timeliness(front(), TODAY),
    ]  # fmt: skip


def test_no_total_tells_by_the_day_on_which_it_changes_that_a_case_came_or_an_item_was_sealed(client, province, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2027, 1, 15, 9, tzinfo=LOCAL))
    send(day(8, 3), BOOKED=day(8, 5))
    old = builders.received(day(9, 1), body="Cán bộ địa chính vòi tiền")
    db.session.commit()
    before = totals(client)
    send(day(1, 14, 2027))
    assert totals(client) == before
    counted = before[2]
    sealing.seal(old, reason="Tố cáo", actor=province.clerk, now=clock.now())
    db.session.commit()
    assert figures_sealed.received(TODAY) == counted, "subtracted from what a unit misses since, it would tell which unit it is about"
    assert figures_sealed.received(dt.date(2027, 7, 1), 1) == [(Span(dt.date(2027, 1, 1), dt.date(2027, 6, 30)), 2)]


@pytest.mark.parametrize(("month", "first"), [(1, 1), (6, 1), (7, 7), (12, 7)])
def test_a_half_year_begins_in_january_or_july(month, first):
    assert half_year(dt.date(2026, month, 30)).first == dt.date(2026, first, 1)


# --- meetings -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def scene(app):
    scene = make_scene()
    load_shipped(now=day(1, 1, 2025))  # watched from then on
    return scene


def test_meetings_owed_are_counted_as_the_board_shows_them(scene):
    reach = scene.reader.reach
    for kind in DutyKind:
        found = meetings(2026, today=TODAY, reach=reach, kind=kind)
        rows = [row for row in board.rows(reach, year=2026, today=TODAY) if row.duty.kind == kind]

        assert total(found).states == Counter(row.standing.state for row in rows)
        assert {each.unit.id: each.duties for each in found} == Counter(row.unit.id for row in rows)
        assert total(found).late == total(found).duties > 0, "nobody met anyone"


def test_meetings_are_cut_to_a_unit_and_to_a_level(scene):
    works, ward = scene.units[1], scene.units[4]
    reach, year = scene.reader.reach, 2026

    assert {each.unit for each in meetings(year, today=TODAY, reach=reach, below=ward)} == {ward}
    assert {each.unit.level for each in meetings(year, today=TODAY, reach=reach, level="commune")} == {"commune"}
    assert works in {each.unit for each in meetings(year, today=TODAY, reach=reach)}


def test_the_share_is_of_duties_that_are_not_late_and_of_nothing_there_is_none():
    assert Meetings(states=Counter({State.LATE: 1, State.OPEN: 1, State.MET: 2})).share == 0.75
    assert Meetings().share is None
