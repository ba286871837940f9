"""What stands in the two menus. Core and domains add entries at start; templates ask `nav("citizen")` or `nav("staff")`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from flask_login import current_user

from app.permissions import Permission


@dataclass(frozen=True)
class Entry:
    """One entry of a menu."""

    label: Any  # lazy text
    endpoint: str
    position: int
    permissions: tuple[Permission, ...] = ()  # any of these is enough; none: everyone
    count: Callable[[], int] | None = None  # a number shown behind the label
    install_wide: bool = False  # only for who holds the permission over the whole install
    home: Callable[[], bool] | None = None  # whether this person begins here after signing in; else the first entry they have
    shown: Callable[[], bool] | None = None  # what a permission alone does not say: whether there is anything here for this person


def init_app(app: Flask) -> None:
    """Give templates `nav(menu)`."""
    app.extensions["navigation"] = {"citizen": [], "staff": [], "admin": [], "account": [], "foot": [], "numbers": []}
    app.add_template_global(entries, "nav")


def add(app: Flask, menu: str, *new: Entry) -> None:
    """Add entries to *menu*: citizen, staff, admin, account (right of the staff bar), foot (of the citizen pages),
    numbers (other lists of papers that wait for their number), or one of a domain.
    """
    menus = app.extensions["navigation"]
    menus[menu] = sorted([*menus.get(menu, []), *new], key=lambda entry: entry.position)


def entries(menu: str) -> list[Entry]:
    """Return what the person in front of the page may use of *menu*."""
    return [
        entry
        for entry in current_app.extensions["navigation"][menu]
        if not entry.permissions or (current_user.is_authenticated and any(_held(entry, p) for p in entry.permissions))
        if entry.shown is None or entry.shown()
    ]


def _held(entry: Entry, permission: Permission) -> bool:
    reach = current_user.reach
    return reach.may(permission) if entry.install_wide else reach.may_anywhere(permission)
