"""Who may open which door: actors, and the policy every route states.

Two questions, answered in two places. May this person use this page at all? Every route says so with @requires(…),
@signed_in or @public, and the app refuses to start when one does not. May they do this to that item? The domain's
`rules.py` answers from a :class:`app.permissions.Reach`, and both the operation and the template ask it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import current_user

from app.permissions import Permission

#: Asked at every door that is not public, before it opens: an answer is given instead of the page.
at_the_door: list[Callable[[], Any]] = []


class Actor(Protocol):
    """Who acts: a user, the sender of an item, or the system itself. Only a user has an id."""

    @property
    def kind(self) -> str: ...

    @property
    def id(self) -> Any: ...


@dataclass(frozen=True)
class Anyone:
    """An actor without an account."""

    kind: str
    id: None = None
    unit_id: None = None


SENDER = Anyone("sender")
SYSTEM = Anyone("system")


class NotAllowed(Exception):
    """This person may not do this to that thing."""


class RouteWithoutPolicy(RuntimeError):
    """A route says neither @public, @signed_in nor @requires."""


def require(allowed: bool) -> None:  # noqa: FBT001 - the whole call reads: require(may_route(…))
    """:raise NotAllowed: unless *allowed*."""
    if not allowed:
        raise NotAllowed


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a page that anyone may open."""
    vars(view)["access_policy"] = "public"
    return view


def signed_in(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a page for anyone with an account."""
    return _guarded(view, "signed_in")


def requires(*permissions: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a page for those who hold one of *permissions* somewhere; which items they see there is the domain's to say."""

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        return _guarded(view, permissions)

    return mark


def _guarded(view: Callable[..., Any], policy: Any) -> Callable[..., Any]:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if (instead := next((answer for ask in at_the_door if (answer := ask()) is not None), None)) is not None:
            return instead
        if not current_user.is_authenticated:
            # A form that was typed while the session ended must not be lost silently: only GETs are sent to sign in, unless they
            # carry its words (app.accounts.unsaved).
            if request.method in {"GET", "HEAD"} and "unsaved" not in g:
                return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
            abort(401)
        if not _lets_in(policy):
            abort(403)
        return view(*args, **kwargs)

    vars(guarded)["access_policy"] = policy
    return guarded


def _lets_in(policy: Any) -> bool:
    """Say whether a page for those with an account is one for the present user."""
    return policy == "signed_in" or any(current_user.reach.may_anywhere(each) for each in policy)


def check_every_route(app: Flask, *, also_public: Iterable[str] = ("static", "api-docs.openapi_json")) -> None:
    """:raise RouteWithoutPolicy: when a view does not say who may open it."""
    without = sorted(
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in also_public and not hasattr(_innermost(view), "access_policy")
    )
    if without:
        raise RouteWithoutPolicy("Thêm @public, @signed_in hoặc @requires(…) cho: " + ", ".join(without))


def _innermost(view: Any) -> Any:
    while not hasattr(view, "access_policy") and hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return view


def policy_of(endpoint: str) -> Any:
    """Return what the view of *endpoint* says about who may open it, None where it says nothing."""
    return getattr(_innermost(current_app.view_functions[endpoint]), "access_policy", None)


def may_open(endpoint: str) -> bool:
    """Say whether the view of *endpoint* lets the present user in at all; for menus and the links that lead back."""
    policy = policy_of(endpoint)
    return policy == "public" or (current_user.is_authenticated and _lets_in(policy))


def policies() -> dict[str, Any]:
    """Return every endpoint's policy, for the test that reads them all."""
    return {name: policy_of(name) for name in current_app.view_functions}
