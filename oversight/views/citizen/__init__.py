"""What everyone may read of promises and figures."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the pages and their place in the menu."""
