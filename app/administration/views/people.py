"""Finding the people an administrator may look after."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock
from app.access import require
from app.accounts import rules
from app.accounts.models import User
from app.accounts.queries import people, scopes_held
from app.administration.forms import choices
from app.database import db
from app.permissions import Permission


def person(user_id: int) -> User:
    """Return somebody of a unit the administrator looks after; 404 and 403 where there is none or not theirs."""
    row = db.get_or_404(User, user_id)
    require(current_user.reach.may(Permission.ACCOUNT_MANAGE, unit_path=row.unit.path))
    return row


def may_change(row: User) -> bool:
    """Say whether the administrator may change this account."""
    return rules.may_manage(current_user.reach, unit_path=row.unit.path, holds=scopes_held(row, on=clock.today()))


def changeable(user_id: int) -> User:
    """Return somebody whose account the administrator may change."""
    row = person(user_id)
    require(may_change(row))
    return row


def others(row: User) -> list[User]:
    """Return who may take over from *row*: the people in service of the units the administrator looks after."""
    statement = people(current_user.reach.scopes(Permission.ACCOUNT_MANAGE), active=True)
    return [user for user in db.session.scalars(statement) if user.id != row.id]


def with_units(form: Any, *, with_place: bool = False) -> Any:
    """Offer the units the administrator looks after, and the areas."""
    form.unit_id.choices = [
        SelectChoice("", _("Chọn đơn vị")),
        *choices.units(current_user.reach, Permission.ACCOUNT_MANAGE, on=clock.today()),
    ]
    if with_place:
        form.place_id.choices = [SelectChoice("", _("Chọn địa bàn")), *choices.places()]
    return form
