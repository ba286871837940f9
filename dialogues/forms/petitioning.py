"""What is typed about a petition to a higher body: the paper that went out, and what that body said."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional, ValidationError

from app.fields import DatePartsField
from app.files import UploadsField
from app.text import line, typed
from dialogues.forms.concluding import FURTHEST
from feedback.forms.base import LINE_MAX, OwnForm, card
from feedback.forms.staff import COMBOBOX, TEXT_MAX, Choice, offered


class SentForm(OwnForm):
    """The paper that petitions."""

    number = StringField(
        _l("Số, ký hiệu văn bản kiến nghị"),
        [DataRequired(_l("Ghi số, ký hiệu văn bản"))],
        filters=line(LINE_MAX),
        description=_l("Ví dụ: 214/UBND-KT"),
    )
    sent_on = DatePartsField(_l("Ngày gửi"))
    unit = Choice(
        _l("Cơ quan nhận, nếu có trên trang này"),
        [Optional()],
        render_kw=COMBOBOX,
        description=_l("Chọn thì cơ quan ấy được báo và tự ghi nhận giải quyết. Không có thì bỏ trống, có trả lời thì ghi lại."),
    )
    files = UploadsField(_l("Bản chụp văn bản"))

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    def validate_sent_on(self, field: DatePartsField) -> None:
        """Ask for a day that was."""
        if field.data is None:
            raise ValidationError(_l("Ghi ngày gửi văn bản"))
        if field.data > self._today:
            raise ValidationError(_l("Ngày gửi không sau hôm nay"))


class DecidedForm(OwnForm):
    """What the body said: accepted with a day, or not and why."""

    accepted = RadioField(
        _l("Cơ quan ấy trả lời thế nào?"),
        [offered(_l("Chọn nhận hoặc không nhận"))],
        validate_choice=False,
        choices=lambda: [
            card("yes", _l("Nhận giải quyết"), _l("Từ đây cơ quan ấy có hạn của mình")),
            card("no", _l("Không nhận"), _l("Ghi rõ lý do, người hỏi được báo")),
        ],
    )
    due_on = DatePartsField(_l("Nhận thì giải quyết chậm nhất ngày"))
    said = TextAreaField(
        _l("Ai trả lời, bằng văn bản nào, nói gì"),
        [DataRequired(_l("Ghi ai trả lời, bằng văn bản nào"))],
        filters=typed(TEXT_MAX),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the day of what is accepted."""
        super().validate(extra_validators)
        due_on = self.due_on.data
        if self.accepted.data == "yes":
            if due_on is None:
                self.fail("due_on", _("Ghi ngày phải giải quyết xong"))
            elif not self._today < due_on <= self._today + FURTHEST:
                self.fail("due_on", _("Chọn ngày sau hôm nay, trong vòng một năm"))
        return not (self.failed or self.form_errors)
