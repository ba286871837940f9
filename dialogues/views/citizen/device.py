"""Which device it is that presses: a random id in a signed cookie. It says nothing about whose it is, and only digests are stored."""

from __future__ import annotations

import datetime as dt
import secrets

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

COOKIE = "may"
KEPT = dt.timedelta(days=365)


def device() -> str:
    """Return the id of the device that asks, or a new one; :func:`remember` puts it into the answer."""
    return known_device() or secrets.token_urlsafe(18)


def known_device() -> str | None:
    """Return the id of the device that asks, where it has one."""
    return read(request.cookies.get(COOKIE, ""))


def read(signed: str) -> str | None:
    """Return the id that we gave in that form; None where somebody made it up."""
    try:
        return str(_signer().loads(signed))
    except BadSignature:
        return None


def sign(id_: str) -> str:
    """Return *id_* in the form in which a device keeps it."""
    return str(_signer().dumps(id_))


def remember(answer: Response, id_: str) -> Response:
    """Let the device come back as *id_*."""
    answer.set_cookie(
        COOKIE,
        sign(id_),
        max_age=KEPT,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return answer


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="device")
