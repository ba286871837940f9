"""All addresses of the site, and what its router says before any view is asked."""

from __future__ import annotations

from urllib.parse import unquote

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

#: What a request may be answered with, whatever is wrong with it.
FINE = {200, 201, 302, 303, 304, 308, 400, 401, 403, 404, 405, 409, 410, 413, 415, 422}


def rules_of(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in {"static", "accounts.sign_out", "health.healthz"}]


class Router:
    """Tells what reaches a view. What does not is answered in one way for all addresses, so once a kind of refusal is enough."""

    def __init__(self, app: Flask) -> None:
        self.adapter = app.url_map.bind("localhost")
        self.answered: set[tuple[str, ...]] = set()

    def refusal(self, where: str, method: str) -> HTTPException | None:
        """Return what the router says to *where*, None where a view answers."""
        try:
            self.adapter.match(unquote(where), method=method)
        except HTTPException as refusal:
            return refusal
        return None

    def first(self, refusal: HTTPException, where: str, *kind: str) -> bool:
        """Say whether nothing of that *kind* was refused before, by a page or as a program is."""
        key = (type(refusal).__name__, where[:5], *kind) if where.startswith("/api/") else (type(refusal).__name__, *kind)
        new = key not in self.answered
        self.answered.add(key)
        return new
