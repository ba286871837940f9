"""What the levels of the ladder are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.assignments.rules import Duty
from app.escalation.rules import Level

LEVELS: dict[str, Any] = {
    Level.OFFICER: _l("người đang làm"),
    Level.HEAD: _l("người đứng đầu đơn vị"),
    Level.SUPERIOR: _l("đơn vị cấp trên"),
    Level.CHAIRMAN: _l("Chủ tịch Ủy ban nhân dân"),
    Level.STEERING: _l("Ban Chỉ đạo"),
}
DUTIES: dict[str, Any] = {Duty.ANSWER: _l("trả lời"), Duty.ACT: _l("làm")}

#: What kinds of promises there are, by name: the core knows none. Whoever keeps the register of all kinds says it.
names: list[Callable[[], Mapping[str, Any]]] = []


def kinds() -> dict[str, Any]:
    """Return what the kinds of promises are called."""
    return {kind: name for each in names for kind, name in each().items()}
