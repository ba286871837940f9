"""The audit's entries of reports and targets as sentences, and what they are called in them."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.administration import sentences
from app.database import db
from app.units.models import Unit
from oversight.models import Report, ReportDuty, Target, TargetDeclaration

SENTENCES = {
    "report_duty.added": _l("thêm quy định báo cáo %(code)s, áp dụng từ %(effective_from)s"),
    "report_duty.ended": _l("quy định báo cáo %(code)s hết áp dụng ngày %(effective_to)s"),
    "report_duty.checked": _l("đối chiếu quy định báo cáo %(code)s với văn bản gốc"),
    "report.begun": _l("soạn %(subject)s (%(unit_id)s, năm %(year)s)"),
    "report.begun_again": _l("soạn lại %(subject)s"),
    "report.signed_off": _l("%(subject)s được ký, ghi số %(number)s"),
    "report.handed_up": _l("nộp %(subject)s lên %(to_id)s (chậm: %(late)s)"),
    "report.accepted": _l("tiếp nhận %(subject)s"),
    "report.returned": _l("trả lại %(subject)s"),
    "report.dropped": _l("bỏ bản soạn báo cáo của %(unit_id)s, năm %(year)s"),
    "target.added": _l("thêm chỉ tiêu %(code)s, áp dụng từ %(effective_from)s"),
    "target.ended": _l("chỉ tiêu %(code)s hết áp dụng ngày %(effective_to)s"),
    "target.checked": _l("đối chiếu chỉ tiêu %(code)s với văn bản gốc"),
    "target.declared": _l("%(unit_id)s kê khai chỉ tiêu %(code)s năm %(year)s: %(outcome)s"),
    "target.confirmed": _l("xác nhận chỉ tiêu %(code)s năm %(year)s của %(unit_id)s"),
    "target.returned": _l("trả lại kê khai chỉ tiêu %(code)s năm %(year)s của %(unit_id)s"),
    "target.withdrawn": _l("rút kê khai chỉ tiêu %(code)s năm %(year)s của %(unit_id)s"),
}
GROUPS = {"report_duty": _l("Quy định về báo cáo"), "report": _l("Báo cáo"), "target": _l("Chỉ tiêu")}


def register() -> None:
    """Let the audit speak of reports and targets."""
    subjects = {"report": _report, "report_duty": _duty, "target": _target, "target_declaration": _declaration}
    named = {"report.handed_up:to_id": Unit}
    outcomes = {"outcome": {"met": _l("đạt"), "not_yet": _l("chưa đạt"), "not_bound": _l("không thuộc diện")}}
    sentences.register(
        SENTENCES, groups=GROUPS, subjects=subjects, named_in=named, fact_words={"target.declared:outcome": outcomes["outcome"]}
    )


def _report(id_: int) -> str:
    row = db.session.get(Report, id_)
    return _("báo cáo “%(title)s” của %(unit)s", title=row.title, unit=row.unit.name) if row is not None else _("báo cáo đã bỏ")


def _duty(id_: int) -> str:
    row = db.session.get(ReportDuty, id_)
    return _("quy định %(code)s", code=row.code) if row is not None else ""


def _target(id_: int) -> str:
    row = db.session.get(Target, id_)
    return _("chỉ tiêu %(code)s", code=row.code) if row is not None else ""


def _declaration(id_: int) -> str:
    row = db.session.get(TargetDeclaration, id_)
    return _("kê khai của %(unit)s", unit=row.unit.name) if row is not None else ""
