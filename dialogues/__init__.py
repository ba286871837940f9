"""The head of a unit meets the people; what was promised there is written down and followed."""

from __future__ import annotations

from flask import Flask

from app import audit, reference
from dialogues import answered, asked, books, jobs, recorded, recorded_year, vocabulary
from dialogues import models as models
from dialogues.operations import screening
from dialogues.operations.duties import load_shipped as load_duties
from dialogues.verify import verify_dossier
from dialogues.views import api, citizen, staff
from feedback import suggesting
from feedback.operations import sender
from feedback.operations.papers import drafting, issuing


def init_app(app: Flask) -> None:
    """Register audit actions, pages, menu entries and jobs."""
    audit.register(vocabulary.ACTIONS)
    recorded.register()
    recorded_year.register()
    if load_duties not in reference.further:  # several sites in one process, as the tests have
        reference.further.append(load_duties)
    if books.taken_by_session not in issuing.taken_elsewhere:
        issuing.taken_elsewhere.append(books.taken_by_session)
    if answered.beginning not in drafting.said_elsewhere:
        drafting.said_elsewhere.append(answered.beginning)
    if asked.put_to not in suggesting.put_to:
        suggesting.put_to.append(asked.put_to)
    if screening.withdraw not in sender.withdrawn_elsewhere:
        sender.withdrawn_elsewhere.append(screening.withdraw)
    api.init_app(app)
    citizen.init_app(app)
    staff.init_app(app)
    jobs.init_app(app)
    app.cli.add_command(verify_dossier)
