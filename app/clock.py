"""The only reader of the clock. Views, jobs and commands ask it; everything below takes the time as an argument."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

#: Vietnam has one zone and no summer time; `due_on` dates are days of this zone and end at 24:00.
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> dt.datetime:
    """Return this instant, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """Return the day it is in Vietnam."""
    return local_date(now())


def local_date(instant: dt.datetime) -> dt.date:
    """Return the day in Vietnam on which *instant* falls."""
    return instant.astimezone(LOCAL).date()
