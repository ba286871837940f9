"""The duties to meet the people: those every install starts with, and what an administrator makes of them.

A duty in force is ended or followed by another version, never edited; only that its text was checked is written down.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.accounts.models import User
from app.clock import local_date
from app.versions import Book
from dialogues.duties import Per
from dialogues.models import MeetingDuty

#: The versions of the duties.
BOOK = Book(MeetingDuty, "duty")
SHIPPED = Path(__file__).parents[1] / "data" / "meeting_duties.toml"


class InsideMonth(Exception):
    """A monthly duty begins with the first day of a month: of a month cut in two neither version would be counted."""


def load_shipped(*, now: dt.datetime) -> None:
    """Add the duties that the table lacks; what is there is not touched. May run at every start; flushes.

    An earlier version that has no end ends the day before.
    """
    for each in tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["duty"]:
        BOOK.bring(_row(each, now), now=now)


def add(said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> MeetingDuty:
    """Add a duty under a code of its own. :raise NotAllowed: :raise RuleAlreadyThere: :raise InsideMonth:"""
    _check(said)
    return BOOK.add(_row(said, now), actor=actor, now=now)


def change(row: MeetingDuty, said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> MeetingDuty:
    """Let another version follow *row* from its first day on, and return it.

    :raise NotAllowed: :raise RuleDateInPast: it would change days that are over. :raise RuleAlreadyThere: a version from that day is there.
    :raise InsideMonth:
    """
    _check(said)
    return BOOK.follow(_row({**said, "code": row.code}, now), actor=actor, now=now)


def _check(said: Mapping[str, Any]) -> None:
    if said["per"] == Per.MONTH and said["effective_from"].day != 1:
        raise InsideMonth


def _row(said: Mapping[str, Any], now: dt.datetime) -> MeetingDuty:
    """Return a new version: what the one before it has been watched from, it is watched from too."""
    before = BOOK.of(said["code"])
    return MeetingDuty(**said, watched_from=before[-1].watched_from if before else local_date(now))
