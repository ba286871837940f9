"""The cookie of somebody who came in by a code: of these pages only, and never flask-login's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from app import clock
from app.accounts.signing_in import this_browser
from app.citizens import rules
from app.citizens.models import CitizenSignIn
from app.citizens.queries import account_in

COOKIE = "citizen"
PATH = "/tai-khoan-cua-toi"


def who() -> CitizenSignIn | None:
    """Return who is in, if anybody; asked for once a request."""
    if "citizen" not in g:
        token = request.cookies.get(COOKIE, "")
        g.citizen = account_in(token, this_browser(), now=clock.now()) if token else None
    return g.citizen


def who_is_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a page, below @public, for who came in by a code; others are led to ask for one. The view gets *account* first."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        sign_in = who()
        return redirect(url_for("citizens.own"), 303) if sign_in is None else view(sign_in.account, *args, **kwargs)

    return guarded


def let_in(response: Response, token: str) -> Response:
    """Give the browser its key."""
    response.set_cookie(
        COOKIE, token, max_age=int(rules.STAYS.total_seconds()), path=PATH, httponly=True, samesite="Lax",
        secure=request.is_secure or current_app.config["HTTPS"],
    )  # fmt: skip
    return response


def let_out(response: Response) -> Response:
    """Take the key away."""
    response.delete_cookie(COOKIE, path=PATH)
    return response
