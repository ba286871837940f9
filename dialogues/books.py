"""Which numbers a unit has given: papers of sessions, plans, notices of reception days and the letters of feedback share its books.

NĐ 30/2020/NĐ-CP Điều 15 (wording from memory): "Số và ký hiệu văn bản của cơ quan, tổ chức là duy nhất trong một năm". A book is a
series of a unit's year: 12/TB-UBND and 12/UBND stand in two.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.database import db
from app.units.models import Unit
from dialogues.models import ReceptionDay, SessionPaper, YearPlan
from dialogues.rules import SERIES, PaperType
from feedback.models import Paper, SpentNumber
from feedback.rules import PaperType as LetterType

_BY_LETTERS = {series.upper(): series for series in SERIES.values()}
_NUMBER = re.compile(rf"\s*(\d+)\s*(?:[/-]\s*({'|'.join(sorted(_BY_LETTERS))})\b)?", re.ASCII | re.IGNORECASE)
#: "5", "05", "05/TB-UBND", "05-TB/ĐU": the number itself, and what văn thư puts behind it where it is not the usual.
_TYPED = re.compile(r"0*([1-9]\d{0,4})\s*((?:[/-][0-9A-Za-zĐđ]{1,20}){1,4})?", re.ASCII)

#: The numbers that domains above give in a unit's year, as (series, number): they share its books.
given_above: list[Callable[[Unit, int], Iterable[tuple[str, int]]]] = []

#: The book of a letter of feedback whose number does not say it. Phiếu hướng dẫn and phiếu chuyển have books of their own.
LETTERS = {LetterType.REPLY: "CV", LetterType.REFUSE: "TB", LetterType.OPEN_CASE: "TB"}


class NumberUnreadable(Exception):
    """What was entered is no number, or has something else behind it than letters and digits."""


class NumberTaken(Exception):
    """The unit has given that number in this series and year."""


class GapUnexplained(Exception):
    """Numbers were left out before this one, and nobody says why."""


class DatedAhead(Exception):
    """A paper is not dated later than today."""


class DatedTooEarly(Exception):
    """What came of something is not dated before its day, no paper long before it was begun here."""


class WrongSymbol(Exception):
    """What was entered behind the number is of another kind of paper; `symbol` is that of this one."""

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol


def enter(typed: str, own: str) -> tuple[int, str]:
    """Return the number and the symbol of a paper whose *own* symbol is known, as văn thư typed them.

    The book is that of the kind: 13/TB-UBND on minutes would be a second one. The letters of the body are văn thư's to say: ours are
    made of the unit's name, and not every body shortens its name so. :raise NumberUnreadable: :raise WrongSymbol:
    """
    found = _TYPED.fullmatch(typed.strip())
    if found is None:
        raise NumberUnreadable
    symbol = found[2] if found[2] and found[2].casefold() != own.casefold() else own
    if read(f"1{symbol}", None) != read(f"1{own}", None):
        raise WrongSymbol(own)
    return int(found[1]), symbol


def give(
    paper: Any, typed: str, *, own: str, on: dt.date, earliest: dt.date, today: dt.date, gap_why: str = "", plan: YearPlan | None = None
) -> None:
    """Write number and date on *paper* (of whatever domain: it has a unit and a series) as văn thư *typed* them, once per book.

    The caller holds the unit's lock: one number at a time. *own* is its symbol.

    :raise NumberUnreadable: :raise WrongSymbol: :raise NumberTaken: :raise GapUnexplained: :raise DatedAhead: :raise DatedTooEarly:
    """
    value, symbol = enter(typed, own)
    if on > today:
        raise DatedAhead
    if on < earliest:
        raise DatedTooEarly
    taken = used(paper.unit, paper.series, on.year, plan=plan)
    if value in taken:
        raise NumberTaken
    # "no number twice, gaps explained": the first that is entered here may be any, for the book was begun without us.
    gap = bool(taken) and value > max(taken) + 1
    if gap and not gap_why:
        raise GapUnexplained
    # NĐ 30/2020, Phụ lục I (wording from memory): numbers below 10 have a nought before them, so that 5 and 05 are one number.
    paper.number = f"{value:02}{symbol}"
    paper.numbered_on, paper.numbered_year, paper.gap_why = on, on.year, gap_why if gap else ""


def read(number: str, usual: str | None) -> tuple[str | None, int] | None:
    """Return the series and the number itself of what was typed, *usual* where it names no series; None where it is no number."""
    found = _NUMBER.match(number)
    return (_BY_LETTERS[found[2].upper()] if found[2] else usual, int(found[1])) if found else None


def value_of(number: str | None) -> int:
    """Return the number itself of a paper whose series is known."""
    return (read(number or "", None) or (None, 0))[1]


def used(unit: Unit, series: str, year: int, *, plan: YearPlan | None = None) -> set[int]:
    """Return the numbers that *unit* gave in a series and year; the number of *plan*, which its paper carries too, is left out."""
    return {number for book, number in _given(unit, year, plan) if book == series}


def taken_by_session(letter: Paper, number: str, year: int) -> bool:
    """Say whether a paper of dialogues has the number that a letter of feedback is to get."""
    wanted = read(number, LETTERS.get(LetterType(letter.type)))
    return wanted is not None and wanted in _of_dialogues(letter.unit, year, None)


def _given(unit: Unit, year: int, plan: YearPlan | None) -> Iterator[Any]:
    yield from _of_dialogues(unit, year, plan)
    for kept in (Paper, SpentNumber):
        letters = db.select(kept.number, kept.type).where(kept.unit_id == unit.id, kept.numbered_year == year)
        for number, type_ in db.session.execute(letters):
            yield read(number or "", LETTERS.get(LetterType(type_))) or (None, 0)


def _of_dialogues(unit: Unit, year: int, plan: YearPlan | None) -> Iterator[Any]:
    for numbers in given_above:
        yield from numbers(unit, year)
    within = dt.date(year, 1, 1), dt.date(year, 12, 31)
    papers = db.select(SessionPaper.series, SessionPaper.number)
    for series, number in db.session.execute(papers.where(SessionPaper.unit_id == unit.id, SessionPaper.numbered_year == year)):
        yield series, value_of(number)
    days = db.select(ReceptionDay.number).where(ReceptionDay.unit_id == unit.id, ReceptionDay.numbered_on.between(*within))
    for number in db.session.scalars(days):
        yield read(number or "", SERIES[PaperType.CONCLUSION]) or (None, 0)
    plans = db.select(YearPlan.id, YearPlan.number).where(YearPlan.unit_id == unit.id, YearPlan.approved_on.between(*within))
    for id_, number in db.session.execute(plans):
        if plan is None or id_ != plan.id:
            yield read(number or "", SERIES[PaperType.YEAR_PLAN]) or (None, 0)
