"""Who has met the people, who has a meeting coming, who is late: `/can-bo/doi-thoai/nghia-vu`."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.access import requires
from app.administration.views.pages import row_id
from app.permissions import Permission
from app.units.models import Unit
from app.units.words import LEVELS
from dialogues import board, words
from dialogues.board import Row
from dialogues.duties import State
from dialogues.views.staff.pages import bp

#: A board of a whole province in parts that a telephone can hold.
PAGE = 100
FIRST_YEAR = 2020

ICONS = {State.LATE: ("late", "bad"), State.OPEN: ("open", "wait"), State.COMING: ("clock", "go"), State.MET: ("check", "ok")}


def chosen_year(today: dt.date) -> int:
    """Return the year that the address names, this one where it names none or one that nobody has plans for."""
    year = request.args.get("nam", type=int)
    return year if year is not None and FIRST_YEAR <= year <= today.year + 1 else today.year


@bp.get("/nghia-vu")
@requires(Permission.DIALOGUE_READ)
def duties() -> str:
    """Show each duty of each unit in reach: what is behind it, what is coming, what was missed."""
    today = clock.today()
    year = chosen_year(today)
    every = board.rows(current_user.reach, year=year, today=today)
    kept = {name: request.args[name] for name in ("nam", "cap", "loai", "don-vi") if request.args.get(name)}
    above = _above(every)
    # An address may name any unit of the board: the list to choose from then holds it too, so that the page says what it shows.
    above |= {row.unit.id: row.unit for row in every if row.unit.id == row_id("don-vi")}
    rows = [row for row in every if _asked_for(row, above.get(row_id("don-vi") or 0))]
    state = request.args.get("tinh-trang")
    shown = [row for row in rows if state not in list(State) or row.standing.state == state]
    begin = max(0, request.args.get("sau", 0, type=int))
    address = partial(_address, kept)
    return render_template(
        "dialogues/staff/duties.html",
        rows=shown[begin : begin + PAGE],
        total=len(shown),
        begin=begin,
        next_url=address(sau=begin + PAGE, **{"tinh-trang": state}) if begin + PAGE < len(shown) else None,
        first_url=address(**{"tinh-trang": state}) if begin else None,
        counts=[_count(each, rows, state, address) for each in State],
        all_url=address(),
        filters=_filters(every, year, today, kept, address),
        above=sorted(above.values(), key=lambda unit: unit.path),
        chosen=row_id("don-vi"),
        kept=kept,
        year=year,
        today=today,
        icons=ICONS,
        levels=LEVELS,
    )


def _address(kept: dict[str, Any], /, **change: Any) -> str:
    values: dict[str, Any] = {name: value for name, value in (kept | change).items() if value is not None}
    return url_for(".duties", **values)


def _asked_for(row: Row, top: Unit | None) -> bool:
    asked = request.args
    if asked.get("cap") in LEVELS and row.unit.level != asked["cap"]:
        return False
    if asked.get("loai") and row.duty.code != asked["loai"]:
        return False
    return top is None or row.unit.path.startswith(top.path)


def _above(rows: list[Row]) -> dict[int, Unit]:
    """Return the units of the board that have others of it below them, by id."""
    units = {row.unit.id: row.unit for row in rows}
    over = {int(step) for unit in units.values() for step in unit.path.strip("/").split("/")[:-1] if step}
    return {id_: unit for id_, unit in units.items() if id_ in over}


def _count(state: State, rows: list[Row], chosen: str | None, address: Any) -> dict[str, Any]:
    return {
        "label": words.DUTY_STATES[state],
        "number": sum(row.standing.state == state for row in rows),
        "url": address(**{"tinh-trang": str(state)}),
        "icon": ICONS[state][0],
        "tone": "late" if state is State.LATE else "",
        "current": chosen == state,
    }


def _filters(rows: list[Row], year: int, today: dt.date, kept: dict[str, str], address: Any) -> list[dict[str, Any]]:
    def choice(name: str, value: Any, label: Any, current: bool) -> dict[str, Any]:  # noqa: FBT001  a fact, not a switch
        return {"label": label, "url": address(**{name: value}), "current": current}

    level, code = kept.get("cap"), kept.get("loai")
    duties = {row.duty.code: row.duty for row in rows}
    return [
        {"label": _("Năm"), "choices": [choice("nam", each, each, each == year) for each in (today.year - 1, today.year)]},
        {
            "label": _("Cấp"),
            "choices": [
                choice("cap", None, _("Tất cả"), level not in LEVELS),
                *(choice("cap", each, word, level == each) for each, word in LEVELS.items()),
            ],
        },
        {
            "label": _("Nghĩa vụ"),
            "choices": [
                choice("loai", None, _("Tất cả"), code not in duties),
                *(choice("loai", each, duty.name, code == each) for each, duty in duties.items()),
            ],
        },
    ]
