"""Until when a breach must have been reported, and whether it was. Pure."""

from __future__ import annotations

import datetime as dt

HOURS_A_DAY = 24


def report_by(found_at: dt.datetime, days: int) -> dt.datetime:
    """Return the hour by which it is reported, *days* of 24 hours after it was found: Sundays and holidays count.

    72 giờ kể từ khi phát hiện (Nghị định 13/2023/NĐ-CP Điều 23, wording from memory; the decree on the law of 2025 was not read).
    """
    return found_at + dt.timedelta(hours=HOURS_A_DAY * days)


def is_late(due_at: dt.datetime, reported_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Say whether it was reported too late, or is not reported and it is too late."""
    return (reported_at or now) > due_at
