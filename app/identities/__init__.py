"""Signing in by another provider (OpenID Connect): an account is linked to it by its person, never by an e-mail address alone.

The door with e-mail and password stays. Without a provider in the settings nothing of this is on any page.
"""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import audit, hooks
from app.accounts import operations as accounts
from app.administration import sentences
from app.identities import operations, views


def init_app(app: Flask) -> None:
    """Register the pages and what is recorded."""
    audit.register({"identity.linked": {"issuer"}, "identity.unlinked": {"issuer"}, "identity.used": {"issuer", "second_factor"}})
    sentences.register(
        {
            "identity.linked": _l("nối %(subject)s với tài khoản ở %(issuer)s"),
            "identity.unlinked": _l("thôi nối %(subject)s với tài khoản ở %(issuer)s"),
            "identity.used": _l("vào bằng tài khoản ở %(issuer)s (nơi ấy hỏi hai lớp: %(second_factor)s)"),
        },
        groups={"identity": _l("Tài khoản nơi khác")},
    )
    hooks.add(accounts.on_invited, operations.end_all)
    views.init_app(app)
