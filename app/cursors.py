"""Where the next page of a list begins, as a word for its address: signed, so that nobody makes one up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer


def write_cursor(list_: str, *place: dt.date | int) -> str:
    """Return the cursor that stands for *place* (the values the list is sorted by, of the last row shown) in that list."""
    return _signer(list_).dumps([each.isoformat() if isinstance(each, dt.date) else each for each in place])


def read_cursor(list_: str, cursor: str, *kinds: type[dt.date | int]) -> tuple[Any, ...] | None:
    """Return the place that *cursor* stands for, its values of *kinds*; None when it was tampered with or is another list's."""
    try:
        place = _signer(list_).loads(cursor)
    except BadSignature:
        return None
    return tuple(kind.fromisoformat(each) if issubclass(kind, dt.date) else each for kind, each in zip(kinds, place, strict=True))


def _signer(list_: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"cursor:{list_}")
