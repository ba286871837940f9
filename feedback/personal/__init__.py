"""A person asks for what is kept of them, or that it goes: the request, its clock, who decides, what is handed out, what is erased.

The keys of the receipt show whose request it is. What an authority has signed and numbered stays, as the law on archives asks; what
is said of somebody by others is not theirs to get.
"""

from __future__ import annotations

from flask import Flask

from app import audit, consents, hooks, reference
from app.calendar import uses
from app.calendar.rules import Stage
from feedback import words
from feedback.operations import consenting, reminding
from feedback.personal import account_views, operations, recorded, retaining, retention_views, views
from feedback.sealed.operations import sealing


def init_app(app: Flask) -> None:
    """Register the pages, what is recorded, and the stage that clocks follow."""
    audit.register(recorded.ACTIONS)
    recorded.register()
    uses.register(says={"kind": ["data_export", "data_erasure"]}, follows=(Stage.DATA_REQUEST,))
    hooks.add(reference.further, retaining.load_shipped)
    hooks.add(sealing.elsewhere, consenting.forget)
    hooks.add(reminding.further, operations.late)
    consents.WORDINGS.update(words.CONSENTS)
    views.init_app(app)
    account_views.init_app(app)
    retention_views.init_app(app)
