"""What a reader of the sealed register writes to who sent a case."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from app.text import typed
from feedback.forms.base import OwnForm
from feedback.forms.staff import TEXT_MAX


class WriteForm(OwnForm):
    """One message."""

    text = TextAreaField(
        _l("Viết cho người báo tin"),
        [DataRequired(_l("Viết vài chữ rồi mới gửi"))],
        filters=typed(TEXT_MAX),
        description=_l("Không nhắn đi đâu: người báo tin đọc khi mở lại bằng hai mã. Đừng hỏi điều làm lộ họ là ai nếu chưa cần."),
    )
