"""What every install starts with: provinces and communes, the calendar, the rules of law.

Communes are loaded for the provinces that are asked for: an install is one province, or one commune of one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from vietnam_provinces import Province, ProvinceCode, Ward

from app import clock
from app.calendar import operations as calendar_operations
from app.database import db
from app.fold import fold, sort_key
from app.units.models import Place

#: What domains bring for every install; each flushes.
further: list[Callable[..., None]] = []

KINDS = {"xã": "commune", "phường": "ward", "đặc khu": "special_zone"}


class ProvinceUnknown(LookupError):
    """No province has that code."""


def load(app: Flask | None = None) -> None:
    """Load what is missing and commit; runs at every start. *app* is given where no application context is there yet."""
    if app is not None:
        with app.app_context():
            load()
        return
    present = {place.code: place for place in db.session.scalars(db.select(Place))}
    for province in Province.iter_all():
        _place(present, f"{province.code.value:02}", province.name, "province", parent=None)
    db.session.flush()
    # Communes of a newer edition of the list join those already there.
    with_communes = {place.parent_id for place in present.values() if place.kind in KINDS.values()}
    for place in list(present.values()):
        if place.id in with_communes:
            _communes(place, present)
    calendar_operations.load_shipped(local_rules=False, now=clock.now())
    for bring in further:
        bring(now=clock.now())
    db.session.commit()


def load_communes(province_code: str) -> Place:
    """Load the communes of a province and return it; flushes. :raise ProvinceUnknown:."""
    province = db.session.scalar(db.select(Place).where(Place.code == province_code, Place.kind == "province"))
    if province is None:
        raise ProvinceUnknown(province_code)
    _communes(province, {place.code: place for place in db.session.scalars(db.select(Place).where(Place.parent_id == province.id))})
    db.session.flush()
    return province


def _communes(province: Place, present: dict[str, Place]) -> None:
    for ward in Ward.iter_by_province(ProvinceCode(int(province.code))):
        kind = str(ward.division_type.value)
        name = ward.name[len(kind) :].strip() if fold(ward.name).startswith(fold(kind) + " ") else ward.name
        _place(present, f"{ward.code.value:05}", name, KINDS[kind], parent=province)


def _place(present: dict[str, Place], code: str, name: str, kind: str, *, parent: Place | None) -> None:
    values: dict[str, Any] = {"name": name, "kind": kind, "folded": fold(name), "sort_key": sort_key(name)}
    row = present.get(code)
    if row is None:
        row = present[code] = Place(code=code, parent_id=parent.id if parent else None)
        db.session.add(row)
    for field, value in values.items():
        if getattr(row, field) != value:
            setattr(row, field, value)
