"""What stands in the two menus. Core and domains add entries at start; templates ask `nav("citizen")` or `nav("staff")`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask, current_app
from flask_login import current_user
from sqlalchemy import ScalarSelect, Select, literal, select

from app import clock
from app.database import db, once
from app.permissions import Permission, Reach

#: What a menu asks the database for a person: a number, or None where it is none of their business. `:user` and `:today` are theirs.
Question = Callable[[Reach], ScalarSelect[int] | None]


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
    app.extensions["navigation_asks"] = ()
    app.add_template_global(entries, "nav")


def add(app: Flask, menu: str, *new: Entry) -> None:
    """Add entries to *menu*: citizen, staff, admin, account (right of the staff bar), foot (of the citizen pages),
    numbers (other lists of papers that wait for their number), or one of a domain.
    """
    menus = app.extensions["navigation"]
    menus[menu] = sorted([*menus.get(menu, []), *new], key=lambda entry: entry.position)


def ask(app: Flask, **questions: Question) -> None:
    """Let the menus ask these, each by its name, in one statement with all others."""
    app.extensions["navigation_asks"] += tuple(questions.items())


def answer(name: str) -> int:
    """Return the answer for the person in front of the page; all questions are asked at once, when the first is wanted."""
    reach: Reach = current_user.reach
    return once(f"navigation {reach.user_id}", lambda: _answers(reach))[name]


def _answers(reach: Reach) -> dict[str, int]:
    facts = {"user": reach.user_id, "today": clock.today()}
    return dict(db.session.execute(_together(current_app.extensions["navigation_asks"], reach), facts).mappings().one())


@lru_cache(maxsize=256)  # every page of the staff asks; to put it together takes longer than to ask it
def _together(questions: tuple[tuple[str, Question], ...], reach: Reach) -> Select[Any]:
    asked: Any = [(name, question(reach)) for name, question in questions]
    return select(*((literal(0) if question is None else question).label(name) for name, question in asked))


def entries(menu: str) -> list[Entry]:
    """Return what the person in front of the page may use of *menu*."""
    offered: list[Entry] = current_app.extensions["navigation"][menu]
    known = any(entry.permissions for entry in offered) and current_user.is_authenticated
    reach: Reach | None = current_user.reach if known else None
    return [
        entry
        for entry in offered
        if not entry.permissions or (reach is not None and any(_held(reach, entry, p) for p in entry.permissions))
        if entry.shown is None or entry.shown()
    ]


def _held(reach: Reach, entry: Entry, permission: Permission) -> bool:
    return reach.may(permission) if entry.install_wide else reach.may_anywhere(permission)
