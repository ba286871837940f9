"""The names of the steps of set-up, of the calendar and of the deadline rules, as people here say them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.calendar.days import DayKind, TermUnit
from app.calendar.rules import Evidence, PauseGround, Stage, StartEvent, Trait
from app.proof.rules import When


@dataclass(frozen=True)
class StepWords:
    """A step of set-up: its name, the page where it is done, and what follows while it is not."""

    title: Any
    endpoint: str
    lacking: Any


#: The steps of setting_up.STEPS; a domain adds its own.
STEPS = {
    "place": StepWords(
        _l("Trang này của tỉnh nào, xã nào"), "administration.setup_place", _l("Tên, địa bàn và chữ đầu của mã tra cứu lấy theo đó")
    ),
    "desk": StepWords(
        _l("Đơn vị và bộ phận tiếp nhận"), "administration.units", _l("Chưa có bộ phận tiếp nhận: ý kiến gửi đến không ai thấy")
    ),
    "receivers": StepWords(
        _l("Người tiếp nhận"),
        "administration.users",
        _l("Chưa ai có vai trò tiếp nhận ở bộ phận tiếp nhận: ý kiến gửi đến không ai đọc"),
    ),
    "fields": StepWords(
        _l("Các lĩnh vực"),
        "administration.setup_fields",
        _l("Chưa có lĩnh vực nào: người gửi không chọn được, quy tắc giao việc không chia theo lĩnh vực được"),
    ),
    "people": StepWords(
        _l("Người dùng và vai trò"),
        "administration.users",
        _l("Cần ít nhất một người giải quyết, một người duyệt và ký; chưa đủ thì ý kiến nằm chờ"),
    ),
    "calendar": StepWords(
        _l("Lịch làm việc năm nay"), "administration.calendar", _l("Chưa có lịch năm nay: chưa tính được hạn theo ngày làm việc")
    ),
    "rules": StepWords(_l("Quy định về hạn"), "administration.rules", _l("Chưa có quy định nào đang áp dụng: ý kiến không có hạn")),
    "own_term": StepWords(
        _l("Hạn trả lời phản ánh, kiến nghị, góp ý, hỏi đáp"),
        "administration.setup_own_term",
        _l("Luật không đặt hạn trả lời cho phần lớn những ý kiến này: tự đặt một hạn, hoặc ghi rõ là không đặt"),
    ),
}

PROOF = {
    When.NEEDED: _l("Khi đông người gửi, hoặc một mạng gửi dồn dập"),
    When.ALWAYS: _l("Luôn luôn"),
    When.NEVER: _l("Không"),
}

DAY_KINDS = {
    DayKind.HOLIDAY: _l("Nghỉ lễ, tết"),
    DayKind.SWAP_OFF: _l("Nghỉ hoán đổi"),
    DayKind.SWAP_WORK: _l("Làm bù"),
    DayKind.LOCAL_OFF: _l("Nghỉ của địa phương"),
}
DAY_KIND_HINTS = {
    DayKind.HOLIDAY: _l("Theo Bộ luật Lao động, kể cả ngày nghỉ bù"),
    DayKind.SWAP_OFF: _l("Ngày trong tuần được nghỉ, làm bù hôm khác"),
    DayKind.SWAP_WORK: _l("Thứ Bảy hoặc Chủ nhật phải làm"),
    DayKind.LOCAL_OFF: _l("Chỉ ở tỉnh này: bão, lụt, sự kiện"),
}

STAGES = {
    Stage.NOTICE: _l("Thông báo kết quả xử lý"),
    Stage.INITIAL: _l("Xử lý ban đầu"),
    Stage.OPENING: _l("Thụ lý hoặc nêu lý do không thụ lý"),
    Stage.OPENING_NOTICE: _l("Thông báo việc thụ lý"),
    Stage.FORWARD: _l("Chuyển đơn"),
    Stage.REPLY: _l("Trả lời nội dung"),
    Stage.SETTLE: _l("Giải quyết"),
    Stage.SEND_DECISION: _l("Gửi quyết định, kết luận"),
    Stage.PUBLISH_DECISION: _l("Công khai quyết định, kết luận"),
    Stage.CARRY_OUT: _l("Xử lý theo kết luận"),
    Stage.REPORT_ON_DELAY: _l("Báo cáo cấp trên khi quá hạn"),
    Stage.LODGE: _l("Nộp khiếu nại (thời hiệu)"),
    Stage.TRIAGE: _l("Phân loại, chuyển đơn vị"),
    Stage.TAKE: _l("Đơn vị nhận hoặc trả lại"),
    Stage.REROUTE: _l("Chuyển lại việc bị trả"),
    Stage.ANNOUNCE: _l("Thông báo trước buổi đối thoại"),
    Stage.PUBLISH_RESULT: _l("Công bố kết quả đối thoại"),
    Stage.DISCLOSE: _l("Công khai"),
    Stage.POSTED: _l("Niêm yết (ít nhất)"),
    Stage.BROADCAST: _l("Truyền thanh (ít nhất)"),
    Stage.CONSULT: _l("Lấy ý kiến (ít nhất)"),
    Stage.REMINDER_ANSWER: _l("Trả lời văn bản đôn đốc, nhắc việc"),
    Stage.PETITION_ANSWER: _l("Trả lời kiến nghị của Mặt trận Tổ quốc"),
    Stage.ANSWER_AGAIN: _l("Trả lời lại khi câu trả lời chưa đủ"),
    Stage.DECIDE_REOPENING: _l("Quyết định mở lại việc kiểm tra thấy chưa đúng"),
    Stage.REDO: _l("Làm lại việc được mở lại"),
    Stage.DATA_REQUEST: _l("Đáp ứng yêu cầu về thông tin cá nhân"),
    Stage.BREACH_REPORT: _l("Báo cơ quan chuyên trách khi lộ thông tin cá nhân"),
}

START_EVENTS = {
    StartEvent.RECEIVED: _l("nhận ý kiến, đơn"),
    StartEvent.CASE_OPENED: _l("thụ lý"),
    StartEvent.DECISION_KNOWN: _l("nhận hoặc biết quyết định"),
    StartEvent.DECISION_ISSUED: _l("ra quyết định"),
    StartEvent.CONCLUSION_ISSUED: _l("ra kết luận"),
    StartEvent.TERM_ENDED: _l("hết thời hạn giải quyết lần đầu"),
    StartEvent.OVERDUE_NOTICE: _l("có thông báo quá hạn"),
    StartEvent.REPORT_REQUESTED: _l("có yêu cầu báo cáo"),
    StartEvent.OFFERED: _l("giao cho đơn vị"),
    StartEvent.RETURNED: _l("đơn vị trả lại"),
    StartEvent.SESSION_DATE: _l("ngày đối thoại"),
    StartEvent.PUBLISHED: _l("công khai"),
    StartEvent.POSTED: _l("niêm yết"),
    StartEvent.FIRST_BROADCAST: _l("truyền thanh lần đầu"),
    StartEvent.LETTER_ISSUED: _l("văn bản được ghi số"),
    StartEvent.ANSWER_INSUFFICIENT: _l("bên gửi cho là trả lời chưa đủ"),
    StartEvent.FOUND_NOT_RIGHT: _l("kiểm tra thực tế thấy chưa đúng"),
    StartEvent.REOPENED: _l("quyết định mở lại"),
    StartEvent.BREACH_FOUND: _l("phát hiện lộ thông tin"),
}

TERM_UNITS = {TermUnit.WORKING: _l("ngày làm việc"), TermUnit.CALENDAR: _l("ngày, tính cả ngày nghỉ")}


def term(amount: int, unit: str) -> str:
    """Return a term in words; counted back where *amount* is below zero."""
    days = abs(amount)
    words = (
        ngettext("%(num)s ngày làm việc", "%(num)s ngày làm việc", days)
        if unit == TermUnit.WORKING
        else ngettext("%(num)s ngày, tính cả ngày nghỉ", "%(num)s ngày, tính cả ngày nghỉ", days)
    )
    return _("trước %(term)s", term=words) if amount < 0 else words


KINDS = {
    "report": _l("Phản ánh"),
    "recommendation": _l("Kiến nghị"),
    "suggestion": _l("Góp ý"),
    "question": _l("Hỏi đáp"),
    "complaint": _l("Khiếu nại"),
    "denunciation": _l("Tố cáo"),
    "dialogue": _l("Đối thoại"),
    "disclosure": _l("Công khai thông tin"),
    "consultation": _l("Lấy ý kiến"),
    "data_export": _l("Xin bản sao thông tin của mình"),
    "data_erasure": _l("Xin xóa thông tin của mình"),
    "data_breach": _l("Lộ thông tin cá nhân"),
}

TRAITS = {
    Trait.COMPLEX: _l("phức tạp"),
    Trait.VERY_COMPLEX: _l("đặc biệt phức tạp"),
    Trait.REMOTE: _l("vùng sâu, vùng xa"),
    Trait.MANY_PLACES: _l("xác minh nhiều địa điểm"),
}

#: Why a rule is not in use, by what calendar.uses.lacking() names; else UNUSED_OTHERWISE.
UNUSED = {
    "stage": _l("trang chưa theo dõi hạn này"),
    "kind:denunciation": _l("tố cáo không xử lý trên trang này"),
    "kind:dialogue": _l("trang chưa có phần đối thoại"),
    "kind:disclosure": _l("trang chưa có phần công khai thông tin"),
    "kind:consultation": _l("trang chưa có phần lấy ý kiến Nhân dân"),
    "recipient:party_head": _l("trang chưa ghi nhận đơn gửi người đứng đầu cấp ủy"),
    "instance:second": _l("trang chưa ghi nhận khiếu nại lần hai"),
    "matter:legal_text": _l("trang chưa ghi nhận kiến nghị về văn bản quy phạm pháp luật"),
}
UNUSED_OTHERWISE = _l("trang chưa ghi nhận điều mà quy định này hỏi tới")

PAUSE_GROUNDS = {
    PauseGround.WAITING_FOR_SENDER: _l("Chờ người gửi bổ sung"),
    PauseGround.SUSPENDED: _l("Tạm đình chỉ (khiếu nại, tố cáo)"),
}

#: Shown plainly: a rule nobody has checked against its text says so.
EVIDENCE = {
    Evidence.SEEN: _l("Đã đọc văn bản gốc"),
    Evidence.PARTLY: _l("Đọc một phần hoặc qua trích dẫn"),
    Evidence.MEMORY: _l("Ghi theo trí nhớ, chưa đọc"),
}

RULE_FAULTS = {
    "code": _l("Mã chỉ gồm chữ không dấu"),
    "amount": _l("Số ngày phải khác 0; tính ngược thì không tạm dừng, không gia hạn được"),
    "effective_to": _l("Ngày kết thúc ở trước ngày bắt đầu"),
    "variants": _l("Mức riêng cho vụ việc phức tạp không hợp"),
    "extension_steps": _l("Bước gia hạn không hợp với mức của quy định"),
    "pause_grounds": _l("Lý do tạm dừng không hợp"),
}
