"""Dates, numbers and due dates as people say them."""

import datetime as dt

import pytest

from app import formats
from app.calendar.days import DayKind, SpecialDay, WorkCalendar, working_days_between
from app.gallery import sample_explanation
from app.qr import qr_svg
from tests.app.tiny_site import make_site

TUESDAY = dt.date(2027, 1, 5)
SUNDAY = dt.date(2026, 12, 27)
FRIDAY = dt.date(2026, 12, 25)
EVENING = dt.datetime(2026, 12, 21, 12, 42, tzinfo=dt.UTC)  # 19:42 in Vietnam
NIGHT = dt.datetime(2026, 12, 21, 18, 5, tzinfo=dt.UTC)  # the next day has begun in Vietnam


@pytest.fixture(params=["vi"])
def language(request):
    with make_site().test_request_context(f"/?lang={request.param}"):
        yield request.param


@pytest.mark.parametrize(
    ("make", "value", "language", "said"),
    [
        (formats.format_date, TUESDAY, "vi", "thứ\u00a0Ba, 5/1/2027"),
        (formats.format_date, TUESDAY, "en", "Tuesday, 5 January 2027"),
        (formats.format_date, SUNDAY, "vi", "Chủ\u00a0nhật, 27/12/2026"),
        (formats.format_day_short, TUESDAY, "vi", "5/1"),
        (formats.format_day_short, TUESDAY, "en", "5\u00a0Jan"),
        (formats.format_datetime, EVENING, "vi", "19:42 thứ\u00a0Hai, 21/12/2026"),
        (formats.format_datetime, EVENING, "en", "19:42, Monday, 21 December 2026"),
        (formats.format_datetime, NIGHT, "vi", "1:05 thứ\u00a0Ba, 22/12/2026"),  # the day is that of Vietnam
        (formats.format_date, NIGHT, "vi", "thứ\u00a0Ba, 22/12/2026"),
        (formats.format_day_short, NIGHT, "vi", "22/12"),
        (formats.format_number, 1037, "vi", "1.037"),
        (formats.format_number, 1037, "en", "1,037"),
        (formats.format_number, 0, "vi", "0"),
        (formats.format_bytes, 1_887_437, "vi", "1,8\u00a0MB"),
        (formats.format_bytes, 1_887_437, "en", "1.8\u00a0MB"),
        (formats.format_bytes, 245_760, "vi", "240\u00a0KB"),
        (formats.format_bytes, 1, "vi", "1\u00a0KB"),  # never "0 KB" for a file that holds something
        (formats.upper_first, "thứ Ba, 5/1/2027", "vi", "Thứ Ba, 5/1/2027"),
    ],
    indirect=["language"],
)
def test_value_is_said_as_people_say_it(make, value, language, said):
    assert make(value) == said


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (81, 100, "81%"),
        (999, 1000, "99%"),  # one that is missing keeps it from being all
        (1, 1000, "<1%"),  # one that is there keeps it from being none
        (0, 1000, "0%"),
        (5, 5, "100%"),
        (0, 0, "–"),
    ],
)
def test_share_is_not_rounded_into_a_lie(part, whole, said):
    assert formats.format_percent(part, whole) == said


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([1, 1, 1, 3], ["17%", "17%", "16%", "50%"]),  # each rounded by itself they would make 101, and the next 99
        ([1, 1, 1], ["34%", "33%", "33%"]),
        ([999, 1], ["99%", "<1%"]),
        ([5, 0], ["100%", "0%"]),
        ([0, 0], ["–", "–"]),
    ],
)
def test_shares_of_one_whole_make_a_whole(parts, said):
    assert formats.shares(parts) == said


@pytest.mark.parametrize(
    ("due_on", "today", "working_days", "state", "text"),
    [
        (TUESDAY, dt.date(2026, 12, 21), 10, "ok", "Còn 10 ngày làm việc"),
        (TUESDAY, dt.date(2026, 12, 31), 2, "soon", "Còn 2 ngày làm việc"),
        (TUESDAY, TUESDAY, 0, "today", "Hạn hôm nay"),
        (TUESDAY, dt.date(2027, 1, 8), 3, "late", "Quá hạn 3 ngày làm việc"),
        (FRIDAY, SUNDAY, 0, "late", "Hết hạn 25/12"),  # no working day has passed, and still it is late
        (SUNDAY, FRIDAY, 0, "soon", "Hạn 27/12"),  # due on a day off
    ],
)
def test_due_chip_burns_when_it_should(language, due_on, today, working_days, state, text):
    assert formats.due_chip(due_on, today, working_days) == {"state": state, "text": text}


NEW_YEAR = WorkCalendar([SpecialDay(dt.date(2027, 1, 1), DayKind.HOLIDAY, "Tết Dương lịch")], [2026, 2027])  # a Friday
DUE = [dt.date(2026, 12, day) for day in (28, 29, 30, 31)] + [dt.date(2027, 1, day) for day in (1, 2, 4, 5)]


@pytest.mark.parametrize(
    ("seen_on", "said"),
    [
        (dt.date(2026, 12, 30), ["quá 2", "quá 1", "hôm nay", "còn 1", "còn 1", "còn 1", "còn 2", "còn 3"]),  # a Wednesday
        (dt.date(2026, 12, 31), ["quá 3", "quá 2", "quá 1", "hôm nay", "hạn 1/1", "hạn 2/1", "còn 1", "còn 2"]),
        (dt.date(2027, 1, 1), ["quá 3", "quá 2", "quá 1", "hết 31/12", "hôm nay", "hạn 2/1", "còn 1", "còn 2"]),  # the holiday
        (dt.date(2027, 1, 2), ["quá 3", "quá 2", "quá 1", "hết 31/12", "hết 1/1", "hôm nay", "còn 1", "còn 2"]),  # Saturday
        (dt.date(2027, 1, 3), ["quá 3", "quá 2", "quá 1", "hết 31/12", "hết 1/1", "hết 2/1", "còn 1", "còn 2"]),
        (dt.date(2027, 1, 4), ["quá 4", "quá 3", "quá 2", "quá 1", "quá 1", "quá 1", "hôm nay", "còn 1"]),  # work goes on
    ],
)
def test_what_was_due_earlier_never_reads_as_less_late_over_weekends_and_holidays(language, seen_on, said):
    chips = [formats.due_chip(due_on, seen_on, working_days_between(seen_on, due_on, NEW_YEAR)) for due_on in DUE]
    short = {"Quá hạn": "quá", "Hết hạn": "hết", "Còn": "còn", "Hạn hôm nay": "hôm nay", "Hạn": "hạn"}
    texts = [chip["text"].removesuffix(" ngày làm việc") for chip in chips]
    for long, word in short.items():
        texts = [text.replace(long, word, 1) if text.startswith(long) else text for text in texts]
    assert texts == said
    assert [chip["state"] == "late" for chip in chips] == [due_on < seen_on for due_on in DUE]


def test_calendar_of_an_explanation_has_weeks_from_monday_to_sunday():
    weeks = formats.calendar_weeks(sample_explanation()["days"])

    assert [[day and day["date"].day for day in week] for week in weeks] == [
        [None, 22, 23, 24, 25, 26, 27],
        [28, 29, 30, 31, 1, 2, 3],
        [4, 5, None, None, None, None, None],
    ]


def test_skipped_days_are_told_by_name(language):
    skipped = formats.skipped_days(sample_explanation()["days"])

    assert [(reason, [day.day for day in days]) for reason, days in skipped] == [
        ("nghỉ cuối tuần", [26, 27, 2, 3]),
        ("Tết Dương lịch", [1]),
    ]


def test_square_code_escapes_its_label():
    svg = qr_svg("https://example.test/t/BN-26-7K3FQ2-9", '"><script>')

    assert svg.startswith('<svg class="qr" viewBox="0 0 ')
    assert "<script>" not in svg
    assert "style" not in svg
