"""The door: who comes in by a cookie, who has to show more, and who is asked again.

:func:`arrive` lets in whoever gave the password or was named by a provider we trust, after their second factor where they have one;
who holds a role that needs one and has none can do nothing but set one up. :func:`recent` marks a page that asks again for proof when
the last is older than some minutes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from flask import Flask, current_app, g, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from app import access, clock, hooks, limits, login, settings
from app.accounts import factors, known, operations, passkeys, rules, sessions, unsaved
from app.accounts.addresses import own_page, page_of
from app.accounts.forms import PasskeyForm, ProofForm
from app.accounts.models import SignIn, User
from app.accounts.queries import reach_of
from app.crypto import key_digest
from app.database import db, reading, writing_first
from app.permissions import Reach

log = structlog.get_logger()

HALFWAY = "halfway"  # in the session: who gave the right password and has yet to show a second factor
HALFWAY_SECONDS = 600
REQUIRED = "second_factor_roles"  # the setting
#: What somebody may open who has yet to set up the second factor that their role needs.
SETTING_UP = {
    "accounts.protection", "accounts.add_app", "accounts.add_passkey", "accounts.remove_app", "accounts.remove_passkey",
    "accounts.renew_codes", "accounts.confirm",
}  # fmt: skip


def init_app(app: Flask) -> None:
    """Find people by their cookie, and look at them at every door."""
    # An answer on its way while the key is exchanged would bring the old cookie back.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    login.user_loader(_load)
    login.session_protection = None  # sign-ins are bound by us: not to an address, which a telephone changes under way
    hooks.add(access.at_the_door, _at_the_door)
    hooks.add(limits.goes_on, _goes_on)


def _load(session_id: str) -> User | None:
    """Return who the cookie names, unless that sign-in is over or the cookie comes from another kind of browser."""
    found, now = _found(session_id), clock.now()
    if found is None:
        return None
    user, row = found
    if row.browser != this_browser():
        g.stolen = row
        return None
    user.sign_in = row
    user.reach = reach_of(user, on=clock.local_date(now))
    held = {role for role, _scope in user.reach.holds}
    user.lacks_a_factor = rules.lacks_a_factor(factor=row.factor, held=held, required=settings.get(REQUIRED))
    if user.lacks_a_factor:
        user.reach = Reach(user.id, user.unit_id)
    return user


def _found(session_id: str) -> tuple[User, SignIn] | None:
    """Return whose sign-in the cookie names, and which, unless it is over."""
    number, _colon, token = session_id.partition(":")
    found = sessions.found(token)
    if found is None or not found[0].active or str(found[0].id) != number or is_over(found[1], clock.now()):
        return None
    return found


def _goes_on(session_id: str) -> bool:
    """Say whether the sign-in goes on that the cookie names: only whose does is counted as a person. No transaction is left open.

    Who posts is looked up again when the page's transaction, which writes, has begun: SQLite locks no row, and what was read before that
    could be old (a code of theirs that counts once, for instance).
    """
    try:
        with reading():
            found = _found(session_id)
            return found is not None and found[1].browser == this_browser()
    except SQLAlchemyError:  # the page that was asked for says so
        return False
    finally:
        db.session.rollback()


def is_over(row: SignIn, now: dt.datetime) -> bool:
    """Say whether that sign-in has ended by itself."""
    hours, idle = current_app.config["SESSION_HOURS"], current_app.config["SESSION_IDLE_MINUTES"]
    return rules.is_over(made_at=row.made_at, seen_at=row.seen_at, now=now, hours=hours, idle_minutes=idle)


def this_browser() -> str:
    """Return the kind of browser that asks."""
    return rules.kind_of_browser(request.user_agent.string)


def _at_the_door() -> Response | None:
    """Write down, once a minute, that somebody is there; end a sign-in whose cookie came from another kind of browser.

    Return where to go who has to set up a second factor first.
    """
    if current_user.is_authenticated:
        row, now = current_user.sign_in, clock.now()
        if now - row.seen_at >= sessions.SEEN_EVERY:
            _write_that_they_are_here(row, now)
        if current_user.lacks_a_factor and request.endpoint not in SETTING_UP:
            return redirect(url_for("accounts.protection"), 303)
    elif (stolen := g.pop("stolen", None)) is not None:
        with writing_first():
            sessions.end(db.session.get_one(User, stolen.user_id), stolen, now=clock.now())
    return None


def _write_that_they_are_here(row: SignIn, now: dt.datetime) -> None:
    try:
        with writing_first():
            sessions.seen(row, now=now)
    except SQLAlchemyError as error:  # a disk that is full, a database that only reads: the page that was asked for comes all the same
        db.session.rollback()
        log.warning("session_not_seen", error=type(error).__name__)


def arrive(user: User, *, factor: str = "", to: str | None = None, words: str | None = None) -> Any:
    """Let *user* in, who showed who they are by *factor*, or by the password alone: then by their second factor, if they have one.

    Commits, and answers with the page *to* which they wanted to go, or the one that asks for the second factor.
    *words*: of a form whose session had ended (app.accounts.unsaved).
    """
    if not factor and factors.has_any(user):
        return _ask_for_the_second(user, to, words)
    now = clock.now()
    operations.sign_in(user, now=now)
    sessions.begin(user, browser=this_browser(), factor=factor, now=now)
    db.session.commit()
    session.clear()
    session.permanent = True
    session["lang"] = user.locale
    login_user(user)
    if (unsaved_at := unsaved.address_for(user, words)) is not None:
        return known.remember(redirect(unsaved_at, 307), user)  # a POST stays one: its body holds the words
    return known.remember(redirect(own_page(to) or url_for("accounts.start")), user)


def _ask_for_the_second(user: User, to: str | None, words: str | None) -> Any:
    session.clear()
    g.pop("csrf_token", None)  # of the session that is gone: the page below needs one of the new
    at = int(clock.now().timestamp())
    is_known = known.holds(user.email, known.mark_of(user))
    session[HALFWAY] = {"user": user.id, "known": is_known, "at": at, "mark": _mark(user), "to": own_page(to)}
    if words:  # too many for a cookie: the page itself carries them
        return second_factor_page(user, words=words)
    return redirect(url_for("accounts.second_factor"), 303)


def halfway() -> tuple[User, str | None] | None:
    """Return who gave the right password in this browser a moment ago and has yet to show a second factor, and where they wanted to go."""
    kept = session.get(HALFWAY)
    if not kept or clock.now().timestamp() - kept["at"] > HALFWAY_SECONDS:
        return None
    user = db.session.get(User, kept["user"])
    if user is None or not user.active or _mark(user) != kept["mark"]:
        return None
    return user, kept["to"]


def _mark(user: User) -> str:
    return key_digest(f"halfway:{user.password_hash}")[:16]


def second_factor_page(user: User, *, words: str | None = "", said: str = "") -> Any:
    """Return the page that asks *user* for a second factor; *said* is why what was given is none."""
    form = ProofForm(formdata=None, unsaved=words)
    if said:
        form.code.errors = [said]
    return render_template("accounts/second_factor.html", form=form, **_key_of(user, words)), 422 if said else 200


def _key_of(user: User, words: str | None) -> dict[str, Any]:
    """Return, for a page, the form that a passkey of *user* answers, and what it is asked; nothing where they have none."""
    keys = passkeys.to_use(user, now=clock.now()) if passkeys.of(user) else None
    return {"keys": keys, "key_form": PasskeyForm(formdata=None, unsaved=words)}


def present() -> User:
    """Return who is signed in, itself: a proxy is no row that can be locked."""
    return current_user._get_current_object()  # noqa: SLF001 - werkzeug's way to the thing itself


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
    """Mark a page, below @requires or @signed_in, that asks again who is there when that was last shown more than *minutes* ago.

    What was typed into its form meanwhile comes back after the answer; files have to be chosen again.
    """

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if clock.now() - current_user.sign_in.confirmed_at <= dt.timedelta(minutes=minutes):
                return view(*args, **kwargs)
            return _ask_again()

        return guarded

    return mark


def _ask_again() -> Any:
    if request.method in {"GET", "HEAD"}:
        return redirect(url_for("accounts.confirm", next=request.full_path.rstrip("?")))
    if words := unsaved.keep():
        return confirm_page(words=words), 401
    return redirect(url_for("accounts.confirm", next=page_of(request.path)), 303)


def key_to_enter(words: str | None = "") -> tuple[Any, str]:
    """Return the form by which somebody signs in with a passkey alone, and what the key is asked."""
    return PasskeyForm(formdata=None, unsaved=words), passkeys.to_use(None, now=clock.now())


def confirm_page(*, words: str | None = "", said: str = "") -> str:
    """Return the page that asks the present user again who they are: by a factor, or by the password where they have none."""
    form = ProofForm(formdata=None, unsaved=words)
    has_any = factors.has_any(current_user)
    if said:
        (form.code if has_any else form.password).errors = [said]
    action = url_for("accounts.confirm", next=own_page(request.args.get("next")))
    return render_template("accounts/confirm.html", form=form, has_any=has_any, action=action, **_key_of(current_user, words))
