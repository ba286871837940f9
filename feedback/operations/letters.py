"""The words of letters that every install starts with, from feedback/data/letters.toml."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

from app.access import SYSTEM
from app.audit import record
from app.database import db
from feedback.models import LetterTemplate

SHIPPED = Path(__file__).parents[1] / "data" / "letters.toml"


def load_shipped(*, now: dt.datetime) -> None:
    """Add them where there are none yet, once: what an administrator makes of them stays. Flushes."""
    if db.session.scalar(db.select(LetterTemplate.id).limit(1)) is not None:
        return
    for letter in tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["letter"]:
        row = LetterTemplate(name=letter["name"], paper_type=letter["paper_type"], body=letter["body"].strip())
        db.session.add(row)
        db.session.flush()
        record(SYSTEM, "template.changed", row, at=now, changed=["created"])
