"""What is cleared away every night: sign-ins that ended, answers of passkeys that cannot come again, when something was counted."""

from __future__ import annotations

import datetime as dt

from flask import current_app

from app import clock, jobs
from app.accounts import passkeys, sessions
from app.database import db
from app.limits import forget_times


def sweep() -> None:
    """Delete what is over."""
    now = clock.now()
    sessions.forget(made_before=now - dt.timedelta(hours=current_app.config["SESSION_HOURS"]))
    passkeys.forget(before=now - dt.timedelta(minutes=2 * passkeys.CHALLENGE_MINUTES))
    db.session.commit()
    forget_times(jobs.queue().connection)
