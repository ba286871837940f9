"""A browser in which an account has signed in before: what others guess elsewhere does not lock its person out there."""

from __future__ import annotations

import hashlib

from flask import current_app, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

COOKIE = "known"
SECONDS = 180 * 24 * 3600


def known_here(account: str) -> str:
    """Return the mark of this browser where *account* (an e-mail) has signed in from it before, else nothing."""
    cookie = request.cookies.get(COOKIE, "")
    try:
        fits = bool(account) and _signer().loads(cookie, max_age=SECONDS) == account
    except BadSignature:
        return ""
    return hashlib.sha256(cookie.encode()).hexdigest()[:16] if fits else ""


def remember(response: Response, account: str) -> Response:
    """Let this browser be known to *account*."""
    response.set_cookie(
        COOKIE, _signer().dumps(account), max_age=SECONDS, path=url_for("accounts.sign_in"), httponly=True, samesite="Lax",
        secure=request.is_secure or current_app.config["HTTPS"],
    )  # fmt: skip
    return response


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known-here")
