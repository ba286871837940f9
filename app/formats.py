"""How dates, times, numbers and due dates are said, in Vietnamese and in English.

Vietnamese: thứ Ba, 5/1/2027; 8:05; 1.037; 81%. The day's name never breaks over two lines.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, TypedDict

from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, gettext, ngettext
from markupsafe import Markup

from app.clock import LOCAL, local_date
from app.counting import MOST
from app.fields import form_errors
from app.qr import qr_svg

NBSP = "\u00a0"
_DAYS_VI = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

#: From this many days on a chip stops being quiet (mock/README "Status tag").
SOON_DAYS = 2


class Chip(TypedDict):
    """What the due chip shows: *state* is ok, soon, today, late, hold or done."""

    state: str
    text: str


def init_app(app: Flask) -> None:
    """Give templates the filters and functions of this module."""
    for make in (
        format_date, format_datetime, format_time, format_day_short, format_number, format_count, format_percent, format_bytes,
        upper_first, vi,
    ):  # fmt: skip
        app.add_template_filter(make)
    for make in (calendar_weeks, due_chip, form_errors, qr_svg, relative_due, skipped_days, weekday_heads):
        app.add_template_global(make)


def format_date(day: dt.date, *, weekday: bool = True) -> str:
    """Return *day* as people say it: "thứ Ba, 5/1/2027" or "Tuesday, 5 January 2027". Of an instant, its day in Vietnam."""
    day = _in_vietnam(day)
    plain = f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}" if _english() else f"{day.day}/{day.month}/{day.year}"
    return f"{weekday_name(day)}, {plain}" if weekday else plain


def format_day_short(day: dt.date) -> str:
    """Return *day* without its year, for lists: "5/1" or "5 Jan". Of an instant, its day in Vietnam."""
    day = _in_vietnam(day)
    return f"{day.day}{NBSP}{_MONTHS_EN[day.month - 1][:3]}" if _english() else f"{day.day}/{day.month}"


def format_time(instant: dt.datetime) -> str:
    """Return the hour of *instant* in Vietnam: "8:05"."""
    local = instant.astimezone(LOCAL)
    return f"{local.hour}:{local.minute:02}"


def format_datetime(instant: dt.datetime) -> str:
    """Return *instant* in Vietnam's time: "19:42 thứ Hai, 21/12/2026" or "19:42, Monday, 21 December 2026"."""
    between = ", " if _english() else " "
    return f"{format_time(instant)}{between}{format_date(instant)}"


def weekday_name(day: dt.date) -> str:
    """Return the name of the day of the week, unbroken."""
    return (_DAYS_EN if _english() else _DAYS_VI)[day.weekday()].replace(" ", NBSP)


def weekday_heads() -> list[tuple[str, str]]:
    """Return the heads of a calendar's columns from Monday on, each short and in full: T2, thứ Hai."""
    if _english():
        return [(name[:3], name) for name in _DAYS_EN]
    return [*((f"T{number}", name) for number, name in enumerate(_DAYS_VI[:-1], start=2)), ("CN", _DAYS_VI[-1])]


def upper_first(text: str) -> str:
    """Return *text* with a capital first letter and the rest as it was, for a date that opens a sentence."""
    return text[:1].upper() + text[1:]


def vi(text: Any) -> Any:
    """Return *text*, which is Vietnamese whatever the page speaks (what people typed, names of rules), marked so on an English page.

    WCAG 2.2, 3.1.2 Language of Parts; a screen reader would read it with English sounds.
    """
    return Markup('<span lang="vi">{}</span>').format(text) if text and _english() else text


def format_number(number: float | Decimal, decimals: int = 0) -> str:
    """Return *number* with the thousands marked: 1.037 or 1,037; at most *decimals* places."""
    return format_decimal(round(number, decimals), locale="en" if _english() else "vi")


def format_count(number: int) -> str:
    """Return what was counted up to a bound (app.counting): "1.000+" where there are more."""
    return f"{format_number(MOST)}+" if number > MOST else format_number(number)


def format_percent(part: int, whole: int) -> str:
    """Return *part* of *whole* as whole percents, "81%"; a dash where there is no whole. Never rounds up to 100 nor down to 0."""
    if not whole:
        return "–"
    percent = round(100 * part / whole)
    if part and not percent:
        return "<1%"
    return f"{min(percent, 99) if part < whole else percent}%"


def shares(parts: Sequence[int]) -> list[str]:
    """Return what each of *parts* is of their sum, as :func:`format_percent` says it, but so that together they make 100%."""
    whole = sum(parts)
    if not whole:
        return ["–" for _part in parts]
    percents = [100 * part // whole for part in parts]
    # What rounding down left over goes to those that lost most by it.
    lost_most = sorted(range(len(parts)), key=lambda place: -(100 * parts[place] % whole))
    for place in lost_most[: 100 - sum(percents)]:
        percents[place] += 1
    each = zip(parts, percents, strict=True)
    return ["<1%" if part and not percent else f"{min(percent, 99) if part < whole else percent}%" for part, percent in each]


def format_bytes(size: int) -> str:
    """Return the size of a file: "1,8 MB", "240 KB"."""
    if size < 1024 * 1024:
        return f"{format_number(max(1, round(size / 1024)))}{NBSP}KB"
    return f"{format_number(size / 1024 / 1024, 1)}{NBSP}MB"


def relative_due(due_on: dt.date, today: dt.date, working_days: int) -> str:
    """Say how far *due_on* is: "Còn 8 ngày làm việc", "Hạn hôm nay", "Quá hạn 3 ngày làm việc".

    *working_days* is how many working days lie between today and *due_on*; its sign does not matter, the direction is in the dates.
    Where it is 0 (due on a Friday, and today is the Sunday after) the day itself is said: days of another kind in the same
    list would make what is less late look more so.
    """
    if due_on == today:
        return gettext("Hạn hôm nay")
    late, working_days = due_on < today, abs(working_days)
    if not working_days:
        day = format_day_short(due_on)
        return gettext("Hết hạn %(day)s", day=day) if late else gettext("Hạn %(day)s", day=day)
    if late:
        return ngettext("Quá hạn %(num)d ngày làm việc", "Quá hạn %(num)d ngày làm việc", working_days)
    return ngettext("Còn %(num)d ngày làm việc", "Còn %(num)d ngày làm việc", working_days)


def due_chip(due_on: dt.date, today: dt.date, working_days: int) -> Chip:
    """Return the chip of a clock that runs, for the `due` component. Arguments as in relative_due()."""
    if due_on < today:
        state = "late"
    elif due_on == today:
        state = "today"
    else:
        state = "soon" if working_days <= SOON_DAYS else "ok"
    return {"state": state, "text": relative_due(due_on, today, working_days)}


def calendar_weeks(days: list[dict[str, Any]]) -> list[list[dict[str, Any] | None]]:
    """Return the *days* of an explanation as weeks from Monday to Sunday; None where a week has no day to show."""
    weeks = []
    ordered = sorted(days, key=lambda day: day["date"])
    for _monday, week in groupby(ordered, key=lambda day: day["date"] - dt.timedelta(days=day["date"].weekday())):
        by_weekday = {day["date"].weekday(): day for day in week}
        weeks.append([by_weekday.get(number) for number in range(7)])
    return weeks


def skipped_days(days: list[dict[str, Any]]) -> list[tuple[str, list[dt.date]]]:
    """Return the skipped *days* of an explanation by reason, in the order in which the reasons first come up."""
    reasons: dict[str, list[dt.date]] = {}
    for day in sorted(days, key=lambda day: day["date"]):
        if day["skipped_reason"]:
            reasons.setdefault(_why_skipped(str(day["skipped_reason"]), day.get("name") or ""), []).append(day["date"])
    return list(reasons.items())


def _why_skipped(reason: str, name: str) -> str:
    """Return the words for a reason of app.calendar (Skip); a holiday is called by its *name*; other texts stay as they are."""
    if reason == "weekend":
        return gettext("nghỉ cuối tuần")
    if reason == "swap_off":
        return gettext("nghỉ hoán đổi")
    if reason == "paused":
        return gettext("tạm dừng tính hạn")
    if reason == "holiday":
        return name or gettext("nghỉ lễ")
    if reason == "local_off":
        return name or gettext("ngày nghỉ của tỉnh")
    return reason


def _in_vietnam(day: dt.date) -> dt.date:
    """Return *day*; where it is an instant (a datetime is a date too), the day it is in Vietnam, never that of UTC."""
    return local_date(day) if isinstance(day, dt.datetime) else day


def _english() -> bool:
    locale = get_locale()
    return locale is not None and locale.language == "en"
