"""The audit's entries about sessions as those who may read the audit see them: one sentence an action."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.administration import sentences
from app.database import db
from dialogues import words
from dialogues.models import PlanLine, Session

SENTENCES = {
    "session.created": _l("lập buổi đối thoại %(subject)s của %(unit_id)s (dòng kế hoạch: %(plan_line_id)s; đột xuất: %(trigger)s)"),
    "session.changed": _l("sửa buổi đối thoại %(subject)s: %(changed)s"),
    "session.overridden": _l("cho qua một điều còn thiếu của buổi đối thoại %(subject)s: %(guard)s"),
    "session.invited": _l("ghi thêm %(guests)s khách mời của buổi đối thoại %(subject)s"),
    "session.invitations_sent": _l("gửi %(guests)s lời mời dự buổi đối thoại %(subject)s"),
    "session.guest_answered": _l("ghi trả lời của khách mời số %(guest_id)s, buổi đối thoại %(subject)s: %(answer)s"),
    "session.guest_removed": _l("bỏ khách mời số %(guest_id)s của buổi đối thoại %(subject)s"),
    "session.registered": _l("đăng ký dự buổi đối thoại %(subject)s, đăng ký số %(registration_id)s, %(people)s người"),
    "session.registration_changed": _l("sửa đăng ký số %(registration_id)s dự buổi đối thoại %(subject)s, %(people)s người"),
    "session.registration_cancelled": _l("hủy đăng ký số %(registration_id)s dự buổi đối thoại %(subject)s"),
    "session.seat_found": _l("có chỗ cho đăng ký số %(registration_id)s, buổi đối thoại %(subject)s"),
    "session.came": _l("ghi %(people)s người đến buổi đối thoại %(subject)s, lượt số %(attendance_id)s"),
    "session.arrival_withdrawn": _l("bỏ lượt đến số %(attendance_id)s ghi nhầm, buổi đối thoại %(subject)s"),
    "session.planned": _l("đưa buổi đối thoại %(subject)s vào kế hoạch"),
    "session.announced": _l("thông báo buổi đối thoại %(subject)s"),
    "session.ready": _l("chuẩn bị xong buổi đối thoại %(subject)s"),
    "session.in_session": _l("bắt đầu buổi đối thoại %(subject)s"),
    "session.held": _l("kết thúc buổi đối thoại %(subject)s"),
    "session.concluded": _l("ra kết luận buổi đối thoại %(subject)s"),
    "session.published": _l("công bố kết quả buổi đối thoại %(subject)s"),
    "session.archived": _l("lưu hồ sơ buổi đối thoại %(subject)s"),
    "session.postponed": _l("hoãn buổi đối thoại %(subject)s"),
    "session.cancelled": _l("hủy buổi đối thoại %(subject)s"),
}


def register() -> None:
    """Let the audit speak of sessions."""
    sentences.register(
        SENTENCES,
        groups={"session": _l("Đối thoại")},
        fact_words={"trigger": words.TRIGGERS, "guard": words.LACKS, "session.guest_answered:answer": words.GUEST_ANSWERS},
        subjects={"dialogue_session": _session},
        ids={"plan_line_id": _line},
    )


def _session(id_: int) -> str:
    found = db.session.get(Session, id_)
    return found.code if found is not None else str(id_)


def _line(id_: int) -> str:
    found = db.session.get(PlanLine, id_)
    return found.topic if found is not None else str(id_)
