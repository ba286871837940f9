"""What is cleared away every night: sign-ins that ended by themselves."""

from __future__ import annotations

import datetime as dt

from flask import current_app

from app import clock
from app.accounts import sessions
from app.database import db


def sweep() -> None:
    """Delete what is over."""
    now = clock.now()
    sessions.forget(made_before=now - dt.timedelta(hours=current_app.config["SESSION_HOURS"]))
    db.session.commit()
