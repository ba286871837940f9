"""A person keeps an address of the register under a name, changes it, shares it with their unit, drops it.

Nothing of this is in the audit: a bookmark is no act of office, and opens nothing that its reader may not see anyhow.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.access import require
from app.accounts.models import User
from app.database import db, lock
from oversight.models import SavedView
from oversight.rules import saved as rules


def keep(*, page: str, address: str, name: str, shared: bool, actor: User, now: dt.datetime) -> SavedView:
    """Keep *address* for *actor*.

    :raise NameTaken: another of theirs is called so; the same press twice keeps one. :raise TooManyViews:
    """
    lock(actor)  # two presses at once: the second one counts and finds what the first one kept
    found = db.session.scalar(select(SavedView).where(SavedView.user_id == actor.id, SavedView.name == name))
    if found is not None and (found.page, found.address, found.shared) == (page, address, shared):
        return found
    if found is not None:
        raise rules.NameTaken
    if (db.session.scalar(select(func.count()).where(SavedView.user_id == actor.id)) or 0) >= rules.MOST:
        raise rules.TooManyViews
    view = SavedView(user_id=actor.id, page=page, address=address, name=name, shared=shared, made_at=now)
    db.session.add(view)
    db.session.flush()
    return view


def change(view: SavedView, *, name: str, shared: bool, actor: User) -> None:
    """Give *view* another name, share it or share it no more. :raise NameTaken: another of theirs is called so."""
    lock(view)
    require(rules.may_change(actor.id, view.user_id))
    try:
        with db.session.begin_nested():
            view.name, view.shared = name, shared
    except IntegrityError:
        raise rules.NameTaken from None


def drop(view: SavedView, *, actor: User) -> None:
    """Keep *view* no longer."""
    require(rules.may_change(actor.id, view.user_id))
    db.session.delete(view)
    db.session.flush()
