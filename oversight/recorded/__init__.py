"""The audit's entries of oversight as those who may read the audit see them: one sentence an action."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.administration import sentences

SENTENCES = {
    "register.exported": _l("tải sổ theo dõi việc đã hứa về máy (tệp %(ending)s)"),
    "watch.begun": _l("theo dõi %(subject)s"),
    "watch.ended": _l("thôi theo dõi %(subject)s"),
    "watch.noted": _l("ghi chú về %(subject)s (cho cả đơn vị đọc: %(shared)s)"),
    "watch.note_dropped": _l("bỏ một ghi chú về %(subject)s"),
    "subscription.begun": _l("đăng ký bản tin tuần %(subject)s"),
    "subscription.ended": _l("thôi bản tin tuần %(subject)s"),
}

GROUPS = {
    "register": _l("Sổ theo dõi việc đã hứa"),
    "watch": _l("Theo dõi việc đã hứa"),
    "subscription": _l("Bản tin tuần"),
}


def register() -> None:
    """Let the audit speak of oversight."""
    sentences.register(SENTENCES, groups=GROUPS)
