"""A citizen says something; the authority answers, by a day, and everybody can see whether it did."""

from __future__ import annotations

from flask import Flask

from app import audit, opening
from app.calendar import uses
from feedback import asking as asking
from feedback import jobs, personal, recorded, vocabulary
from feedback import models as models
from feedback.operations import clocks
from feedback.sealed import views as sealed_pages
from feedback.views import api, citizen, staff


def init_app(app: Flask) -> None:
    """Register audit actions, pages, API, menu entries and jobs."""
    audit.register(vocabulary.ACTIONS)
    recorded.register()
    api.init_app()
    citizen.init_app(app)
    staff.init_app(app)
    sealed_pages.init_app(app)
    personal.init_app(app)
    jobs.init_app(app)
    sending = ("write", "write_again", "review", "send", "write_sealed", "send_sealed", "similar")
    uses.register(says=clocks.SAYS, follows=clocks.FOLLOWS)
    opening.takes_new(app, "api_feedback.submit", "entering.write", *(f"sending.{view}" for view in sending))
