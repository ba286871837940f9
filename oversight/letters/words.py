"""What letters, their answers and what is to be done about them are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from oversight.rules.letters import AnswerState, LetterKind

KINDS: dict[str, Any] = {
    LetterKind.REMINDER: _l("Công văn đôn đốc"),
    LetterKind.PETITION: _l("Văn bản kiến nghị"),
    LetterKind.FOLLOW_UP: _l("Công văn nhắc việc"),
}
#: What each is for, where one chooses.
HINTS: dict[str, Any] = {
    LetterKind.REMINDER: _l("Cấp trên hoặc cơ quan được giao nhắc đơn vị làm việc đã hứa"),
    LetterKind.PETITION: _l("Mặt trận Tổ quốc kiến nghị xem xét, giải quyết"),
    LetterKind.FOLLOW_UP: _l("Mặt trận Tổ quốc nhắc việc chính mình đã kiến nghị, đã chuyển"),
}
#: The button on a promise's page.
VERBS: dict[str, Any] = {
    LetterKind.REMINDER: _l("Gửi công văn đôn đốc"),
    LetterKind.PETITION: _l("Gửi văn bản kiến nghị"),
    LetterKind.FOLLOW_UP: _l("Nhắc việc đã kiến nghị, đã chuyển"),
}
ANSWERS: dict[str, Any] = {
    AnswerState.PROPOSED: _l("Chờ lãnh đạo duyệt"),
    AnswerState.SENT_BACK: _l("Lãnh đạo trả lại để sửa"),
    AnswerState.GIVEN: _l("Đã gửi"),
    AnswerState.INSUFFICIENT: _l("Bên gửi cho là chưa đủ"),
}
LOOKS: dict[str, tuple[str, str]] = {
    AnswerState.PROPOSED: ("clock", "wait"),
    AnswerState.SENT_BACK: ("back", "wait"),
    AnswerState.GIVEN: ("check", "ok"),
    AnswerState.INSUFFICIENT: ("redo", "bad"),
}
