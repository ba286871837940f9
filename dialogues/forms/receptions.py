"""What is typed about days on which a head receives citizens: by those who book, and by those who keep the register."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.administration.forms.law import WholeNumberField
from app.fields import DatePartsField
from app.text import line, typed
from dialogues import duties, words
from dialogues.forms.sessions import HourField
from dialogues.models import ReceptionDay, ReceptionVisit
from dialogues.operations.booking import PREFIX, Booking
from dialogues.operations.receptions import Hours
from dialogues.rules import VisitState
from feedback import codes
from feedback.forms.base import LINE_MAX, ContactFields, OwnForm, mistyped, number, values
from feedback.forms.staff import TEXT_MAX, Choice, offered

LETTER_MAX = 20000  # characters
CODE_MAX = 40  # as typed, with spaces and dashes
_NUMBERS = re.compile(r"\d{1,2}(\s*[,;]\s*\d{1,2})*", re.ASCII)
MORNING, NOON = dt.time(8), dt.time(11)
HALF_HOUR = 30


class HoursForm(OwnForm):
    """When and where."""

    begins = HourField(_l("Từ mấy giờ"), description=_l("Ví dụ: 8:00"), default=MORNING)
    ends = HourField(_l("Đến mấy giờ"), description=_l("Ví dụ: 11:00"), default=NOON)
    slot_minutes = WholeNumberField(_l("Mỗi lượt bao nhiêu phút"), least=5, most=120, default=HALF_HOUR)
    venue = StringField(
        _l("Nơi tiếp"), [DataRequired(_l("Ghi nơi tiếp"))], filters=line(LINE_MAX), description=_l("Phòng, trụ sở, địa chỉ")
    )

    def validate_begins(self, field: HourField) -> None:
        """Ask for an hour."""
        if field.data is None and not field.process_errors:
            raise ValidationError(_l("Ghi giờ bắt đầu; ví dụ 8:00"))

    def validate_ends(self, field: HourField) -> None:
        """Ask for an hour by which at least one visitor was received."""
        if field.data is None:
            if not field.process_errors:
                raise ValidationError(_l("Ghi giờ kết thúc; ví dụ 11:00"))
            return
        if self.begins.data is not None and not duties.slots(self.begins.data, field.data, self.slot_minutes.data or 1):
            raise ValidationError(_l("Giờ kết thúc phải sau giờ bắt đầu, đủ cho ít nhất một lượt"))

    def validate_slot_minutes(self, field: WholeNumberField) -> None:
        """Ask for a number."""
        if field.data is None and not field.process_errors:
            raise ValidationError(_l("Ghi số phút"))

    def hours(self) -> Hours:
        """Return when and where, once validate() said it is fine."""
        return Hours(
            begins=self.begins.data or MORNING,
            ends=self.ends.data or NOON,
            venue=self.venue.data or "",
            slot_minutes=self.slot_minutes.data or HALF_HOUR,
        )


class DayForm(HoursForm):
    """One day on which a unit's head receives."""

    unit = Choice(_l("Đơn vị"), [offered(_l("Chọn đơn vị"))])
    day = DatePartsField(_l("Ngày tiếp"))

    field_order = ("unit", "day")

    def validate_day(self, field: DatePartsField) -> None:
        """Ask for a day."""
        if field.data is None and not field.errors:
            raise ValidationError(_l("Ghi ngày tiếp"))


class MonthsForm(HoursForm):
    """Days of each of some months."""

    unit = Choice(_l("Đơn vị"), [offered(_l("Chọn đơn vị"))])
    days = StringField(
        _l("Những ngày nào trong tháng"),
        filters=line(LINE_MAX),
        description=_l("Ví dụ: 10, 25. Trúng ngày nghỉ thì dời sang ngày làm việc liền sau."),
    )
    month = SelectField(_l("Từ tháng"), [offered(_l("Chọn tháng"))], validate_choice=False)
    months = WholeNumberField(_l("Trong bao nhiêu tháng"), least=1, most=12, default=1)

    field_order = ("unit", "days", "month", "months")

    def validate_days(self, field: StringField) -> None:
        """Read "10, 25"."""
        if not _NUMBERS.fullmatch(field.data or "") or not all(1 <= each <= 31 for each in self.numbers):  # noqa: PLR2004 - of a month
            raise ValidationError(_l("Ghi ngày trong tháng bằng số, cách nhau dấu phẩy; ví dụ 10, 25"))

    def validate_months(self, field: WholeNumberField) -> None:
        """Ask for a number."""
        if field.data is None and not field.process_errors:
            raise ValidationError(_l("Ghi số tháng"))

    @property
    def numbers(self) -> list[int]:
        """The days of a month that were typed."""
        return [int(each) for each in re.findall(r"\d{1,2}", self.days.data or "", re.ASCII)]

    @property
    def dates(self) -> list[dt.date]:
        """Those days in each of the months, working days or not."""
        year, month = (int(each) for each in self.month.data.split("-"))
        following = [divmod(year * 12 + month - 1 + step, 12) for step in range(self.months.data or 1)]
        return [day for year, month in following for day in duties.days_of(year, month + 1, self.numbers)]


class MoveForm(HoursForm):
    """To which other day, and why."""

    day = DatePartsField(_l("Ngày mới"))
    why = TextAreaField(
        _l("Vì sao đổi ngày"),
        [DataRequired(_l("Ghi lý do"))],
        filters=typed(LINE_MAX),
        description=_l("Người đã đặt hẹn nhận được lý do này, và ai cũng đọc được trên trang."),
    )

    field_order = ("day", "begins", "ends", "slot_minutes", "venue", "why")

    def __init__(self, row: ReceptionDay, *args: Any, **kwargs: Any) -> None:
        now = {"begins": row.begins, "ends": row.ends, "slot_minutes": row.slot_minutes, "venue": row.venue}
        super().__init__(*args, data=now, **kwargs)

    def validate_day(self, field: DatePartsField) -> None:
        """Ask for a day."""
        if field.data is None and not field.errors:
            raise ValidationError(_l("Ghi ngày mới"))


class CancelForm(OwnForm):
    """Why nobody is received."""

    why = TextAreaField(
        _l("Vì sao hủy"),
        [DataRequired(_l("Ghi lý do"))],
        filters=typed(LINE_MAX),
        description=_l("Người đã đặt hẹn nhận được lý do này, và ai cũng đọc được trên trang."),
    )


class VisitorForm(OwnForm, ContactFields):
    """Who comes, and about what."""

    name = StringField(_l("Họ và tên"), [DataRequired(_l("Ghi họ và tên"))], filters=line(LINE_MAX), render_kw={"autocomplete": "name"})
    phone = TelField(_l("Số điện thoại"), [Optional()], filters=line(LINE_MAX), render_kw={"autocomplete": "tel", "inputmode": "tel"})
    email = EmailField(_l("E-mail"), [Optional()], filters=line(LINE_MAX), render_kw={"autocomplete": "email"})
    address = StringField(_l("Địa chỉ"), [Optional()], filters=line(LINE_MAX), render_kw={"autocomplete": "address-line1"})
    subject = StringField(_l("Gặp về việc gì"), [DataRequired(_l("Ghi vài chữ về việc gì"))], filters=line(LINE_MAX))

    def booking(self, position: int, *, locale: str = "vi") -> Booking:
        """Return who comes, once validate() said it is fine."""
        return Booking(
            position=position,
            name=self.name.data or "",
            subject=self.subject.data or "",
            phone=self.phone.data or "",
            email=self.email.data or "",
            address=self.address.data or "",
            locale=locale,
        )


class BookForm(VisitorForm):
    """A turn on a reception day."""

    slot = RadioField(_l("Giờ hẹn"), validate_choice=False, choices=[])
    website = StringField(_l("Ô này để trống"))  # for robots, which fill in whatever they find
    token = HiddenField(default=lambda: secrets.token_urlsafe(18))

    def validate_slot(self, field: RadioField) -> None:
        """Ask for one of the hours that are free."""
        if field.data not in values(field):
            raise ValidationError(_l("Chọn một giờ còn trống"))

    def validate_token(self, field: HiddenField) -> None:
        """Give a form that lost its token another one."""
        if not field.data or len(field.data) > LINE_MAX:
            field.data = secrets.token_urlsafe(18)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check everything, and that the unit can tell of a change."""
        super().validate(extra_validators)
        if not self.phone.data and not self.email.data and not self.phone.errors and not self.email.errors:
            self.fail("phone", _("Ghi số điện thoại hoặc e-mail để được báo khi đổi lịch"))
        return not self.failed and not self.form_errors

    @property
    def position(self) -> int:
        """The slot that was chosen."""
        return number(self.slot.data) or 0


class FindForm(OwnForm):
    """The code of a booking."""

    code = StringField(
        _l("Mã hẹn"), filters=line(CODE_MAX), render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
    )

    def validate_code(self, field: StringField) -> None:
        """Say so when the code was mistyped, before anything is looked up."""
        if not field.data:
            raise ValidationError(_l("Ghi mã hẹn"))
        try:
            field.data = codes.read_code(field.data)
        except codes.CodeInvalid as fault:
            raise ValidationError(_("Mã này thiếu hoặc sai một ký tự. Mã có dạng %(code)s", code=codes.example(PREFIX))) from fault


class VisitForm(OwnForm):
    """A line of the register."""

    state = RadioField(_l("Người hẹn"), [offered(_l("Chọn một ô"))], validate_choice=False)
    said = TextAreaField(_l("Trình bày"), [Optional()], filters=typed(TEXT_MAX))
    result = TextAreaField(_l("Ý kiến, chỉ đạo của người tiếp"), [Optional()], filters=typed(TEXT_MAX))
    code = StringField(
        _l("Mã tra cứu của ý kiến"),
        [Optional()],
        filters=line(CODE_MAX),
        description=_l("Khi việc này đã gửi thành ý kiến, hoặc vừa ghi thành ý kiến"),
    )

    def __init__(self, row: ReceptionVisit, item_code: str, *args: Any, **kwargs: Any) -> None:
        state = row.state if row.state != VisitState.BOOKED else VisitState.CAME
        super().__init__(*args, data={"state": state, "said": row.said, "result": row.result, "code": item_code}, **kwargs)
        self.state.choices = [SelectChoice(str(each), words.VISIT_STATES[each]) for each in (VisitState.CAME, VisitState.STAYED_AWAY)]

    def validate_code(self, field: StringField) -> None:
        """Read the code as people type it."""
        if not field.data:
            return
        try:
            field.data = codes.read_code(field.data)
        except codes.CodeInvalid as fault:
            raise ValidationError(mistyped()) from fault


class WriteUpForm(OwnForm):
    """What came of the day."""

    received_by = Choice(_l("Người tiếp"), [offered(_l("Chọn người đứng đầu đã tiếp"))])
    minutes = TextAreaField(_l("Biên bản"), [DataRequired(_l("Ghi biên bản"))], filters=typed(LETTER_MAX))
    conclusion = TextAreaField(
        _l("Kết luận"),
        [Optional()],
        filters=typed(LETTER_MAX),
        description=_l("Việc nào, đơn vị nào làm, đến ngày nào. Bỏ trống nếu không ai đến."),
    )
