"""The link by which somebody chooses a password: signed, dated, and good once.

The signature takes in a salt of the account, and choosing a password makes a new salt: so a used link, and every link from
before, opens nothing. Nothing about it is stored.
"""

from __future__ import annotations

import datetime as dt

from flask import current_app, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from app.accounts.models import User
from app.database import db


def link(user: User, last_on: dt.date) -> str:
    """Return the address of the page where *user* chooses a password, until the end of that day."""
    address = url_for("accounts.choose_password", user_id=user.id, token=_serializer(user).dumps(last_on.isoformat()))
    return current_app.config["SITE_URL"] + address


def invited(user_id: int, token: str, *, today: dt.date) -> User | None:
    """Return whom the link invites, or None where it was used, is over or is not ours."""
    user = db.session.get(User, user_id)
    if user is None or not user.active or not user.is_ours:
        return None
    try:
        last_on = dt.date.fromisoformat(_serializer(user).loads(token))
    except (BadSignature, TypeError, ValueError):
        return None
    return user if today <= last_on else None


def _serializer(user: User) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"invitation:{user.id}:{user.invitation_salt}")
