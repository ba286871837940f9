"""The targets of a year as an administrator has them: added, followed by another version, ended, checked against the text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from app.accounts.models import User
from app.versions import Book
from oversight.models import Target

BOOK = Book(Target, "target")


def add(said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> Target:
    """Add a target under a code of its own. :raise NotAllowed: :raise RuleAlreadyThere:"""
    return BOOK.add(Target(**said), actor=actor, now=now)


def change(row: Target, said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> Target:
    """Let another version follow *row* from its first day on; what was declared stays. :raise NotAllowed: and what app.versions raises."""
    return BOOK.follow(Target(**{**said, "code": row.code}), actor=actor, now=now)
