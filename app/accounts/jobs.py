"""What is cleared away every night: sign-ins that ended by themselves, answers of passkeys that cannot come again."""

from __future__ import annotations

import datetime as dt

from flask import current_app

from app import clock
from app.accounts import passkeys, sessions
from app.database import db


def sweep() -> None:
    """Delete what is over."""
    now = clock.now()
    sessions.forget(made_before=now - dt.timedelta(hours=current_app.config["SESSION_HOURS"]))
    passkeys.forget(before=now - dt.timedelta(minutes=2 * passkeys.CHALLENGE_MINUTES))
    db.session.commit()
