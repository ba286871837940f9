"""People meet, promises are written down. The workflow of sessions comes with its own issue; the room is laid."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Nothing to register yet."""
