"""Working days and the count from an event to a due date, over the calendar that is shipped."""

import datetime as dt
import itertools

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.calendar.days import (
    ONE_DAY,
    CalendarNotLoaded,
    Counted,
    DayKind,
    Extension,
    Pause,
    PauseInvalid,
    Skip,
    SpecialDay,
    Term,
    TermInvalid,
    TermUnit,
    WorkCalendar,
    count,
    lateness,
    working_days_between,
)
from tests.app.calendar.shipped import CALENDAR, SPECIAL_DAYS, YEARS

WORKING, CALENDAR_DAYS = TermUnit.WORKING, TermUnit.CALENDAR


def day(text: str) -> dt.date:
    """Return the date written as people write it: 5/1/2027."""
    return dt.datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=dt.UTC).date()


def due(amount: int, unit: TermUnit, start: str, **over) -> dt.date | None:
    return count(Term(amount, unit, **over), day(start), CALENDAR).due_on


@pytest.mark.parametrize(
    ("on", "why"),
    [
        ("20/11/2026", None),  # an ordinary Friday
        ("21/11/2026", Skip.WEEKEND),  # an ordinary Saturday
        ("1/1/2026", Skip.HOLIDAY),  # Tết Dương lịch
        ("2/1/2026", Skip.SWAP_OFF),  # a Friday off, made up for on the 10th (12729/VPCP-KGVX)
        ("10/1/2026", None),  # that Saturday is worked
        ("16/2/2026", Skip.HOLIDAY),  # Tết 2026: five days from the 16th
        ("20/2/2026", Skip.HOLIDAY),  # ... to the 20th
        ("23/2/2026", None),  # back at work
        ("26/4/2026", Skip.HOLIDAY),  # Giỗ Tổ falls on a Sunday: named, not just a weekend
        ("27/4/2026", Skip.HOLIDAY),  # ... and is made up for on Monday
        ("22/8/2026", None),  # a Saturday worked
        ("31/8/2026", Skip.SWAP_OFF),  # for this Monday
        ("1/9/2026", Skip.HOLIDAY),  # Quốc khánh has two days
        ("24/11/2026", None),  # Ngày Văn hóa Việt Nam: known, not observed until a law says so
        ("26/4/2025", None),  # a Saturday worked for 2/5/2025
        ("29/4/2024", Skip.SWAP_OFF),  # a Monday off against Saturday 4/5/2024
    ],
)
def test_a_day_is_worked_or_off_for_a_reason(on, why):
    assert CALENDAR.why_off(day(on)) == why
    assert CALENDAR.is_working(day(on)) is (why is None)


@pytest.mark.parametrize("year", [2023, 2029])
def test_a_day_of_a_year_that_is_not_loaded_is_undetermined(year):
    with pytest.raises(CalendarNotLoaded) as refused:
        CALENDAR.is_working(dt.date(year, 6, 1))

    assert refused.value.year == year


def test_a_gap_between_loaded_years_is_undetermined_too():
    calendar = WorkCalendar((), [2024, 2026])

    with pytest.raises(CalendarNotLoaded):
        count(Term(5, WORKING), dt.date(2024, 12, 30), calendar)


@pytest.mark.parametrize(
    ("amount", "unit", "start", "due_on"),
    [
        # amount, unit, day of the event, due
        (1, WORKING, "16/11/2026", "17/11/2026"),  # Monday → Tuesday: the day of the event is not counted
        (1, WORKING, "20/11/2026", "23/11/2026"),  # Friday → Monday
        (1, WORKING, "21/11/2026", "23/11/2026"),  # received on Saturday: Monday is day one
        (10, WORKING, "21/12/2026", "5/1/2027"),  # the drain of Mrs Hợp: two weekends and Tết Dương lịch (a Friday)
        (10, WORKING, "9/2/2026", "2/3/2026"),  # Tết 2026: the whole week of 16/2 is skipped
        (5, WORKING, "13/2/2026", "27/2/2026"),  # received on the last day before Tết
        (3, WORKING, "18/2/2026", "25/2/2026"),  # received on mùng Hai
        (5, WORKING, "5/1/2026", "10/1/2026"),  # swap: Saturday 10/1/2026 is the fifth working day
        (1, WORKING, "31/12/2025", "5/1/2026"),  # 1/1 holiday, 2/1 swapped off, weekend
        (5, WORKING, "17/8/2026", "22/8/2026"),  # swap: Saturday 22/8/2026 is worked
        (3, WORKING, "28/8/2026", "7/9/2026"),  # Quốc khánh 2026: five days off in a row, 29/8 to 2/9
        (5, WORKING, "23/4/2026", "5/5/2026"),  # Giỗ Tổ made up on 27/4, then 30/4, 1/5
        (3, WORKING, "23/11/2026", "26/11/2026"),  # 24/11 is not observed
        (30, CALENDAR_DAYS, "1/6/2026", "1/7/2026"),  # June has thirty days
        (10, CALENDAR_DAYS, "2/11/2026", "12/11/2026"),  # weekends inside a calendar term count
        (10, CALENDAR_DAYS, "11/11/2026", "23/11/2026"),  # the tenth day is Saturday 21/11: rolls to Monday
        (7, CALENDAR_DAYS, "9/2/2026", "23/2/2026"),  # the seventh day is 16/2, the first of Tết: rolls over all of it
        (30, CALENDAR_DAYS, "1/8/2026", "3/9/2026"),  # ends on 31/8 (swapped off), then Quốc khánh
        (5, CALENDAR_DAYS, "17/8/2026", "22/8/2026"),  # ends on a Saturday that is worked: no roll
        (60, CALENDAR_DAYS, "21/11/2026", "20/1/2027"),  # kiến nghị cử tri
    ],
)
def test_a_term_ends(amount, unit, start, due_on):
    assert due(amount, unit, start) == day(due_on)


@pytest.mark.parametrize(
    ("amount", "unit", "start", "due_on"),
    [
        (-7, CALENDAR_DAYS, "8/12/2026", "1/12/2026"),  # announced at the latest on Tuesday for Tuesday
        (-7, CALENDAR_DAYS, "5/12/2026", "28/11/2026"),  # a Saturday stays: Monday would leave five days of notice
        (-7, CALENDAR_DAYS, "9/9/2026", "2/9/2026"),  # Quốc khánh stays too
        (-3, WORKING, "23/11/2026", "18/11/2026"),  # working days counted back over a weekend
    ],
)
def test_a_term_counted_back_never_rolls_towards_its_event(amount, unit, start, due_on):
    counted = count(Term(amount, unit), day(start), CALENDAR)

    assert counted.due_on == day(due_on)
    assert counted.rolled_from is None


def test_a_rule_may_switch_the_roll_off():
    assert due(10, CALENDAR_DAYS, "11/11/2026", roll_forward=False) == day("21/11/2026")


@pytest.mark.parametrize(
    ("amount", "unit", "start", "year"),
    [
        (10, WORKING, "27/12/2028", 2029),  # runs over the end of what is loaded
        (3, CALENDAR_DAYS, "28/12/2028", None),  # ends on Sunday 31/12/2028 and would roll into 2029
        (10, CALENDAR_DAYS, "1/6/2023", 2023),  # the event itself is outside
        (1, WORKING, "31/12/9999", 9999),  # the last day there is
        (-7, CALENDAR_DAYS, "1/1/1900", 1900),
    ],
)
def test_a_count_that_leaves_the_loaded_years_is_undetermined(amount, unit, start, year):
    with pytest.raises(CalendarNotLoaded) as refused:
        due(amount, unit, start)

    assert refused.value.year == (year or 2029)


def test_the_explanation_names_every_day_up_to_the_due_date():
    counted = count(Term(10, WORKING), day("21/12/2026"), CALENDAR)

    assert counted.first_counted == day("22/12/2026")
    assert [(mark.day.day, mark.number, mark.skip, mark.name) for mark in counted.marks] == [
        (22, 1, None, ""),
        (23, 2, None, ""),
        (24, 3, None, ""),
        (25, 4, None, ""),
        (26, None, Skip.WEEKEND, ""),
        (27, None, Skip.WEEKEND, ""),
        (28, 5, None, ""),
        (29, 6, None, ""),
        (30, 7, None, ""),
        (31, 8, None, ""),
        (1, None, Skip.HOLIDAY, "Tết Dương lịch"),
        (2, None, Skip.WEEKEND, ""),
        (3, None, Skip.WEEKEND, ""),
        (4, 9, None, ""),
        (5, 10, None, ""),
    ]
    assert len(counted.skipped) == 5
    assert counted.estimated_years == (2027,)  # whose calendar awaits the yearly decision


def test_the_explanation_of_a_roll_tells_from_where_and_over_what():
    counted = count(Term(7, CALENDAR_DAYS), day("9/2/2026"), CALENDAR)

    assert counted.rolled_from == day("16/2/2026")
    assert [mark.name for mark in counted.skipped][:2] == ["Tết Âm lịch (mùng Một)", "Tết Âm lịch (mùng Hai)"]
    assert counted.marks[6].number == 7  # the day it rolled from was the last counted
    assert counted.marks[-1].day == counted.due_on == day("23/2/2026")
    assert counted.marks[-1].number is None


def test_a_worked_saturday_says_for_what_it_is_worked():
    counted = count(Term(5, WORKING), day("5/1/2026"), CALENDAR)

    assert counted.marks[-1].number == 5
    assert counted.marks[-1].name == "Làm bù cho thứ Sáu 2/1/2026"


@pytest.mark.parametrize(
    ("begins", "ends", "due_on"),
    [
        # ten working days from Monday 2/11/2026 end on Monday 16/11
        ("5/11/2026", "9/11/2026", "18/11/2026"),  # asked on Thursday, answered on Monday: Thursday and Friday do not count
        ("5/11/2026", "5/11/2026", "16/11/2026"),  # asked and answered on one day: nothing moves
        ("7/11/2026", "9/11/2026", "16/11/2026"),  # over a weekend only: nothing moves
        ("16/11/2026", "18/11/2026", "18/11/2026"),  # asked on the due day itself: that day is not over, and comes back
        ("17/11/2026", "20/11/2026", "16/11/2026"),  # asked when it was late: late stays late
        ("2/11/2026", "3/11/2026", "16/11/2026"),  # only the day of the event, which is never counted
    ],
)
def test_a_pause_gives_back_the_working_days_it_stood_over(begins, ends, due_on):
    pauses = [Pause(day(begins), day(ends), "waiting_for_sender")]

    counted = count(Term(10, WORKING), day("2/11/2026"), CALENDAR, pauses)

    assert counted.due_on == day(due_on)


def test_an_open_pause_leaves_no_due_date_but_the_days_still_to_count():
    pauses = [Pause(day("5/11/2026"), None, "waiting_for_sender")]

    counted = count(Term(10, WORKING), day("2/11/2026"), CALENDAR, pauses)

    assert counted.due_on is None
    assert counted.remaining == 8  # the 3rd and the 4th are counted
    assert (counted.paused_since, counted.paused_on) == (day("5/11/2026"), "waiting_for_sender")


def test_a_pause_opened_after_the_due_date_changes_nothing():
    counted = count(Term(10, WORKING), day("2/11/2026"), CALENDAR, [Pause(day("17/11/2026"), None, "waiting_for_sender")])

    assert counted.due_on == day("16/11/2026")
    assert counted.paused_since is None


def test_paused_days_are_named_with_their_ground_and_weekends_in_a_pause_stay_weekends():
    pauses = [Pause(day("5/11/2026"), day("10/11/2026"), "suspended")]

    counted = count(Term(10, WORKING), day("2/11/2026"), CALENDAR, pauses)

    assert [(mark.day.day, mark.skip, mark.name) for mark in counted.skipped][:5] == [
        (5, Skip.PAUSED, "suspended"),
        (6, Skip.PAUSED, "suspended"),
        (7, Skip.WEEKEND, ""),
        (8, Skip.WEEKEND, ""),
        (9, Skip.PAUSED, "suspended"),
    ]


def test_a_calendar_term_pauses_over_weekends_too_and_rolls_past_a_pause():
    term, start = Term(10, CALENDAR_DAYS), day("2/11/2026")

    assert count(term, start, CALENDAR, [Pause(day("6/11/2026"), day("9/11/2026"), "suspended")]).due_on == day("16/11/2026")
    # Ends on Saturday 14/11 and would roll to Monday, which is paused.
    assert count(Term(12, CALENDAR_DAYS), start, CALENDAR, [Pause(day("16/11/2026"), day("18/11/2026"), "suspended")]).due_on == day(
        "18/11/2026"
    )
    assert count(Term(12, CALENDAR_DAYS), start, CALENDAR, [Pause(day("16/11/2026"), None, "suspended")]).remaining == 0


@pytest.mark.parametrize(
    ("term", "extensions", "due_on"),
    [
        (Term(10, WORKING), [Extension(5, WORKING, "complex")], "23/11/2026"),  # goes on from day ten
        (Term(30, CALENDAR_DAYS), [Extension(15, CALENDAR_DAYS, "complex")], "17/12/2026"),  # 45 days, as one term
        (Term(12, CALENDAR_DAYS), [Extension(2, CALENDAR_DAYS, "complex")], "16/11/2026"),  # only the end of the whole rolls
        (Term(12, CALENDAR_DAYS), [Extension(2, WORKING, "complex")], "17/11/2026"),  # ends Saturday, then two working days
    ],
)
def test_an_extension_goes_on_from_the_last_day_counted(term, extensions, due_on):
    assert count(term, day("2/11/2026"), CALENDAR, extensions=extensions).due_on == day(due_on)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(TermInvalid):
        Term(0, WORKING)
    with pytest.raises(TermInvalid):
        Extension(-1, WORKING, "complex")
    with pytest.raises(PauseInvalid):
        Pause(day("5/11/2026"), day("4/11/2026"), "suspended")
    with pytest.raises(TermInvalid):
        count(Term(-7, CALENDAR_DAYS), day("8/12/2026"), CALENDAR, [Pause(day("3/12/2026"), None, "suspended")])


@pytest.mark.parametrize(
    ("a", "b", "days"),
    [
        ("20/11/2026", "23/11/2026", 1),  # Friday to Monday
        ("20/11/2026", "20/11/2026", 0),
        ("20/11/2026", "22/11/2026", 0),  # a weekend is no working day held
        ("21/12/2026", "5/1/2027", 10),  # the same ten days as the term
        ("23/11/2026", "20/11/2026", -1),  # the due date is behind us
    ],
)
def test_working_days_between_are_counted_like_a_term(a, b, days):
    assert working_days_between(day(a), day(b), CALENDAR) == days


@pytest.mark.parametrize(
    ("due_on", "as_of", "days"),
    [
        ("20/11/2026", "19/11/2026", 0),
        ("20/11/2026", "20/11/2026", 0),  # the due day ends at 24:00
        ("20/11/2026", "21/11/2026", 1),  # Saturday is late, though no working day has passed
    ],
)
def test_lateness_begins_the_day_after(due_on, as_of, days):
    assert lateness(day(due_on), day(as_of)) == days


# --- Properties: over every start, term, holiday and pause that hypothesis thinks of ----------------------------------

# A busy machine is no failure.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

FIRST, LAST = dt.date(2024, 1, 1), dt.date(2027, 6, 30)
starts = st.dates(FIRST, LAST)
terms = st.builds(Term, st.integers(1, 60), st.sampled_from(TermUnit))
working_terms = st.builds(Term, st.integers(1, 60), st.just(WORKING))
offsets = st.integers(0, 90)


def ended(counted: Counted) -> dt.date:
    assert counted.due_on is not None
    return counted.due_on


def days_after(start: dt.date, end: dt.date) -> list[dt.date]:
    return [start + n * ONE_DAY for n in range(1, (end - start).days + 1)]


@given(term=terms, start=starts, offset=offsets)
def test_adding_a_holiday_never_moves_a_forward_due_date_earlier(term, start, offset):
    holiday = SpecialDay(start + offset * ONE_DAY, DayKind.HOLIDAY, "Nghỉ thêm")
    with_holiday = WorkCalendar([*SPECIAL_DAYS, holiday], YEARS)

    assert ended(count(term, start, with_holiday)) >= ended(count(term, start, CALENDAR))


@given(term=working_terms, start=starts, offset=st.integers(1, 90), length=st.integers(0, 60))
def test_pausing_a_working_day_clock_over_n_working_days_moves_it_n_working_days(term, start, offset, length):
    unpaused = ended(count(term, start, CALENDAR))
    begins = start + offset * ONE_DAY
    assume(begins <= unpaused)
    pause = Pause(begins, begins + length * ONE_DAY, "waiting_for_sender")
    n = sum(CALENDAR.is_working(begins + k * ONE_DAY) for k in range(length))

    paused = ended(count(term, start, CALENDAR, [pause]))

    assert working_days_between(unpaused, paused, CALENDAR) == n


@given(term=terms, start=starts, offset=offsets)
def test_a_pause_that_begins_and_ends_on_one_day_moves_nothing(term, start, offset):
    at = start + offset * ONE_DAY

    assert count(term, start, CALENDAR, [Pause(at, at, "waiting_for_sender")]) == count(term, start, CALENDAR)


@given(term=terms, start=starts, offset=offsets, first=st.integers(0, 30), second=st.integers(0, 30))
def test_two_pauses_end_to_end_are_as_one(term, start, offset, first, second):
    begins = start + offset * ONE_DAY
    middle, ends = begins + first * ONE_DAY, begins + (first + second) * ONE_DAY

    apart = count(term, start, CALENDAR, [Pause(begins, middle, "suspended"), Pause(middle, ends, "suspended")])

    assert apart == count(term, start, CALENDAR, [Pause(begins, ends, "suspended")])


@given(term=terms, start=starts, offset=st.integers(1, 90))
def test_a_pause_opened_on_time_stops_the_clock_and_closing_it_loses_no_day(term, start, offset):
    begins = start + offset * ONE_DAY
    assume(begins <= ended(count(term, start, CALENDAR)))

    standing = count(term, start, CALENDAR, [Pause(begins, None, "suspended")])

    assert standing.due_on is None
    assert sum(1 for mark in standing.marks if mark.number) + standing.remaining == term.amount


@given(
    term=terms,
    start=starts,
    amounts=st.lists(st.integers(1, 30), max_size=2),
    spans=st.lists(st.tuples(offsets, st.integers(0, 20)), max_size=3),
)
def test_the_explanation_is_the_count(term, start, amounts, spans):
    extensions = [Extension(amount, term.unit, "complex") for amount in amounts]
    pauses = [Pause(start + a * ONE_DAY, start + (a + b) * ONE_DAY, "suspended") for a, b in spans]

    counted = count(term, start, CALENDAR, pauses, extensions)

    assert [mark.day for mark in counted.marks] == days_after(start, ended(counted))  # no day is left out
    numbers = [mark.number for mark in counted.marks if mark.number]
    assert numbers == list(range(1, term.amount + sum(amounts) + 1))  # every day promised is counted, once
    assert CALENDAR.is_working(ended(counted))
    assert not any(pause.covers(ended(counted)) for pause in pauses)


@given(term=terms, start=starts)
def test_receiving_it_a_day_later_never_makes_it_due_earlier(term, start):
    assert ended(count(term, start + ONE_DAY, CALENDAR)) >= ended(count(term, start, CALENDAR))


@given(days=st.lists(starts, min_size=2, max_size=6))
def test_the_spans_of_a_chain_of_holders_add_up(days):
    chain = sorted(days)

    spans = [working_days_between(a, b, CALENDAR) for a, b in itertools.pairwise(chain)]

    assert sum(spans) == working_days_between(chain[0], chain[-1], CALENDAR)


odd_days = st.builds(SpecialDay, starts, st.sampled_from(DayKind), st.just("Ngày khác"))
any_day = st.dates(dt.date(2023, 6, 1), dt.date(2029, 6, 30))


@given(odd=st.lists(odd_days, max_size=20), a=any_day, b=any_day)
def test_working_days_are_reckoned_as_if_each_day_was_looked_at(odd, a, b):
    calendar = WorkCalendar([*SPECIAL_DAYS, *odd], YEARS)

    def outcome(reckon):
        try:
            return reckon()
        except CalendarNotLoaded as missing:
            return f"{missing.year} is not loaded"

    first, last = sorted([a, b])
    walked = outcome(lambda: sum(map(calendar.is_working, days_after(first, last))) * (1 if a <= b else -1))

    assert outcome(lambda: working_days_between(a, b, calendar)) == walked
