"""The JSON API under /api/v1: what a citizen does on the pages, for programs."""

from __future__ import annotations

from app import csrf
from app.api import api
from feedback.views.api import acting as acting
from feedback.views.api import catalogue as catalogue
from feedback.views.api import reading as reading
from feedback.views.api import sending as sending
from feedback.views.api.base import blueprint
from feedback.views.api.base import catalogue as lists


def init_app() -> None:
    """Add the routes to the API and take them out of the forms' CSRF check: they read no cookie."""
    for each in (blueprint, lists):
        csrf.exempt(each)
        api.register_blueprint(each)
