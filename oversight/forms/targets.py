"""What a unit declares of a target."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional

from app.fields import DatePartsField
from app.files import UploadsField
from app.text import line, typed
from feedback.forms.base import LINE_MAX, OwnForm
from feedback.forms.staff import TEXT_MAX, offered
from oversight.reports import words


class DeclareForm(OwnForm):
    """How the unit stands, and what shows it."""

    outcome = RadioField(
        _l("Đơn vị đã"),
        [offered(_l("Chọn đạt, chưa đạt, hoặc không thuộc diện"))],
        validate_choice=False,
        choices=[SelectChoice(str(key), word) for key, word in words.OUTCOMES.items()],
    )
    paper_number = StringField(
        _l("Số văn bản chứng minh"),
        [Optional()],
        filters=line(LINE_MAX),
        description=_l("Ví dụ: quyết định ban hành quy chế, biên bản hội nghị"),
    )
    paper_on = DatePartsField(_l("Ngày văn bản"), [Optional()])
    file = UploadsField(_l("Tệp văn bản"), [Optional()], most=1)
    note = TextAreaField(_l("Ghi chú"), [Optional()], filters=typed(TEXT_MAX))
