"""The views of the register that a person kept, and those that the people of their unit share with them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import User
from app.database import db
from oversight.models import SavedView
from oversight.rules import saved as saved_rules


def of(user: Any) -> list[SavedView]:
    """Return the views that *user* may open, their own first, by name."""
    shared = SavedView.shared & (User.unit_id == user.unit_id)
    wanted = select(SavedView).join(User, User.id == SavedView.user_id).where((SavedView.user_id == user.id) | shared)
    rows = db.session.scalars(wanted.options(joinedload(SavedView.user)).order_by(SavedView.name, SavedView.id)).all()
    return sorted(rows, key=lambda view: view.user_id != user.id)


def own(view_id: int, user: Any) -> SavedView | None:
    """Return one of the views that *user* may change."""
    view = db.session.get(SavedView, view_id)
    return view if view is not None and saved_rules.may_change(user.id, view.user_id) else None
