"""What the register calls what it shows."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.assignments.models import Assignment
from app.assignments.rules import Duty, State
from app.escalation.words import LEVELS as RUNGS
from app.formats import format_number
from dialogues.models import ConclusionAssignment
from feedback import masking
from feedback.models import Feedback, FeedbackAssignment
from oversight.register import ages
from oversight.register.kinds import KINDS

VIEWS: dict[str, Any] = {
    "late": _l("Quá hạn"),
    "soon": _l("Còn 0 đến 3 ngày"),
    "open": _l("Chưa xong"),
    "undated": _l("Chưa có hạn, đang tạm dừng"),
    "done": _l("Đã trả lời, báo đã xong"),
    "in_time": _l("Xong đúng hạn"),
    "late_done": _l("Xong trễ hạn"),
    "ended": _l("Trả lại, không còn phải làm"),
    "all": _l("Tất cả"),
}
#: How the figures of a period are called, by the names of oversight.populations.
COUNTED: dict[str, Any] = {
    "made": _l("việc giao"),
    "closed": _l("việc đã xong"),
    "in_time": _l("việc xong đúng hạn"),
    "late": _l("việc xong trễ hạn"),
    "open": _l("việc còn lại"),
    "overdue": _l("việc còn lại đã quá hạn"),
    "due": _l("việc đến hạn"),
    "met": _l("việc đến hạn, xong đúng hạn"),
    "first_due": _l("việc đến hạn ban đầu"),
    "missed": _l("việc đến hạn, không xong đúng hạn"),
    "first_met": _l("việc xong đúng hạn ban đầu"),
    "kept": _l("việc giao, đã làm xong"),
    "reopened": _l("việc giao lại sau khi mở lại"),
    "roundabout": _l("việc chuyển lòng vòng"),
    "rateable": _l("việc người gửi được đánh giá"),
    "rated": _l("việc người gửi đã đánh giá"),
}
LEVELS: dict[str, Any] = {"province": _l("cấp tỉnh"), "commune": _l("cấp xã")}
STATES: dict[str, Any] = {
    State.OFFERED: _l("chờ đơn vị nhận"),
    State.TAKEN: _l("đang xử lý"),
    State.DONE: _l("đã trả lời, báo đã xong"),
    State.VERIFIED: _l("đã được kiểm tra"),
    State.RETURNED: _l("đã trả lại"),
    State.CANCELLED: _l("không còn phải làm"),
}
#: The views again, short, as the heads of narrow columns.
SHORT_VIEWS: dict[str, Any] = {
    "late": _l("Quá hạn"),
    "soon": _l("Sắp đến hạn"),
    "open": _l("Chưa xong"),
    "undated": _l("Chưa có hạn"),
    "done": _l("Đã xong"),
    "in_time": _l("Đúng hạn"),
    "late_done": _l("Trễ hạn"),
    "ended": _l("Đã trả lại"),
    "all": _l("Tất cả"),
}
#: The duties counted apart, each as the head of what is counted.
DUTY_HEADS: dict[str, Any] = {Duty.ANSWER: _l("Phải trả lời"), Duty.ACT: _l("Phải làm")}
#: What a conclusion is about, in the column that says it of an opinion.
OF_SESSION = _l("Đối thoại: %(topic)s")
SORTS: dict[str, Any] = {
    "due": _l("hạn sớm nhất trước"),
    "late": _l("trễ nhiều trước"),
    "oldest": _l("giao lâu trước"),
    "newest": _l("mới giao trước"),
}
#: By what the picture counts, by the names of oversight.picture.
DIMENSIONS: dict[str, Any] = {
    "don-vi": _l("Đơn vị"),
    "cap": _l("Cấp"),
    "noi": _l("Xã, phường"),
    "linh-vuc": _l("Lĩnh vực"),
    "buoi": _l("Buổi đối thoại"),
    "nguon": _l("Nguồn"),
    "tinh-trang": _l("Tình trạng"),
    "tuoi": _l("Số ngày từ khi giao"),
    "bac": _l("Đã đôn đốc tới"),
    "tre": _l("Số ngày trễ"),
}
WITHOUT: dict[str, Any] = {
    "noi": _l("không ghi xã, phường"),
    "linh-vuc": _l("không ghi lĩnh vực"),
    "buoi": _l("không từ buổi đối thoại nào"),
    "bac": _l("chưa phải đôn đốc"),
}
DUTIES: dict[str, Any] = {Duty.ANSWER: _l("trả lời"), Duty.ACT: _l("làm")}
PETITION = _l("gửi kiến nghị")
#: What happened to a promise, in words.
EVENTS: dict[str, Any] = {
    "assignment.made": _l("giao việc"),
    "assignment.taken": _l("đơn vị nhận xử lý"),
    "assignment.given": _l("giao cho cán bộ"),
    "assignment.returned": _l("đơn vị trả lại"),
    "assignment.transferred": _l("chuyển đơn vị khác"),
    "assignment.done": _l("đơn vị báo đã xong"),
    "assignment.verified": _l("ghi kết quả kiểm tra thực tế"),
    "assignment.reopened": _l("cấp trên quyết định mở lại, đơn vị làm lại"),
    "assignment.cancelled": _l("không còn phải làm, việc đã kết thúc cách khác"),
}
ANSWERED = _l("đơn vị trả lời người gửi")


def days(first: int, last: int | None) -> str:
    """Return a span of days in words."""
    if last is None:
        return _("%(first)s ngày trở lên", first=format_number(first))
    if first == last:
        return _("%(days)s ngày", days=format_number(first))
    return _("%(first)s đến %(last)s ngày", first=format_number(first), last=format_number(last))


def _open_for(bucket: ages.Bucket) -> str:
    return _("việc còn lại, giao đã %(days)s", days=days(bucket.first, bucket.last))


COUNTED |= {f"open_{each.code}": LazyString(_open_for, each) for each in ages.AGES}


def of_dimension(by: str, thing: Any) -> str:
    """Return what a row of the picture is called: the unit, the area, the days; *thing* is None for what has none."""
    if thing is None:
        return str(WITHOUT[by])
    if by in {"tuoi", "tre"}:
        return _days_of(by, thing)
    codes = {"cap": LEVELS, "tinh-trang": STATES, "bac": RUNGS}.get(by)
    if codes:
        return str(codes[thing])
    if by == "nguon":
        return str(KINDS[thing].label)
    if by == "buoi":
        return f"{thing.code}: {thing.topic}"
    return thing.full_name if by == "noi" else thing.name


def _days_of(by: str, code: str) -> str:
    if by == "tre" and code == "0":
        return _("không trễ")
    bucket = ages.bucket(code, ages.LATENESS if by == "tre" else ages.AGES)
    return days(bucket.first, bucket.last) if bucket else code


def duty(row: Assignment) -> Any:
    """Return what must be done of *row*: one question may have two, to answer its asker and to petition a higher body."""
    return PETITION if isinstance(row, ConclusionAssignment) and row.beyond else DUTIES[row.duty]


def event(action: str, duty: str) -> Any:
    """Return what happened to a promise of that *duty*: answering is not doing."""
    return ANSWERED if action == "assignment.done" and duty == Duty.ANSWER else EVENTS.get(action, action)


def matter(row: Assignment, *, may_read: bool) -> str:
    """Return what the item that a promise belongs to is about: its public title, else its own; of a conclusion, the session's topic.

    What may name a person is masked in it for whoever may not open the item, where it stands in full.
    """
    if isinstance(row, ConclusionAssignment):
        return row.session.topic
    item: Feedback | None = row.feedback if isinstance(row, FeedbackAssignment) else None
    if item is None:
        return ""
    return item.public_title or (item.title if may_read else masking.masked(item.title))


def task(row: Assignment, *, may_read: bool) -> str:
    """Return what must be done: the item answered, or what its answer promised in the words it was signed with."""
    if isinstance(row, ConclusionAssignment):
        return row.title if may_read else row.public_title or masking.masked(row.title)
    if isinstance(row, FeedbackAssignment):
        whole = row.duty == Duty.ANSWER or row.title == row.feedback.title
        return matter(row, may_read=may_read) if whole else row.title
    return row.title if may_read else masking.masked(row.title)
