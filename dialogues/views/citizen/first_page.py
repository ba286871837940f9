"""What the front page says of sessions: the next ones that everyone may come to."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask

from app import hooks
from dialogues import seen, words
from feedback.views.citizen import home

SHOWN = 2


def init_app(_app: Flask) -> None:
    """Have the front page show them."""
    hooks.add(home.further, coming)


def coming(now: dt.datetime) -> tuple[str, dict[str, Any]] | None:
    """Return the nearest sessions whose day stands, today's first; None where none was announced."""
    found = [session for session in seen.ahead(limit=SHOWN) if seen.day_stands(session)]
    return ("dialogues/citizen/_coming.html", {"sessions": found, "now": now, "words": words}) if found else None
