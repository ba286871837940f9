"""The calendar that is shipped, against the holidays package it was seeded from and against itself."""

import datetime as dt

import holidays
import pytest

from app.calendar.days import ONE_DAY, DayKind
from tests.app.calendar.shipped import CALENDAR, SPECIAL_DAYS, YEARS, read

#: Where we know better than the package, day by day with the reason.
WE_KNOW_BETTER = {
    dt.date(2026, 1, 2): "off: swapped with 10/1 (12729/VPCP-KGVX, 25/12/2025)",
    dt.date(2026, 1, 10): "worked in its place",
    dt.date(2026, 11, 24): "Ngày Văn hóa Việt Nam: no legal basis seen",
    dt.date(2027, 11, 24): "the same",
    dt.date(2028, 11, 24): "the same",
}


def test_the_calendar_agrees_with_the_package_but_where_we_know_better():
    package = holidays.country_holidays("VN", years=YEARS)
    first, last = dt.date(min(YEARS), 1, 1), dt.date(max(YEARS), 12, 31)
    every_day = [first + n * ONE_DAY for n in range((last - first).days + 1)]

    differences = {day for day in every_day if CALENDAR.is_working(day) != package.is_working_day(day)}

    assert differences == set(WE_KNOW_BETTER)


@pytest.mark.parametrize("year", read("calendar.toml")["year"], ids=lambda year: year["year"])
def test_a_year_s_days_are_its_own_in_order_and_each_once(year):
    days = [each["day"] for each in year["days"]]

    assert days == sorted(set(days))
    assert {day.year for day in days} == {year["year"]}
    assert year["source"]
    assert "gói" not in year["source"]  # a person reads it: it names documents, or that there is none yet


def test_every_day_worked_is_a_weekend_and_pays_for_a_weekday_off():
    worked = [each for each in SPECIAL_DAYS if each.kind is DayKind.SWAP_WORK]
    off = [each for each in SPECIAL_DAYS if each.kind is DayKind.SWAP_OFF]

    assert all(each.day.weekday() >= 5 for each in worked)
    assert all(each.day.weekday() < 5 for each in off)
    # Each names the other, so a citizen can read why a Friday was skipped or a Saturday counted.
    written = {f"{each.day.day}/{each.day.month}/{each.day.year}" for each in off}
    assert {each.name.split()[-1] for each in worked} == written


def test_only_years_whose_decision_is_out_are_confirmed():
    assert CALENDAR.unconfirmed == {2027, 2028}
