"""The audit's entries of papers and letters as those who may read the audit see them."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.administration import sentences
from app.database import db
from oversight.letters import words as letter_words
from oversight.models import Letter, OversightPaper
from oversight.papers import names

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
    "letter.readdressed": _l("sửa nơi nhận của %(subject)s, số đơn vị nhận: %(units)s"),
    "letter.issued": _l("phát hành %(subject)s"),
    "letter.discarded": _l("bỏ %(subject)s chưa gửi"),
    "letter.answer_proposed": _l("soạn trả lời %(subject)s"),
    "letter.answer_sent_back": _l("trả lại bản trả lời %(subject)s để sửa"),
    "letter.answered": _l("trả lời %(subject)s"),
    "letter.answer_insufficient": _l("cho là trả lời %(subject)s chưa đủ"),
}

GROUPS = {
    "oversight_paper": _l("Văn bản theo dõi, giám sát"),
    "letter": _l("Đôn đốc, kiến nghị"),
}


def _paper(paper_id: int) -> str:
    paper = db.session.get(OversightPaper, paper_id)
    if paper is None:
        return _("văn bản đã bỏ, số thứ tự %(id)s", id=paper_id)
    return _("%(type)s của %(unit)s", type=names.TYPES[paper.type], unit=paper.unit.name)


def _letter(letter_id: int) -> str:
    letter = db.session.get(Letter, letter_id)
    if letter is None:
        return _("văn bản đã bỏ, số thứ tự %(id)s", id=letter_id)
    return _("%(type)s của %(unit)s", type=letter_words.KINDS[letter.kind], unit=letter.unit.name)


def register() -> None:
    """Let the audit speak of papers and letters."""
    sentences.register(SENTENCES, groups=GROUPS, subjects={"oversight_paper": _paper, "letter": _letter})
