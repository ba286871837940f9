"""What is typed on a reminder or a petition, and on the answer to one."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.fields import DatePartsField
from app.files import UploadsField
from app.text import typed
from app.units.models import Unit
from dialogues.forms.meanwhile import SeenForm
from feedback.forms.base import OwnForm
from feedback.forms.staff import TEXT_MAX, Choice, offered

TOKEN_MAX = 60


def _known(_form: Any, field: SelectMultipleField) -> None:
    """Take only units that are offered."""
    known = {str(choice.value) for choice in field.choices or ()}
    if any(value not in known for value in field.data or ()):
        raise ValidationError(_l("Chọn lại đơn vị trong danh sách"))


class AddresseesForm(OwnForm):
    """To whom a letter goes."""

    units = SelectMultipleField(_l("Đơn vị cấp tỉnh"), [Optional(), _known], validate_choice=False, choices=[])
    communes = SelectMultipleField(_l("Đơn vị cấp xã"), [Optional(), _known], validate_choice=False, choices=[])

    @property
    def unit_ids(self) -> list[int]:
        """The units that were ticked."""
        return [int(id_) for id_ in [*(self.units.data or ()), *(self.communes.data or ())]]

    def offer(self, rows: Iterable[Unit]) -> None:
        """Offer *rows*, in their order."""
        for field, of_province in ((self.units, True), (self.communes, False)):
            field.choices = [SelectChoice(str(unit.id), unit.name) for unit in rows if (unit.level == "province") is of_province]


class ReaddressForm(AddresseesForm, SeenForm):
    """To whom a draft goes from now on."""


class LetterForm(AddresseesForm):
    """Which kind of letter, for which body, to whom, what is asked, by when."""

    token = HiddenField(default=lambda: secrets.token_urlsafe(18))
    kind = RadioField(_l("Loại văn bản"), [offered(_l("Chọn loại văn bản"))], validate_choice=False, choices=[])
    issuer = Choice(_l("Cơ quan ban hành"), [offered(_l("Chọn cơ quan ban hành"))])
    reason = TextAreaField(
        _l("Nội dung đề nghị"),
        [DataRequired(_l("Viết đề nghị đơn vị làm gì"))],
        filters=typed(TEXT_MAX),
        description=_l("Thành một đoạn trong văn bản, sửa được trước khi trình ký. Không ghi tên, chỗ ở của người dân."),
    )
    answer_by = DatePartsField(
        _l("Trả lời chậm nhất ngày"), [Optional()], description=_l("Để trống thì theo hạn đã quy định, tính từ ngày văn bản được ghi số")
    )

    def validate_token(self, field: HiddenField) -> None:
        """Give a form that lost its token another one."""
        if not field.data or len(field.data) > TOKEN_MAX:
            field.data = secrets.token_urlsafe(18)


class AnswerForm(OwnForm):
    """What the unit says to a letter."""

    text = TextAreaField(
        _l("Trả lời"),
        [DataRequired(_l("Viết câu trả lời"))],
        filters=typed(TEXT_MAX),
        description=_l("Đã làm gì, đến đâu, còn gì, ngày nào xong"),
    )
    files = UploadsField(_l("Văn bản, ảnh kèm theo"), [Optional()])


class RemarksForm(OwnForm):
    """Why an answer does not do."""

    text = TextAreaField(_l("Lý do"), [DataRequired(_l("Ghi lý do, để người trả lời biết cần bổ sung gì"))], filters=typed(TEXT_MAX))
