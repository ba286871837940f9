"""What is typed about somebody's data: a wish, and a decision on it."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from app.administration.forms.law import WholeNumberField
from app.consents import Purpose
from app.fields import DatePartsField, Rows
from app.text import line, typed
from feedback.forms.base import OwnForm
from feedback.personal.recorded import GROUNDS
from feedback.personal.rules import RequestKind

TEXT_MAX = 20_000


class WishForm(OwnForm):
    """Which of the two; each is a button."""

    kind = RadioField(choices=[SelectChoice(str(kind), kind) for kind in RequestKind])


class EndForm(OwnForm):
    """What is taken back; each is a button."""

    purpose = RadioField(choices=[SelectChoice(str(each), each) for each in (Purpose.NOTICES, Purpose.PUBLISH)])


class LeftForm(FlaskForm):
    """What a clerk leaves of each text that they have read."""

    seen = HiddenField(filters=line(100))
    texts = Rows(TextAreaField(_l("Còn lại"), [Optional()], filters=typed(TEXT_MAX)), max_entries=2000)

    @property
    def left(self) -> list[Any]:
        """What is left of each text."""
        return [text or "" for text in self.texts.data]


class DecideForm(LeftForm):
    """Yes, with what is left of each text; or no, and why."""

    answer = RadioField(
        _l("Quyết định"),
        choices=[SelectChoice("agree", _l("Đồng ý"), {}), SelectChoice("refuse", _l("Không đồng ý"), {})],
        validate_choice=False,
    )
    ground = RadioField(
        _l("Nếu không đồng ý: vì sao"),
        choices=[SelectChoice(str(ground), word, {}) for ground, word in GROUNDS.items()],
        validate_choice=False,
    )

    def validate_answer(self, field: RadioField) -> None:
        """Ask for one of the two."""
        if field.data not in {"agree", "refuse"}:
            raise ValidationError(_l("Chọn đồng ý hay không"))

    def validate_ground(self, field: RadioField) -> None:
        """Ask why not."""
        if self.answer.data == "refuse" and field.data not in {str(ground) for ground in GROUNDS}:
            raise ValidationError(_l("Chọn lý do: người gửi đọc được lý do này"))


class TermForm(FlaskForm):
    """A new version of how long something is kept; its text has been read by whoever fills it in."""

    years = WholeNumberField(_l("Giữ bao nhiêu năm sau khi kết thúc"), [InputRequired(_l("Ghi số năm"))], least=1, most=100)
    source = StringField(_l("Văn bản"), [DataRequired(_l("Ghi số, ký hiệu và tên văn bản"))], filters=line(200))
    article = StringField(_l("Điều, khoản"), [Optional()], filters=line(100))
    local = BooleanField(_l("Quy định của địa phương, không phải luật"))
    effective_from = DatePartsField(_l("Áp dụng từ ngày"), [InputRequired(_l("Ghi ngày bắt đầu áp dụng"))])
