"""What the steps of a sealed case are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from feedback.sealed.rules import SealedStep

#: What was done, and what is written down with it.
STEPS: dict[str, tuple[Any, Any]] = {
    SealedStep.BOOKED: (_l("Đã ghi vào sổ tiếp nhận tố cáo"), _l("Ghi số, ngày vào sổ")),
    SealedStep.PASSED_ON: (_l("Đã chuyển cơ quan có thẩm quyền"), _l("Ghi cơ quan nhận, số và ngày văn bản")),
    SealedStep.INSPECTED: (_l("Đã đưa vào thanh tra, kiểm tra"), _l("Ghi ai kiểm tra, theo kế hoạch hay quyết định nào")),
    SealedStep.OUTSIDE: (_l("Không xử lý được"), _l("Không có nội dung tố cáo, hoặc không đủ để kiểm tra: ghi vì sao")),
    SealedStep.ADDED: (_l("Người báo tin bổ sung"), _l("Đã đối chiếu hai mã: ghi điều người báo tin nói thêm")),
}
