"""The duties to meet the people: those every install starts with, and what an administrator makes of them.

A duty in force is ended or followed by another version, never edited; only that its text was checked is written down.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.access import SYSTEM, Actor, require
from app.accounts.models import User
from app.audit import record
from app.calendar.days import ONE_DAY
from app.calendar.operations import RuleAlreadyThere, RuleDateInPast
from app.calendar.rules import Evidence
from app.clock import local_date
from app.database import db, lock
from app.permissions import Permission
from dialogues.duties import Per
from dialogues.models import MeetingDuty

SHIPPED = Path(__file__).parents[1] / "data" / "meeting_duties.toml"


class Followed(Exception):
    """Another version begins on that day or before it: both would be counted."""


class InsideMonth(Exception):
    """A monthly duty begins with the first day of a month: of a month cut in two neither version would be counted."""


def load_shipped(*, now: dt.datetime) -> None:
    """Add the duties that the table lacks; what is there is not touched. May run at every start; flushes.

    An earlier version that has no end ends the day before.
    """
    there: dict[str, MeetingDuty] = {}
    for row in db.session.scalars(db.select(MeetingDuty).order_by(MeetingDuty.effective_from)):
        there[row.code] = row
    for each in tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["duty"]:
        latest = there.get(each["code"])
        if latest is not None and latest.effective_from >= each["effective_from"]:
            continue
        if latest is not None and latest.effective_to is None:
            latest.effective_to = each["effective_from"] - ONE_DAY
        there[each["code"]] = _add(each, latest, SYSTEM, now)


def add(said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> MeetingDuty:
    """Add a duty under a code of its own. :raise NotAllowed: :raise RuleAlreadyThere: :raise InsideMonth:"""
    _require(actor)
    _check(said)
    if db.session.scalar(db.select(MeetingDuty.id).where(MeetingDuty.code == said["code"]).limit(1)) is not None:
        raise RuleAlreadyThere
    return _add(said, None, actor, now)


def change(row: MeetingDuty, said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> MeetingDuty:
    """Let another version follow *row* from its first day on, and return it.

    :raise NotAllowed: :raise RuleDateInPast: it would change days that are over. :raise RuleAlreadyThere: a version from that day is there.
    :raise InsideMonth:
    """
    _require(actor)
    lock(row)
    _check(said)
    first = said["effective_from"]
    if first < local_date(now):
        raise RuleDateInPast
    latest = _versions(row)[-1]
    if latest.effective_from >= first:
        raise RuleAlreadyThere
    if latest.effective_to is None or latest.effective_to >= first:
        end(latest, first - ONE_DAY, actor=actor, now=now)
    return _add({**said, "code": row.code}, row, actor, now)


def end(row: MeetingDuty, last_day: dt.date, *, actor: User, now: dt.datetime) -> None:
    """Let *row* bind for the last time on *last_day*.

    :raise NotAllowed: :raise RuleDateInPast: before yesterday or its first day. :raise Followed:
    """
    _require(actor)
    lock(row)
    if last_day < max(local_date(now) - ONE_DAY, row.effective_from):
        raise RuleDateInPast
    if any(row.effective_from < each.effective_from <= last_day for each in _versions(row)):
        raise Followed
    row.effective_to = last_day
    record(actor, "duty.ended", row, at=now, code=row.code, effective_to=last_day.isoformat())


def check_against_text(row: MeetingDuty, *, actor: User, now: dt.datetime) -> None:
    """Write down that somebody has read the text itself, and the duty says what it says. :raise NotAllowed:"""
    _require(actor)
    lock(row)
    if row.evidence != Evidence.SEEN:
        row.evidence = Evidence.SEEN
        record(actor, "duty.checked", row, at=now, code=row.code)


def _require(actor: User) -> None:
    require(actor.reach.may(Permission.SETTINGS_MANAGE))


def _versions(row: MeetingDuty) -> list[MeetingDuty]:
    """Return the versions of the duty, the first first."""
    return list(db.session.scalars(db.select(MeetingDuty).where(MeetingDuty.code == row.code).order_by(MeetingDuty.effective_from)))


def _check(said: Mapping[str, Any]) -> None:
    if said["per"] == Per.MONTH and said["effective_from"].day != 1:
        raise InsideMonth


def _add(said: Mapping[str, Any], before: MeetingDuty | None, actor: Actor, now: dt.datetime) -> MeetingDuty:
    row = MeetingDuty(**said, watched_from=before.watched_from if before is not None else local_date(now))
    db.session.add(row)
    db.session.flush()
    record(actor, "duty.added", row, at=now, code=row.code, effective_from=row.effective_from.isoformat())
    return row
