"""The words for what rules.py names: one place, so that a page, a paper and a notice say the same."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from dialogues.duties import DutyKind, Per, State
from dialogues.rules import (
    AnswerKind,
    ChairPart,
    CorrectionState,
    DossierEntry,
    Form,
    GuestAnswer,
    GuestKind,
    Need,
    Origin,
    PaperFormat,
    PaperState,
    PaperType,
    Part,
    PlanState,
    PublicForm,
    QuestionState,
    ReceptionState,
    RegistrationState,
    Signer,
    StaffDuty,
    Status,
    Trigger,
    VisitState,
)

STATUSES: dict[str, Any] = {
    Status.DRAFT: _l("Đang soạn"),
    Status.PLANNED: _l("Đã có trong kế hoạch"),
    Status.ANNOUNCED: _l("Đã thông báo"),
    Status.READY: _l("Đã chuẩn bị xong"),
    Status.IN_SESSION: _l("Đang diễn ra"),
    Status.HELD: _l("Đã họp xong"),
    Status.CONCLUDED: _l("Đã có kết luận"),
    Status.PUBLISHED: _l("Đã công bố kết quả"),
    Status.ARCHIVED: _l("Đã lưu hồ sơ"),
    Status.POSTPONED: _l("Đã hoãn"),
    Status.CANCELLED: _l("Đã hủy"),
}

#: The steps, as what is done; and what a step brings that one should know before.
STEPS: dict[str, Any] = {
    Status.PLANNED: _l("Đưa vào kế hoạch"),
    Status.ANNOUNCED: _l("Thông báo buổi đối thoại"),
    Status.READY: _l("Ghi chuẩn bị xong"),
    Status.IN_SESSION: _l("Bắt đầu họp"),
    Status.HELD: _l("Kết thúc họp"),
    Status.CONCLUDED: _l("Ra kết luận"),
    Status.PUBLISHED: _l("Công bố kết quả"),
    Status.ARCHIVED: _l("Lưu hồ sơ"),
}
BRINGS: dict[str, Any] = {
    Status.ANNOUNCED: _l("Từ lúc này mọi người xem được buổi đối thoại, đăng ký dự và gửi câu hỏi. Ngày, giờ không sửa được nữa."),
    Status.READY: _l("Báo cáo cam kết kỳ trước chốt tại lúc này."),
    Status.IN_SESSION: _l("Từ lúc này không sửa được phần chuẩn bị nữa."),
    Status.HELD: _l("Giờ kết thúc trong biên bản là lúc này. Mục ghi sau đó ở bàn thư ký phải chờ nhận."),
}

FORMS: dict[str, Any] = {
    Form.IN_PERSON: _l("Trực tiếp"),
    Form.ONLINE: _l("Trực tuyến"),
    Form.MIXED: _l("Trực tiếp kết hợp trực tuyến, có điểm cầu"),
}

TRIGGERS: dict[str, Any] = {
    Trigger.VOTERS: _l("Từ 10 % cử tri trở lên đề nghị"),
    Trigger.HOT_TOPIC: _l("Có việc nổi lên cần đối thoại ngay"),
    Trigger.SUPERIOR: _l("Cấp trên yêu cầu"),
}

PARTS: dict[str, Any] = {
    Part.INTRODUCTION: _l("Giới thiệu đại biểu, chương trình, nội quy"),
    Part.REPORT: _l("Báo cáo vấn đề dư luận quan tâm và việc đã cam kết kỳ trước"),
    Part.FLOOR: _l("Nhân dân phát biểu"),
    Part.ANSWERS: _l("Chủ trì trả lời hoặc giao đơn vị trả lời"),
    Part.FLOOR_AGAIN: _l("Tiếp tục trao đổi"),
    Part.CONCLUSION: _l("Kết luận"),
}

CHAIR_PARTS: dict[str, Any] = {ChairPart.CHAIR: _l("Chủ trì"), ChairPart.CO_ORGANISER: _l("Phối hợp tổ chức")}
STAFF_DUTIES: dict[str, Any] = {StaffDuty.SECRETARY: _l("Thư ký"), StaffDuty.DOOR: _l("Đón tiếp"), StaffDuty.TECHNICIAN: _l("Kỹ thuật")}
GUEST_KINDS: dict[str, Any] = {
    GuestKind.PERSON: _l("Cá nhân"),
    GuestKind.UNIT: _l("Cơ quan, đơn vị"),
    GuestKind.GROUP: _l("Nhóm người dân"),
}
GUEST_ANSWERS: dict[str, Any] = {
    GuestAnswer.COMING: _l("Sẽ đến"),
    GuestAnswer.DEPUTY: _l("Cử người đi thay"),
    GuestAnswer.NOT_COMING: _l("Không đến được"),
}
REGISTRATION_STATES: dict[str, Any] = {
    RegistrationState.SEATED: _l("Có chỗ"),
    RegistrationState.WAITING: _l("Chờ chỗ"),
    RegistrationState.CANCELLED: _l("Đã hủy"),
}
NEEDS: dict[str, Any] = {
    Need.WHEELCHAIR: _l("Lối đi, chỗ ngồi cho xe lăn"),
    Need.SIGN_LANGUAGE: _l("Người phiên dịch ngôn ngữ ký hiệu"),
    Need.INTERPRETER: _l("Người phiên dịch tiếng dân tộc"),
}
ORIGINS: dict[str, Any] = {
    Origin.WEB: _l("Gửi qua trang này"),
    Origin.CLERK: _l("Cán bộ ghi hộ"),
    Origin.PROXY: _l("Hỏi hộ người khác"),
    Origin.FEEDBACK: _l("Từ ý kiến đã gửi trước"),
    Origin.FLOOR: _l("Hỏi tại hội trường"),
    Origin.SEAT: _l("Gửi từ chỗ ngồi"),
}
QUESTION_STATES: dict[str, Any] = {
    QuestionState.WAITING: _l("Chờ xem"),
    QuestionState.ACCEPTED: _l("Đã nhận"),
    QuestionState.LIKE_ANOTHER: _l("Trả lời chung với câu hỏi khác"),
    QuestionState.TURNED: _l("Chuyển sang khiếu nại hoặc tố cáo"),
    QuestionState.REFUSED: _l("Không đưa vào buổi đối thoại"),
    QuestionState.WITHDRAWN: _l("Người hỏi đã rút"),
}
ANSWER_KINDS: dict[str, Any] = {
    AnswerKind.BY_CHAIR: _l("Chủ trì trả lời tại chỗ"),
    AnswerKind.BY_DELEGATE: _l("Đại biểu khác trả lời tại chỗ"),
    AnswerKind.IN_WRITING: _l("Trả lời bằng văn bản sau"),
    AnswerKind.FORWARDED: _l("Vượt thẩm quyền, kiến nghị cấp trên"),
}
CORRECTION_STATES: dict[str, Any] = {
    CorrectionState.OPEN: _l("Chờ xem"),
    CorrectionState.ACCEPTED: _l("Nhận, sửa biên bản"),
    CorrectionState.DECLINED: _l("Không nhận"),
}
SIGNERS: dict[str, Any] = {Signer.CHAIR: _l("Chủ trì"), Signer.SECRETARY: _l("Thư ký")}
PUBLIC_FORMS: dict[str, Any] = {
    PublicForm.SITE: _l("Đăng trên trang của buổi đối thoại"),
    PublicForm.POSTED: _l("Niêm yết tại trụ sở"),
    PublicForm.BROADCAST: _l("Đọc trên loa truyền thanh"),
    PublicForm.LETTER: _l("Gửi văn bản cho người hỏi"),
    PublicForm.NEXT_SESSION: _l("Báo cáo tại buổi đối thoại sau"),
}
PAPER_TYPES: dict[str, Any] = {
    PaperType.YEAR_PLAN: _l("Kế hoạch đối thoại năm"),
    PaperType.NOTICE: lazy_pgettext("văn bản", "Thông báo"),
    PaperType.OFFICIAL_LETTER: _l("Công văn"),
    PaperType.INVITATION: _l("Giấy mời"),
    PaperType.PROGRAMME: _l("Nội quy, chương trình"),
    PaperType.CONCERNS: _l("Báo cáo vấn đề dư luận quan tâm"),
    PaperType.EARLIER_PROMISES: _l("Báo cáo kết quả giải quyết kiến nghị kỳ trước"),
    PaperType.CONCLUSION: _l("Thông báo kết luận"),
    PaperType.MINUTES: _l("Biên bản"),
    PaperType.REPLY: _l("Văn bản trả lời"),
    PaperType.YEAR_REPORT: _l("Báo cáo năm, phần đối thoại"),
}
PLAN_STATES: dict[str, Any] = {
    PlanState.DRAFT: _l("Đang soạn"),
    PlanState.APPROVED: _l("Đã phê duyệt"),
    PlanState.REPLACED: _l("Đã thay bằng bản mới"),
}
RECEPTION_STATES: dict[str, Any] = {
    ReceptionState.PLANNED: _l("Theo lịch"),
    ReceptionState.HELD: _l("Đã tiếp"),
    ReceptionState.MOVED: _l("Đã đổi ngày"),
    ReceptionState.CANCELLED: _l("Đã hủy"),
}
VISIT_STATES: dict[str, Any] = {
    VisitState.BOOKED: _l("Đã hẹn"),
    VisitState.CAME: _l("Đã đến"),
    VisitState.STAYED_AWAY: _l("Không đến"),
    VisitState.CANCELLED: _l("Đã hủy hẹn"),
}
PAPER_FORMATS: dict[str, Any] = {PaperFormat.STATE: _l("thể thức nhà nước"), PaperFormat.PARTY: _l("thể thức Đảng")}
DUTY_KINDS: dict[str, Any] = {DutyKind.SESSION: _l("Đối thoại"), DutyKind.RECEPTION: _l("Tiếp công dân định kỳ")}
DUTY_PERIODS: dict[str, Any] = {Per.YEAR: _l("một năm"), Per.MONTH: _l("một tháng")}
DUTY_STATES: dict[str, Any] = {
    State.LATE: _l("Chậm"),
    State.OPEN: _l("Chưa tổ chức đủ"),
    State.COMING: _l("Đã có lịch"),
    State.MET: _l("Đã đủ"),
}
PAPER_STATES: dict[str, Any] = {
    PaperState.DRAFT: _l("Đang soạn"),
    PaperState.SENT: _l("Trình ký, chờ ghi số"),
    PaperState.NUMBERED: _l("Đã ghi số"),
}
STAGES: dict[str, Any] = {"before": _l("Trước buổi đối thoại"), "during": _l("Tại buổi đối thoại"), "after": _l("Sau buổi đối thoại")}
_DOSSIER: dict[str, Any] = {
    "opening_speech": _l("Bài phát biểu khai mạc"),
    "closing_speech": _l("Bài phát biểu bế mạc"),
    "other": _l("Các tài liệu khác"),
}

#: What a step lacks, as the sentence that says what to do.
LACKS: dict[str, Any] = {
    "no_plan_no_trigger": _l("Chưa có dòng nào trong kế hoạch năm đã phê duyệt. Chọn một dòng, hoặc ghi lý do họp đột xuất."),
    "not_described": _l("Chưa ghi người chủ trì, hoặc chưa ghi đối tượng dự."),
    "no_day": _l("Chưa có ngày, giờ."),
    "day_past": _l("Ngày họp đã qua. Ghi ngày khác rồi thông báo."),
    "no_programme": _l("Nội quy, chương trình chưa ký và ghi số."),
    "no_house_rules": _l("Chưa có nội quy trong văn bản chương trình đã ký."),
    "no_invitation": _l("Giấy mời chưa ký và ghi số."),
    "no_staff": _l("Chưa phân công thư ký."),
    "announced_late": _l("Đã quá ngày phải thông báo. Vẫn thông báo thì lãnh đạo ghi lý do."),
    "no_report_of_concerns": _l("Báo cáo vấn đề dư luận quan tâm chưa xong."),
    "promises_without_word": _l("Còn việc đã cam kết kỳ trước chưa ghi đã làm hay vì sao chưa làm."),
    "not_the_day": _l("Hôm nay không phải ngày họp. Vẫn bắt đầu thì lãnh đạo ghi lý do."),
    "no_chair": _l("Chưa ghi người chủ trì có mặt."),
    "no_secretary": _l("Chưa ghi thư ký có mặt."),
    "questions_without_answer": _l("Còn câu hỏi đã nêu mà chưa ghi ai trả lời hoặc trả lời thế nào."),
    "late_undecided": _l("Còn mục ghi đến muộn chưa xem. Nhận hoặc không nhận từng mục."),
    "deferred_without_promise": _l("Còn câu hỏi để lại mà chưa có đơn vị, ngày và cách trả lời công khai."),
    "minutes_not_signed": _l("Biên bản chưa đủ chữ ký của chủ trì và thư ký."),
    "conclusion_without_number": _l("Thông báo kết luận chưa ký và ghi số."),
    "conclusion_older": _l("Kết luận đã sửa sau khi trình ký thông báo kết luận. Soạn lại thông báo, ký và ghi số."),
    "names_not_reviewed": _l("Chưa đọc lại để che thông tin cá nhân trước khi công bố."),
    "dossier_rows_empty": _l("Hồ sơ còn dòng trống. Thêm tài liệu, hoặc ghi “không có” kèm lý do."),
}


#: What is agreed to by a form about coming (app.consents): the form says these words and no others.
CONSENTS: dict[str, Any] = {
    "notices-seat-1": _l("Ghi số điện thoại hay e-mail là đồng ý nhận tin về buổi này ở đó. Hủy đăng ký thì xóa ngay."),
    "notices-seat-left-1": _l("Người đăng ký để lại số điện thoại hay e-mail để nhận tin về buổi này."),
    "notices-reception-1": _l("Ghi số điện thoại hay e-mail là đồng ý nhận tin về lượt hẹn này ở đó. Hủy hẹn thì xóa ngay."),
    "notices-guest-1": _l("Trả lời có người đến là đồng ý nhận tin về buổi này ở nơi đã nhận lời mời. Không đến thì thôi gửi."),
    "notices-follow-1": _l("Báo qua e-mail khi hoãn, hủy, đổi ngày; khi có kết quả; khi một việc đã hứa làm xong hoặc quá hạn."),
}


def dossier_row(entry: DossierEntry) -> Any:
    """Return the name of a row of the dossier."""
    return PAPER_TYPES[entry.paper] if entry.paper else _DOSSIER[entry.code]


def needs_said(stored: str) -> str:
    """Return what somebody needs who comes, from how a registration keeps it."""
    return "; ".join(str(NEEDS.get(part, part)) for part in stored.split(", "))
