"""The duties to meet the people that every install starts with, from dialogues/data/meeting_duties.toml."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

from app.access import SYSTEM
from app.audit import record
from app.database import db
from dialogues.models import MeetingDuty

SHIPPED = Path(__file__).parents[1] / "data" / "meeting_duties.toml"


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
            latest.effective_to = each["effective_from"] - dt.timedelta(days=1)
        there[each["code"]] = _add(each, now)


def _add(each: dict[str, Any], now: dt.datetime) -> MeetingDuty:
    row = MeetingDuty(**each)
    db.session.add(row)
    db.session.flush()
    record(SYSTEM, "duty.added", row, at=now, code=row.code, effective_from=row.effective_from.isoformat())
    return row
