"""Numbers of promises, read from their sums (oversight.models.sums) instead of the rows themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, literal, select, union_all

from app.assignments.models import Assignment
from app.database import db
from app.permissions import Reach
from app.units.models import Unit
from oversight import register
from oversight.models.sums import IN_TIME, KEYS, LATE, MADE, PromiseSum

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from oversight.register import Cut

_SUM, _DUTY = PromiseSum.__table__.c, Assignment.__table__.c
_BY = set(KEYS) - MADE.keys()


class Summed(NamedTuple):
    """How many there are of what is alike, and of these, while they are open, how many are late, due soon, and without a day."""

    grouped: Any
    duty: str
    state: str
    outcome: str
    number: int
    late: int
    soon: int
    undated: int

    def held(self, view: str) -> int:
        """Return how many of them *view* of the register holds, if it holds their state."""
        if view in {"late", "soon", "undated"}:
            return getattr(self, view)
        asked = {"in_time": IN_TIME, "late_done": LATE}.get(view, self.outcome)
        return self.number if asked == self.outcome else 0


def knows(cut: Cut, key: Any) -> bool:
    """Say whether the sums tell apart what *cut* asks for and what *key* groups by: no days, and no rung of the ladder."""
    in_days = cut.age or cut.late_from is not None or cut.late_to is not None or (cut.counted and cut.span is not None)
    return not (in_days or cut.rung) and (key is None or getattr(key, "key", "") in _BY)


def sums(key: Any, cut: Cut, reach: Reach, *, today: dt.date, soon: dt.date) -> Iterator[Summed]:
    """Yield how many of *cut* there are that *reach* may see, by *key*, duty, state and outcome, in one statement."""
    by = None if key is None else key.key
    lines = _narrowed(by, _SUM, {}, _SUM.number, cut, reach)
    # The sums know nobody's items: what accuses somebody here is few, and taken away again.
    hidden = _narrowed(by, _DUTY, MADE, literal(-1), cut, reach).where(_DUTY.feedback_id.in_(register.concerning(reach)))
    both = union_all(lines, hidden).subquery().c
    day, groups = both.due_on, (both.grouped, both.duty, both.state, both.outcome)
    parts = (day < today, day.between(today, soon), day.is_(None))
    numbers = [func.sum(both.number), *(func.sum(case((part, both.number), else_=0)) for part in parts)]
    for *group, number, late, due, undated in db.session.execute(select(*groups, *numbers).group_by(*groups)):
        yield Summed(*group, int(number), int(late), int(due), int(undated))


def _narrowed(by: str | None, of: Any, made: Mapping[str, Any], number: Any, cut: Cut, reach: Reach) -> Any:
    parts = {name: made[name] if name in made else of[name] for name in ("duty", "state", "outcome", "due_on")}
    grouped = literal(None) if by is None else of[by]
    wanted = select(grouped.label("grouped"), *(part.label(name) for name, part in parts.items()), number.label("number"))
    if register.asks_for_units(cut, reach):
        wanted = wanted.join(Unit, Unit.id == of.unit_id)
    return wanted.where(register.within(reach, of), *register.lasting(cut, of))
