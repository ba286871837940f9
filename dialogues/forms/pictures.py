"""A photograph of a session with what it shows, and where the recording is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Optional, ValidationError

from app.files import UploadsField
from app.text import line
from feedback.forms.base import LINE_MAX, OwnForm

ADDRESS_MAX = 500  # characters


def _one_picture(_form: Any, field: UploadsField) -> None:
    if field.errors or field.process_errors:
        return
    if not field.data:
        raise ValidationError(_l("Chọn ảnh"))
    if not field.data[0].is_picture:
        raise ValidationError(_l("Tệp này không phải ảnh. Chọn ảnh JPG, PNG hoặc WEBP"))


class PhotoForm(OwnForm):
    """One photograph."""

    file = UploadsField(_l("Chọn ảnh"), [_one_picture], most=1)
    shows = StringField(_l("Ảnh chụp gì"), [DataRequired(_l("Ghi ảnh chụp gì, cho người không nhìn thấy ảnh"))], filters=line(LINE_MAX))
    public = BooleanField(_l("Cho hiện trên trang công khai khi đã công bố kết quả"))


class RecordingForm(OwnForm):
    """Where the recording can be watched."""

    link = StringField(_l("Đường dẫn bản ghi hình"), [Optional()], filters=line(ADDRESS_MAX), render_kw={"inputmode": "url"})

    def validate_link(self, field: StringField) -> None:
        """Ask for an address of the web."""
        try:
            parts = urlsplit(field.data or "")
        except ValueError as error:
            raise ValidationError(_l("Đường dẫn chưa đúng. Chép lại từ thanh địa chỉ")) from error
        if field.data and not (parts.scheme in {"http", "https"} and parts.netloc):
            raise ValidationError(_l("Đường dẫn bắt đầu bằng https://"))
