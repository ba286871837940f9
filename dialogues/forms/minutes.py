"""What is typed about the minutes: their text, until when they may be corrected, and what somebody present proposes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional, ValidationError

from app.fields import DatePartsField
from app.text import line, typed
from feedback.forms.base import LINE_MAX, OwnForm, number
from feedback.forms.staff import TEXT_MAX

MINUTES_MAX = 100_000  # characters: forty questions with their answers
LONGEST = dt.timedelta(days=60)


class MinutesForm(OwnForm):
    """A version of the minutes; *seen* is the newest its writer had before them."""

    seen = HiddenField()
    text = TextAreaField(_l("Biên bản"), [DataRequired(_l("Viết nội dung biên bản"))], filters=typed(MINUTES_MAX))
    why = StringField(_l("Sửa gì"), [Optional()], filters=line(LINE_MAX), description=_l("Ví dụ: ghi lại câu 3 theo góp ý của người hỏi"))

    @property
    def number_seen(self) -> int:
        """Return the number of the version that was before the writer; 0 where there was none."""
        return number(self.seen.data) or 0


class UntilForm(OwnForm):
    """Until when those present may propose corrections."""

    until = DatePartsField(_l("Nhận góp ý đến hết ngày"))

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    def validate_until(self, field: DatePartsField) -> None:
        """Ask for a day that is not over."""
        if field.data is None:
            raise ValidationError(_l("Ghi ngày cuối cùng nhận góp ý"))
        if not self._today <= field.data <= self._today + LONGEST:
            raise ValidationError(_l("Chọn ngày từ hôm nay đến 60 ngày tới"))


class CorrectionForm(OwnForm):
    """What the minutes have wrong; who says so opened their link, or has the code from it and the telephone they gave."""

    code = StringField(
        _l("Mã vào cửa"), [DataRequired(_l("Ghi mã vào cửa"))], filters=line(40), description=_l("Có trên phiếu đăng ký hoặc giấy mời")
    )
    phone = StringField(
        _l("Bốn số cuối của số điện thoại"),
        filters=line(40),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
        description=_l("Số ghi khi đăng ký hoặc khi được mời. Không ghi số nào thì vào trang này từ liên kết trên phiếu, giấy mời."),
    )
    text = TextAreaField(_l("Chỗ nào ghi chưa đúng, đúng ra là gì"), [DataRequired(_l("Viết chỗ cần sửa"))], filters=typed(TEXT_MAX))
