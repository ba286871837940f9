"""The league table: units of the same kind and level by one figure of one duty. The rules are in oversight.rules.league."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from app import settings
from app.fold import sort_key
from app.permissions import Reach
from app.units.models import Unit
from dialogues.duties import Span
from oversight.figures import DAYS, MEANS, SHARES, Dimension, Row, figures
from oversight.register import Cut
from oversight.rules.league import Entry, Group, groups

#: What units can be compared by, and whether more is better. Numbers of cases are no merit and no fault: they are not in here.
FIGURES: dict[str, bool] = {
    "on_time_share": True,
    "first_on_time_share": True,
    "closed_in_time_share": True,
    "kept_share": True,
    "response_rate": True,
    "rating_mean": True,
    "median_days": False,
    "p90_days": False,
    "reopened_share": False,
    "roundabout_share": False,
    "transfers_mean": False,
}
assert set(FIGURES) == {*SHARES, *DAYS, *MEANS}


def least() -> int:
    """Return how many cases it takes to be ranked, as the administrator set it."""
    return int(settings.get("league_least"))


def table(name: str, *, cut: Cut, span: Span, today: dt.date, reach: Reach) -> list[Group]:
    """Return the groups of the league by the figure *name*; each entry's `thing` is its figures.Row.

    A unit counts with what is below it; its own divisions of the same kind and level do not stand beside it, as with meeting duties.
    `cut.duty` must be given (:raise figures.DutiesMixed:); who had no case is not in the table.
    """
    rows = figures([name], by=Dimension.UNIT_BELOW, cut=replace(cut, view="all"), span=span, today=today, reach=reach)
    return groups(
        (_entry(row, name) for row in rows if _stands_alone(row.thing) and row[name].denominator),
        least=least(),
        higher_is_better=FIGURES[name],
    )


def _stands_alone(unit: Unit) -> bool:
    return unit.parent is None or (unit.parent.kind, unit.parent.level) != (unit.kind, unit.level)


def _entry(row: Row, name: str) -> Entry:
    unit, figure = row.thing, row[name]
    assert figure.value is not None  # there are cases
    return Entry(unit.id, unit.name, sort_key(unit.name), unit.kind, unit.level, figure.value, figure.denominator or 0, row)
