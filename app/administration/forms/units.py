"""Units, their signing chain, their end, and the import."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, EmailField, FormField, HiddenField, RadioField, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional, Regexp

from app.administration.forms.choices import chosen, number, offered
from app.administration.forms.contact import check_email
from app.fields import DatePartsField, Rows
from app.text import line
from app.units.words import LEVELS, SIGNING_STEPS, UNIT_KINDS

NEEDED = _l("Ghi mục này")


class UnitForm(FlaskForm):
    """A unit."""

    name = StringField(_l("Tên đầy đủ"), [DataRequired(_l("Ghi tên đơn vị"))], filters=line(200), description=_l("Như trên con dấu"))
    short_name = StringField(
        _l("Tên ngắn"), [Optional()], filters=line(100), description=_l("Hiện trong danh sách hẹp; để trống thì dùng tên đầy đủ")
    )
    code = StringField(
        _l("Mã"),
        [Optional(), Regexp(r"^[a-z0-9][a-z0-9._-]*$", message=_l("Mã chỉ gồm chữ thường không dấu, số, dấu chấm, gạch nối"))],
        filters=line(60),
        description=_l("Để trống thì tự đặt theo tên"),
    )
    kind = SelectField(_l("Loại"), [chosen], choices=offered(UNIT_KINDS), validate_choice=False)
    level = RadioField(_l("Cấp"), [chosen], choices=offered(LEVELS), validate_choice=False, default="province")
    parent_id = SelectField(_l("Đơn vị cấp trên"), [chosen], coerce=number, validate_choice=False, render_kw={"data-combobox": ""})
    place_id = SelectField(
        _l("Địa bàn"),
        [chosen],
        coerce=number,
        validate_choice=False,
        render_kw={"data-combobox": ""},
        description=_l("Xã, phường mà đơn vị phụ trách"),
    )
    is_reception = BooleanField(_l("Có bộ phận tiếp nhận, phân loại ý kiến"))
    handles_feedback = BooleanField(_l("Được giao trả lời ý kiến"), default=True)
    email = EmailField(_l("E-mail"), [Optional(), check_email], filters=line(200))
    phone = StringField(_l("Điện thoại"), [Optional()], filters=line(40))
    address = StringField(_l("Địa chỉ"), [Optional()], filters=line(300))
    tax_code = StringField(_l("Mã số thuế"), [Optional()], filters=line(20), description=_l("Với doanh nghiệp"))
    valid_from = DatePartsField(_l("Có từ ngày"), [InputRequired(_l("Ghi ngày đơn vị bắt đầu hoạt động"))])


class ChainForm(FlaskForm):
    """The hands a paper goes through, in order."""

    first = SelectField(_l("Bước 1"), [chosen], validate_choice=False)
    second = SelectField(_l("Bước 2"), [chosen], validate_choice=False)
    third = SelectField(_l("Bước 3"), [chosen], validate_choice=False)
    fourth = SelectField(_l("Bước 4"), [chosen], validate_choice=False)

    @property
    def steps(self) -> list[SelectField]:
        """The four steps as fields."""
        return [self.first, self.second, self.third, self.fourth]

    def offer(self) -> None:
        """Fill in the choices."""
        for field in self.steps:
            field.choices = [SelectChoice("", _l("Không có bước này")), *offered(SIGNING_STEPS)]


class HeirForm(PlainForm):
    """Who takes over which part."""

    unit_id = SelectField(_l("Đơn vị tiếp nhận"), [chosen], coerce=number, validate_choice=False, render_kw={"data-combobox": ""})
    place_id = SelectField(_l("Chỉ địa bàn"), [chosen], coerce=number, validate_choice=False, render_kw={"data-combobox": ""})
    field_id = SelectField(_l("Chỉ lĩnh vực"), [chosen], coerce=number, validate_choice=False)


class CloseForm(FlaskForm):
    """The last day of a unit, who takes over all of it, and who takes parts of it."""

    last_day = DatePartsField(_l("Ngày cuối cùng"), [InputRequired(_l("Ghi ngày cuối cùng đơn vị còn hoạt động"))])
    unit_id = SelectField(_l("Đơn vị nhận phần còn lại"), [chosen], coerce=number, validate_choice=False, render_kw={"data-combobox": ""})
    parts = Rows(FormField(HeirForm), min_entries=3, max_entries=3)


class PartForm(FlaskForm):
    """One area or field of a unit that goes to another."""

    unit_id = SelectField(_l("Đơn vị tiếp nhận"), [chosen], coerce=number, validate_choice=False, render_kw={"data-combobox": ""})
    place_id = SelectField(_l("Địa bàn"), [chosen], coerce=number, validate_choice=False, render_kw={"data-combobox": ""})
    field_id = SelectField(_l("Lĩnh vực"), [chosen], coerce=number, validate_choice=False)
    effective_on = DatePartsField(_l("Từ ngày"), [InputRequired(_l("Ghi ngày bắt đầu"))])


class ImportForm(FlaskForm):
    """A spreadsheet of units."""

    file = FileField(
        _l("Bảng tính (.xlsx hoặc .csv)"),
        [FileRequired(_l("Chọn một tệp .xlsx hoặc .csv"))],
        render_kw={"accept": ".xlsx,.csv"},
        description=_l("Nhiều nhất 2.000 dòng, 2 MB"),
    )


class ImportGoodForm(FlaskForm):
    """The rows that were read, to import the good ones among them."""

    rows = HiddenField(validators=[DataRequired(NEEDED)])


class FieldOfBusinessForm(FlaskForm):
    """A field of public business."""

    name = StringField(_l("Tên lĩnh vực"), [DataRequired(_l("Ghi tên lĩnh vực"))], filters=line(100))
    code = StringField(
        _l("Mã"),
        [DataRequired(_l("Ghi mã")), Regexp(r"^[a-z0-9][a-z0-9-]*$", message=_l("Mã chỉ gồm chữ thường không dấu, số, gạch nối"))],
        filters=line(60),
        description=_l("Dùng trong liên kết và dữ liệu mở; đặt rồi không đổi"),
    )
    hint = StringField(
        _l("Gợi ý cho người gửi"), [Optional()], filters=line(200), description=_l("Vài việc thường gặp: ổ gà, rãnh tắc, đèn đường hỏng")
    )
    insider = BooleanField(
        _l("Ý kiến về chính cơ quan, doanh nghiệp mình làm việc"), description=_l("Người đứng đầu nơi ấy không thấy ai gửi")
    )
    regulation = BooleanField(_l("Về quy định, thủ tục hành chính"), description=_l("Theo hạn của Nghị định 20/2008/NĐ-CP"))
    copied_to_id = SelectField(
        _l("Đơn vị đọc mọi ý kiến của lĩnh vực này"), [chosen], coerce=number, validate_choice=False, render_kw={"data-combobox": ""}
    )
