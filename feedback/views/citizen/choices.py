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


# They are the same for everybody: put together again for each form, they were a tenth of what a submission costs.


def _places() -> tuple[SelectChoice, ...]:
    return _communes((("ward", _("Phường")), ("commune", _("Xã")), ("special_zone", _("Đặc khu"))))


@while_unchanged("place")
def _communes(groups: tuple[tuple[str, str], ...]) -> tuple[SelectChoice, ...]:
    called = dict(groups)
    query = db.select(Place.id, Place.name, Place.kind).where(Place.kind.in_(called)).order_by(Place.kind.desc(), Place.sort_key)
    return tuple([SelectChoice(str(row.id), row.name, optgroup=called[row.kind]) for row in db.session.execute(query)])


@while_unchanged("field")
def _fields() -> tuple[SelectChoice, ...]:
    # Who speaks of the place they work at is kept from it: nothing of that stays on the device either.
    return tuple(
        [SelectChoice(str(row.id), row.name, {"lang": "vi"} | ({"data-sensitive": ""} if row.insider else {})) for row in offered()]
    )


@while_unchanged("field")
def offered() -> tuple[Any, ...]:
    """Return id, name and whether it is about one's own place of work, of each field that may be chosen, in their order."""
    query = db.select(Field.id, Field.name, Field.insider).where(Field.active).order_by(Field.position, Field.id)
    return tuple(db.session.execute(query))


@while_unchanged("unit")
def _units(today: dt.date) -> tuple[SelectChoice, ...]:
    """Return what may be complained of: everything that is there today."""
    rows = db.session.execute(
        db.select(Unit.id, Unit.name, Unit.level).where(Unit.valid_from <= today, (Unit.valid_to.is_(None)) | (Unit.valid_to >= today))
    )
    return tuple([SelectChoice(str(unit.id), unit.name) for unit in by_level_and_name(rows)])
