"""From the list of what one sent to its thread: whoever showed that the address is theirs needs no key."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort

from app import hooks
from app.access import public
from app.citizens import queries as citizens
from app.citizens.door import who_is_in
from app.citizens.models import CitizenAccount
from feedback import mine
from feedback.views.citizen import device

bp = Blueprint("mine", "feedback")


def init_app(app: Flask) -> None:
    """Register the page, and let the list ask us."""
    app.register_blueprint(bp)
    hooks.add(citizens.sent, mine.sent)


@bp.post("/tai-khoan-cua-toi/y-kien/<code>")
@public
@who_is_in
def open_(account: CitizenAccount, code: str) -> Any:
    """Open the thread of an item."""
    return device.remember(*(mine.key_to(code, account.email_index) or abort(404)))
