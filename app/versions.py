"""Rules kept as rows, each in versions: what held on a day can always be read again.

A version in force is ended or followed by another one, never edited; only that its text was checked is written down. A table of such
rows has `code`, `effective_from`, `effective_to` (its last day; empty: in force) and, where texts are checked, `evidence`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from app.access import SYSTEM, Actor, require
from app.audit import record
from app.calendar.days import ONE_DAY
from app.calendar.rules import Evidence
from app.clock import local_date
from app.database import db, lock
from app.permissions import Permission


class RuleAlreadyThere(Exception):
    """The rule has a version from that day, or a later one."""


class Followed(RuleAlreadyThere):
    """Another version begins on that day or before it: both would be counted."""


class RuleDateInPast(Exception):
    """A rule in force was to be changed or ended for days that are over."""


@dataclass(frozen=True)
class Book:
    """The versions that one table keeps; its actions in the audit are *named*.added, .ended and .checked.

    What an administrator of the whole install does with them :raise NotAllowed: when somebody else does it.
    """

    model: type[Any]
    named: str

    def of(self, code: str) -> list[Any]:
        """Return the versions of a rule, the first first."""
        return list(db.session.scalars(db.select(self.model).where(self.model.code == code).order_by(self.model.effective_from)))

    def bring(self, row: Any, *, now: dt.datetime) -> bool:
        """Add a shipped version that the table lacks, and say whether it did; one before it without an end ends the day before. Flushes."""
        there = self.of(row.code)
        if there and there[-1].effective_from >= row.effective_from:
            return False
        for version in there:
            if version.effective_to is None:
                self._end(version, row.effective_from - ONE_DAY, SYSTEM, now)
        self._add(row, SYSTEM, now)
        return True

    def add(self, row: Any, *, actor: Actor, now: dt.datetime) -> Any:
        """Add a rule under a code of its own. :raise RuleAlreadyThere: the code is taken: such a rule is followed, not added."""
        _require(actor)
        if self.of(row.code):
            raise RuleAlreadyThere
        return self._add(row, actor, now)

    def follow(self, row: Any, *, actor: Actor, now: dt.datetime) -> Any:
        """Let *row*, a new version of its code, hold from its first day on, and return it; the one before ends the day before.

        :raise RuleDateInPast: it would change days that are over. :raise RuleAlreadyThere: a version from that day is there.
        """
        _require(actor)
        if row.effective_from < local_date(now):
            raise RuleDateInPast
        latest = self._locked(row.code)[-1]
        if latest.effective_from >= row.effective_from:
            raise RuleAlreadyThere
        if latest.effective_to is None or latest.effective_to >= row.effective_from:
            self.end(latest, row.effective_from - ONE_DAY, actor=actor, now=now)
        return self._add(row, actor, now)

    def end(self, row: Any, last_day: dt.date, *, actor: Actor, now: dt.datetime) -> None:
        """Let *row* be in force for the last time on *last_day*.

        :raise RuleDateInPast: that is before yesterday, or before its first day. :raise Followed:
        """
        _require(actor)
        versions = self._locked(row.code)
        if last_day < max(local_date(now) - ONE_DAY, row.effective_from):
            raise RuleDateInPast
        if any(row.effective_from < each.effective_from <= last_day for each in versions):
            raise Followed
        self._end(row, last_day, actor, now)

    def check_against_text(self, row: Any, *, actor: Actor, now: dt.datetime) -> None:
        """Write down that somebody has read the text itself, and the row says what it says."""
        _require(actor)
        lock(row)
        if row.evidence != Evidence.SEEN:
            row.evidence = Evidence.SEEN
            record(actor, f"{self.named}.checked", row, at=now, code=row.code)

    def _locked(self, code: str) -> list[Any]:
        """Return the versions of a rule behind the lock of the first: two people never follow or end the same one at once."""
        lock(self.of(code)[0])
        return self.of(code)

    def _end(self, row: Any, last_day: dt.date, actor: Actor, now: dt.datetime) -> None:
        row.effective_to = last_day
        record(actor, f"{self.named}.ended", row, at=now, code=row.code, effective_to=last_day.isoformat())
        db.session.flush()

    def _add(self, row: Any, actor: Actor, now: dt.datetime) -> Any:
        db.session.add(row)
        db.session.flush()
        record(actor, f"{self.named}.added", row, at=now, code=row.code, effective_from=row.effective_from.isoformat())
        return row


def _require(actor: Any) -> None:
    require(actor is SYSTEM or actor.reach.may(Permission.SETTINGS_MANAGE))


def in_force(row: Any, on: dt.date) -> bool:
    """Say whether a version holds on a day."""
    return row.effective_from <= on and (row.effective_to is None or on <= row.effective_to)
