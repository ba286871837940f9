"""A browser in which an account has signed in before: what others guess elsewhere does not lock its person out there.

All such browsers of an account are counted as one: a thief who knew the password for a while may have made many of them. None is known
any more once the password is another, or once there is a second factor that it was not asked for.
"""

from __future__ import annotations

from flask import current_app, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app.accounts import factors
from app.accounts.models import User
from app.accounts.queries import user_by_email
from app.crypto import key_digest
from app.database import db, reading

COOKIE = "known"
SECONDS = 180 * 24 * 3600
FOUND = "app.known_here"  # in the environ: for which account this browser was looked up, and whether it is known


def mark_of(user: User) -> str:
    """Return what the cookie of a browser known to *user* holds at present."""
    return key_digest(f"known:{user.id}:{user.password_hash}:{factors.has_any(user)}")[:16]


def holds(account: str, mark: str) -> bool:
    """Say whether this browser is known to *account* (an e-mail), whose mark at present is *mark*. No database is asked."""
    return bool(mark) and _held_for(account) == mark


def known_here(account: str) -> bool:
    """Say whether *account* has signed in from this browser before. Only where a cookie says so is the database asked, once a request."""
    held = _held_for(account)
    if not held:
        return False
    if request.environ.get(FOUND, ("",))[0] != account:
        request.environ[FOUND] = (account, _is_mark_of(held, account))
    return request.environ[FOUND][1]


def _is_mark_of(held: str, account: str) -> bool:
    try:
        with reading():
            user = user_by_email(account)
            return user is not None and user.active and mark_of(user) == held
    except SQLAlchemyError:  # the page that was asked for says so
        return False
    finally:
        db.session.rollback()


def _held_for(account: str) -> str:
    """Return the mark that this browser's cookie holds for *account*."""
    try:
        held = _signer().loads(request.cookies.get(COOKIE, ""), max_age=SECONDS)
    except BadSignature:
        return ""
    match held:
        case [str(named), str(mark)] if account and named == account:
            return mark
    return ""


def remember(response: Response, user: User) -> Response:
    """Let this browser be known to the account of *user*."""
    response.set_cookie(
        COOKIE, _signer().dumps([user.email, mark_of(user)]), max_age=SECONDS, path=url_for("accounts.sign_in"), httponly=True,
        samesite="Lax", secure=request.is_secure or current_app.config["HTTPS"],
    )  # fmt: skip
    return response


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known-here")
