"""Where a session is planned, prepared, recorded, concluded and filed. One module a room; pages.py is what they share."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import navigation
from app.permissions import Permission
from dialogues.views.staff import asking, door, guests, questions, sessions
from dialogues.views.staff.pages import bp


def init_app(app: Flask) -> None:
    """Register the pages and their menu."""
    app.register_blueprint(bp)
    navigation.add(app, "staff", navigation.Entry(_l("Đối thoại"), "dialogue_staff.sessions", 45, (Permission.DIALOGUE_READ,)))


__all__ = ["asking", "bp", "door", "guests", "init_app", "questions", "sessions"]
