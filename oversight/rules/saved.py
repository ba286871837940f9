"""Whose a kept view is."""

from __future__ import annotations

#: More than a person finds their way in.
MOST = 60
NAME_MAX = 60  # characters
PAGES = ("register", "picture")


class NameTaken(Exception):
    """The person keeps another view under that name."""


class TooManyViews(Exception):
    """The person keeps :data:`MOST` views already."""


def may_change(user_id: int, owner_id: int) -> bool:
    """Say whether a person may rename, share or drop a view: their own. It holds no data, so nobody else has business with it."""
    return user_id == owner_id
