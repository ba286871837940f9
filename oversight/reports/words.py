"""What reports, their states, the columns of the counting tables and the outcomes of targets are called on a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from oversight.models import Report
from oversight.papers import names
from oversight.rules.papers import PaperState
from oversight.rules.reports import REMIND_BEFORE, Period, Receiver, Standing, State
from oversight.rules.targets import DIALOGUE, PLAN, Outcome
from oversight.rules.targets import State as Declared

PERIODS: dict[str, Any] = {
    Period.HALF_YEAR: _l("6 tháng đầu năm"),
    Period.YEAR: _l("Cả năm"),
    Period.PLAN: _l("Kế hoạch năm"),
    Period.AD_HOC: _l("Đột xuất"),
}
RECEIVERS: dict[str, Any] = {
    Receiver.PARENT: _l("Cấp trên trực tiếp"),
    Receiver.STANDING: _l("Cơ quan thường trực Ban Chỉ đạo"),
}
COUNTED_BY: dict[str, Any] = {
    "": _l("Đơn vị kê khai, cơ quan thường trực xác nhận"),
    DIALOGUE: _l("Đếm từ các buổi đối thoại, đơn vị không kê khai"),
    PLAN: _l("Có kế hoạch giám sát ban hành ở đây là đạt; ban hành nơi khác thì kê khai"),
}
#: Word, icon and tone.
STATES: dict[str, tuple[Any, str, str]] = {
    State.DRAFT: (_l("Đang soạn"), "pen", "go"),
    State.SIGNED_OFF: (_l("Đã ký, chưa nộp"), "sign", "wait"),
    State.HANDED_UP: (_l("Đã nộp, chờ tiếp nhận"), "clock", "go"),
    State.RETURNED: (_l("Bị trả lại"), "info", "bad"),
    State.ACCEPTED: (_l("Đã tiếp nhận"), "check", "ok"),
}
DONE: dict[str, Any] = {
    State.DRAFT: _l("Bắt đầu soạn"),
    PaperState.SENT: _l("Trình ký"),
    State.SIGNED_OFF: _l("Đã ký, ghi số"),
    State.HANDED_UP: _l("Nộp"),
    State.RETURNED: _l("Trả lại"),
    State.ACCEPTED: _l("Tiếp nhận"),
}
STANDINGS: dict[str, tuple[Any, str, str]] = {
    Standing.LATE: (_l("Quá hạn"), "late", "bad"),
    Standing.RETURNED: (_l("Bị trả lại"), "info", "bad"),
    Standing.SOON: (_l("Còn 0 đến %(days)s ngày làm việc", days=REMIND_BEFORE), "clock", "wait"),
    Standing.OPEN: (_l("Chưa đến hạn"), "clock", ""),
    Standing.HANDED_UP: (_l("Đã nộp"), "clock", "go"),
    Standing.ACCEPTED: (_l("Đã tiếp nhận"), "check", "ok"),
}


def tag_of(report: Report) -> tuple[Any, str, str]:
    """Return word, icon and tone of where *report* stands: while it is written, where its paper does."""
    if report.state != State.DRAFT or report.paper is None:
        return STATES[report.state]
    return (names.STATES[report.paper.state], *names.LOOKS[report.paper.state])


def turn(report: Report, people: Sequence[User]) -> str:
    """Say whose turn it is with *report*, "" where it is done; *people*: for whom its paper waits (paperwork.waits_for)."""
    if report.state == State.DRAFT:
        return _turn_of_paper(report, people)
    if report.state == State.RETURNED:
        return _("chờ %(unit)s soạn lại", unit=report.unit.short_name)
    if report.to is None:
        return ""
    if report.state == State.SIGNED_OFF:
        return _("chờ %(unit)s nộp lên", unit=report.unit.short_name)
    return _("chờ %(unit)s tiếp nhận", unit=report.to.short_name) if report.state == State.HANDED_UP else ""


def _turn_of_paper(report: Report, people: Sequence[User]) -> str:
    state = report.paper.state if report.paper is not None else PaperState.DRAFT
    if state == PaperState.SENT:
        who = ", ".join(user.title or user.name for user in people)
        return _("chờ %(who)s ký", who=who) if who else _("chưa có ai ký được: nhờ quản trị viên cấp tài khoản cho người đứng đầu")
    if state == PaperState.SIGNED:
        return _("chờ %(who)s ghi số", who=", ".join(user.name for user in people) or _("người ký"))
    return _("chưa trình ký")


COLUMNS: dict[str, Any] = {
    "carried": _l("Kỳ trước chuyển"),
    "received": _l("Trong kỳ"),
    "total": _l("Tổng số"),
    "settled": _l("Đã giải quyết"),
    "guided": _l("Hướng dẫn"),
    "forwarded": _l("Chuyển đơn"),
    "refused": _l("Từ chối"),
    "filed": _l("Lưu đơn"),
    "withdrawn": _l("Rút đơn"),
    "in_hand": _l("Chưa xong"),
}
#: The columns again under what they are parts of, as the head of the table says it.
COLUMN_GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_l("Phải giải quyết"), ("carried", "received", "total")),
    (_l("Đã xử lý, trong đó"), ("settled", "guided", "forwarded", "refused", "filed", "withdrawn")),
    (_l("Còn lại"), ("in_hand",)),
)
COMPETENCES: dict[str, Any] = {
    "within": _l("Thuộc thẩm quyền"),
    "outside": _l("Không thuộc thẩm quyền"),
    "unfit": _l("Không đủ điều kiện xử lý, hoặc đã rút"),
    "unsaid": _l("Chưa phân loại"),
}

OUTCOMES: dict[str, Any] = {
    Outcome.MET: _l("Đạt"),
    Outcome.NOT_YET: _l("Chưa đạt"),
    Outcome.NOT_BOUND: _l("Không thuộc diện"),
}
DECLARED: dict[str, tuple[Any, str, str]] = {
    Declared.DECLARED: (_l("Chờ xác nhận"), "clock", "wait"),
    Declared.CONFIRMED: (_l("Đã xác nhận"), "check", "ok"),
    Declared.RETURNED: (_l("Bị trả lại"), "info", "bad"),
    Declared.WITHDRAWN: (_l("Đã rút"), "clock", ""),
}
