"""What the selects of a session's forms offer, read fresh for each page."""

from __future__ import annotations

import datetime as dt

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import or_
from sqlalchemy.orm import contains_eager
from wtforms.fields import SelectChoice

from app.accounts import queries as accounts
from app.accounts.models import User
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from app.units.queries import by_level_and_name


def units_to_prepare_for(on: dt.date) -> list[Unit]:
    """Return the units there are on that day for which the person may prepare a session."""
    there = Unit.valid_from <= on, Unit.valid_to.is_(None) | (Unit.valid_to >= on)
    rows = db.session.scalars(db.select(Unit).where(accounts.unit_in(current_user.reach.scopes(Permission.DIALOGUE_PREPARE)), *there))
    return by_level_and_name(rows)


def people_of(*units: Unit) -> list[SelectChoice]:
    """Return who works in *units* or below them, and first of all nobody."""
    inside = or_(*(Unit.path.startswith(unit.path, autoescape=True) for unit in units))
    query = db.select(User).join(User.unit).where(User.active, inside).options(contains_eager(User.unit))
    people = db.session.scalars(query.order_by(User.name_sort, User.id))
    return [SelectChoice("", _("Gõ hoặc chọn tên")), *(SelectChoice(str(user.id), _called(user)) for user in people)]


def _called(user: User) -> str:
    return f"{user.name}, {user.title or user.unit.short_name}"
