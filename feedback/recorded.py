"""The audit's entries about items as those who may read the audit see them: one sentence an action.

What the sender reads of the same entries is feedback.timeline's to say.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.administration import sentences
from app.database import db
from app.units.models import Unit
from feedback import words
from feedback.models import Feedback, LetterTemplate, Paper, RoutingRule
from feedback.sealed.models import SealedCase

SENTENCES = {
    "feedback.received": _l(
        "tiếp nhận %(kind)s %(subject)s (%(channel)s; lĩnh vực: %(field_id)s; địa bàn: %(place_id)s; nơi nhận: %(desk_unit_id)s)"
    ),
    "feedback.routed": _l("chuyển %(subject)s cho %(unit_id)s (quy tắc: %(rule_id)s)"),
    "feedback.classified": _l("phân loại lại %(subject)s: %(changed)s"),
    "feedback.split": _l("tách %(subject)s thành %(parts)s phần"),
    "feedback.merge_proposed": _l("đề nghị gộp %(subject)s vào %(into_id)s"),
    "feedback.merged": _l("gộp %(subject)s vào %(into_id)s"),
    "feedback.unmerged": _l("tách %(subject)s ra khỏi %(from_id)s"),
    "feedback.linked_repeat": _l("nối %(subject)s với ý kiến đã trả lời %(of_id)s"),
    "feedback.taken_back": _l("thu lại %(subject)s, đã giao %(unit_id)s mà chưa nhận"),
    "feedback.given_again": _l("giao lại %(subject)s cho %(officer_id)s, người đã trả lời lần trước"),
    "feedback.taken": _l("%(unit_id)s nhận giải quyết %(subject)s"),
    "feedback.returned": _l("%(unit_id)s trả lại %(subject)s, lý do: %(reason)s"),
    "feedback.transferred": _l("chuyển %(subject)s từ %(from_id)s sang %(to_id)s, lần chuyển thứ %(hops)s"),
    "feedback.asked": _l("%(unit_id)s hỏi thêm người gửi về %(subject)s (tạm dừng tính hạn: %(pauses)s)"),
    "feedback.question_answered": _l("trả lời câu hỏi thêm về %(subject)s"),
    "feedback.added": _l("gửi bổ sung cho %(subject)s"),
    "feedback.noted": _l("ghi chú nội bộ về %(subject)s"),
    "feedback.original_asked": _l("xin mở bản gốc của tệp số %(attachment_id)s trong %(subject)s, lý do: %(reason)s"),
    "feedback.original_agreed": _l("đồng ý cho %(for_id)s mở bản gốc của tệp số %(attachment_id)s trong %(subject)s"),
    "feedback.original_opened": _l("mở bản gốc của tệp số %(attachment_id)s trong %(subject)s, lý do: %(reason)s"),
    "feedback.told": _l("%(unit_id)s báo tin cho người gửi %(subject)s"),
    "feedback.extension_asked": _l("đề nghị gia hạn %(subject)s, lý do: %(ground)s"),
    "feedback.extension_decided": _l("quyết định gia hạn %(subject)s, lý do %(ground)s: đồng ý %(granted)s, hạn %(due_on)s"),
    "feedback.handling_notified": _l("%(unit_id)s thông báo việc xử lý %(subject)s"),
    "feedback.recounted": _l("tính lại hạn “%(stage)s” của %(subject)s vì lịch nghỉ thay đổi: trước là %(was)s, nay là %(due_on)s"),
    "feedback.case_opened": _l("thụ lý %(subject)s, hạn %(due_on)s"),
    "feedback.answered": _l("%(unit_id)s công khai trả lời %(subject)s"),
    "feedback.guided": _l("%(unit_id)s hướng dẫn %(subject)s"),
    "feedback.refused": _l("%(unit_id)s thông báo không thụ lý %(subject)s, lý do: %(reason)s"),
    "feedback.forwarded": _l("%(unit_id)s chuyển đơn %(subject)s tới nơi có thẩm quyền"),
    "feedback.filed": _l("%(unit_id)s lưu %(subject)s"),
    "feedback.withdrawn": _l("rút %(subject)s"),
    "feedback.rated": _l("đánh giá câu trả lời %(subject)s: %(score)s"),
    "feedback.reopened_above": _l("quyết định mở lại %(subject)s vì kiểm tra thực tế thấy chưa đúng, lượt %(round)s, giao cho %(unit_id)s"),
    "feedback.reopened": _l("mở lại %(subject)s, lượt %(round)s, giao cho %(unit_id)s"),
    "feedback.closed": _l("khép lại %(subject)s"),
    "feedback.promise_made": _l("%(unit_id)s hứa một việc trong %(subject)s, hạn %(due_on)s"),
    "feedback.promise_kept": _l("%(unit_id)s làm xong việc đã hứa trong %(subject)s"),
    "feedback.published": _l("đăng bản công khai của %(subject)s"),
    "feedback.unpublished": _l("gỡ bản công khai của %(subject)s"),
    "feedback.referenced": _l("ghi số hồ sơ của %(source)s cho %(subject)s"),
    "paper.drafted": _l("soạn %(type)s của %(subject)s"),
    "paper.submitted": _l("trình %(type)s của %(subject)s"),
    "paper.agreed": _l("đồng ý ở bước %(step)s văn bản của %(subject)s"),
    "paper.agreed_for": _l("làm thay bước %(step)s, đồng ý văn bản của %(subject)s"),
    "paper.sent_back": _l("trả lại ở bước %(step)s văn bản của %(subject)s"),
    "paper.signed": _l("ký văn bản của %(subject)s"),
    "paper.signed_for": _l("ký %(form)s văn bản của %(subject)s"),
    "paper.numbered": _l("ghi số %(number)s cho văn bản của %(subject)s"),
    "paper.discarded": _l("bỏ bản soạn của %(subject)s"),
    "routing.changed": _l("sửa quy tắc giao việc %(subject)s: %(changed)s"),
    "template.changed": _l("sửa mẫu văn bản %(subject)s: %(changed)s"),
}

GROUPS = {
    "feedback": _l("Ý kiến"),
    "paper": _l("Văn bản"),
    "routing": _l("Quy tắc giao việc"),
    "template": _l("Mẫu văn bản"),
}

NAMED_IN = {
    "desk_unit_id": Unit,
    "feedback.transferred:from_id": Unit,
    "feedback.transferred:to_id": Unit,
    "feedback.original_agreed:for_id": User,
    "feedback.routed:rule_id": RoutingRule,
}

CHANGES = {
    "accused_names": _l("người bị nói tới"),
    "accused_outside": _l("người bị nói tới thuộc đơn vị nào"),
    "accused_unit_id": _l("đơn vị bị phản ánh"),
    "channels": _l("đường gửi"),
    "complex": _l("vụ việc phức tạp"),
    "created": _l("lập mới"),
    "direct": _l("giao thẳng"),
    "field_id": _l("lĩnh vực"),
    "field_ids": _l("lĩnh vực"),
    "kinds": _l("loại ý kiến"),
    "body": _l("nội dung mẫu"),
    "paper_type": _l("loại văn bản"),
    "place_ids": _l("địa bàn"),
    "title": _l("tiêu đề"),
    "to_place": _l("giao theo địa bàn"),
    "words": _l("từ ngữ"),
}


#: Why a duty moved; the audit holds no free text, so the words themselves stand elsewhere.
MOVED_FOR = {
    "in_note": _l("xem ghi chú nội bộ của ý kiến"),
    "returned": _l("xem ghi chú nội bộ của ý kiến"),
    "succession": _l("đơn vị khác thay"),
}

#: Why nothing is owed any more.
CANCELLED_FOR = {
    "accused": _l("ý kiến nói về chính đơn vị ấy"),
    "merged": _l("đã gộp với ý kiến khác"),
    "own": _l("bên yêu cầu và bên phải làm nay là một đơn vị"),
    "taken_back": _l("bộ phận tiếp nhận thu lại"),
    "withdrawn": _l("người gửi đã rút"),
    **words.PAPER_TYPES,
}


def register() -> None:
    """Let the audit speak of items, papers and routing rules."""
    sentences.register(
        SENTENCES,
        groups=GROUPS,
        named_in=NAMED_IN,
        fact_words={
            "feedback.received:kind": words.KINDS,
            "channel": words.CHANNELS,
            "type": words.PAPER_TYPES,
            "step": words.PAPER_STEPS,
            "feedback.recounted:stage": words.STAGES,
            "feedback.rated:score": words.RATINGS,
            "feedback.original_asked:reason": words.ORIGINAL_REASONS,
            "feedback.original_opened:reason": words.ORIGINAL_REASONS,
            "feedback.refused:reason": words.REFUSAL_REASONS,
            "assignment.returned:reason": MOVED_FOR,
            "assignment.cancelled:why": CANCELLED_FOR,
            "assignment.transferred:reason": MOVED_FOR,
            "feedback.returned:reason": MOVED_FOR,
            "feedback.classified:changed": CHANGES,
            "routing.changed:changed": CHANGES,
            "template.changed:changed": CHANGES,
        },
        subjects={"feedback": _code, "paper": _of_paper, "routing_rule": _rule, "letter_template": _template},
        secret=[SealedCase.__tablename__],
        ids=dict.fromkeys(("into_id", "of_id", "feedback.unmerged:from_id"), _code),
    )


def _code(feedback_id: int) -> str:
    feedback = db.session.get(Feedback, feedback_id)  # of whose page this is, as a rule
    return feedback.code if feedback is not None else f"#{feedback_id}"


def _of_paper(paper_id: int) -> str:
    return (
        db.session.scalar(db.select(Feedback.code).join(Paper, Paper.feedback_id == Feedback.id).where(Paper.id == paper_id))
        or f"#{paper_id}"
    )


def _rule(rule_id: int) -> str:
    return db.session.scalar(db.select(RoutingRule.name).where(RoutingRule.id == rule_id)) or f"#{rule_id}"


def _template(template_id: int) -> str:
    return db.session.scalar(db.select(LetterTemplate.name).where(LetterTemplate.id == template_id)) or f"#{template_id}"
