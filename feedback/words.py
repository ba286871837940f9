"""What the names of states, kinds, channels and reasons are called, in words a person uses. Templates and forms speak with these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _l

from app.assignments.rules import Duty, State
from app.calendar.rules import PauseGround, Stage, StartEvent, Trait
from app.units.models import SigningStep
from feedback.rules import (
    DENUNCIATION,
    Channel,
    IdentityScope,
    Kind,
    Outcome,
    PaperState,
    PaperType,
    RefusalReason,
    SenderType,
    Status,
)

if TYPE_CHECKING:
    from app.assignments.models import Assignment
    from feedback.models import Feedback

#: The official word, as it stands in a sentence.
KINDS: dict[str, Any] = {
    Kind.REPORT: _l("phản ánh"),
    Kind.RECOMMENDATION: _l("kiến nghị"),
    Kind.SUGGESTION: _l("góp ý"),
    Kind.QUESTION: _l("hỏi đáp"),
    Kind.COMPLAINT: _l("khiếu nại"),
    DENUNCIATION: _l("tố cáo"),
}

#: The same as a choice: plain words in the mouth of the reader, and what falls under it.
KIND_CHOICES: dict[str, tuple[Any, Any]] = {
    Kind.REPORT: (_l("Báo một việc chưa ổn"), _l("Đường hỏng, rác ứ, nước tràn, thái độ phục vụ…")),
    Kind.RECOMMENDATION: (_l("Đề nghị làm hoặc sửa một việc"), _l("Mở lối đi, đổi quy định, thêm chuyến xe…")),
    Kind.SUGGESTION: (_l("Góp ý cho tốt hơn"), _l("Cho một dự thảo, một cách làm, một cơ quan")),
    Kind.QUESTION: (_l("Hỏi về quy định, thủ tục"), _l("Cần giấy gì, nộp ở đâu, được hưởng gì")),
    Kind.COMPLAINT: (
        _l("Cơ quan, cán bộ quyết định hoặc làm trái luật, gây thiệt hại cho tôi"),
        _l("Luật có thủ tục riêng: cần họ tên, địa chỉ"),
    ),
    DENUNCIATION: (
        _l("Báo người làm trái pháp luật"),
        _l("Luật không nhận qua mạng; bước sau chỉ nơi nộp"),
    ),
}

CHANNELS: dict[str, Any] = {
    Channel.WEB: _l("qua trang này"),
    Channel.API: _l("qua ứng dụng khác"),
    Channel.PHONE: _l("qua điện thoại"),
    Channel.PAPER: _l("bằng đơn giấy"),
    Channel.IN_PERSON: _l("đến trực tiếp"),
    Channel.VOTER_MEETING: _l("kiến nghị cử tri"),
    Channel.TRADE_UNION: _l("qua công đoàn"),
    Channel.FLOOR: _l("tại buổi đối thoại"),
}

#: What is agreed to in the forms, by purpose and channel (app.consents); a form that asks says these words and no others.
CONSENTS: dict[str, Any] = {
    "publish-web-1": _l("Cho đăng nội dung và câu trả lời để bà con cùng biết, sau khi bỏ tên, số điện thoại và số nhà"),
    "publish-clerk-1": _l("Người gửi cho đăng nội dung và câu trả lời, sau khi bỏ tên, số điện thoại và số nhà"),
    "publish-question-1": _l("Cho đăng câu hỏi để bà con cùng biết, sau khi bỏ tên, số điện thoại và số nhà"),
    "publish-asked-1": _l("Người hỏi cho đăng câu hỏi, sau khi bỏ tên, số điện thoại và số nhà"),
    "publish-api-1": _l("Nơi chuyển ý kiến tới cho biết: người gửi đồng ý đăng công khai."),
    "notices-web-1": _l("Ghi e-mail hay số điện thoại là đồng ý nhận tin về ý kiến này ở đó. Thôi nhận lúc nào cũng được."),
    "notices-left-1": _l("Người gửi để lại e-mail hay số điện thoại để nhận tin về ý kiến này."),
}

#: What was done with a sealed case, and what its note says.
SENDER_TYPES: dict[str, Any] = {
    SenderType.PERSON: _l("cá nhân"),
    SenderType.ON_BEHALF: _l("gửi hộ người khác"),
    SenderType.ENTERPRISE: _l("doanh nghiệp, tổ chức"),
    SenderType.INSIDER: _l("người trong cơ quan, doanh nghiệp"),
    SenderType.GROUP: _l("nhiều người cùng ký"),
    SenderType.ANONYMOUS: _l("không ghi tên"),
}

IDENTITY_SCOPES: dict[str, Any] = {
    IdentityScope.UNIT: _l("chỉ đơn vị giải quyết biết tên"),
    IdentityScope.RECEPTION: _l("giữ bí mật tên cả với đơn vị giải quyết"),
}

HAPPENED: dict[str, Any] = {"ongoing": _l("Đang xảy ra"), "date": _l("Nhớ ngày"), "unknown": _l("Không nhớ rõ")}


@dataclass(frozen=True)
class StatusWord:
    """How a status is shown: its word, the icon and tone of its tag (components/tag.html)."""

    text: Any
    icon: str
    tone: str = ""


STATUSES: dict[str, StatusWord] = {
    Status.RECEIVED: StatusWord(_l("Đã nhận, chờ giao việc"), "inbox", "go"),
    Status.IN_HAND: StatusWord(_l("Đang giải quyết"), "person", "go"),
    Status.ANSWERED: StatusWord(_l("Đã trả lời"), "chat"),
    Status.CLOSED: StatusWord(_l("Đã khép lại"), "check"),
    Status.GUIDED: StatusWord(_l("Đã hướng dẫn nơi giải quyết"), "info"),
    Status.REFUSED: StatusWord(_l("Không thụ lý, có lý do"), "back", "wait"),
    Status.FORWARDED: StatusWord(_l("Đã chuyển nơi có thẩm quyền"), "send"),
    Status.FILED: StatusWord(_l("Đã lưu"), "doc"),
    Status.SPLIT: StatusWord(_l("Đã tách thành nhiều phần"), "split"),
    Status.MERGED: StatusWord(_l("Đã gộp với ý kiến cùng việc"), "merge"),
    Status.WITHDRAWN: StatusWord(_l("Người gửi đã rút"), "back"),
}
#: What "in hand" hides: nobody took it yet, or the sender has the word.
NOT_TAKEN = StatusWord(_l("Đã chuyển, chờ đơn vị nhận"), "inbox", "wait")
SENDER_ASKED = StatusWord(_l("Chờ người gửi trả lời"), "pause", "wait")


def status_of(item: Feedback) -> StatusWord:
    """Return how *item* stands, the same for whoever looks at it."""
    if item.status == Status.IN_HAND:
        if item.open_question is not None:
            return SENDER_ASKED
        if item.open_answer is not None and item.open_answer.state == State.OFFERED:
            return NOT_TAKEN
    return STATUSES[item.status]


def status_word(status: str, waits: str | None) -> StatusWord:
    """Return the same of an item of which only the columns were read: *waits* is what feedback.public.WAITS says of it."""
    return {"sender": SENDER_ASKED, "unit": NOT_TAKEN}.get(waits or "", STATUSES[status])


PAPER_TYPES: dict[str, Any] = {
    PaperType.REPLY: _l("văn bản trả lời"),
    PaperType.GUIDE: _l("phiếu hướng dẫn"),
    PaperType.FORWARD: _l("phiếu chuyển đơn"),
    PaperType.REFUSE: _l("thông báo không thụ lý"),
    PaperType.FILE: _l("đề nghị lưu đơn"),
    PaperType.OPEN_CASE: _l("thông báo thụ lý"),
}

PAPER_STATES: dict[str, StatusWord] = {
    PaperState.DRAFT: StatusWord(_l("Đang soạn"), "pen"),
    PaperState.SUBMITTED: StatusWord(_l("Đang trình"), "send", "go"),
    PaperState.APPROVED: StatusWord(_l("Đã ký, chờ ghi số"), "check", "go"),
    PaperState.PUBLISHED: StatusWord(_l("Đã phát hành"), "done", "ok"),
    PaperState.DISCARDED: StatusWord(_l("Đã bỏ"), "back"),
}

OUTCOMES: dict[str, Any] = {
    Outcome.DONE: _l("Đã làm xong"),
    Outcome.PROMISED: _l("Hứa làm, có ngày"),
    Outcome.EXPLAINED: _l("Đã giải thích"),
    Outcome.CANNOT: _l("Không làm được, có lý do"),
}

#: What an answer is worth to its sender, best first.
RATINGS: dict[int, Any] = {
    5: _l("Rất hài lòng"),
    4: _l("Hài lòng"),
    3: _l("Tạm được"),
    2: _l("Không hài lòng"),
    1: _l("Rất không hài lòng"),
}

#: Why somebody opens a file as it came; the audit keeps the name of the reason.
ORIGINAL_REASONS: dict[str, Any] = {
    "authenticity": _l("Kiểm tra ảnh, phim có bị sửa không"),
    "when_where": _l("Cần biết chụp lúc nào, ở đâu để xác minh"),
    "authority": _l("Cơ quan có thẩm quyền yêu cầu làm chứng cứ"),
    "unreadable": _l("Bản trên trang không đọc được"),
}

REFUSAL_REASONS: dict[str, Any] = {
    RefusalReason.NOT_PERSONAL: _l("quyết định, việc làm ấy không liên quan trực tiếp quyền, lợi ích của người khiếu nại"),
    RefusalReason.NO_CAPACITY: _l("người khiếu nại không có năng lực hành vi dân sự đầy đủ mà không có người đại diện hợp pháp"),
    RefusalReason.NO_MANDATE: _l("người đại diện không hợp pháp"),
    RefusalReason.NO_SIGNATURE: _l("đơn không có chữ ký hoặc điểm chỉ"),
    RefusalReason.TIME_BARRED: _l("đã hết thời hiệu khiếu nại mà không có lý do chính đáng"),
    RefusalReason.SECOND_DECISION: _l("đã có quyết định giải quyết lần hai"),
    RefusalReason.IN_COURT: _l("Tòa án đã thụ lý hoặc đã giải quyết"),
    RefusalReason.INTERNAL: _l("quyết định, việc làm trong nội bộ cơ quan"),
    RefusalReason.ANSWERED_BEFORE: _l("đã được trả lời, không có tình tiết mới"),
    RefusalReason.NOT_CLEAR: _l("không rõ nội dung, đã hỏi mà không có bổ sung"),
    RefusalReason.UNLAWFUL_CONTENT: _l("nội dung trái pháp luật"),
}

STAGES: dict[str, Any] = {
    Stage.NOTICE: _l("Báo cách xử lý"),
    Stage.OPENING: _l("Thụ lý"),
    Stage.REPLY: _l("Trả lời"),
    Stage.SETTLE: _l("Giải quyết khiếu nại"),
    Stage.TRIAGE: _l("Phân loại ở bộ phận tiếp nhận"),
    Stage.TAKE: _l("Đơn vị nhận hoặc trả lại"),
    Stage.REROUTE: _l("Giao lại nơi khác"),
}

#: As in "sau ngày nhận (21/12/2026)".
START_EVENTS: dict[str, Any] = {
    StartEvent.RECEIVED: _l("nhận"),
    StartEvent.CASE_OPENED: _l("thụ lý"),
    StartEvent.OFFERED: _l("giao"),
    StartEvent.RETURNED: _l("trả lại"),
    StartEvent.PUBLISHED: _l("công bố"),
    StartEvent.SESSION_DATE: _l("buổi đối thoại"),
    "reopened": _l("mở lại"),
}

PAUSE_GROUNDS: dict[str, Any] = {
    PauseGround.WAITING_FOR_SENDER: _l("chờ người gửi trả lời"),
    PauseGround.SUSPENDED: _l("tạm đình chỉ"),
}

EXTENSION_GROUNDS: dict[str, Any] = {
    Trait.COMPLEX: _l("vụ việc phức tạp"),
    Trait.VERY_COMPLEX: _l("vụ việc đặc biệt phức tạp"),
    Trait.REMOTE: _l("vùng sâu, vùng xa đi lại khó khăn"),
    Trait.MANY_PLACES: _l("phải xác minh ở nhiều nơi"),
}

#: Of a duty; whether it is late is said by its due chip.
ASSIGNMENT_STATES: dict[str, StatusWord] = {
    State.OFFERED: StatusWord(_l("Chờ nhận"), "inbox", "wait"),
    State.TAKEN: StatusWord(_l("Đang làm"), "person", "go"),
    State.DONE: StatusWord(_l("Báo đã xong"), "done", "ok"),
    State.VERIFIED: StatusWord(_l("Đã kiểm tra thực tế"), "done", "ok"),
    State.RETURNED: StatusWord(_l("Đã trả lại"), "back"),
    State.CANCELLED: StatusWord(_l("Không còn phải làm"), "back"),
}
ANSWERED = StatusWord(_l("Đã trả lời"), "done", "ok")


def assignment_state(duty: Assignment) -> StatusWord:
    """Return where *duty* stands. A duty to answer is over with the answer; what was promised is done as its unit says."""
    if duty.duty == Duty.ANSWER and duty.state == State.DONE:
        return ANSWERED
    return ASSIGNMENT_STATES[duty.state]


#: The hands a paper goes through.
PAPER_STEPS: dict[str, Any] = {
    "submitted": _l("Người soạn"),
    SigningStep.DIVISION_HEAD: _l("Lãnh đạo phòng"),
    SigningStep.OFFICE: _l("Văn phòng"),
    SigningStep.SIGNER: _l("Người ký"),
    SigningStep.RECORDS: _l("Văn thư"),
}

#: What a hand did with a paper.
PAPER_DECISIONS: dict[str, Any] = {
    "submitted": _l("trình"),
    "agreed": _l("đồng ý"),
    "agreed_for": _l("đồng ý, làm thay bước này"),
    "signed": _l("ký"),
    "numbered": _l("ghi số, ngày"),
    "sent_back": _l("gửi lại người soạn"),
}
