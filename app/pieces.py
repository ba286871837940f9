"""Pieces of pages that are made of nothing but some values: made once, and kept in the process's memory by those values.

All that a piece is made of is its key, beside its language and its site: so what is kept is never out of date, and never somebody
else's. Its template sees these values and what is the same for everybody (sentences, addresses, filters): no request, no visitor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from flask import current_app
from flask_babel import get_locale
from markupsafe import Markup

Given = ParamSpec("Given")
Made = TypeVar("Made")

MOST = 500  # of one kind


def piece(make: Callable[Given, Made]) -> Callable[Given, Made]:
    """Keep what *make* returned for the same arguments, which are values that nobody changes; the last ones asked for are kept."""

    @wraps(make)
    def kept(*args: Given.args, **named: Given.kwargs) -> Made:
        every: dict[Any, Any] = current_app.extensions.setdefault("pieces", {})
        if make not in every:
            every[make] = lru_cache(MOST)(lambda _language, *args, **named: make(*args, **named))
        return every[make](str(get_locale()), *args, **named)

    return kept


def render(template: str, **values: Any) -> Markup:
    """Return *template* with *values*, and without what templates are told of the request."""
    return Markup(current_app.jinja_env.get_template(template).render(values))  # noqa: S704 - it escapes what it is given
