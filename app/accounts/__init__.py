"""People with an account: sign-in, roles in a scope, dated delegation to deputies."""

from __future__ import annotations

import importlib

from flask import Flask

from app import hooks


def init_app(app: Flask) -> None:
    """Register sign-in, one's own pages, the user loader and `flask create-admin`."""
    # Much that the pages import itself imports our models, and with them this module: so the pages come later.
    for name in ("device_views", "factor_views", "protection_views", "role_views"):
        importlib.import_module(f"app.accounts.{name}")
    importlib.import_module("app.accounts.views").init_app(app)
    hooks.add(importlib.import_module("app.units.operations").on_move, importlib.import_module("app.accounts.former").leave_with)
