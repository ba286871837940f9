"""What is cleared away every night."""

from __future__ import annotations

from app import clock
from app.citizens import operations
from app.database import db


def sweep() -> None:
    """Delete what is over."""
    operations.sweep(now=clock.now())
    db.session.commit()
