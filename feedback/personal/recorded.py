"""What the audit says of requests about one's data."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.administration import sentences
from app.consents import Purpose
from feedback.personal.rules import Ground, RequestKind

ACTIONS = {
    "data_request.asked": {"kind", "due_on"},
    "data_request.agreed": {"kind"},
    "data_request.refused": {"kind", "ground"},
    "data_request.fetched": set(),
    "feedback.erased": {"people", "texts", "files"},
    "retention.decided": set(),
    "retention_rule.added": {"code", "effective_from"},
    "retention_rule.ended": {"code", "effective_to"},
    "retention_rule.checked": {"code"},
}

KINDS = {RequestKind.EXPORT: _l("xin bản sao"), RequestKind.ERASURE: _l("xin xóa")}
GROUNDS = {
    Ground.NOT_THEIRS: _l("Chưa chắc người hỏi là người gửi"),
    Ground.KEPT_BY_LAW: _l("Hồ sơ này pháp luật buộc phải giữ"),
}

PURPOSES: dict[str, Any] = {
    Purpose.NOTICES: _l("Nhận tin qua e-mail, tin nhắn"),
    Purpose.PUBLISH: _l("Đăng công khai"),
    Purpose.ACCOUNT: _l("Mở lại bằng e-mail"),
}

#: Pieces of free text, as a clerk reads them before they stay.
PIECES = {
    "title": _l("Tiêu đề"),
    "body": _l("Nội dung"),
    "place": _l("Chỗ cụ thể"),
    "accused": _l("Người bị nói tới"),
    "message": _l("Trao đổi, ghi chú"),
    "why": _l("Lời đánh giá"),
    "elsewhere": _l("Nơi khác nhắc tới"),
}


def register() -> None:
    """Let the audit speak of them."""
    sentences.register(
        {
            "data_request.asked": _l("%(kind)s thông tin cá nhân trong %(subject)s, hạn %(due_on)s"),
            "data_request.agreed": _l("đồng ý cho %(kind)s thông tin cá nhân trong %(subject)s"),
            "data_request.refused": _l("không đồng ý cho %(kind)s thông tin cá nhân trong %(subject)s, lý do: %(ground)s"),
            "data_request.fetched": _l("tải bản sao thông tin cá nhân trong %(subject)s"),
            "consent.withdrawn": _l("thôi đồng ý: %(purpose)s, %(subject)s"),
            "retention.decided": _l("quyết định bỏ thông tin cá nhân trong %(subject)s vì hết hạn lưu giữ"),
            "retention_rule.added": _l("thêm thời gian lưu giữ %(code)s áp dụng từ %(effective_from)s"),
            "retention_rule.ended": _l("kết thúc thời gian lưu giữ %(code)s sau %(effective_to)s"),
            "retention_rule.checked": _l("đối chiếu thời gian lưu giữ %(code)s với bản gốc"),
            "feedback.erased": _l("xóa thông tin cá nhân trong %(subject)s: %(people)s người, %(texts)s đoạn chữ, %(files)s tệp"),
        },
        groups={
            "retention": _l("Hết hạn lưu giữ"),
            "retention_rule": _l("Thời gian lưu giữ"),
            "data_request": _l("Yêu cầu về thông tin cá nhân"),
            "consent": _l("Đồng ý"),
        },
        fact_words={
            "consent.withdrawn:purpose": PURPOSES,
            "data_request.asked:kind": KINDS,
            "data_request.agreed:kind": KINDS,
            "data_request.refused:kind": KINDS,
            "data_request.refused:ground": GROUNDS,
        },
    )
