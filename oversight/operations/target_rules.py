"""The targets of a year as an administrator has them: added, followed by another version, ended, checked against the text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from app.access import require
from app.accounts.models import User
from app.permissions import Permission
from app.versions import Book
from oversight.models import Target

BOOK = Book(Target, "target")


def add(said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> Target:
    """Add a target under a code of its own. :raise NotAllowed: :raise RuleAlreadyThere:"""
    _require(actor)
    return BOOK.add(Target(**said), actor=actor, now=now)


def change(row: Target, said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> Target:
    """Let another version follow *row* from its first day on; what was declared stays. :raise NotAllowed: and what app.versions raises."""
    _require(actor)
    return BOOK.follow(Target(**{**said, "code": row.code}), actor=actor, now=now)


def end(row: Target, last_day: dt.date, *, actor: User, now: dt.datetime) -> None:
    """Let *row* hold for the last time on *last_day*. :raise NotAllowed: :raise RuleDateInPast: :raise Followed:"""
    _require(actor)
    BOOK.end(row, last_day, actor=actor, now=now)


def check_against_text(row: Target, *, actor: User, now: dt.datetime) -> None:
    """Write down that somebody has read the text itself. :raise NotAllowed:"""
    _require(actor)
    BOOK.check_against_text(row, actor=actor, now=now)


def _require(actor: User) -> None:
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
