"""What supervision is called on pages and papers."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from oversight.rules.supervision import Base, FindingKind, Form, Part, Result, State, Trigger

FORMS: dict[str, Any] = {
    Form.TEAM: _l("Giám sát bằng đoàn"),
    Form.REPORT: _l("Nghe báo cáo"),
    Form.SELF_CHECK: _l("Đơn vị tự kiểm tra"),
}
TRIGGERS: dict[str, Any] = {
    Trigger.PETITIONS: _l("Nơi có nhiều đơn thư, kiến nghị"),
    Trigger.SUPERIOR: _l("Cấp trên yêu cầu"),
    Trigger.SIGNS: _l("Có dấu hiệu vi phạm"),
}
BASES: dict[str, Any] = {
    Base.COMMUNE: _l("Xã, phường, đặc khu"),
    Base.AGENCY: _l("Cơ quan hành chính"),
    Base.SERVICE: _l("Đơn vị sự nghiệp công lập"),
    Base.ENTERPRISE: _l("Doanh nghiệp nhà nước"),
}
PARTS: dict[str, Any] = {
    Part.LEADER: _l("Trưởng đoàn"),
    Part.SECRETARY: _l("Thư ký"),
    Part.MEMBER: _l("Thành viên"),
}
RESULTS: dict[str, Any] = {
    Result.MET: _l("Đạt"),
    Result.NOT_MET: _l("Chưa đạt"),
    Result.NOT_APPLICABLE: _l("Không áp dụng"),
}
FINDINGS: dict[str, Any] = {
    FindingKind.RIGHT: _l("Việc làm đúng"),
    FindingKind.FAULT: _l("Việc làm sai, còn thiếu"),
}
STATES: dict[str, Any] = {
    State.DRAFT: _l("Đang chuẩn bị"),
    State.ANNOUNCED: _l("Đã thông báo"),
    State.UNDER_WAY: _l("Đang giám sát"),
    State.FINDINGS: _l("Lấy ý kiến đơn vị"),
    State.CONCLUDED: _l("Đã kết luận"),
    State.CLOSED: _l("Đã kết thúc"),
    State.CANCELLED: _l("Đã hủy"),
}
#: What a step still needs, as what to do.
LACKS: dict[str, Any] = {
    "no_basis": _l("Cuộc này không có trong kế hoạch đang áp dụng: ghi lý do giám sát đột xuất"),
    "no_units": _l("Chọn đơn vị được giám sát"),
    "no_leader": _l("Ghi trưởng đoàn"),
    "no_questions": _l("Ghi các câu hỏi kiểm tra"),
    "no_days": _l("Ghi ngày bắt đầu và ngày kết thúc"),
    "nothing_to_prepare": _l("Ghi đơn vị phải chuẩn bị gì"),
    "report_day_past": _l("Ghi hạn gửi báo cáo, sau hôm nay"),
    "before_its_day": _l("Chưa đến ngày bắt đầu"),
    "unchecked": _l("Còn câu hỏi chưa ghi kết quả"),
    "no_findings": _l("Ghi ít nhất một nhận định, đúng hoặc sai"),
    "comments_day_past": _l("Ghi hạn góp ý, sau hôm nay"),
    "not_heard": _l("Chờ các đơn vị góp ý, hoặc hết hạn góp ý"),
    "open_findings": _l("Còn kiến nghị chưa được xác nhận đã thực hiện"),
}
#: Steps from one page to the next, as they are called on a button.
STEPS: dict[str, Any] = {
    State.ANNOUNCED: _l("Soạn thông báo"),
    State.UNDER_WAY: _l("Bắt đầu giám sát"),
    State.FINDINGS: _l("Gửi đơn vị góp ý"),
    State.CONCLUDED: _l("Soạn kết luận giám sát"),
    State.CLOSED: _l("Kết thúc theo dõi"),
}
