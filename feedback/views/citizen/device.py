"""What this browser opened with code and key: a cookie names the key's row, signed, and goes to the pages of tracking only."""

from __future__ import annotations

import uuid

from flask import current_app, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from app.headers import unkept
from feedback import queries
from feedback.models import Feedback, ReceiptKey

COOKIE, PATH = "thread", "/tra-cuu"
AGE = 12 * 3600  # seconds
KEPT_AGE = 3600  # of an item that is kept from the unit: as long as the page of sealed information


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="sender-thread")


def remember(item: Feedback, key: ReceiptKey) -> Response:
    """Let this browser open *item* by *key* for a while, and go there."""
    response = redirect(url_for("tracking.show", code=item.code), 303)
    response.set_cookie(
        COOKIE, _signer().dumps(key.uid.hex), max_age=_age(item), path=PATH, httponly=True, samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip
    response.headers["Referrer-Policy"] = "no-referrer"
    return unkept(response)


def _age(item: Feedback) -> int:
    """Return for how many seconds the address of *item*, which the browser's history keeps, opens it without the key."""
    return KEPT_AGE if item.names_kept else AGE


def opened_anything() -> bool:
    """Say whether this browser has opened any item with its key lately."""
    return COOKIE in request.cookies


def key_for(item: Feedback) -> ReceiptKey | None:
    """Return the key that this browser opened *item* with, if it did."""
    try:
        uid = uuid.UUID(_signer().loads(request.cookies.get(COOKIE, ""), max_age=_age(item)))
    except (BadSignature, ValueError):
        return None
    key = queries.the_key(ReceiptKey.uid == uid)
    return key if key is not None and key.feedback_id in {item.id, item.parent_id} and item.is_ours else None


def forget(response: Response) -> Response:
    """Let this browser open nothing any more without the key."""
    response.delete_cookie(COOKIE, path=PATH)
    return response
