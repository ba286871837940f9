"""Whose install this is, and which fields it starts with."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, ValidationError

from app.administration.forms.choices import chosen, named
from app.text import typed

REASON_MAX = 500  # characters


def code(value: str | None) -> str | None:
    """Return the code that was chosen, None for nothing."""
    return value or None


class PlaceForm(FlaskForm):
    """A province, or one commune of one."""

    level = RadioField(
        _l("Trang này của"),
        [chosen],
        choices=[
            SelectChoice("province", _l("Một tỉnh, thành phố"), {"hint": _l("Mọi sở, ban, ngành và mọi xã, phường dùng chung")}),
            SelectChoice("commune", _l("Một xã, phường, đặc khu"), {"hint": _l("Chỉ các phòng, ban của xã, phường ấy")}),
        ],
        validate_choice=False,
    )
    province = SelectField(_l("Tỉnh, thành phố"), [named], coerce=code, validate_choice=False, render_kw={"data-combobox": ""})


class CommuneForm(FlaskForm):
    """Which commune."""

    commune = SelectField(_l("Xã, phường, đặc khu"), [named], coerce=code, validate_choice=False, render_kw={"data-combobox": ""})


class FieldsForm(FlaskForm):
    """Which of the standard fields to start with."""

    codes = SelectMultipleField(_l("Lĩnh vực"), validate_choice=False)

    def validate_codes(self, field: Field) -> None:
        """Refuse an empty choice and what was not offered."""
        if not field.data:
            raise ValidationError(_l("Chọn ít nhất một lĩnh vực; sửa, thêm sau được"))
        if not set(field.data) <= {choice.value for choice in field.choices}:
            raise ValidationError(_l("Chọn trong danh sách"))


class CloseForm(FlaskForm):
    """Why nothing new is taken for a while."""

    reason = TextAreaField(
        _l("Lý do"),
        [DataRequired(_l("Ghi lý do; người vào trang đọc được"))],
        filters=typed(REASON_MAX),
        description=_l("Người vào trang đọc nguyên văn. Ví dụ: Bảo trì máy chủ, mở lại lúc 8 giờ thứ Hai, 5/1/2027."),
    )
