"""What is typed about a target: what it asks for of which units, by which text."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Optional, Regexp

from app.administration.forms.choices import among, chosen, offered
from app.administration.forms.law import WholeNumberField
from app.administration.words import EVIDENCE
from app.fields import DatePartsField
from app.text import line
from app.units.words import LEVELS, UNIT_KINDS
from oversight.reports import words

#: As it stands above a narrow column.
SHORT_MAX = 14


class TargetForm(FlaskForm):
    """A target of the year."""

    code = StringField(
        _l("Mã"),
        [DataRequired(_l("Ghi mã")), Regexp(r"^[a-z][a-z0-9-]*$", message=_l("Mã chỉ gồm chữ thường không dấu, số, gạch nối"))],
        filters=line(40),
        description=_l("Ví dụ mo-hinh"),
    )
    name = StringField(
        _l("Chỉ tiêu"), [DataRequired(_l("Ghi chỉ tiêu"))], filters=line(200), description=_l("Ví dụ: Có ít nhất một mô hình điểm")
    )
    short_name = StringField(
        _l("Tên ngắn"), [DataRequired(_l("Ghi tên ngắn"))], filters=line(SHORT_MAX), description=_l("Hiện ở đầu cột; ví dụ: Mô hình")
    )
    position = WholeNumberField(_l("Đứng thứ mấy trong bảng"), [InputRequired(_l("Ghi thứ tự"))], least=1, most=99)
    counted_by = RadioField(_l("Tính thế nào"), [chosen], choices=offered(words.COUNTED_BY), default="", validate_choice=False)
    unit_kinds = SelectMultipleField(
        _l("Loại đơn vị"),
        [among],
        choices=offered(UNIT_KINDS),
        validate_choice=False,
        description=_l("Không chọn loại nào là mọi đơn vị"),
    )
    levels = SelectMultipleField(
        _l("Cấp"), [among], choices=offered(LEVELS), validate_choice=False, description=_l("Không chọn cấp nào là mọi cấp")
    )
    source = StringField(_l("Văn bản"), [DataRequired(_l("Ghi số, ký hiệu và tên văn bản"))], filters=line(200))
    article = StringField(_l("Điều, khoản"), [Optional()], filters=line(100))
    evidence = RadioField(_l("Đã đối chiếu văn bản gốc chưa"), [chosen], choices=offered(EVIDENCE), validate_choice=False)
    local = BooleanField(_l("Quy định của địa phương, không phải luật"))
    effective_from = DatePartsField(
        _l("Áp dụng từ ngày"),
        [InputRequired(_l("Ghi ngày bắt đầu áp dụng"))],
        description=_l("Năm nào tính theo bản áp dụng vào ngày 31/12 của năm đó"),
    )

    def said(self) -> dict[str, Any]:
        """Return the target, once validate() said it is fine; without its code where the form does not ask for it."""
        found: dict[str, Any] = {field.short_name: field.data for field in self if field.short_name != "csrf_token"}
        return found | {"article": self.article.data or ""}
