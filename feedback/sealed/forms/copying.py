"""What somebody types who makes the working copy of a sealed case."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms.validators import DataRequired

from app.text import typed
from feedback.forms.base import OwnForm

COPY_MAX = 20_000  # characters


class CopyForm(OwnForm):
    """The text of the copy."""

    text = TextAreaField(_l("Nội dung giao đi kiểm tra"), [DataRequired(_l("Ghi nội dung cần kiểm tra"))], filters=typed(COPY_MAX))


class ConfirmCopyForm(OwnForm):
    """The second look."""

    seen = HiddenField()
    sure = BooleanField(
        _l("Tôi đã đọc lại từng chữ, xem lại từng trang: không còn tên, địa chỉ, số điện thoại, chữ viết tay của người báo tin"),
        [DataRequired(_l("Đánh dấu sau khi đã xem lại"))],
    )
