"""What a change of the routing table would do to the items that came last. Nothing is stored."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.database import db
from app.units.models import Unit, UnitKind
from feedback import queries, routes
from feedback.models import Feedback

MOST = 200  # items of the past that are tried
SHOWN = 50


@dataclass(frozen=True)
class Change:
    """An item that would go elsewhere; no unit: the queue of the desk."""

    item: Feedback
    before: Unit | None
    after: Unit | None


@dataclass(frozen=True)
class Trial:
    """What came of trying a rule: how many items, and what would become of them."""

    tried: int
    taken: int  # how many the rule itself would take
    alone: int  # how many it would take if it stood alone
    earlier: Counter[int | None]  # of those, how many a rule before it takes, by that rule's id
    changes: list[Change]  # those that would go elsewhere


def run(before: Sequence[routes.Route], after: Sequence[routes.Route], *, about: int | None, today: dt.date) -> Trial:
    """Route the last MOST items by both tables, as of *today*; *about* is the id of the rule that changed in *after*.

    Five statements, however many items.
    """
    units = [unit for unit in db.session.scalars(select(Unit)) if unit.exists_on(today)]
    by_id = {unit.id: unit for unit in units}
    paths = {unit.id: unit.path for unit in units}
    committees = {unit.place_id: unit.id for unit in units if unit.place_id and unit.kind == UnitKind.GOVERNMENT}
    items = db.session.scalars(
        select(Feedback)
        .where(Feedback.parent_id.is_(None))
        .options(joinedload(Feedback.field), joinedload(Feedback.place), joinedload(Feedback.accused_unit))
        .order_by(Feedback.id.desc())
        .limit(MOST)
    ).all()
    only = [each for each in after if each.id == about]
    changes, taken, alone, earlier = [], 0, 0, Counter[int | None]()
    for item in items:
        matter = queries.matter_of(item)
        was, would, by_itself = (routes.route(matter, table, unit_of_place=committees, path_of=paths) for table in (before, after, only))
        taken += would.route_id == about
        if by_itself.unit_id is not None:
            alone += 1
            earlier.update([would.route_id] if would.route_id != about else [])
        if was.unit_id != would.unit_id:
            changes.append(Change(item, by_id.get(was.unit_id or 0), by_id.get(would.unit_id or 0)))
    return Trial(len(items), taken, alone, earlier, changes)
