"""Which unit the routing rules name for what waits at a desk, computed when it is shown: a rule or a classification may have changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from app.assignments.rules import State
from app.database import db
from app.units.models import Unit, UnitKind
from feedback import queries, routes
from feedback.models import Feedback, RoutingRule
from feedback.operations.desk import is_barred
from feedback.rules import Kind
from feedback.steps import settled_by_accused


@dataclass(frozen=True)
class Suggestion:
    """A unit, and the name of the rule that names it; or the code of the session at which that unit was asked."""

    unit: Unit
    rule: str = ""
    session: str = ""


#: To whom questions were put, by the item's id: whoever was asked comes before every rule. Domains above bring it.
put_to: list[Callable[[Collection[int]], Mapping[int, Suggestion]]] = []


def suggestions(items: Iterable[Feedback], *, on: dt.date) -> dict[int, Suggestion]:
    """Return what the rules suggest, by the item's id; two statements, with questions one more, however many items.

    A rule that sends to a desk has done its work once the item lies there: the next one that names a unit is asked. No unit is
    suggested that returned the item in this round.
    """
    there = [unit for unit in db.session.scalars(db.select(Unit)) if unit.exists_on(on)]
    desks = {unit.id for unit in there if unit.is_reception}
    units = {unit.id: unit for unit in there if unit.handles_feedback}
    committees = {unit.place_id: unit.id for unit in units.values() if unit.place_id and unit.kind == UnitKind.GOVERNMENT}
    rows = {row.id: row for row in db.session.scalars(db.select(RoutingRule).where(RoutingRule.active))}
    table = [queries.as_route(row) for row in rows.values() if row.unit_id not in desks]
    found, items = {}, list(items)
    questions = [item.id for item in items if item.kind == Kind.QUESTION]
    asked = {id_: to for read in put_to for id_, to in read(questions).items()} if questions else {}
    for item in items:
        if item.accused_unit_id is not None and settled_by_accused(item):
            continue  # the law names the unit, no rule does
        returned = {each.unit_id for each in item.assignments if each.state == State.RETURNED and each.round == item.round}
        paths = {unit.id: unit.path for unit in units.values() if unit.id not in returned}
        if item.id in asked and asked[item.id].unit.id in paths and not is_barred(item, asked[item.id].unit):
            found[item.id] = asked[item.id]
            continue
        goes = routes.route(queries.matter_of(item), table, unit_of_place=committees, path_of=paths)
        if goes.unit_id is not None and goes.route_id is not None:
            found[item.id] = Suggestion(units[goes.unit_id], rows[goes.route_id].name)
    return found
