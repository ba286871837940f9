"""What is typed about a recommendation: that it is done, that it is not yet, that it needs more time or another unit."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Optional, ValidationError

from app.fields import DatePartsField
from app.files import UploadsField
from app.text import typed
from feedback.forms.base import OwnForm
from feedback.forms.staff import COMBOBOX, TEXT_MAX, Choice, offered
from oversight.forms.supervision import day


class DoneForm(OwnForm):
    """What was recommended is done."""

    outcome = TextAreaField(_l("Đã làm gì"), [DataRequired(_l("Viết đã làm gì, ở đâu, ngày nào"))], filters=typed(TEXT_MAX))
    proofs = UploadsField(_l("Ảnh hoặc văn bản làm chứng"))

    def validate_proofs(self, field: UploadsField) -> None:
        """Nothing that shows it is no proof."""
        if not field.data and not field.process_errors:
            raise ValidationError(_l("Gửi kèm ảnh hoặc văn bản làm chứng"))


class NotYetForm(OwnForm):
    """It is not done yet."""

    remarks = TextAreaField(_l("Chưa đạt ở chỗ nào"), [DataRequired(_l("Ghi chưa đạt ở chỗ nào"))], filters=typed(TEXT_MAX))
    due_on = DatePartsField(_l("Hạn mới"), [day(_l("Ghi hạn mới"))])


class RemarksForm(OwnForm):
    """What is said with a confirmation."""

    remarks = TextAreaField(_l("Ghi thêm"), [Optional()], filters=typed(TEXT_MAX))


class GiveAgainForm(OwnForm):
    """What was returned goes to a unit once more."""

    unit = Choice(_l("Đơn vị"), [offered(_l("Chọn đơn vị"))], render_kw=COMBOBOX)
    remarks = TextAreaField(_l("Trả lời lý do trả lại"), [DataRequired(_l("Ghi vì sao vẫn giao"))], filters=typed(TEXT_MAX))
    due_on = DatePartsField(_l("Hạn"), [day(_l("Ghi hạn"))])


class ExtendForm(OwnForm):
    """Why more time is needed."""

    reason = TextAreaField(_l("Vì sao cần thêm thời gian"), [DataRequired(_l("Ghi lý do"))], filters=typed(TEXT_MAX))
