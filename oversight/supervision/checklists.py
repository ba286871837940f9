"""Questions about the checklists with which campaigns begin."""

from __future__ import annotations

import datetime as dt

from app.database import db
from app.versions import in_force
from oversight.models import Checklist


def every() -> list[Checklist]:
    """Return all versions of all checklists, by type of base and day."""
    return list(db.session.scalars(db.select(Checklist).order_by(Checklist.id, Checklist.effective_from)))


def questions(base: str, on: dt.date) -> list[str]:
    """Return the questions for a type of base that hold on a day; none where nobody wrote any."""
    versions = db.session.scalars(db.select(Checklist).where(Checklist.code == base))
    return next((row.questions for row in versions if in_force(row, on)), [])
