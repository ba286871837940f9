"""MTTQ and the steering committee look at what became of the promises."""

from __future__ import annotations

from flask import Flask

from app import audit, hooks, triggers
from feedback.sealed.operations import quoting as sealed_quoting
from oversight import jobs, ladder, quoting, recorded, vocabulary
from oversight import models as models
from oversight.checks import checking
from oversight.letters import corresponding
from oversight.models import sums
from oversight.recorded import supervision as recorded_supervision
from oversight.reports import handing_up
from oversight.views import citizen, staff


def init_app(app: Flask) -> None:
    """Register audit actions, jobs, pages and menu entries."""
    audit.register(vocabulary.ACTIONS)
    hooks.add(sealed_quoting.places, quoting.places)
    hooks.add(triggers.further, sums.install)
    recorded.register()
    recorded_supervision.register()
    checking.init_app(app)
    ladder.init()
    jobs.init_app(app)
    corresponding.init_app(app)
    handing_up.init()
    staff.init_app(app)
    citizen.init_app(app)
