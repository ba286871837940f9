"""Questions about the targets of a year: how each unit stands with each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit
from app.units.queries import by_level_and_name
from app.versions import in_force
from dialogues import board
from dialogues.duties import DutyKind, binds
from dialogues.duties import State as Met
from oversight.figures import SITE
from oversight.models import SupervisionPlan, Target, TargetDeclaration
from oversight.reports import standing_body
from oversight.rules import targets as rules
from oversight.rules.supervision import PlanState
from oversight.rules.targets import Outcome, Share, State


@dataclass(frozen=True)
class Cell:
    """How a unit stands with a target."""

    target: Target
    outcome: str = ""  # Outcome, "" where nothing was said
    state: str = ""  # State of the declaration; CONFIRMED of what is counted
    declaration: TargetDeclaration | None = None

    @property
    def counted(self) -> bool:
        """Whether the site itself knows it, so that nobody declares it."""
        return bool(self.outcome) and self.declaration is None


@dataclass(frozen=True)
class Row:
    """A unit and its targets; None: it is not bound by that one."""

    unit: Unit
    cells: list[Cell | None]


def all_targets() -> list[Target]:
    """Return every version of every target, in the order in which they stand."""
    return list(db.session.scalars(select(Target).order_by(Target.position, Target.id)))


def of_year(year: int) -> list[Target]:
    """Return the targets that hold at the end of *year*."""
    return [row for row in all_targets() if in_force(row, dt.date(year, 12, 31))]


def rows(reach: Reach, year: int, today: dt.date) -> list[Row]:
    """Return each unit that *reach* may look at and that a target binds, the province first, by name."""
    body = standing_body()
    on = min(today, dt.date(year, 12, 31))
    there = select(Unit).where(Unit.valid_from <= on, or_(Unit.valid_to.is_(None), Unit.valid_to >= on))
    units = db.session.scalars(there.options(joinedload(Unit.parent))).all()
    return _rows([unit for unit in units if rules.may_see(reach, unit, body)], year, today)


def row_of(unit: Unit, year: int, today: dt.date) -> Row | None:
    """Return how one unit stands; None where no target binds it."""
    found = _rows([unit], year, today)
    return found[0] if found else None


def _rows(units: Sequence[Unit], year: int, today: dt.date) -> list[Row]:
    wanted = of_year(year)
    said = {(row.unit_id, row.code): row for row in _latest(year)}
    counted = {target.counted_by for target in wanted}
    met = {
        rules.DIALOGUE: _dialogues(year, today) if rules.DIALOGUE in counted else {},
        rules.PLAN: _plans(year) if rules.PLAN in counted else {},
    }
    found = []
    for unit in by_level_and_name(units):
        cells = [_cell(target, unit, said.get((unit.id, target.code)), met) if binds(target, unit) else None for target in wanted]
        if any(cells):
            found.append(Row(unit, cells))
    return found


def _cell(target: Target, unit: Unit, said: TargetDeclaration | None, met: dict[str, dict[int, bool]]) -> Cell:
    done = met.get(target.counted_by, {}).get(unit.id, False)
    if done or target.counted_by == rules.DIALOGUE:
        return Cell(target, Outcome.MET if done else Outcome.NOT_YET, State.CONFIRMED)
    return Cell(target, said.outcome, said.state, said) if said is not None else Cell(target)


def _latest(year: int) -> list[TargetDeclaration]:
    """Return what was declared for *year*, the earlier first, what was withdrawn left out: the last of a unit and a target counts."""
    wanted = select(TargetDeclaration).where(TargetDeclaration.year == year, TargetDeclaration.state != State.WITHDRAWN)
    return list(db.session.scalars(wanted.order_by(TargetDeclaration.id)))


def _dialogues(year: int, today: dt.date) -> dict[int, bool]:
    """Return, by unit, whether it held the dialogues of the year that the duties ask for, as the board of dialogues counts them."""
    found: dict[int, bool] = {}
    for row in board.rows(SITE, year=year, today=today):
        if row.duty.kind == DutyKind.SESSION:
            found[row.unit.id] = found.get(row.unit.id, True) and row.standing.state == Met.MET
    return found


def _plans(year: int) -> dict[int, bool]:
    """Return the bodies whose plan of supervision for the year is issued."""
    issued = select(SupervisionPlan.unit_id).where(SupervisionPlan.year == year, SupervisionPlan.state != PlanState.DRAFT)
    return dict.fromkeys(db.session.scalars(issued), True)


def shares(found: Sequence[Row], wanted: Sequence[Target]) -> list[Share]:
    """Return, by target, how many of the units it binds met it."""
    columns = [[row.cells[place] for row in found] for place in range(len(wanted))]
    return [rules.share((cell.outcome, cell.state) for cell in column if cell is not None) for column in columns]


def declarations(unit: Unit, code: str, year: int) -> list[TargetDeclaration]:
    """Return all that *unit* ever declared of a target in *year*, the newest first."""
    wanted = select(TargetDeclaration).where(
        TargetDeclaration.unit_id == unit.id, TargetDeclaration.code == code, TargetDeclaration.year == year
    )
    options = joinedload(TargetDeclaration.declared_by), joinedload(TargetDeclaration.decided_by), joinedload(TargetDeclaration.file)
    return list(db.session.scalars(wanted.order_by(TargetDeclaration.id.desc()).options(*options)))


def to_confirm(reach: Reach) -> list[TargetDeclaration]:
    """Return what waits for the standing body, the longest waiting first."""
    body = standing_body()
    if body is None or not reach.may_anywhere(Permission.OVERSIGHT_REMIND):
        return []
    wanted = select(TargetDeclaration).where(TargetDeclaration.state == State.DECLARED).order_by(TargetDeclaration.id)
    rows = db.session.scalars(wanted.options(joinedload(TargetDeclaration.unit)))
    return [row for row in rows if rules.may_confirm(reach, row.unit, body)]
