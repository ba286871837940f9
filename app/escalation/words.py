"""What the levels of the ladder are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.escalation.rules import Level

LEVELS: dict[str, Any] = {
    Level.OFFICER: _l("người đang làm"),
    Level.HEAD: _l("người đứng đầu đơn vị"),
    Level.SUPERIOR: _l("đơn vị cấp trên"),
    Level.CHAIRMAN: _l("Chủ tịch Ủy ban nhân dân"),
    Level.STEERING: _l("Ban Chỉ đạo"),
}
