"""Whether the site takes what people send: being prepared, open, or closed for a while with a reason.

Being prepared, every public page says so, and whose site it is to be. Closed, nothing new is taken: what was sent before can
be looked up, answered and rated as ever, for the clocks run on.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from flask import Flask, current_app, g, render_template, request
from flask_babel import gettext as _

from app import settings
from app.access import policy_of, require
from app.api import PREFIX, problem
from app.database import db, is_postgresql, reading
from app.permissions import Permission

#: How they are called while nothing else answers: whoever works here signs in, whoever watches asks how the site is.
ALWAYS = frozenset(
    {
        "accounts.choose_password",
        "accounts.sign_in",
        "accounts.sign_out",
        "health.healthz",
        "health.metrics",
        "site.set_language",
    }
)
UNAVAILABLE = 503
AN_HOUR = "3600"  # Retry-After, in seconds


class State(StrEnum):
    """What the site does for the people."""

    PREPARING = "preparing"
    OPEN = "open"
    CLOSED = "closed"


def init_app(app: Flask) -> None:
    """Ask before every request; registered when the request's transaction has its kind."""
    app.extensions.setdefault("takes_new", {"site.home"})
    app.before_request(_answer_instead)


def takes_new(app: Flask, *endpoints: str) -> None:
    """Name the pages that take what people send, or lead only there: closed, those of the people say why.

    What staff enter for somebody is taken then, too, but by nobody before the site is first opened: it would reach no desk.
    """
    app.extensions.setdefault("takes_new", {"site.home"}).update(endpoints)


def state(values: dict[str, Any] | None = None) -> State:
    """Return what the site does, by these settings or the stored ones."""
    values = values or settings.all_values()
    if not values["set_up"]:
        return State.PREPARING
    return State.CLOSED if values["closed_because"] else State.OPEN


def close(reason: str, *, actor: Any, now: dt.datetime) -> None:
    """Take nothing new until :func:`reopen`; visitors read *reason*. :raise NotAllowed:."""
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    settings.change("closed_because", reason, actor=actor, now=now)


def reopen(*, actor: Any, now: dt.datetime) -> None:
    """Take what people send again. :raise NotAllowed:."""
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    settings.change("closed_because", "", actor=actor, now=now)


def _answer_instead() -> Any:
    """Return the page that says why the asked one does not answer, or None for going on."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in ALWAYS:
        return None
    public, takes = policy_of(endpoint) == "public", endpoint in current_app.extensions["takes_new"]
    if not (public or takes):
        return None
    with reading():
        g.site_settings = settings.all_values()
        if request.method == "POST" and not is_postgresql():
            db.session.commit()  # whether it reads or writes is the view's to say; PostgreSQL begins nothing before the first write
    now = state(g.site_settings)
    if now is State.OPEN or (now is State.CLOSED and not (public and takes)):
        return None
    headers = {"Retry-After": AN_HOUR}
    if request.path.startswith(PREFIX):
        detail = _("Trang đang được chuẩn bị, chưa nhận ý kiến.") if now is State.PREPARING else g.site_settings["closed_because"]
        response = problem(UNAVAILABLE, name=f"site-{now}", detail=detail)
        response.headers.update(headers)
        return response
    return render_template("site/not_open.html", preparing=now is State.PREPARING), UNAVAILABLE, headers
