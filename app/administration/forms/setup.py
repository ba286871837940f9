"""Whose install this is, and which fields it starts with."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.administration.forms.choices import among, chosen, named
from app.administration.forms.law import WholeNumberField
from app.text import line, typed

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
        among(self, field)


class OwnTermForm(FlaskForm):
    """Whether a day is promised where the law sets none."""

    own = RadioField(
        _l("Có tự đặt hạn trả lời không?"),
        [chosen],
        choices=[
            SelectChoice(
                "yes",
                _l("Có, tự đặt hạn"),
                {"hint": _l("Phiếu nhận ghi ngày phải trả lời; đó là cam kết, không phải luật")},
            ),
            SelectChoice("no", _l("Không đặt"), {"hint": _l("Phiếu nhận ghi rõ: luật không đặt hạn, nơi này cũng không hứa")}),
        ],
        validate_choice=False,
    )
    amount = WholeNumberField(
        _l("Số ngày làm việc"),
        default=10,
        least=1,
        most=250,
        description=_l("Khi tự đặt hạn: đếm từ ngày nhận, tạm dừng lúc chờ người gửi"),
    )
    source = StringField(
        _l("Văn bản đặt hạn này"),
        [Optional()],
        filters=line(200),
        description=_l("Số, ký hiệu, tên quy chế; chưa có thì để trống"),
    )

    def validate_amount(self, field: WholeNumberField) -> None:
        """Ask for the days where a term is set."""
        if self.own.data == "yes" and field.data is None:
            raise ValidationError(_l("Ghi số ngày"))


class CloseForm(FlaskForm):
    """Why nothing new is taken for a while."""

    reason = TextAreaField(
        _l("Lý do"),
        [DataRequired(_l("Ghi lý do; người vào trang đọc được"))],
        filters=typed(REASON_MAX),
        description=_l("Người vào trang đọc nguyên văn. Ví dụ: Bảo trì máy chủ, mở lại lúc 8 giờ thứ Hai, 5/1/2027."),
    )
