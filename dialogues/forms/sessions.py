"""What is typed about a session: its facts, who chairs, who helps, where people sit, and why it is put off."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.administration.forms.law import WholeNumberField
from app.clock import LOCAL, local_date
from app.fields import DatePartsField
from app.text import line, typed
from dialogues import rules, words
from dialogues.forms.meanwhile import SeenForm
from dialogues.models import Session
from dialogues.operations.sessions import SessionFacts
from feedback.forms.base import LINE_MAX, OwnForm
from feedback.forms.staff import COMBOBOX, TEXT_MAX, Choice, offered

MOST_SEATS = 100_000
_HOUR = re.compile(r"(\d{1,2})(?:\s*(?:[:.hg]|giờ)\s*(\d{2})?)?", re.ASCII)


class HourField(StringField):
    """An hour of the day as people write it: 8:00, 8h30, 14h; `data` is a time or None, and what was typed is shown again."""

    def __init__(self, label: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(label, *args, **kwargs)
        self.type = "StringField"

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data.hour}:{self.data.minute:02}"

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = str(valuelist[0]).strip().lower() if valuelist else ""
        self.data: dt.time | None = None
        if not text:
            return
        found = _HOUR.fullmatch(text)
        if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:  # noqa: PLR2004 - of a day, of an hour
            raise ValidationError(_l("Ghi giờ và phút; ví dụ 8:00 hoặc 14h30"))
        self.data = dt.time(int(found[1]), int(found[2] or 0))


class LinkForm(OwnForm):
    """The address by which people take part from elsewhere."""

    online_link = StringField(_l("Đường dẫn dự trực tuyến"), [Optional()], filters=line(LINE_MAX), description=_l("Bắt đầu bằng https://"))

    def validate_online_link(self, field: StringField) -> None:
        """Only the address of a page."""
        if not field.data:
            return
        try:
            parts = urlsplit(field.data)
        except ValueError as error:
            raise ValidationError(_l("Đường dẫn chưa đúng; ví dụ https://hop.bacninh.gov.vn/abc")) from error
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ValidationError(_l("Đường dẫn chưa đúng; ví dụ https://hop.bacninh.gov.vn/abc"))


class FactsForm(SeenForm, LinkForm):
    """The facts of a session."""

    topic = StringField(_l("Chủ đề"), [DataRequired(_l("Ghi chủ đề"))], filters=line(LINE_MAX))
    audience = StringField(
        _l("Đối tượng, thành phần dự"),
        [DataRequired(_l("Ghi đối tượng, thành phần dự"))],
        filters=line(LINE_MAX),
        description=_l("Ví dụ: các hộ dân tổ dân phố 4"),
    )
    field = Choice(_l("Lĩnh vực"), [Optional()])
    place = Choice(_l("Địa bàn"), [Optional()], render_kw=COMBOBOX)
    form = RadioField(
        _l("Hình thức"),
        [offered(_l("Chọn hình thức"))],
        validate_choice=False,
        choices=[SelectChoice(str(form), words.FORMS[form]) for form in rules.Form],
    )
    day = DatePartsField(_l("Ngày họp"), [Optional()])
    begins = HourField(_l("Bắt đầu lúc"), [Optional()], description=_l("Ví dụ 8:00 hoặc 14h30"))
    ends = HourField(_l("Kết thúc lúc"), [Optional()])
    questions_until = DatePartsField(
        _l("Nhận câu hỏi gửi trước đến hết ngày"), [Optional()], description=_l("Để trống: nhận đến lúc bắt đầu họp")
    )
    capacity = WholeNumberField(
        _l("Số chỗ cho người dân đăng ký"), [Optional()], least=1, most=MOST_SEATS, description=_l("Để trống: không giới hạn")
    )
    house_rules = TextAreaField(_l("Nội quy"), [Optional()], filters=typed(TEXT_MAX))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then that day and hours go together."""
        fine = super().validate(extra_validators)
        day, begins, ends, until = self.day, self.begins, self.ends, self.questions_until
        if not (day.errors or begins.errors) and (day.data is None) != (begins.data is None):
            self.fail("begins", _l("Ghi cả ngày và giờ bắt đầu, hoặc để trống cả hai"))
        if not (begins.errors or ends.errors) and ends.data is not None and (begins.data is None or ends.data <= begins.data):
            self.fail("ends", _l("Giờ kết thúc phải sau giờ bắt đầu, trong cùng ngày"))
        if not until.errors and until.data is not None and day.data is not None and until.data > day.data:
            self.fail("questions_until", _l("Ngày này phải trước hoặc đúng ngày họp"))
        return fine and not self.failed

    def facts(self) -> SessionFacts:
        """Return what was typed."""
        day, begins, ends, until = self.day.data, self.begins.data, self.ends.data, self.questions_until.data
        return SessionFacts(
            topic=self.topic.data or "",
            audience=self.audience.data or "",
            field_id=self.field.id_chosen,
            place_id=self.place.id_chosen,
            form=self.form.data,
            starts_at=dt.datetime.combine(day, begins, LOCAL) if day and begins else None,
            ends_at=dt.datetime.combine(day, ends, LOCAL) if day and ends else None,
            capacity=self.capacity.data,
            online_link=self.online_link.data or "",
            # "Đến hết ngày": the first moment of the day after.
            questions_until=dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), LOCAL) if until else None,
            house_rules=self.house_rules.data or "",
        )


def values_of(session: Session) -> dict[str, Any]:
    """Return the facts of *session* as :class:`FactsForm` shows them."""
    begins, ends, until = session.starts_at, session.ends_at, session.questions_until
    return {
        "topic": session.topic, "audience": session.audience, "form": session.form, "capacity": session.capacity,
        "online_link": session.online_link, "house_rules": session.house_rules,
        "field": str(session.field_id or ""), "place": str(session.place_id or ""), "day": session.day,
        "begins": begins.astimezone(LOCAL).time() if begins else None,
        "ends": ends.astimezone(LOCAL).time() if ends else None,
        "questions_until": local_date(until - dt.timedelta(seconds=1)) if until else None,
    }  # fmt: skip


class AdHocForm(FactsForm):
    """A session that no plan names: for whom, and who asked for it."""

    unit = Choice(_l("Đơn vị tổ chức"), [offered(_l("Chọn đơn vị"))], render_kw=COMBOBOX)
    trigger = RadioField(
        _l("Vì sao họp đột xuất"),
        [offered(_l("Chọn lý do"))],
        validate_choice=False,
        choices=[SelectChoice(str(trigger), words.TRIGGERS[trigger]) for trigger in rules.Trigger],
    )
    trigger_note = TextAreaField(
        _l("Căn cứ"),
        [DataRequired(_l("Ghi ai đề nghị, bao nhiêu người, văn bản nào"))],
        filters=typed(TEXT_MAX),
        description=_l("Ví dụ: 412 trên 3.860 cử tri ký đơn đề nghị ngày 3/8/2026; hoặc số, ngày văn bản của cấp trên"),
    )


class ChairForm(OwnForm):
    """A body that chairs or organises along, and who speaks for it."""

    part = RadioField(
        _l("Vai trò"),
        [offered(_l("Chọn vai trò"))],
        validate_choice=False,
        choices=[SelectChoice(str(part), words.CHAIR_PARTS[part]) for part in rules.ChairPart],
    )
    unit = Choice(_l("Cơ quan, đơn vị"), [offered(_l("Chọn cơ quan, đơn vị"))], render_kw=COMBOBOX)
    name = StringField(_l("Họ và tên"), [DataRequired(_l("Ghi họ và tên"))], filters=line(LINE_MAX))
    title = StringField(
        _l("Chức vụ"), [DataRequired(_l("Ghi chức vụ"))], filters=line(LINE_MAX), description=_l("Như ghi trong giấy mời, biên bản")
    )
    user = Choice(_l("Tài khoản của người này"), [Optional()], render_kw=COMBOBOX, description=_l("Để xác nhận biên bản trên máy"))
    is_deputy = BooleanField(_l("Là cấp phó, chủ trì thay người đứng đầu"))


class StaffForm(OwnForm):
    """Who does what."""

    user = Choice(_l("Người làm"), [offered(_l("Chọn người"))], render_kw=COMBOBOX)
    duty = RadioField(
        _l("Việc"),
        [offered(_l("Chọn việc"))],
        validate_choice=False,
        choices=[SelectChoice(str(duty), words.STAFF_DUTIES[duty]) for duty in rules.StaffDuty],
    )


class HallForm(OwnForm):
    """Where people sit."""

    name = StringField(_l("Tên hội trường, điểm cầu"), [DataRequired(_l("Ghi tên"))], filters=line(LINE_MAX))
    address = StringField(_l("Địa chỉ"), [DataRequired(_l("Ghi địa chỉ"))], filters=line(LINE_MAX))
    seats = WholeNumberField(_l("Số chỗ ngồi"), [Optional()], least=1, most=MOST_SEATS)


class PutOffForm(OwnForm):
    """Why it is not held that day, or not at all."""

    why = TextAreaField(
        _l("Lý do"),
        [DataRequired(_l("Ghi lý do"))],
        filters=typed(TEXT_MAX),
        description=_l("Người được mời, người đăng ký và người đã gửi câu hỏi đọc được lý do này."),
    )


class StepForm(OwnForm):
    """The press of a button; what may be passed over asks for its reason, see :func:`step_form`."""

    def overrides(self) -> dict[str, str]:
        """Return why each thing that is missing is passed over."""
        return {field.name.removeprefix("why_"): field.data or "" for field in self if field.name.startswith("why_")}


def step_form(guards: list[rules.Guard]) -> StepForm:
    """Return the form of a step that asks for a reason for each of *guards*."""
    asked = {
        f"why_{guard.name}": TextAreaField(
            _l("Vì sao vẫn làm"),
            [DataRequired(_l("Ghi lý do"))],
            filters=typed(TEXT_MAX),
            description=words.LACKS[guard.name],
        )
        for guard in guards
    }
    return type("Asked", (StepForm,), asked)()
