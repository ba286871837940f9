"""What the papers of oversight and their states are called on a page."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from oversight.rules.papers import PaperState, PaperType

TYPES: dict[str, Any] = {
    PaperType.REMINDER: _l("Công văn đôn đốc"),
    PaperType.PETITION: _l("Văn bản kiến nghị"),
    PaperType.FOLLOW_UP: _l("Công văn nhắc việc"),
    PaperType.SUPERVISION_PLAN: _l("Kế hoạch giám sát"),
    PaperType.SUPERVISION_NOTICE: _l("Thông báo giám sát"),
    PaperType.SUPERVISION_CONCLUSION: _l("Kết luận giám sát"),
    PaperType.REPORT: _l("Báo cáo"),
    PaperType.UNIT_PLAN: _l("Kế hoạch năm của đơn vị"),
}

STATES: dict[str, Any] = {
    PaperState.DRAFT: _l("Đang soạn"),
    PaperState.SENT: _l("Chờ ký"),
    PaperState.SIGNED: _l("Đã ký, chờ số"),
    PaperState.NUMBERED: _l("Đã phát hành"),
}
#: Icon and tone of each state's tag.
LOOKS: dict[str, tuple[str, str]] = {
    PaperState.DRAFT: ("pen", "go"),
    PaperState.SENT: ("sign", "wait"),
    PaperState.SIGNED: ("sign", "wait"),
    PaperState.NUMBERED: ("check", "ok"),
}
