"""Whose install this is, and which fields it starts with."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from app.administration.forms.choices import chosen


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
        default="province",
    )
    province = SelectField(_l("Tỉnh, thành phố"), [chosen], validate_choice=False, render_kw={"data-combobox": ""})


class CommuneForm(FlaskForm):
    """Which commune."""

    commune = SelectField(_l("Xã, phường, đặc khu"), [chosen], validate_choice=False, render_kw={"data-combobox": ""})


class FieldsForm(FlaskForm):
    """Which of the standard fields to start with."""

    codes = SelectMultipleField(_l("Lĩnh vực"), validate_choice=False)

    def validate_codes(self, field: Field) -> None:
        """Refuse an empty choice and what was not offered."""
        if not field.data:
            raise ValidationError(_l("Chọn ít nhất một lĩnh vực; sửa, thêm sau được"))
        if not set(field.data) <= {choice.value for choice in field.choices}:
            raise ValidationError(_l("Chọn trong danh sách"))
