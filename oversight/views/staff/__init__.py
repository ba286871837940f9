"""Where it is seen whether promises were kept, and acted on. One module a room; pages.py is what they share."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import navigation
from app.permissions import Permission
from oversight.views.staff import register as register
from oversight.views.staff import story as story
from oversight.views.staff.pages import MENU
from oversight.views.staff.pages import bp as bp

P = Permission


def init_app(app: Flask) -> None:
    """Register the pages and their menu."""
    app.register_blueprint(bp)
    entry = navigation.Entry
    anyone_here = (P.REGISTER_READ, P.OVERSIGHT_REPORT, P.FEEDBACK_HANDLE)
    # One entry in the bar, which has little room; the rooms are the tabs below it.
    navigation.add(app, "staff", entry(_l("Theo dõi, giám sát"), "oversight.first_room", 50, anyone_here))
    navigation.add(app, MENU, entry(_l("Việc đã hứa"), "oversight.register", 10, (P.REGISTER_READ,)))
