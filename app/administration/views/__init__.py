"""The pages of administration, one module a subject."""

from __future__ import annotations

from app.administration.views import (  # noqa: F401 - routes
    audit,
    calendar,
    deputies,
    doors,
    escalation,
    fields,
    index,
    notices,
    roles,
    rules,
    setup,
    unit_import,
    units,
    users,
)
from app.administration.views.pages import bp

__all__ = ["bp"]
