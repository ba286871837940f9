"""The list of what the core consists of, in the order it starts."""

from __future__ import annotations

from flask import Flask

from app import (
    accounts,
    administration,
    api,
    breaches,
    chain,
    citizens,
    escalation,
    files,
    formats,
    gallery,
    health,
    identities,
    jobs,
    links,
    outbox,
    proof,
    schema,
    search,
    site,
    static_files,
)
from app.calendar import models as _calendar_models  # noqa: F401  its tables have no pages of their own to bring them in


def init_app(app: Flask) -> None:
    """Start every part of the core."""
    for part in (static_files, formats, links, schema, search, files, outbox, jobs, health, site, accounts, administration, api, gallery):
        part.init_app(app)
    identities.init_app(app)
    proof.init_app(app)
    citizens.init_app(app)
    breaches.init_app(app)
    escalation.init_app(app)
    chain.init_app(app)
