"""The lists others fill their own forms from."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app import clock
from app.access import public
from app.database import db
from app.units.models import Field, Place, Unit
from feedback.forms import api as schemas
from feedback.views.api.base import catalogue


@catalogue.route("/units", methods=["GET"])
@public
@catalogue.response(200, schemas.UnitOut(many=True))
def units() -> list[dict[str, Any]]:
    """List the units that are there today."""
    today = clock.today()
    rows = [unit for unit in db.session.scalars(select(Unit).order_by(Unit.path)) if unit.exists_on(today)]
    codes = {unit.id: unit.code for unit in rows}
    return [
        {"code": unit.code, "name": unit.name, "kind": unit.kind, "level": unit.level, "parent": codes.get(unit.parent_id or 0)}
        for unit in rows
    ]


@catalogue.route("/fields", methods=["GET"])
@public
@catalogue.response(200, schemas.Named(many=True))
def fields() -> Any:
    """List the fields of public business."""
    return db.session.scalars(select(Field).where(Field.active).order_by(Field.position, Field.id)).all()


@catalogue.route("/areas", methods=["GET"])
@public
@catalogue.response(200, schemas.AreaOut(many=True))
def areas() -> Any:
    """List the communes, in the order of the alphabet."""
    return db.session.scalars(select(Place).where(Place.kind.in_(["ward", "commune", "special_zone"])).order_by(Place.sort_key)).all()
