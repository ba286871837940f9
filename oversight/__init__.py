"""MTTQ and the steering committee look at what became of the promises."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the promise register."""
