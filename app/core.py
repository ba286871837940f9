"""The list of what the core consists of, in the order it starts."""

from __future__ import annotations

import importlib
import importlib.util

from flask import Flask

from app.calendar import models as _calendar_models  # noqa: F401  its tables have no pages of their own to bring them in

PARTS = (
    "static_files", "formats", "search", "files", "outbox", "jobs", "health", "site", "accounts", "administration", "api", "gallery",
)  # fmt: skip


def init_app(app: Flask) -> None:
    """Start every part of the core."""
    for name in PARTS:
        if importlib.util.find_spec(f"app.{name}") is None:
            continue
        try:
            part = importlib.import_module(f"app.{name}")
        except ImportError:  # while several hands build at once; goes before the first landing
            continue
        if hasattr(part, "init_app"):
            part.init_app(app)
