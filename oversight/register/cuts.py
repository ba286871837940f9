"""What part of the register is wanted, as an address and in words: an address is a filter that can be shared and kept.

What names nothing is left out, so that an old link still opens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from app.assignments.rules import Duty, State
from app.database import db
from app.escalation.rules import Level
from app.formats import format_date
from app.permissions import Permission, Reach
from app.units.models import Field, Place, Unit
from dialogues.duties import Span
from dialogues.models import Session
from oversight import words
from oversight.register import ANY, KINDS, NO_RUNG, NONE, VIEWS, Cut, ages, populations

#: How an address says "without": what has no area, no field, comes from no session.
WITHOUT = "khong"
LEVELS = ("province", "commune")
MOST_DAYS = 99_999  # typed days late: more digits are a slip


def cut_of(asked: Mapping[str, str]) -> Cut:
    """Read the cut from the arguments of an address."""
    view, counted = asked.get("xem", "open"), asked.get("dem", "")
    first, last = _day(asked.get("tu")), _day(asked.get("den"))
    span = Span(first, last) if first and last and first <= last else None
    whole = counted in populations.CONDITIONS and span is not None
    unit = _row(Unit, asked.get("don-vi"))
    return Cut(
        # A figure's own population says what is open; a view would narrow it once more, unless it is asked for.
        view=view if view in VIEWS and ("xem" in asked or not whole) else "all" if whole else "open",
        duty=_known(asked.get("viec"), set(Duty)),
        unit=unit,
        alone=unit is not None and asked.get("rieng") == "1",
        level=_known(asked.get("cap"), LEVELS),
        place_id=_id(Place, asked.get("noi")),
        field_id=_id(Field, asked.get("linh-vuc")),
        session_id=_id(Session, asked.get("buoi")),
        source=_known(asked.get("nguon"), {*KINDS, ANY}),
        state=_known(asked.get("tinh-trang"), set(State)),
        age=_known(asked.get("tuoi"), {each.code for each in ages.AGES}),
        rung=_known(asked.get("bac"), {*Level, NO_RUNG}),
        late_from=_days(asked.get("tre-tu")),
        late_to=_days(asked.get("tre-den")),
        counted=counted if whole else "",
        span=span if whole else None,
    )


def arguments(cut: Cut) -> dict[str, str]:
    """Return the arguments of the address that means *cut*; what it does not narrow is left out."""
    default = "all" if cut.counted and cut.span else "open"
    said = {
        "xem": "" if cut.view == default else cut.view,
        "viec": cut.duty,
        "don-vi": cut.unit.code if cut.unit else "",
        "rieng": "1" if cut.unit and cut.alone else "",
        "cap": cut.level,
        "noi": _code(Place, cut.place_id),
        "linh-vuc": _code(Field, cut.field_id),
        "buoi": _code(Session, cut.session_id),
        "nguon": cut.source,
        "tinh-trang": cut.state,
        "tuoi": cut.age,
        "bac": cut.rung,
        "tre-tu": "" if cut.late_from is None else str(cut.late_from),
        "tre-den": "" if cut.late_to is None else str(cut.late_to),
    }
    if cut.counted and cut.span:
        said |= {"dem": cut.counted, "tu": cut.span.first.isoformat(), "den": cut.span.last.isoformat()}
    return {name: str(value) for name, value in said.items() if value}


def said(cut: Cut) -> str:
    """Return in words what part of the register *cut* is."""
    parts = [
        words.VIEWS[cut.view],
        words.DUTIES.get(cut.duty),
        _unit(cut),
        words.LEVELS.get(cut.level),
        _named(Place, cut.place_id, "full_name", _("không ghi xã, phường")),
        _named(Field, cut.field_id, "name", _("không ghi lĩnh vực")),
        _named(Session, cut.session_id, "code", _("không từ buổi đối thoại nào")),
        _("mọi nguồn") if cut.source == ANY else KINDS[cut.source].label if cut.source else None,
        words.STATES.get(cut.state),
        _aged(cut),
        _climbed(cut),
        _late(cut),
        _counted(cut),
    ]
    return "; ".join(str(part) for part in parts if part)


def whose(reach: Reach) -> str:
    """Return in words whose promises the register holds for a reader."""
    scopes = reach.scopes(Permission.REGISTER_READ)
    if any(scope.everywhere for scope in scopes):
        return _("của mọi cơ quan, đơn vị trong tỉnh")
    paths = sorted({scope.unit_path for scope in scopes if scope.unit_path})
    paths = [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]
    units = db.session.scalars(db.select(Unit).where(Unit.path.in_(paths)).order_by(Unit.path))
    places = db.session.scalars(db.select(Place).where(Place.id.in_([scope.place_id for scope in scopes if scope.place_id])))
    return ", ".join([*map(_of_unit, units), *(_("ở %(place)s", place=place.full_name) for place in places)])


def _of_unit(unit: Unit) -> str:
    if db.session.scalar(db.select(Unit.id).where(Unit.parent_id == unit.id).limit(1)) is None:
        return pgettext("việc đã hứa", "của %(unit)s", unit=unit.name)
    return _("của %(unit)s và các đơn vị trực thuộc", unit=unit.name)


def _unit(cut: Cut) -> str | None:
    if cut.unit is None:
        return None
    return _("riêng %(unit)s", unit=cut.unit.name) if cut.alone else cut.unit.name


def _aged(cut: Cut) -> str | None:
    bucket = ages.bucket(cut.age, ages.AGES) if cut.age else None
    return _("đã %(days)s kể từ khi giao", days=words.days(bucket.first, bucket.last)) if bucket else None


def _climbed(cut: Cut) -> str | None:
    if cut.rung in {"", NO_RUNG}:
        return str(words.WITHOUT["bac"]) if cut.rung else None
    return _("đã đôn đốc tới %(level)s", level=words.RUNGS[cut.rung])


def _late(cut: Cut) -> str | None:
    if cut.late_from is None and cut.late_to is None:
        return None
    if cut.late_to == 0:
        return _("không trễ")
    return _("trễ %(days)s", days=words.days(cut.late_from or 0, cut.late_to))


def _counted(cut: Cut) -> str | None:
    if not cut.counted or cut.span is None:
        return None
    first, last = (format_date(day, weekday=False) for day in (cut.span.first, cut.span.last))
    counted = words.COUNTED.get(cut.counted)
    if counted is None and (bucket := ages.bucket(cut.counted.removeprefix("open_"), ages.AGES)):
        counted = _("việc còn lại đã %(days)s", days=words.days(bucket.first, bucket.last))
    return _("%(counted)s từ ngày %(first)s đến ngày %(last)s", counted=counted or cut.counted, first=first, last=last)


def _known(value: str | None, choices: Any) -> str:
    return value if value and value in choices else ""


def _row(model: Any, code: str | None) -> Any:
    return db.session.scalar(db.select(model).where(model.code == code[:50])) if code else None


def _id(model: Any, code: str | None) -> int | None:
    if code == WITHOUT:
        return NONE
    row = _row(model, code)
    return row.id if row else None


def _code(model: Any, id_: int | None) -> str:
    if id_ is None:
        return ""
    row = db.session.get(model, id_) if id_ != NONE else None
    return row.code if row else WITHOUT


def _named(model: Any, id_: int | None, attribute: str, without: str) -> str | None:
    if id_ is None:
        return None
    row = db.session.get(model, id_) if id_ != NONE else None
    return getattr(row, attribute) if row else without


def _days(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdecimal():
        return None
    return min(int(text[:9]), MOST_DAYS)


def _day(text: str | None) -> dt.date | None:
    with suppress(ValueError):
        return dt.date.fromisoformat(text or "")
    return None
