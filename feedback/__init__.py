"""A citizen says something; the authority answers, by a day, and everybody can see whether it did."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register pages, API, menu entries, audit actions and jobs."""
