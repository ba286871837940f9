"""MTTQ and the steering committee look at what became of the promises."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import navigation
from app.permissions import Permission
from oversight import views


def init_app(app: Flask) -> None:
    """Register the promise register and its menu entry."""
    app.register_blueprint(views.blueprint)
    navigation.add(app, "staff", navigation.Entry(_l("Sổ theo dõi"), "oversight.register", 50, (Permission.REGISTER_READ,)))
