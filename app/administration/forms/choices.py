"""Choosing one of ours: units, people, places, fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, Form
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from app.accounts.models import User
from app.permissions import Permission, Reach
from app.units.models import Unit
from app.units.queries import communes, fields, tree

NOTHING = ""


def number(value: Any) -> int | None:
    """Return the id that was chosen: None for nothing, -1 (which no row has) for what is no number."""
    if value in {None, NOTHING, "None"}:
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        return -1


def chosen(_form: Form, field: Field) -> None:
    """Refuse what is not among the choices; an empty choice is fine where it is offered."""
    if field.data not in [field.coerce(choice.value) for choice in field.choices]:
        raise ValidationError(_l("Chọn một mục trong danh sách"))


def named(form: Form, field: Field) -> None:
    """Refuse an empty choice, and what is not among the choices."""
    if field.data is None:
        raise ValidationError(_l("Chọn một mục trong danh sách"))
    chosen(form, field)


def among(_form: Form, field: Field) -> None:
    """Refuse, where several may be chosen, what is not among the choices, in our own words."""
    if not set(field.data or ()) <= {choice.value for choice in field.choices}:
        raise ValidationError(_l("Chọn trong danh sách"))


def offered(words: Mapping[Any, Any]) -> list[SelectChoice]:
    """Return codes and their words as choices."""
    return [SelectChoice(str(code), word) for code, word in words.items()]


def units(reach: Reach, permission: Permission, *, on: dt.date) -> list[SelectChoice]:
    """Return the units of that day over which *permission* holds, as choices."""
    return [SelectChoice(unit.id, unit_label(unit)) for unit, _depth in tree(on=on) if reach.may(permission, unit_path=unit.path)]


def all_units(*, on: dt.date) -> list[SelectChoice]:
    """Return every unit of that day as choices."""
    return [SelectChoice(unit.id, unit_label(unit)) for unit, _depth in tree(on=on)]


def receptions(*, on: dt.date, chosen: int | None) -> list[SelectChoice]:
    """Return the units of that day that receive, and the one that was chosen, as choices."""
    return [SelectChoice(unit.id, unit_label(unit)) for unit, _depth in tree(on=on) if unit.is_reception or unit.id == chosen]


def unit_label(unit: Unit) -> str:
    """Return the name by which *unit* is told from its namesakes elsewhere."""
    return f"{unit.name} ({unit.parent.short_name})" if unit.parent else unit.name


def people(rows: Iterable[User]) -> list[SelectChoice]:
    """Return *rows* as choices."""
    return [SelectChoice(user.id, f"{user.name}, {user.title or user.unit.short_name}") for user in rows]


def places() -> list[SelectChoice]:
    """Return the communes as choices."""
    return [SelectChoice(place.id, place.full_name) for place in communes()]


def fields_of_business() -> list[SelectChoice]:
    """Return the fields as choices."""
    return [SelectChoice(field.id, field.name) for field in fields()]


class ConfirmForm(FlaskForm):
    """Nothing to type: the press of the button is the answer."""
