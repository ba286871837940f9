"""Working days, and the count from an event to a due date.

Every result carries its own explanation: the very days that were counted and skipped. "Why this date?" reads the
facts from which the date was taken, so the two cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ONE_DAY = dt.timedelta(days=1)
SATURDAY = 5  # date.weekday()
WORKED = 5  # days of a week


class DayKind(StrEnum):
    """Why a day differs from what its weekday says."""

    HOLIDAY = "holiday"  # nghỉ lễ, tết, nghỉ bù
    SWAP_OFF = "swap_off"  # nghỉ hoán đổi
    SWAP_WORK = "swap_work"  # ngày làm bù
    LOCAL_OFF = "local_off"  # nghỉ của riêng địa phương


class Skip(StrEnum):
    """Why a day was not counted."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    SWAP_OFF = "swap_off"
    LOCAL_OFF = "local_off"
    PAUSED = "paused"


class TermUnit(StrEnum):
    """What a term counts: "ngày làm việc" is a working day, plain "ngày" a day of the calendar."""

    WORKING = "working"
    CALENDAR = "calendar"


class CalendarNotLoaded(LookupError):
    """A day of *year* matters, and the calendar of that year is not loaded: the result is undetermined, never a guess."""

    def __init__(self, year: int) -> None:
        super().__init__(year)
        self.year = year


class TermInvalid(ValueError):
    """A term of no days, or one counted back from its event that would be paused or extended."""


class PauseInvalid(ValueError):
    """A pause that ends before it begins."""


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """One day that differs from what its weekday says."""

    day: dt.date
    kind: DayKind
    name: str
    source: str = ""


class WorkCalendar:
    """Which days are worked, for the years that are loaded; *unconfirmed* years are estimates until the decision of the year."""

    def __init__(self, days: Iterable[SpecialDay], years: Iterable[int], unconfirmed: Iterable[int] = ()) -> None:
        self._special = {special.day: special for special in days}
        self.years = frozenset(years)
        self.unconfirmed = frozenset(unconfirmed)
        # In which the days differ from the weeks of five working days, in order.
        worked = [(day, special.kind is DayKind.SWAP_WORK) for day, special in sorted(self._special.items())]
        self._off = [day for day, at_work in worked if not at_work and day.weekday() < SATURDAY]
        self._worked = [day for day, at_work in worked if at_work and day.weekday() >= SATURDAY]

    def special(self, day: dt.date) -> SpecialDay | None:
        """Return what is special about *day*. Raises CalendarNotLoaded."""
        if day.year not in self.years:
            raise CalendarNotLoaded(day.year)
        return self._special.get(day)

    def is_working(self, day: dt.date) -> bool:
        """Say whether *day* is worked. Raises CalendarNotLoaded."""
        return self.why_off(day) is None

    def why_off(self, day: dt.date) -> Skip | None:
        """Return why *day* is not worked, or None when it is. Raises CalendarNotLoaded."""
        # Bộ luật Lao động 2019, Điều 112: Tết Dương lịch 1 ngày, Tết Âm lịch 5, Giỗ Tổ 1, 30/4, 1/5, Quốc khánh 2.
        # "Nếu ngày nghỉ … trùng vào ngày nghỉ hằng tuần thì … được nghỉ bù vào ngày làm việc kế tiếp": the day made up
        # for is a row of the table too, as are the swaps (hoán đổi): a Friday off against a Saturday worked.
        special = self.special(day)
        if special is None:
            return Skip.WEEKEND if day.weekday() >= SATURDAY else None
        return None if special.kind is DayKind.SWAP_WORK else Skip(special.kind.value)

    def working_days_until(self, day: dt.date) -> int:
        """Return how many days up to and with *day* are worked, from a day on that is always the same: two of these are subtracted."""
        weeks, rest = divmod(day.toordinal(), 7)  # the day number 1 was a Monday
        return weeks * WORKED + min(rest, WORKED) - bisect_right(self._off, day) + bisect_right(self._worked, day)

    def name(self, day: dt.date) -> str:
        """Return the name of what is special about *day*, empty for a plain day or a year not loaded."""
        special = self._special.get(day)
        return special.name if special else ""


@dataclass(frozen=True, slots=True)
class Term:
    """So many days after an event; a negative *amount* counts back from it ("chậm nhất 07 ngày trước")."""

    amount: int
    unit: TermUnit
    roll_forward: bool = True  # a last day that is off moves to the next working day

    def __post_init__(self) -> None:
        if self.amount == 0:
            raise TermInvalid


@dataclass(frozen=True, slots=True)
class Extension:
    """Days added to a term, granted on a ground."""

    amount: int
    unit: TermUnit
    ground: str

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise TermInvalid


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands from the day *begins* up to, not including, the day *ends* (None: it still stands).

    A day counts when the clock runs at its last moment, 24:00, which is also when a due date ends. So the day a
    pause begins is not counted, the day it ends is, and a pause that begins and ends on one day moves nothing.
    """

    begins: dt.date
    ends: dt.date | None
    ground: str

    def __post_init__(self) -> None:
        if self.ends is not None and self.ends < self.begins:
            raise PauseInvalid

    def covers(self, day: dt.date) -> bool:
        """Say whether the clock stands at the end of *day*."""
        return self.begins <= day and (self.ends is None or day < self.ends)


@dataclass(frozen=True, slots=True)
class Mark:
    """One day of a count: numbered when it was counted, with the reason when it was skipped.

    *name* is that of the holiday or swap, or the ground of the pause; plain days and weekends have none. The day a
    term rolled to has neither number nor reason.
    """

    day: dt.date
    number: int | None = None
    skip: Skip | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """A due date and everything that explains it, or, while a pause is open, how many days are still to count."""

    start: dt.date  # the day of the event, day zero
    due_on: dt.date | None  # None while paused
    marks: tuple[Mark, ...]  # every day after the event, in the order of counting
    remaining: int = 0  # days still to count when an open pause ends; 0 once all are counted
    rolled_from: dt.date | None = None  # the last day counted, when it was off and the term rolled on
    paused_since: dt.date | None = None
    paused_on: str = ""  # ground of the open pause
    estimated_years: tuple[int, ...] = ()  # years in the count whose calendar awaits the yearly decision

    @property
    def first_counted(self) -> dt.date | None:
        """The day that has the number 1."""
        return next((mark.day for mark in self.marks if mark.number), None)

    @property
    def skipped(self) -> tuple[Mark, ...]:
        """The days that were not counted, each with its reason."""
        return tuple(mark for mark in self.marks if mark.skip)


# Bộ luật Dân sự 2015 (numbering of the articles from memory; the same text was read as Điều 152-153 of 2005):
#
# Điều 147 khoản 2-3: "Khi thời hạn được xác định bằng ngày … thì ngày đầu tiên của thời hạn không được tính mà tính từ
#   ngày tiếp theo liền kề của ngày được xác định. Khi thời hạn bắt đầu bằng một sự kiện thì ngày xảy ra sự kiện không
#   được tính mà tính từ ngày tiếp theo liền kề của ngày xảy ra sự kiện đó."
# Điều 148 khoản 5-6: "Khi ngày cuối cùng của thời hạn là ngày nghỉ cuối tuần hoặc ngày nghỉ lễ thì thời hạn kết thúc
#   tại thời điểm kết thúc ngày làm việc tiếp theo ngày nghỉ đó. Thời điểm kết thúc ngày cuối cùng của thời hạn vào lúc
#   hai mươi bốn giờ của ngày đó."
#
# So: the day of the event is day zero, however early in the morning it came; the day after it is the first that can
# count. An extension goes on from the last day counted, and only the end of the whole rolls, once. A term counted back
# from an event protects those who must hear of it in time: rolling it forward would shorten the notice, so it never rolls.


def count(
    term: Term,
    start: dt.date,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[Extension] = (),
) -> Counted:
    """Count *term* from the event on *start* and return the due date with its reasons.

    Raises CalendarNotLoaded when a day that matters lies outside the loaded years; TermInvalid for a term counted back
    that is paused or extended.
    """
    backward = term.amount < 0
    if backward and (pauses or extensions):
        raise TermInvalid
    calendar.special(start)  # an event outside the loaded years is undetermined, whatever the unit
    wanted = [leg.unit for leg in (term, *extensions) for _ in range(abs(leg.amount))]
    marks: list[Mark] = []
    done = 0

    def result(due_on: dt.date | None, **more: Any) -> Counted:
        estimated = {mark.day.year for mark in marks} & calendar.unconfirmed
        return Counted(start, due_on, tuple(marks), estimated_years=tuple(sorted(estimated)), **more)

    def paused(pause: Pause) -> Counted:
        return result(None, remaining=len(wanted) - done, paused_since=pause.begins, paused_on=pause.ground)

    day = start
    while done < len(wanted):
        day += -ONE_DAY if backward else ONE_DAY
        if standing := _open_pause(pauses, day):
            return paused(standing)
        if why := _skip(day, wanted[done], calendar, pauses):
            marks.append(Mark(day, None, *why))
        else:
            done += 1
            marks.append(Mark(day, done, name=calendar.name(day)))
    if backward or not term.roll_forward or not _skip(day, TermUnit.WORKING, calendar, pauses):
        return result(day)

    last = day
    day += ONE_DAY
    while why := _skip(day, TermUnit.WORKING, calendar, pauses):
        if standing := _open_pause(pauses, day):
            return paused(standing)
        marks.append(Mark(day, None, *why))
        day += ONE_DAY
    marks.append(Mark(day, name=calendar.name(day)))
    return result(day, rolled_from=last)


def working_days_between(a: dt.date, b: dt.date, calendar: WorkCalendar) -> int:
    """Return the number of working days after *a* up to and with *b*; negative when *b* comes first.

    Like a term, the day *a* itself is not counted, so the spans of a chain of holders add up. Raises CalendarNotLoaded.
    """
    if b < a:
        return -working_days_between(b, a, calendar)
    if a < b and (missing := next((year for year in range((a + ONE_DAY).year, b.year + 1) if year not in calendar.years), None)):
        raise CalendarNotLoaded(missing)
    return calendar.working_days_until(b) - calendar.working_days_until(a)


def lateness(due_on: dt.date, as_of: dt.date) -> int:
    """Return how many days of the calendar *as_of* is past *due_on*, which ends at 24:00; 0 when it is not."""
    return max(0, (as_of - due_on).days)


def _skip(day: dt.date, unit: TermUnit, calendar: WorkCalendar, pauses: Sequence[Pause]) -> tuple[Skip, str] | None:
    """Return why *day* is not counted, and that reason's name. A day off inside a pause is off: the pause cost nothing."""
    if unit is TermUnit.WORKING and (off := calendar.why_off(day)):
        return off, calendar.name(day)
    pause = next((pause for pause in pauses if pause.covers(day)), None)
    return (Skip.PAUSED, pause.ground) if pause else None


def _open_pause(pauses: Sequence[Pause], day: dt.date) -> Pause | None:
    return next((pause for pause in pauses if pause.ends is None and pause.covers(day)), None)
