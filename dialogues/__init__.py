"""The head of a unit meets the people; what was promised there is written down and followed."""

from __future__ import annotations

from flask import Flask

from app import audit
from dialogues import models as models
from dialogues import recorded, vocabulary
from dialogues.views import staff


def init_app(app: Flask) -> None:
    """Register audit actions, pages, menu entries and jobs."""
    audit.register(vocabulary.ACTIONS)
    recorded.register()
    staff.init_app(app)
