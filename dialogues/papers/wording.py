"""What a paper says around its data: shipped words, or an administrator's, with names in braces that the data fill."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from app.clock import local_date
from app.units.models import Unit, UnitKind
from dialogues.models import PlanLine, Session, YearPlan
from dialogues.papers import parts
from dialogues.papers.after import handed_to
from dialogues.papers.frame import COPIES as COPIES
from dialogues.papers.frame import GROUNDS as GROUNDS
from dialogues.papers.frame import TO as TO
from dialogues.papers.session import address, lower_first, named, on_its_day, when
from dialogues.rules import OF_YEAR, GuestKind, PaperType
from feedback.papers import form

SHIPPED = Path(__file__).parents[1] / "data" / "paper_words.toml"

_NAME = re.compile(r"\{([^{}\n]*)\}")

Value = str | tuple[str, ...]


@cache
def _shipped() -> dict[str, dict[str, str]]:
    said = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    return {type_: {name: text.strip() for name, text in words.items()} for type_, words in said.items()}


def shipped(type_: PaperType) -> dict[str, str]:
    """Return the words of a type of paper as every install begins, by part in the paper's order."""
    return dict(_shipped()[type_])


def unknown(type_: PaperType, text: str) -> list[str]:
    """Return what stands in braces in *text* that nothing fills, "{" for a brace without its other."""
    names = [name for name in _NAME.findall(text) if name not in names_of(type_)]
    return names + sorted({sign for sign in _NAME.sub("", text) if sign in "{}"})


def names_of(type_: PaperType) -> tuple[str, ...]:
    """Return the names that the words of a type of paper may have in braces."""
    return tuple(_OF_YEAR if type_ in OF_YEAR else _OF_SESSION)


def fill(text: str, of: Session | YearPlan, unit: Unit) -> str:
    """Return *text* with its names filled in. A line with nothing to fill in is left out, one with a list stands once for each."""
    values: dict[str, Any] = _OF_YEAR if isinstance(of, YearPlan) else _OF_SESSION
    lines: list[str] = []
    for line in text.split("\n"):
        known: dict[str, Value] = {name: values[name](of, unit) for name in _NAME.findall(line) if name in values}
        if not all(known.values()):
            continue
        several = next(((name, value) for name, value in known.items() if isinstance(value, tuple)), None)
        for each in several[1] if several else ("",):
            one = known | ({several[0]: each} if several else {})
            lines.append(_NAME.sub(lambda found, one=one: _said(one.get(found[1], found[0])), line))
    return "\n".join(lines)


def _said(value: Value) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _asked_until(session: Session, _: Unit) -> str:
    until = session.questions_until
    return f"{parts.clock_time(until)}, {parts.day(local_date(until))}" if until else "buổi đối thoại"


def _law(_: Session, unit: Unit) -> str:
    # Luật Tổ chức chính quyền địa phương 72/2025/QH15 Điều 43: the commune's People's Committee meets the people.
    is_bound = unit.kind == UnitKind.GOVERNMENT and unit.level == "commune"
    return "Luật Tổ chức chính quyền địa phương số 72/2025/QH15" if is_bound else ""


def _plan(session: Session, _: Unit) -> str:
    return _plan_of(session.plan_line) if session.plan_line is not None else ""


def _plan_of(line: PlanLine) -> str:
    plan = line.plan
    number = f" số {plan.number}" if plan.number else ""
    approved = f" {form.date_line('', plan.approved_on)}" if plan.approved_on else ""
    return f"Kế hoạch{number}{approved} của {plan.unit.name} về đối thoại với Nhân dân năm {plan.year}"


def _ended(session: Session, _: Unit) -> str:
    if session.held_at is None:
        return parts.TO_WRITE
    return f"{parts.clock_time(session.held_at)}, {parts.day(local_date(session.held_at))}"


_OF_SESSION: dict[str, Callable[[Session, Unit], Value]] = {
    "đơn vị": lambda _, unit: unit.name,
    "chủ đề": lambda session, _: lower_first(session.topic),
    "ngày": lambda session, _: on_its_day(session),
    "thời gian": lambda session, _: when(session),
    "chủ trì": lambda session, _: "; ".join(named(each.name, each.title) for each in session.chairing) or parts.TO_WRITE,
    "trang": lambda session, _: address(session),
    "hạn gửi câu hỏi": _asked_until,
    "luật của cấp xã": _law,
    "kế hoạch": _plan,
    "lý do ngoài kế hoạch": lambda session, _: session.trigger_note if session.plan_line is None and session.trigger else "",
    "giờ kết thúc": _ended,
    "đơn vị được mời": lambda session, _: _once(guest.name for guest in session.invitations if guest.kind == GuestKind.UNIT),
    "đơn vị phối hợp": lambda session, unit: _once(chair.unit.name for chair in session.chairs if chair.unit is not unit),
    "đơn vị được giao việc": lambda session, unit: _once(handed_to(session, unit)),
    "mã": lambda session, _: session.code,
}
_OF_YEAR: dict[str, Callable[[YearPlan, Unit], Value]] = {
    "đơn vị": lambda _, unit: unit.name,
    "năm": lambda plan, _: str(plan.year),
}
