"""The door: who comes in by a cookie, who has to show more, and who is asked again.

:func:`arrive` lets in whoever gave the password or was named by a provider we trust; :func:`recent` marks a page that asks again
for proof when the last is older than some minutes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from app import access, clock, hooks, login
from app.accounts import known, operations, rules, sessions, unsaved
from app.accounts.addresses import own_page
from app.accounts.models import SignIn, User
from app.accounts.queries import reach_of
from app.database import db, writing_first


def init_app(app: Flask) -> None:
    """Find people by their cookie, and look at them at every door."""
    # An answer on its way while the key is exchanged would bring the old cookie back.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    login.user_loader(_load)
    login.session_protection = None  # sign-ins are bound by us: not to an address, which a telephone changes under way
    hooks.add(access.at_the_door, _at_the_door)


def _load(session_id: str) -> User | None:
    """Return who the cookie names, unless that sign-in is over or the cookie comes from another kind of browser."""
    number, _colon, token = session_id.partition(":")
    found = sessions.found(token)
    if found is None:
        return None
    user, row = found
    now = clock.now()
    if not user.active or str(user.id) != number or is_over(row, now):
        return None
    if row.browser != this_browser():
        g.stolen = row
        return None
    user.sign_in = row
    user.reach = reach_of(user, on=clock.local_date(now))
    return user


def is_over(row: SignIn, now: dt.datetime) -> bool:
    """Say whether that sign-in has ended by itself."""
    hours, idle = current_app.config["SESSION_HOURS"], current_app.config["SESSION_IDLE_MINUTES"]
    return rules.is_over(made_at=row.made_at, seen_at=row.seen_at, now=now, hours=hours, idle_minutes=idle)


def this_browser() -> str:
    """Return the kind of browser that asks."""
    return rules.kind_of_browser(request.user_agent.string)


def _at_the_door() -> None:
    """Write down, once a minute, that somebody is there; end a sign-in whose cookie came from another kind of browser."""
    if current_user.is_authenticated:
        row, now = current_user.sign_in, clock.now()
        if now - row.seen_at >= sessions.SEEN_EVERY:
            with writing_first():
                sessions.seen(row, now=now)
    elif (stolen := g.pop("stolen", None)) is not None:
        with writing_first():
            sessions.end(db.session.get_one(User, stolen.user_id), stolen, now=clock.now())


def arrive(user: User, *, factor: str = "", to: str | None = None, words: str | None = None) -> Response:
    """Let *user* in, who showed who they are by the password or by *factor*; commit, and go *to* the page they wanted.

    *words*: of a form whose session had ended (app.accounts.unsaved).
    """
    now = clock.now()
    operations.sign_in(user, now=now)
    sessions.begin(user, browser=this_browser(), factor=factor, now=now)
    db.session.commit()
    session.clear()
    session.permanent = True
    session["lang"] = user.locale
    login_user(user)
    if (unsaved_at := unsaved.address_for(user, words)) is not None:
        return known.remember(redirect(unsaved_at, 307), user.email)  # a POST stays one: its body holds the words
    return known.remember(redirect(own_page(to) or url_for("accounts.start")), user.email)


def leave() -> None:
    """Sign the present user, if there is one, out of this browser; commit."""
    if current_user.is_authenticated:
        operations.sign_out(current_user, now=clock.now())
        db.session.commit()
    logout_user()
    session.clear()


def prove(user: User, *, factor: str = "") -> None:
    """Take it that *user*, signed in here, has just shown who they are; the cookie gets a new key. The caller commits."""
    sessions.proved(user, factor=factor, now=clock.now())
    login_user(user)


def recent(minutes: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a page, below @requires or @signed_in, that asks again who is there when that was last shown more than *minutes* ago."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if clock.now() - current_user.sign_in.confirmed_at <= dt.timedelta(minutes=minutes):
                return view(*args, **kwargs)
            return redirect(url_for("accounts.confirm", next=request.full_path.rstrip("?")))

        return guarded

    return mark


__all__ = ["arrive", "init_app", "leave", "prove", "recent", "this_browser"]
