"""What time does in oversight. Every job may run twice: what it has done, it finds done."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from app import jobs

MORNING = dt.time(7, 0)


def init_app(app: Flask) -> None:
    """Register the jobs with their hours."""
    jobs.daily(app, "oversight.weekly_news", send_weekly_news, at=MORNING)


def send_weekly_news() -> None:
    """Send those who subscribed the news of the week before."""
