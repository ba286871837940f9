"""What may be asked about one's data, who decides, and what stands against it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.calendar.days import ONE_DAY
from feedback.rules import Status

#: Nobody has anything to do with it any more.
OVER = {Status.CLOSED, Status.WITHDRAWN, Status.REFUSED, Status.GUIDED, Status.FORWARDED, Status.FILED, Status.ANSWERED}


class RequestKind(StrEnum):
    """What is asked for."""

    EXPORT = "export"
    ERASURE = "erasure"


class RequestState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    AGREED = "agreed"  # of an export: it can be fetched; of an erasure: it is done
    REFUSED = "refused"


class Ground(StrEnum):
    """Why a request is refused."""

    NOT_THEIRS = "not_theirs"  # something speaks for it that the keys came into other hands
    KEPT_BY_LAW = "kept_by_law"  # Luật Lưu trữ, Luật Khiếu nại: the file of the case is kept (wording from memory)


def may_ask(kind: RequestKind, open_kinds: Iterable[str]) -> bool:
    """Say whether somebody may ask for it now: one request of a kind at a time."""
    return kind not in set(open_kinds)


def may_erase(status: Status) -> bool:
    """Say whether an item can lose its person: not while somebody still owes them an answer. They may withdraw it first."""
    return status in OVER


@dataclass(frozen=True)
class Term:
    """How many years an item of one of *kinds*, ended as one of *statuses*, is kept; empty: any."""

    kinds: Collection[str]
    statuses: Collection[str]
    years: int

    def fits(self, kind: str, status: str) -> bool:
        """Say whether it is about such an item."""
        return (not self.kinds or kind in self.kinds) and (not self.statuses or status in self.statuses)


def years_kept(kind: str, status: str, terms: Iterable[Term]) -> int | None:
    """Return how many years an item is kept: by the longest term that fits, so that no law is cut short; None: no rule, it stays."""
    return max((term.years for term in terms if term.fits(kind, status)), default=None)


def kept_until(ended_on: dt.date, kind: str, status: str, terms: Iterable[Term]) -> dt.date | None:
    """Return the last day on which an item is kept; None: it stays."""
    years = years_kept(kind, status, terms)
    return None if years is None else last_day(ended_on, years)


def last_day(ended_on: dt.date, years: int) -> dt.date:
    """Return the day *years* after *ended_on*."""
    try:
        return ended_on.replace(year=ended_on.year + years)
    except ValueError:  # 29 February
        return dt.date(ended_on.year + years, 3, 1)


def over_before(today: dt.date, years: int) -> dt.date:
    """Return the first day such that what ended on it is still kept for *years* on *today*; what ended before it is over."""
    day = last_day(today, -years)
    while last_day(day - ONE_DAY, years) >= today:
        day -= ONE_DAY
    return day
