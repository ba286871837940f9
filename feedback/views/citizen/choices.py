"""What the selects of the citizen's forms offer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from app.database import db
from app.kept import while_unchanged
from app.units.models import Field, Place, Unit
from app.units.queries import by_level_and_name
from feedback.forms.citizen import WHOLE_PROVINCE, SendForm
from feedback.sealed.forms.sending import SealedForm


def fill(form: SendForm | SealedForm, *, today: dt.date) -> None:
    """Give the selects of *form* their choices."""
    # Some matters are of no commune: the way out stands first, not behind ninety names.
    whole = [SelectChoice(WHOLE_PROVINCE, _("Cả tỉnh, không riêng nơi nào"))] if isinstance(form, SendForm) else []
    form.place_id.choices = [SelectChoice("", _("Chọn một nơi")), *whole, *_places()]
    form.accused_unit_id.choices = [SelectChoice("", _("Không có, hoặc không rõ")), *_units(today)]
    if isinstance(form, SendForm):
        form.field_id.choices = [SelectChoice("", _("Để cán bộ chọn giúp")), *_fields()]


def _places() -> list[SelectChoice]:
    groups = {"ward": _("Phường"), "commune": _("Xã"), "special_zone": _("Đặc khu")}
    return [SelectChoice(str(id_), name, optgroup=groups[kind]) for id_, name, kind in _communes(tuple(groups))]


@while_unchanged("place")
def _communes(kinds: tuple[str, ...]) -> tuple[Any, ...]:
    query = db.select(Place.id, Place.name, Place.kind).where(Place.kind.in_(kinds)).order_by(Place.kind.desc(), Place.sort_key)
    return tuple(db.session.execute(query))


def _fields() -> list[SelectChoice]:
    # Who speaks of the place they work at is kept from it: nothing of that stays on the device either.
    return [SelectChoice(str(row.id), row.name, {"lang": "vi"} | ({"data-sensitive": ""} if row.insider else {})) for row in offered()]


@while_unchanged("field")
def offered() -> tuple[Any, ...]:
    """Return id, name and whether it is about one's own place of work, of each field that may be chosen, in their order."""
    query = db.select(Field.id, Field.name, Field.insider).where(Field.active).order_by(Field.position, Field.id)
    return tuple(db.session.execute(query))


def _units(today: dt.date) -> list[SelectChoice]:
    return [SelectChoice(str(unit.id), unit.name) for unit in _there(today)]


@while_unchanged("unit")
def _there(today: dt.date) -> tuple[Any, ...]:
    """Return what may be complained of: everything that is there today."""
    rows = db.session.execute(
        db.select(Unit.id, Unit.name, Unit.level).where(Unit.valid_from <= today, (Unit.valid_to.is_(None)) | (Unit.valid_to >= today))
    )
    return tuple(by_level_and_name(rows))
