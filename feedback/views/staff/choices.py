"""What the selects of the staff's forms offer, read fresh for each page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from app.database import db
from app.units.models import Field, Place, Unit
from app.units.queries import by_level_and_name, communes, fields
from feedback import lists
from feedback.models import Feedback
from feedback.operations import desk
from feedback.suggesting import Suggestion
from feedback.views.staff.pages import called


def fields_and_none(*, now: Field | None = None) -> list[SelectChoice]:
    """Return the fields in use, and the one the item has though it is no more."""
    active = fields()
    gone = [now] if now is not None and now not in active else []
    return [SelectChoice("", _("Chưa rõ")), *(SelectChoice(str(field.id), field.name) for field in (*active, *gone))]


def places_and_none() -> list[SelectChoice]:
    """Return the communes of the province."""
    return [SelectChoice("", _("Không riêng nơi nào")), *(SelectChoice(str(place.id), _place(place)) for place in communes())]


def _place(place: Place) -> str:
    return place.full_name[:1].upper() + place.full_name[1:]


def units(on: dt.date, *, first: str, handling: bool = False, own: Unit | None = None, outside: Unit | None = None) -> list[SelectChoice]:
    """Return the units there are on that day (*handling*: that may be given an item), by level and name; *own* and those below first.

    *outside*: without that unit and those below it.
    """
    statement = db.select(Unit).where(Unit.valid_from <= on, (Unit.valid_to.is_(None)) | (Unit.valid_to >= on))
    if handling:
        statement = statement.where(Unit.handles_feedback)
    if outside is not None:
        statement = statement.where(~Unit.path.startswith(outside.path))
    rows = by_level_and_name(db.session.scalars(statement))

    def near(unit: Unit) -> bool:
        return own is not None and unit.path.startswith(own.path)

    rows.sort(key=lambda unit: (not near(unit), near(unit) and unit != own))
    # The mark keeps them first also while somebody types.
    return [SelectChoice("", first), *(SelectChoice(str(unit.id), unit.name, {"data-near": True} if near(unit) else {}) for unit in rows)]


def receiving(
    item: Feedback, on: dt.date, *, suggestion: Suggestion | None = None, leave_out: Iterable[Unit | None] = ()
) -> list[SelectChoice]:
    """Return the units that may be given *item*: the suggested one first, never the accused or one below it."""
    out = {unit.id for unit in leave_out if unit is not None}
    rows = db.session.scalars(
        db.select(Unit).where(Unit.handles_feedback, Unit.valid_from <= on, (Unit.valid_to.is_(None)) | (Unit.valid_to >= on))
    )
    fitting = [unit for unit in by_level_and_name(rows) if unit.id not in out and not desk.is_barred(item, unit)]
    suggested = [unit for unit in fitting if suggestion is not None and unit.id == suggestion.unit.id]
    return [
        SelectChoice("", _("Gõ hoặc chọn một đơn vị")),
        *(SelectChoice(str(unit.id), _("%(unit)s (gợi ý)", unit=unit.name)) for unit in suggested),
        *(SelectChoice(str(unit.id), unit.name) for unit in fitting if unit not in suggested),
    ]


def officers(unit: Unit, on: dt.date, *, leave_out: Collection[int] = (), last: Collection[int] = ()) -> list[SelectChoice]:
    """Return who handles items in *unit*, each with how much they have, but for *leave_out*; *last*: who answered or signed before."""
    found = [(user, number) for user, number in lists.officers([unit.path], on) if user.id not in leave_out]
    return [
        SelectChoice("", _("Chọn người")),
        *(
            SelectChoice(
                str(user.id),
                _("%(name)s, người đã trả lời hoặc đã ký lần trước", name=called(user))
                if user.id in last
                else _("%(name)s, đang giữ %(number)s việc", name=called(user), number=number),
            )
            for user, number in sorted(found, key=lambda each: each[0].id in last)
        ),
    ]
