"""What the steps of a sealed case are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from feedback.sealed.coming import Next
from feedback.sealed.rules import SealedStep

#: What may be written down as done, and what is written with it.
STEPS: dict[str, tuple[Any, Any]] = {
    SealedStep.BOOKED: (_l("Đã ghi vào sổ tiếp nhận tố cáo"), _l("Ghi số, ngày vào sổ")),
    SealedStep.INSPECTED: (_l("Đưa vào thanh tra, kiểm tra"), _l("Ghi ai kiểm tra, theo kế hoạch hay quyết định nào")),
    SealedStep.PASSED_ON: (_l("Chuyển cơ quan có thẩm quyền"), _l("Ghi cơ quan nhận, số và ngày văn bản")),
    SealedStep.OUTSIDE: (_l("Lưu, không xử lý"), _l("Không có nội dung tố cáo, hoặc không đủ để kiểm tra: ghi vì sao")),
    SealedStep.ADDED: (_l("Người báo tin bổ sung"), _l("Đã đối chiếu hai mã: ghi điều người báo tin nói thêm")),
}

#: Every step, as the register and the auditor's page call it.
KINDS: dict[str, Any] = {kind: label for kind, (label, _hint) in STEPS.items()} | {
    SealedStep.OPENED: _l("Mở đọc"),
    SealedStep.READ_COPY: _l("Mở bản làm việc"),
    SealedStep.BEGAN_COPY: _l("Lập bản làm việc"),
    SealedStep.CONFIRMED_COPY: _l("Xác nhận bản làm việc"),
    SealedStep.CONFIRMED_COPY_ALONE: _l("Một mình lập và xác nhận bản làm việc"),
    SealedStep.WROTE: _l("Viết cho người báo tin"),
    SealedStep.CLASSIFIED: _l("Ghi hồ sơ mật: số, ngày, nơi giữ"),
    SealedStep.CONFIRMED: _l("Xác nhận người bị nói tới"),
    SealedStep.HANDED: _l("Chuyển người đứng đầu quyết định"),
    SealedStep.HANDED_UP: _l("Chuyển tay lên cấp trên"),
    SealedStep.GRANTED: _l("Giao người xem"),
    SealedStep.GRANTED_WHOLE: _l("Giao xem toàn bộ nội dung"),
    SealedStep.GRANT_ENDED: _l("Thôi giao"),
    SealedStep.TAKEN_BACK: _l("Thôi giao vì có đường dẫn đặt mật khẩu mới"),
    SealedStep.DECLARED: _l("Khai không vướng lợi ích riêng"),
    SealedStep.CONFLICT: _l("Khai có vướng lợi ích riêng"),
    SealedStep.ASKED_WHO: _l("Xin biết người báo tin"),
    SealedStep.AGREED: _l("Đồng ý cho biết người báo tin"),
    SealedStep.REFUSED: _l("Không đồng ý cho biết người báo tin"),
    SealedStep.SAW_WHO: _l("Xem người báo tin"),
    SealedStep.SEALED: _l("Niêm phong từ một ý kiến đã gửi"),
    SealedStep.KNEW: _l("Có thể đã đọc khi còn là ý kiến"),
    SealedStep.RECALL: _l("Thu hồi bằng tay bản giấy có chép lại"),
}

#: What comes next, to who has to do it.
MINE: dict[Next, Any] = {
    Next.DECLARE: _l("Khai lợi ích riêng"),
    Next.OPEN: _l("Mở đọc lần đầu"),
    Next.UNREAD: _l("Đọc điều người báo tin viết thêm"),
    Next.CONFIRM: _l("Xác nhận người bị nói tới"),
    Next.HAND: _l("Chuyển người đứng đầu quyết định"),
    Next.DECIDE: _l("Quyết định: kiểm tra, chuyển hay lưu"),
    Next.ANSWER_WHO: _l("Trả lời người xin biết ai báo tin"),
    Next.MAKE_COPY: _l("Lập bản làm việc cho người được giao"),
    Next.CHECK_COPY: _l("Xem lại, xác nhận bản làm việc"),
    Next.READ_COPY: _l("Đọc bản làm việc"),
}

#: The same, to who waits for somebody else.
THEIRS: dict[Next, Any] = {
    Next.DECIDE: _l("Chờ người đứng đầu quyết định"),
    Next.ANSWER_WHO: _l("Chờ người khác trả lời việc xin biết ai báo tin"),
    Next.MAKE_COPY: _l("Chờ bản làm việc"),
    Next.CHECK_COPY: _l("Bản làm việc chưa có người khác xem lại"),
}
