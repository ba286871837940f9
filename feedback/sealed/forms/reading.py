"""What a reader of the sealed register types: why they look, whose slip it is, what was done."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, ValidationError

from app.fields import DatePartsField
from app.text import line, typed
from feedback.forms.base import LINE_MAX, OwnForm
from feedback.forms.staff import TEXT_MAX, offered
from feedback.sealed import words
from feedback.sealed.rules import SealedStep


class LookForm(OwnForm):
    """Why somebody opens a sealed case."""

    reason = StringField(
        _l("Mở để làm gì"),
        [DataRequired(_l("Ghi lý do rồi mới mở được"))],
        filters=line(LINE_MAX),
        description=_l("Ví dụ: xem lần đầu để phân loại; lập văn bản chuyển"),
    )
    said = ""  # who looks once more has declared


class DeclareForm(OwnForm):
    """Whether an interest of one's own is touched."""

    conflict = RadioField(
        _l("Có vướng lợi ích riêng không?"),
        [offered(_l("Chọn một câu trả lời"))],
        validate_choice=False,
        choices=[
            SelectChoice("no", _l("Không"), {"hint": _l("Không quen thân, không họ hàng, không chung lợi ích với người bị nói tới")}),
            SelectChoice("yes", _l("Có"), {"hint": _l("Thôi xem mục này; người đứng đầu, hoặc người tiếp nhận khác, được báo")}),
        ],
    )
    which = StringField(_l("Nếu có: vướng gì"), filters=line(LINE_MAX))

    def validate_which(self, field: StringField) -> None:
        """Ask what it is, where there is one."""
        if self.conflict.data == "yes" and not field.data:
            raise ValidationError(_l("Ghi vướng gì, một câu"))

    @property
    def said(self) -> str:
        """Which interest is touched; empty where none is."""
        return (self.which.data or "") if self.conflict.data == "yes" else ""


class FirstLookForm(DeclareForm):
    """Whether an interest of one's own is touched; and if none is, why they open the case."""

    reason = StringField(_l("Mở để làm gì"), filters=line(LINE_MAX), description=_l("Ví dụ: xem lần đầu để phân loại; lập văn bản chuyển"))

    def validate_reason(self, field: StringField) -> None:
        """Ask for it of who reads."""
        if self.conflict.data != "yes" and not field.data:
            raise ValidationError(_l("Ghi lý do rồi mới mở được"))


class SlipForm(OwnForm):
    """The two codes that a caller says to be theirs."""

    code = StringField(_l("Mã tra cứu trên phiếu báo tin"), [DataRequired(_l("Ghi mã tra cứu"))], filters=line(LINE_MAX))
    key = StringField(_l("Mã bí mật"), [DataRequired(_l("Ghi mã bí mật"))], filters=line(LINE_MAX))


class DealtWithForm(OwnForm):
    """What was done with a sealed case."""

    step = RadioField(_l("Việc đã làm"), [offered(_l("Chọn việc đã làm"))], validate_choice=False)
    note = TextAreaField(
        _l("Ghi rõ"),
        [DataRequired(_l("Ghi rõ số, ngày, nơi nhận hoặc lý do"))],
        filters=typed(TEXT_MAX),
        description=_l("Được khóa lại như nội dung; chỉ người mở được mục này đọc được."),
    )

    def offer(self, steps: Collection[SealedStep]) -> None:
        """Let one of *steps* be chosen."""
        self.step.choices = [SelectChoice(str(step), words.STEPS[step][0], {"hint": words.STEPS[step][1]}) for step in steps]


class ClassifiedForm(OwnForm):
    """That there is a classified file: nothing of what is in it."""

    number = StringField(_l("Số hồ sơ"), [DataRequired(_l("Ghi số hồ sơ"))], filters=line(40))
    day = DatePartsField(_l("Ngày của hồ sơ"))
    holder = StringField(_l("Nơi giữ"), [DataRequired(_l("Ghi nơi giữ"))], filters=line(120))

    def validate_day(self, field: DatePartsField) -> None:
        """Ask for a day."""
        if field.data is None and not field.errors:
            raise ValidationError(_l("Ghi ngày của hồ sơ"))
