"""The rules by which reports are due, as shipped, with the targets of a year, and as an administrator has them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.accounts.models import User
from app.clock import local_date
from app.versions import Book
from oversight.models import ReportDuty, Target
from oversight.operations import target_rules

BOOK = Book(ReportDuty, "report_duty")
DATA = Path(__file__).parents[1] / "data"


class NoSuchDay(Exception):
    """The month has no such day."""


def load_shipped(*, now: dt.datetime) -> None:
    """Add the duties and targets that the tables lack; what is there is not touched. May run at every start; flushes."""
    for each in _read("report_duties")["duty"]:
        BOOK.bring(_row(each, now), now=now)
    targets = _read("targets")
    for each in targets["target"]:
        target_rules.BOOK.bring(Target(**(targets["common"] | each)), now=now)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


def add(said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> ReportDuty:
    """Add a duty under a code of its own. :raise NotAllowed: :raise RuleAlreadyThere: :raise NoSuchDay:"""
    _check(said)
    return BOOK.add(_row(said, now), actor=actor, now=now)


def change(row: ReportDuty, said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> ReportDuty:
    """Let another version follow *row* from its first day on. :raise NotAllowed: :raise NoSuchDay: and what app.versions raises."""
    _check(said)
    return BOOK.follow(_row({**said, "code": row.code}, now), actor=actor, now=now)


def _check(said: Mapping[str, Any]) -> None:
    try:
        dt.date(2001, said["month"], said["day"])  # a year without 29 February
    except ValueError as wrong:
        raise NoSuchDay from wrong


def _row(said: Mapping[str, Any], now: dt.datetime) -> ReportDuty:
    """Return a new version: what the one before it has been watched from, it is watched from too."""
    before = BOOK.of(said["code"])
    return ReportDuty(**said, watched_from=before[-1].watched_from if before else local_date(now))
