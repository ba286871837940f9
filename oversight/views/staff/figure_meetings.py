"""The part of the figures that is of meetings: which units met the people as their duty asks, and which are late, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.formats import format_number
from app.units.models import Unit
from app.units.words import LEVELS
from dialogues.duties import State
from dialogues.words import DUTY_STATES
from oversight.charts import bars
from oversight.charts.marks import legend
from oversight.figures.meetings import Held
from oversight.views.staff.figure_blocks import TOP, picture_of

#: In the order of the picture: what is in hand first, what is late last and darkest.
STATES = (State.MET, State.COMING, State.OPEN, State.LATE)
IDENT = "gap-dan"


@dataclass(frozen=True)
class MeetingsBlock:
    """The part of the page: one row for each duty and level, every number with the rows of the board of dialogues that it counts."""

    title: str
    says: str
    drawing: Markup
    heads: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[int, str]]]]
    late: Sequence[tuple[str, str]]  # name of a unit and its duties on the board
    late_left: int
    late_url: str
    ident: str = IDENT


def meetings(rows: Sequence[Held], *, year: int, below: Unit | None, level: str) -> MeetingsBlock | None:
    """Return the part of *rows*; None where nobody owes anyone a meeting."""
    if not rows:
        return None
    title = _("Ai đã gặp dân như phải gặp")
    behind = {unit.id: unit for held in rows for unit in held.late}
    says = _(
        "Năm %(year)s, %(all)s nghĩa vụ đối thoại và tiếp công dân của các đơn vị: %(met)s đã gặp đủ, %(coming)s có lịch sắp tới, "
        "%(open)s chưa tổ chức đủ nhưng còn trong kỳ, %(late)s chậm.",
        year=year, all=format_number(sum(held.states.total() for held in rows)),
        **{name: format_number(sum(held.states[state] for held in rows)) for name, state in _SAID.items()},
    )  # fmt: skip
    kept = {"don-vi": below.id if below is not None else None, "cap": level or None, "nam": year}
    picture = picture_of(IDENT, title, says)
    stacks = [bars.Stack(_label(held), tuple(held.states[state] for state in STATES), format_number(held.states.total())) for held in rows]
    return MeetingsBlock(
        title=title,
        says=says,
        drawing=legend(picture, [str(DUTY_STATES[state]) for state in STATES]) + bars.stacks(picture, stacks),
        heads=[str(DUTY_STATES[state]) for state in STATES],
        rows=[(_label(held), [(held.states[state], _board(kept, held, state)) for state in STATES]) for held in rows],
        late=[(unit.name, _address({"nam": year, "don-vi": unit.id, "tinh-trang": State.LATE})) for unit in [*behind.values()][:TOP]],
        late_left=max(0, len(behind) - TOP),
        late_url=_address(kept | {"tinh-trang": State.LATE}),
    )


_SAID = {"met": State.MET, "coming": State.COMING, "open": State.OPEN, "late": State.LATE}


def _label(held: Held) -> str:
    return f"{held.duty.name}, {str(LEVELS.get(held.level, held.level)).lower()}"


def _board(kept: dict[str, Any], held: Held, state: State) -> str:
    return _address(kept | {"loai": held.duty.code, "cap": held.level, "tinh-trang": state})


def _address(values: dict[str, Any]) -> str:
    said: dict[str, Any] = {name: value for name, value in values.items() if value is not None}
    return url_for("dialogue_staff.duties", **said)
