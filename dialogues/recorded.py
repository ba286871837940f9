"""The audit's entries about sessions as those who may read the audit see them: one sentence an action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l

from app.administration import sentences
from app.database import db
from dialogues import words
from dialogues.models import Follower, Invitation, PlanLine, Question, ReceptionVisit, Registration, Session, SessionPaper
from dialogues.rules import DOSSIER
from feedback.models import Feedback

SENTENCES = {
    "session.created": _l("lập buổi đối thoại %(subject)s của %(unit_id)s (dòng kế hoạch: %(plan_line_id)s; đột xuất: %(trigger)s)"),
    "session.changed": _l("sửa buổi đối thoại %(subject)s: %(changed)s"),
    "question.asked": _l("ghi câu hỏi %(subject)s cho buổi đối thoại %(session_id)s (%(origin)s, ý kiến %(feedback_id)s)"),
    "question.screened": _l("xem câu hỏi %(subject)s: %(state)s"),
    "question.chosen": _l("xếp câu hỏi %(subject)s hỏi tại buổi đối thoại: %(for_the_day)s"),
    "question.published": _l("đăng bản che tên của câu hỏi %(subject)s"),
    "question.unpublished": _l("gỡ bản che tên của câu hỏi %(subject)s"),
    "session.overridden": _l("cho qua một điều còn thiếu của buổi đối thoại %(subject)s: %(guard)s"),
    "session.invited": _l("ghi thêm %(guests)s khách mời của buổi đối thoại %(subject)s"),
    "session.invitations_sent": _l("gửi %(guests)s lời mời dự buổi đối thoại %(subject)s"),
    "session.guest_answered": _l("ghi trả lời của khách mời số %(guest_id)s, buổi đối thoại %(subject)s: %(answer)s"),
    "session.guest_removed": _l("bỏ khách mời số %(guest_id)s của buổi đối thoại %(subject)s"),
    "session.registered": _l("đăng ký dự buổi đối thoại %(subject)s, đăng ký số %(registration_id)s, %(people)s người"),
    "session.registration_changed": _l("sửa đăng ký số %(registration_id)s dự buổi đối thoại %(subject)s, %(people)s người"),
    "session.registration_cancelled": _l("hủy đăng ký số %(registration_id)s dự buổi đối thoại %(subject)s"),
    "session.seat_found": _l("có chỗ cho đăng ký số %(registration_id)s, buổi đối thoại %(subject)s"),
    "session.data_taken": _l("lấy bản sao thông tin của %(of)s số %(row_id)s, buổi đối thoại %(subject)s"),
    "session.data_erased": _l("xóa thông tin của %(of)s số %(row_id)s, buổi đối thoại %(subject)s"),
    "session.people_let_go": _l(
        "bỏ thông tin cá nhân vì hết hạn lưu giữ, buổi đối thoại %(subject)s: %(people)s người, %(texts)s đoạn chữ, còn giữ %(kept)s người"
    ),
    "session.came": _l("ghi %(people)s người đến buổi đối thoại %(subject)s, lượt số %(attendance_id)s"),
    "session.arrival_withdrawn": _l("bỏ lượt đến số %(attendance_id)s ghi nhầm, buổi đối thoại %(subject)s"),
    "session.question_added": _l("ghi thêm câu hỏi số %(question_id)s tại buổi đối thoại %(subject)s"),
    "session.question_answered": _l("ghi câu hỏi số %(question_id)s của buổi đối thoại %(subject)s được trả lời: %(kind)s"),
    "session.answer_promised": _l(
        "giao %(unit_id)s trả lời câu hỏi số %(question_id)s của buổi đối thoại %(subject)s, hạn %(due_on)s, ý kiến %(feedback_id)s"
    ),
    "session.instructed": _l("giao %(unit_id)s việc số %(assignment_id)s theo kết luận buổi đối thoại %(subject)s, hạn %(due_on)s"),
    "session.instruction_withdrawn": _l("bỏ việc số %(assignment_id)s ghi nhầm trong kết luận buổi đối thoại %(subject)s"),
    "session.instruction_returned": _l("%(unit_id)s trả lại việc số %(assignment_id)s theo kết luận buổi đối thoại %(subject)s"),
    "session.instruction_passed_on": _l("chuyển %(unit_id)s việc số %(assignment_id)s theo kết luận buổi đối thoại %(subject)s"),
    "session.petitioned": _l("ghi văn bản kiến nghị %(number)s của việc số %(assignment_id)s, buổi đối thoại %(subject)s"),
    "session.petition_decided": _l("ghi trả lời kiến nghị của việc số %(assignment_id)s, buổi đối thoại %(subject)s (nhận: %(accepted)s)"),
    "session.instruction_kept": _l("%(unit_id)s báo xong việc số %(assignment_id)s theo kết luận buổi đối thoại %(subject)s"),
    "session.minutes_written": _l("ghi bản số %(number)s của biên bản buổi đối thoại %(subject)s"),
    "session.minutes_signed": _l("ký bản số %(number)s của biên bản buổi đối thoại %(subject)s, phần %(part)s"),
    "session.correction_decided": _l("xử lý góp ý số %(correction_id)s về biên bản buổi đối thoại %(subject)s (nhận: %(accepted)s)"),
    "session.names_reviewed": _l("đọc lại bản công khai của buổi đối thoại %(subject)s"),
    "session_paper.drafted": _l("soạn văn bản %(subject)s (%(type)s)"),
    "session_paper.written": _l("sửa văn bản %(subject)s"),
    "session_paper.sent": _l("trình ký văn bản %(subject)s"),
    "session_paper.taken_back": _l("lấy lại văn bản %(subject)s để sửa"),
    "session_paper.numbered": _l("ghi số %(number)s cho văn bản %(subject)s (bỏ cách số: %(gap)s)"),
    "session_paper.file_replaced": _l("thay văn bản %(subject)s bằng bản đã ký, mã băm %(digest)s"),
    "session_paper.discarded": _l("bỏ bản soạn %(subject)s (%(type)s)"),
    "session_paper.opened": _l("ghi văn bản %(subject)s là công khai"),
    "session_paper.closed": _l("ghi văn bản %(subject)s là nội bộ"),
    "session.row_absent": _l("ghi hồ sơ buổi đối thoại %(subject)s không có: %(row)s"),
    "session.file_added": _l("thêm tệp vào hồ sơ buổi đối thoại %(subject)s, mục %(row)s, mã băm %(digest)s"),
    "session.file_removed": _l("bỏ tệp khỏi hồ sơ buổi đối thoại %(subject)s, mã băm %(digest)s"),
    "session.addendum": _l("thêm phần bổ sung số %(addendum_id)s vào hồ sơ buổi đối thoại %(subject)s"),
    "session.recorded": _l(
        "ghi diễn biến buổi đối thoại %(subject)s: đã ghi %(applied)s, đến muộn %(late)s, không nhận %(refused)s, bổ sung %(addendum)s"
    ),
    "session.late_decided": _l("quyết định %(events)s mục ghi đến muộn của buổi đối thoại %(subject)s (nhận: %(accepted)s)"),
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


#: What was changed, where the audit names a column or a room.
CHANGES = {
    "agenda": _l("chương trình"),
    "audience": _l("thành phần dự"),
    "capacity": _l("số chỗ đăng ký"),
    "chairs": _l("chủ trì, phối hợp"),
    "concerns": _l("báo cáo dư luận"),
    "conclusion": _l("kết luận"),
    "corrections_until": _l("hạn góp ý biên bản"),
    "earlier": _l("lý do chưa làm cam kết kỳ trước"),
    "ends_at": _l("giờ kết thúc"),
    "field_id": _l("lĩnh vực"),
    "files": _l("tài liệu kèm chương trình"),
    "form": _l("hình thức"),
    "halls": _l("hội trường, điểm cầu"),
    "house_rules": _l("nội quy"),
    "online_link": _l("đường dẫn trực tuyến"),
    "photo": _l("ảnh cho hiện công khai"),
    "place_id": _l("địa bàn"),
    "present": _l("ai có mặt"),
    "questions_until": _l("hạn nhận câu hỏi"),
    "recording_link": _l("đường dẫn bản ghi hình"),
    "staff": _l("người giúp việc"),
    "starts_at": _l("ngày, giờ họp"),
    "tasks": _l("việc chuẩn bị"),
    "topic": _l("chủ đề"),
}


def register() -> None:
    """Let the audit speak of sessions."""
    sentences.register(
        SENTENCES,
        groups={
            "session": _l("Đối thoại"),
            "session_paper": _l("Văn bản của buổi đối thoại"),
            "question": _l("Câu hỏi của buổi đối thoại"),
        },
        fact_words={
            "trigger": words.TRIGGERS,
            "session_paper.drafted:type": words.PAPER_TYPES,
            "session_paper.discarded:type": words.PAPER_TYPES,
            "row": {entry.code: words.dossier_row(entry) for entry in DOSSIER} | {"photo": _l("ảnh")},
            "guard": words.LACKS,
            "of": {"registration": _l("người đăng ký"), "invitation": _l("khách mời")},
            "session.changed:changed": CHANGES,
            "session.guest_answered:answer": words.GUEST_ANSWERS,
            "session.question_answered:kind": words.ANSWER_KINDS,
            "session.minutes_signed:part": words.SIGNERS,
            "question.screened:state": words.QUESTION_STATES,
            "question.asked:origin": words.ORIGINS,
        },
        subjects={"dialogue_session": _session, "session_paper": _paper, "question": _question, **_coming()},
        ids={"plan_line_id": _line, "question.asked:session_id": _session, "question.asked:feedback_id": _item},
    )


def _session(id_: int) -> str:
    found = db.session.get(Session, id_)
    return found.code if found is not None else str(id_)


def _question(id_: int) -> str:
    code = db.session.scalar(db.select(Session.code).join(Session.questions).where(Question.id == id_))
    return f"{code}/{id_}" if code is not None else str(id_)


def _of(model: type[Any]) -> Callable[[int], str]:
    def called(id_: int) -> str:
        found = db.session.get(model, id_)
        return str(id_) if found is None else f"{found.session.code}/{id_}"

    return called


def _coming() -> dict[str, Callable[[int], str]]:
    return {model.__tablename__: _of(model) for model in (Registration, Invitation, Follower)} | {"reception_visit": _visit}


def _visit(id_: int) -> str:
    found = db.session.get(ReceptionVisit, id_)
    return str(id_) if found is None else found.code


def _paper(id_: int) -> str:
    """Return the number of a paper, else its type, and whose it is."""
    found = db.session.get(SessionPaper, id_)
    if found is None:
        return str(id_)
    of = found.session.code if found.session is not None else found.unit.short_name
    return f"{found.number or words.PAPER_TYPES[found.type]} ({of})"


def _item(id_: int) -> str:
    found = db.session.get(Feedback, id_)
    return found.code if found is not None else str(id_)


def _line(id_: int) -> str:
    found = db.session.get(PlanLine, id_)
    return found.topic if found is not None else str(id_)
