"""What is typed of a breach."""

from __future__ import annotations

import datetime as dt

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Optional

from app.clock import LOCAL
from app.fields import DatePartsField
from app.text import line, typed

TEXT_MAX = 5000


class HourForm(FlaskForm):
    """A day and an hour."""

    day = DatePartsField(_l("Ngày báo"), [InputRequired(_l("Ghi ngày"))])
    hour = TimeField(_l("Giờ báo"), [InputRequired(_l("Ghi giờ, ví dụ 14:30"))], description=_l("Ví dụ 14:30"))

    @property
    def instant(self) -> dt.datetime:
        """The instant that was typed, as the clock in Viet Nam shows it."""
        return dt.datetime.combine(self.day.data or dt.date.max, self.hour.data or dt.time(), tzinfo=LOCAL)


class NoteForm(HourForm):
    """A breach."""

    day = DatePartsField(_l("Ngày phát hiện"), [InputRequired(_l("Ghi ngày"))])
    hour = TimeField(_l("Giờ phát hiện"), [InputRequired(_l("Ghi giờ, ví dụ 14:30"))], description=_l("Ví dụ 14:30"))
    what = TextAreaField(_l("Lộ cái gì, vì sao"), [DataRequired(_l("Ghi lộ cái gì"))], filters=typed(TEXT_MAX))
    whose = TextAreaField(_l("Của những ai, bao nhiêu người"), [DataRequired(_l("Ghi của những ai"))], filters=typed(TEXT_MAX))
    done = TextAreaField(_l("Đã làm gì để ngăn"), [Optional()], filters=typed(TEXT_MAX))


class ReportForm(HourForm):
    """To whom it was reported."""

    to = StringField(_l("Báo cho cơ quan nào, số văn bản"), [DataRequired(_l("Ghi cơ quan và số văn bản"))], filters=line(300))
