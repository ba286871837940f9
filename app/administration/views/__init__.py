"""The pages of administration, one module a subject."""

from __future__ import annotations

from app.administration.views import audit, calendar, deputies, fields, index, notices, roles, rules, setup, unit_import, units, users  # noqa: F401 - routes
from app.administration.views.pages import bp

__all__ = ["bp"]
