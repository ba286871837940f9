"""The news of some days in the parts of the register that a person subscribed to: what is new, what became late, what is done.

Nothing is kept but the days: each look counts anew, with the rights that the reader has then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import func, select

from app.accounts.models import User
from app.assignments.models import Assignment
from app.assignments.rules import Duty
from app.clock import local_date
from app.database import db
from app.permissions import Permission, Reach
from dialogues.duties import Span
from oversight import register, story, words
from oversight.board import watched
from oversight.models import Subscription, WeeklyNews
from oversight.register import Cut, cuts
from oversight.story import Entry, Reader

#: What is news, in the order in which it is told: names of oversight.populations.
NEWS = ("made", "missed", "closed")
FIRST_LINES = 3


@dataclass(frozen=True)
class Number:
    """How many promises of one duty something happened to, the first of them, and the address of all of them."""

    name: str
    duty: str
    count: int
    first: list[Assignment]
    arguments: dict[str, str]


@dataclass(frozen=True)
class Part:
    """The news of one subscription."""

    said: str  # which part of the register, in words
    numbers: list[Number]


@dataclass(frozen=True)
class News:
    """All that a person is told of these days."""

    first_on: dt.date
    last_on: dt.date
    parts: list[Part]
    watched: list[tuple[Assignment, list[Entry]]]

    def __bool__(self) -> bool:
        return bool(self.watched) or any(part.numbers for part in self.parts)


def spelled(cut: Cut) -> str:
    """Return the one spelling under which a part of the register is subscribed to.

    How things stand now (the view, the state, age, days late, a figure's days) is left out: news is that it changes.
    """
    lasting = replace(cut, view="open", state="", age="", late_from=None, late_to=None, counted="", span=None)
    return urlencode(sorted(cuts.arguments(lasting).items()))


def said(cut: Cut) -> str:
    """Return in words what a subscription is about."""
    return cuts.said(replace(cut, view="all")).removeprefix(f"{words.VIEWS['all']}; ")


def cut_of(subscription: Subscription) -> Cut | None:
    """Return what *subscription* is about; None where that is no more: what is left out of an address widens it to everything."""
    cut = cuts.cut_of(dict(parse_qsl(subscription.address)))
    return cut if spelled(cut) == subscription.address else None


def subscriptions(user: User) -> list[tuple[Subscription, Cut | None]]:
    """Return what *user* subscribed to, the oldest first."""
    mine = select(Subscription).where(Subscription.user_id == user.id).order_by(Subscription.id)
    return [(each, cut_of(each)) for each in db.session.scalars(mine)]


def news(user: User, reach: Reach, days: Span, today: dt.date) -> News:
    """Return what happened in *days*, as far as *user* may see it today."""
    if not reach.may_anywhere(Permission.REGISTER_READ):
        return News(days.first, days.last, [], [])
    wanted = [cut for _subscription, cut in subscriptions(user) if cut is not None]
    parts = [Part(said(cut), _numbers(cut, reach, days, today)) for cut in wanted]
    return News(days.first, days.last, [part for part in parts if part.numbers], list(_of_watched(user, reach, days, today)))


def of(kept: WeeklyNews, reach: Reach, today: dt.date) -> News:
    """Return what was news in the days of *kept*."""
    return news(kept.user, reach, Span(kept.first_on, kept.last_on), today)


def _numbers(cut: Cut, reach: Reach, days: Span, today: dt.date) -> list[Number]:
    found = []
    for name in NEWS:
        whole = replace(cut, view="all", counted=name, span=days)
        counts: Any = select(Assignment.duty, func.count())
        wanted = register.narrowed(counts, whole, today, reach).group_by(Assignment.duty)
        counted = dict(db.session.execute(wanted).all())
        for duty in (each for each in Duty if counted.get(each)):
            one = replace(whole, duty=duty)
            first = register.page(one, reach, today, after=None, limit=FIRST_LINES)
            found.append(Number(name, duty, counted[duty], first, cuts.arguments(one)))
    return found


def _of_watched(user: User, reach: Reach, days: Span, today: dt.date) -> Iterable[tuple[Assignment, list[Entry]]]:
    reader = Reader(reach)
    for id_ in watched.visible_ids(user, reach, today):
        row = db.session.get_one(Assignment, id_)
        happened = [entry for entry in story.of(row, reader) if days.first <= local_date(entry.at) <= days.last]
        if happened:
            yield row, happened
