"""What the audit says of requests about one's data."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.administration import sentences
from feedback.personal.rules import Ground, RequestKind

ACTIONS = {
    "data_request.asked": {"kind", "due_on"},
    "data_request.agreed": {"kind"},
    "data_request.refused": {"kind", "ground"},
    "data_request.fetched": set(),
    "feedback.erased": {"people", "texts", "files"},
}

KINDS = {RequestKind.EXPORT: _l("xin bản sao"), RequestKind.ERASURE: _l("xin xóa")}
GROUNDS = {
    Ground.NOT_THEIRS: _l("Chưa chắc người hỏi là người gửi"),
    Ground.KEPT_BY_LAW: _l("Hồ sơ này pháp luật buộc phải giữ"),
}


def register() -> None:
    """Let the audit speak of them."""
    sentences.register(
        {
            "data_request.asked": _l("%(kind)s thông tin cá nhân trong %(subject)s, hạn %(due_on)s"),
            "data_request.agreed": _l("đồng ý cho %(kind)s thông tin cá nhân trong %(subject)s"),
            "data_request.refused": _l("không đồng ý cho %(kind)s thông tin cá nhân trong %(subject)s, lý do: %(ground)s"),
            "data_request.fetched": _l("tải bản sao thông tin cá nhân trong %(subject)s"),
            "feedback.erased": _l("xóa thông tin cá nhân trong %(subject)s: %(people)s người, %(texts)s đoạn chữ, %(files)s tệp"),
        },
        groups={"data_request": _l("Yêu cầu về thông tin cá nhân")},
        fact_words={
            "data_request.asked:kind": KINDS,
            "data_request.agreed:kind": KINDS,
            "data_request.refused:kind": KINDS,
            "data_request.refused:ground": GROUNDS,
        },
    )
