"""What time does to units."""

from __future__ import annotations

from app import clock
from app.access import SYSTEM
from app.database import db
from app.units.operations import apply_successions as move_what_is_due


def apply_successions() -> None:
    """Move what is open of every unit whose last day is past."""
    move_what_is_due(actor=SYSTEM, today=clock.today(), now=clock.now())
    db.session.commit()
