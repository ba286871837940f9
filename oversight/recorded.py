"""The audit's entries of oversight as those who may read the audit see them: one sentence an action."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.administration import sentences

SENTENCES = {
    "oversight_paper.drafted": _l("soạn %(subject)s"),
    "oversight_paper.written": _l("sửa bản soạn %(subject)s"),
    "oversight_paper.sent": _l("trình ký %(subject)s"),
    "oversight_paper.signed": _l("ký %(subject)s %(form)s"),
    "oversight_paper.taken_back": _l("trả %(subject)s về bản soạn"),
    "oversight_paper.numbered": _l("ghi số %(number)s cho %(subject)s"),
    "oversight_paper.file_replaced": _l("thay bản đã ký của %(subject)s"),
    "oversight_paper.discarded": _l("bỏ bản soạn %(subject)s"),
    "letter.drafted": _l("soạn %(subject)s, số đơn vị nhận: %(units)s"),
    "letter.issued": _l("phát hành %(subject)s"),
    "letter.discarded": _l("bỏ %(subject)s chưa gửi"),
    "letter.answer_proposed": _l("soạn trả lời %(subject)s"),
    "letter.answer_sent_back": _l("trả lại bản trả lời %(subject)s để sửa"),
    "letter.answered": _l("trả lời %(subject)s"),
    "letter.answer_insufficient": _l("cho là trả lời %(subject)s chưa đủ"),
    "watch.begun": _l("theo dõi %(subject)s"),
    "watch.ended": _l("thôi theo dõi %(subject)s"),
    "watch.noted": _l("ghi chú về %(subject)s (cho cả đơn vị đọc: %(shared)s)"),
    "watch.note_dropped": _l("bỏ một ghi chú về %(subject)s"),
    "subscription.begun": _l("đăng ký bản tin tuần %(subject)s"),
    "subscription.ended": _l("thôi bản tin tuần %(subject)s"),
}

GROUPS = {
    "oversight_paper": _l("Văn bản theo dõi, giám sát"),
    "letter": _l("Đôn đốc, kiến nghị"),
    "watch": _l("Theo dõi việc đã hứa"),
    "subscription": _l("Bản tin tuần"),
}


def register() -> None:
    """Let the audit speak of oversight."""
    sentences.register(SENTENCES, groups=GROUPS)
