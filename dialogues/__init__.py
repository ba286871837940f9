"""The head of a unit meets the people; what was promised there is written down and followed."""

from __future__ import annotations

from flask import Flask

from app import audit, consents, hooks, reference
from dialogues import answered, asked, books, jobs, quoting, recorded, recorded_year, vocabulary, words
from dialogues import models as models
from dialogues.operations import screening
from dialogues.operations.duties import load_shipped as load_duties
from dialogues.operations.retaining import load_shipped as load_retention
from dialogues.verify import verify_dossier
from dialogues.views import api, citizen, staff
from feedback import suggesting
from feedback.operations import consenting, sender
from feedback.operations.papers import drafting, issuing
from feedback.personal import erasing
from feedback.sealed.operations import quoting as sealed_quoting
from feedback.sealed.operations import sealing


def init_app(app: Flask) -> None:
    """Register audit actions, pages, menu entries and jobs."""
    audit.register(vocabulary.ACTIONS)
    recorded.register()
    recorded_year.register()
    hooks.add(reference.further, load_duties, load_retention)
    hooks.add(issuing.taken_elsewhere, books.taken_by_session)
    hooks.add(drafting.said_elsewhere, answered.beginning)
    hooks.add(suggesting.put_to, asked.put_to)
    hooks.add(sender.withdrawn_elsewhere, screening.withdraw)
    hooks.add(sealing.elsewhere, screening.seal)
    hooks.add(erasing.elsewhere, screening.erase)
    hooks.add(erasing.written_elsewhere, screening.written_of)
    hooks.add(consenting.unpublished_elsewhere, screening.unpublish_of)
    hooks.add(sealed_quoting.told, quoting.told)
    hooks.add(sealed_quoting.places, quoting.places)
    consents.WORDINGS.update(words.CONSENTS)
    app.context_processor(lambda: {"agreed_words": words.CONSENTS})
    api.init_app(app)
    citizen.init_app(app)
    staff.init_app(app)
    jobs.init_app(app)
    app.cli.add_command(verify_dossier)
