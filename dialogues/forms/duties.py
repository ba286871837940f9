"""What an administrator says of a duty to meet the people."""

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
from dialogues import words


class DutyForm(FlaskForm):
    """Who must meet the people, how, how often, by which text."""

    code = StringField(
        _l("Mã"),
        [DataRequired(_l("Ghi mã")), Regexp(r"^[A-Z][A-Z0-9_]*$", message=_l("Mã chỉ gồm chữ hoa không dấu, số, gạch dưới"))],
        filters=line(40),
        description=_l("Ví dụ DT_SO"),
    )
    name = StringField(
        _l("Tên"), [DataRequired(_l("Ghi tên nghĩa vụ"))], filters=line(200), description=_l("Ví dụ: Giám đốc sở đối thoại với Nhân dân")
    )
    kind = RadioField(_l("Gặp bằng cách nào"), [chosen], choices=offered(words.DUTY_KINDS), validate_choice=False)
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
    times = WholeNumberField(_l("Ít nhất mấy lần"), [InputRequired(_l("Ghi số lần"))], least=1, most=60)
    per = RadioField(_l("Trong"), [chosen], choices=offered(words.DUTY_PERIODS), validate_choice=False)
    with_front = BooleanField(_l("Cùng MTTQ"), description=_l("Buổi không có MTTQ thì không tính"))
    in_person = BooleanField(_l("Người đứng đầu tự làm"), description=_l("Cấp phó làm thay thì không tính"))
    source = StringField(_l("Văn bản"), [DataRequired(_l("Ghi số, ký hiệu và tên văn bản"))], filters=line(200))
    article = StringField(_l("Điều, khoản"), [Optional()], filters=line(100))
    evidence = RadioField(_l("Đã đối chiếu văn bản gốc chưa"), [chosen], choices=offered(EVIDENCE), validate_choice=False)
    local = BooleanField(_l("Quy định của địa phương, không phải luật"))
    effective_from = DatePartsField(
        _l("Áp dụng từ ngày"),
        [InputRequired(_l("Ghi ngày bắt đầu áp dụng"))],
        description=_l("Nghĩa vụ tính theo tháng bắt đầu từ ngày 1"),
    )

    def said(self) -> dict[str, Any]:
        """Return the duty, once validate() said it is fine; without its code where the form does not ask for it."""
        return {field.short_name: field.data for field in self if field.short_name != "csrf_token"} | {"article": self.article.data or ""}
