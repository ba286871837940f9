"""How many there are, where nobody needs to know it beyond a thousand: a count that stops there costs the same however much there is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select

MOST = 1_000


def up_to_most(found: Select[Any]) -> ScalarSelect[int]:
    """Return the question how many rows *found* has, as a part of another statement; it counts one more than :data:`MOST` at most."""
    return select(func.count()).select_from(found.order_by(None).limit(MOST + 1).subquery()).scalar_subquery()
