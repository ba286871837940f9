"""MTTQ and the steering committee look at what became of the promises."""

from __future__ import annotations

from flask import Flask

from app import audit
from oversight import models as models
from oversight import vocabulary
from oversight.views import citizen, staff


def init_app(app: Flask) -> None:
    """Register audit actions, pages and menu entries."""
    audit.register(vocabulary.ACTIONS)
    staff.init_app(app)
    citizen.init_app(app)
