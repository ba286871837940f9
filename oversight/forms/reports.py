"""What is typed about reports: one that was asked for once, why one is returned, and the rules by which they are due."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Optional, Regexp

from app.administration.forms.choices import among, chosen, offered
from app.administration.forms.law import WholeNumberField
from app.administration.words import EVIDENCE
from app.fields import DatePartsField
from app.text import line, typed
from app.units.words import LEVELS, UNIT_KINDS
from feedback.forms.base import LINE_MAX, OwnForm
from feedback.forms.staff import TEXT_MAX
from oversight.forms.supervision import day
from oversight.reports import words
from oversight.rules.reports import Period


class AdHocForm(OwnForm):
    """A report that no duty asks for."""

    title = StringField(
        _l("Báo cáo về việc gì"),
        [DataRequired(_l("Ghi báo cáo về việc gì"))],
        filters=line(LINE_MAX),
        description=_l("Ví dụ: kết quả đối thoại, giải quyết kiến nghị quý III"),
    )
    first_on = DatePartsField(_l("Số liệu từ ngày"), [day(_l("Ghi ngày đầu của kỳ"))])
    last_on = DatePartsField(_l("Đến ngày"), [day(_l("Ghi ngày cuối của kỳ"))])
    due_on = DatePartsField(_l("Phải nộp chậm nhất ngày"), [Optional()])


class WhyForm(OwnForm):
    """Why something is returned, or taken back."""

    why = TextAreaField(_l("Lý do"), [DataRequired(_l("Ghi lý do"))], filters=typed(TEXT_MAX))


class ReportDutyForm(FlaskForm):
    """Who reports when to whom, by which text."""

    code = StringField(
        _l("Mã"),
        [DataRequired(_l("Ghi mã")), Regexp(r"^[A-Z][A-Z0-9_]*$", message=_l("Mã chỉ gồm chữ hoa không dấu, số, gạch dưới"))],
        filters=line(40),
        description=_l("Ví dụ BC_QUY"),
    )
    name = StringField(_l("Tên báo cáo"), [DataRequired(_l("Ghi tên báo cáo"))], filters=line(200))
    period = RadioField(
        _l("Kỳ"),
        [chosen],
        choices=offered({key: word for key, word in words.PERIODS.items() if key != Period.AD_HOC}),
        validate_choice=False,
    )
    day = WholeNumberField(
        _l("Nộp trước ngày"), [InputRequired(_l("Ghi ngày"))], least=1, most=31, description=_l("Trước ngày 15 thì hạn cuối là ngày 14")
    )
    month = WholeNumberField(_l("Tháng"), [InputRequired(_l("Ghi tháng"))], least=1, most=12)
    receiver = RadioField(_l("Nộp cho"), [chosen], choices=offered(words.RECEIVERS), validate_choice=False)
    unit_kinds = SelectMultipleField(
        _l("Loại đơn vị"), [among], choices=offered(UNIT_KINDS), validate_choice=False, description=_l("Không chọn loại nào là mọi đơn vị")
    )
    levels = SelectMultipleField(
        _l("Cấp"), [among], choices=offered(LEVELS), validate_choice=False, description=_l("Không chọn cấp nào là mọi cấp")
    )
    source = StringField(_l("Văn bản"), [DataRequired(_l("Ghi số, ký hiệu và tên văn bản"))], filters=line(200))
    article = StringField(_l("Điều, khoản"), [Optional()], filters=line(100))
    evidence = RadioField(_l("Đã đối chiếu văn bản gốc chưa"), [chosen], choices=offered(EVIDENCE), validate_choice=False)
    local = BooleanField(_l("Quy định của địa phương, không phải luật"))
    note = StringField(_l("Ghi chú"), [Optional()], filters=line(LINE_MAX))
    effective_from = DatePartsField(_l("Áp dụng từ ngày"), [InputRequired(_l("Ghi ngày bắt đầu áp dụng"))])

    def said(self) -> dict[str, Any]:
        """Return the duty, once validate() said it is fine; without its code where the form does not ask for it."""
        found = {field.short_name: field.data for field in self if field.short_name != "csrf_token"}
        return found | {"article": self.article.data or "", "note": self.note.data or ""}
