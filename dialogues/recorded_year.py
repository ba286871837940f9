"""The audit's entries about the year (duties, plans, reception days), one sentence an action."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.administration import sentences
from app.database import db
from app.formats import format_date
from dialogues import words
from dialogues.models import MeetingDuty, PlanLine, ReceptionDay, YearPlan

SENTENCES = {
    "duty.added": _l("thêm nghĩa vụ gặp dân %(code)s áp dụng từ %(effective_from)s"),
    "duty.ended": _l("kết thúc nghĩa vụ gặp dân %(code)s sau %(effective_to)s"),
    "duty.checked": _l("ghi nghĩa vụ gặp dân %(code)s đã đối chiếu văn bản gốc"),
    "wording.changed": _l("sửa lời của %(type)s, %(format)s, áp dụng từ %(effective_from)s"),
    "plan.drafted": _l("soạn kế hoạch đối thoại năm %(year)s của %(unit_id)s, bản %(version)s"),
    "plan.line_added": _l("thêm dòng vào %(subject)s: %(line_id)s"),
    "plan.line_changed": _l("sửa dòng của %(subject)s: %(line_id)s"),
    "plan.line_removed": _l("bỏ một dòng quý %(quarter)s của %(subject)s"),
    "plan.approved": _l("phê duyệt %(subject)s, ngày ký %(approved_on)s"),
    "reception.planned": _l("lên lịch %(subject)s"),
    "reception.moved": _l("đổi lịch %(subject)s, sang %(to_id)s"),
    "reception.cancelled": _l("hủy %(subject)s"),
    "reception.booked": _l("đặt lịch hẹn %(subject)s, lượt số %(visit_id)s"),
    "reception.booking_cancelled": _l("hủy lịch hẹn %(subject)s, lượt số %(visit_id)s"),
    "reception.data_erased": _l("xóa thông tin của người hẹn, %(subject)s, lượt số %(visit_id)s"),
    "reception.people_let_go": _l(
        "bỏ thông tin cá nhân vì hết hạn lưu giữ, %(subject)s: %(people)s người, %(texts)s đoạn chữ, còn giữ %(kept)s người"
    ),
    "reception.visit_written": _l("ghi sổ %(subject)s, lượt số %(visit_id)s: %(state)s"),
    "reception.written_up": _l("ghi kết quả %(subject)s, người tiếp: %(received_by_id)s"),
    "reception.numbered": _l("ghi số %(number)s cho thông báo kết luận của %(subject)s"),
}


def register() -> None:
    """Let the audit speak of them."""
    sentences.register(
        SENTENCES,
        groups={
            "duty": _l("Nghĩa vụ gặp dân"),
            "wording": _l("Mẫu văn bản đối thoại"),
            "plan": _l("Kế hoạch đối thoại"),
            "reception": _l("Tiếp công dân"),
        },
        named_in={"received_by_id": User},
        fact_words={
            "reception.visit_written:state": words.VISIT_STATES,
            "wording.changed:type": words.PAPER_TYPES,
            "wording.changed:format": words.PAPER_FORMATS,
        },
        subjects={"meeting_duty": _duty, "year_plan": _plan, "reception_day": _day},
        ids={"line_id": _line, "reception.moved:to_id": _day},
    )
    # A dictionary of its own: that of the reasons is what staff may choose among for a look at an item's sender.
    reasons = sentences.FACT_WORDS.get("personal_data.seen:reason", {})
    sentences.FACT_WORDS["personal_data.seen:reason"] = {**reasons, "reception": _l("mở sổ tiếp công dân")}


def _duty(id_: int) -> str:
    found = db.session.get(MeetingDuty, id_)
    return found.code if found is not None else str(id_)


def _plan(id_: int) -> str:
    found = db.session.get(YearPlan, id_)
    if found is None:
        return str(id_)
    return str(_l("kế hoạch %(year)s của %(unit)s, bản %(version)s", year=found.year, unit=found.unit.short_name, version=found.version))


def _line(id_: int) -> str:
    found = db.session.get(PlanLine, id_)
    return found.topic if found is not None else str(id_)


def _day(id_: int) -> str:
    found = db.session.get(ReceptionDay, id_)
    if found is None:
        return str(id_)
    return str(_l("buổi tiếp công dân %(day)s của %(unit)s", day=format_date(found.day), unit=found.unit.short_name))
