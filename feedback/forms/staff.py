"""What staff type about an item: one small form a step. The views give the selects their choices."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.fields import DatePartsField
from app.files import UploadsField
from app.text import line, typed
from feedback import words
from feedback.forms.base import LINE_MAX, OwnForm, number, values
from feedback.forms.citizen import NAMES_MAX
from feedback.rules import Kind
from feedback.steps import is_unplaced

TEXT_MAX = 5000  # characters
LETTER_MAX = 20000
COMBOBOX = {"data-combobox": ""}


class Choice(SelectField):
    """A select whose value is an id; nothing chosen, or something that is not offered, is None."""

    def __init__(self, label: Any, validators: Any = (), **kwargs: Any) -> None:
        super().__init__(label, validators, validate_choice=False, choices=[], **kwargs)
        self.type = "SelectField"  # what the `field` component knows

    @property
    def id_chosen(self) -> int | None:
        """Return the id that was chosen, if it was offered."""
        return number(self.data) if self.data in values(self) else None


def offered(sentence: Any) -> Any:
    """Return the validator that asks for one of what a select or radio offers."""

    def check(_form: Any, field: SelectField) -> None:
        if not field.data or str(field.data) not in values(field):
            raise ValidationError(sentence)

    return check


class ClassifyForm(OwnForm):
    """What an item is, by its content and not by its title."""

    kind = SelectField(_l("Loại"), [offered(_l("Chọn loại"))], validate_choice=False)
    title = StringField(_l("Tóm tắt, một dòng"), [DataRequired(_l("Viết một dòng tóm tắt"))], filters=line(LINE_MAX))
    field = Choice(_l("Lĩnh vực"), [Optional()])
    place = Choice(_l("Nơi xảy ra"), [Optional()], render_kw=COMBOBOX)
    accused_names = TextAreaField(_l("Người bị nói tới"), [Optional()], filters=typed(NAMES_MAX), description=_l("Mỗi người một dòng"))
    accused = Choice(
        _l("Đơn vị bị nói đến"),
        [Optional()],
        render_kw=COMBOBOX,
        description=_l(
            "Đơn vị này và cấp dưới của nó không đọc được và không được giao ý kiến này. "
            "Riêng khiếu nại lần đầu, luật giao chính đơn vị này giải quyết."
        ),
    )
    accused_outside = BooleanField(_l("Người bị nói tới không thuộc đơn vị nào của tỉnh, hoặc không rõ"))
    complex = BooleanField(_l("Vụ việc phức tạp (theo quy định có thời hạn dài hơn)"))
    seen = HiddenField(filters=line(LINE_MAX))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [SelectChoice(str(kind), words.KINDS[kind]) for kind in Kind]

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the unit of who is named, too, or to say that there is none."""
        fine = super().validate(extra_validators)
        if is_unplaced(self.accused_names.data, self.accused.id_chosen, outside=bool(self.accused_outside.data)):
            self.fail("accused", _l("Có người bị nói tới: chọn đơn vị của người ấy, hoặc đánh dấu ô “không thuộc đơn vị nào”"))
        return fine and not self.failed


class UnitForm(OwnForm):
    """To which unit, and why when it moves on."""

    unit = Choice(_l("Đơn vị"), [offered(_l("Chọn đơn vị"))], render_kw=COMBOBOX)


class TransferForm(UnitForm):
    """To which other unit, and why."""

    reason = TextAreaField(_l("Vì sao chuyển"), [DataRequired(_l("Viết vì sao chuyển, để đơn vị nhận hiểu"))], filters=typed(TEXT_MAX))


class OfficerForm(OwnForm):
    """To whom in the unit."""

    officer = Choice(_l("Giao cho"), [offered(_l("Chọn người"))])


class OfficerAgainForm(OfficerForm):
    """To whom, where it may be whoever answered or signed before; then why."""

    reason = TextAreaField(_l("Vì sao giao cho người đã trả lời hoặc đã ký lần trước"), [Optional()], filters=typed(TEXT_MAX))


class WordsForm(OwnForm):
    """One text: a question, a note, a reason, remarks."""

    text = TextAreaField(_l("Nội dung"), [DataRequired(_l("Viết vài chữ"))], filters=typed(TEXT_MAX))


class CodeForm(OwnForm):
    """Another item, by its code."""

    code = StringField(
        _l("Mã tra cứu của ý kiến kia"),
        [DataRequired(_l("Ghi mã tra cứu"))],
        filters=line(LINE_MAX),
        description=_l("Có trên phiếu nhận và trong tin báo"),
    )


class ReferenceForm(OwnForm):
    """The item's number in another system."""

    source = StringField(
        _l("Hệ thống, sổ"),
        [DataRequired(_l("Ghi tên hệ thống hoặc sổ"))],
        filters=line(LINE_MAX),
        description=_l(
            "Ví dụ: CSDL quốc gia về khiếu nại, tố cáo; Cổng dịch vụ công; công văn đến; biên bản đối thoại giải quyết khiếu nại"
        ),
    )
    number = StringField(_l("Số"), [DataRequired(_l("Ghi số"))], filters=line(LINE_MAX))


class ExtensionForm(OwnForm):
    """More time: on which ground, and why in words that the sender reads when it is granted."""

    ground = RadioField(_l("Lý do theo quy định"), [offered(_l("Chọn lý do"))], validate_choice=False, choices=[])
    reason = TextAreaField(_l("Nói rõ"), [DataRequired(_l("Viết vì sao cần thêm thời gian"))], filters=typed(TEXT_MAX))


class DecisionForm(OwnForm):
    """More time: yes or no."""

    granted = RadioField(
        _l("Quyết định"),
        [offered(_l("Chọn đồng ý hoặc không"))],
        validate_choice=False,
        choices=[SelectChoice("yes", _l("Đồng ý gia hạn")), SelectChoice("no", _l("Không đồng ý, giữ hạn cũ"))],
    )
    remarks = TextAreaField(_l("Ghi thêm cho người xin"), [Optional()], filters=typed(TEXT_MAX))


class KeptForm(OwnForm):
    """What was promised is done: what was done, and what shows it."""

    report = TextAreaField(
        _l("Đã làm gì"),
        [DataRequired(_l("Viết đã làm gì, ở đâu, ngày nào"))],
        filters=typed(TEXT_MAX),
        description=_l("Người gửi đọc được."),
    )
    caption = StringField(_l("Ảnh, văn bản chụp gì, ngày nào"), [Optional()], filters=line(LINE_MAX))
    proofs = UploadsField(_l("Ảnh hoặc văn bản làm chứng"))


class SeeForm(OwnForm):
    """Why somebody looks at who wrote."""

    reason = RadioField(_l("Xem để làm gì"), [offered(_l("Chọn lý do"))], validate_choice=False, choices=[])


class OriginalForm(SeeForm):
    """Why somebody opens a file as it came, or asks to; or with whose wish they agree."""

    agree_with = HiddenField(filters=[number])

    def validate(self, extra_validators: Any = None) -> bool:
        """Who agrees gives no reason of their own."""
        if self.agree_with.data:
            self.reason.validators = []
        return super().validate(extra_validators)


class PublishForm(OwnForm):
    """The masked public copy: written, looked at as everyone will read it, and only then put out."""

    title = StringField(_l("Tiêu đề công khai"), [DataRequired(_l("Viết tiêu đề"))], filters=line(LINE_MAX))
    text = TextAreaField(_l("Nội dung công khai, đã che"), [DataRequired(_l("Viết nội dung"))], filters=typed(LETTER_MAX))
    reply = TextAreaField(_l("Trả lời công khai, đã che"), [Optional()], filters=typed(LETTER_MAX))
    checked = BooleanField(_l("Đã đọc lại: không còn tên, chỗ ở, số điện thoại, biển số của ai"))
    seen = HiddenField(filters=line(LINE_MAX))

    @property
    def publishes(self) -> bool:
        """Whether the page was looked at, and this is the press that puts it out."""
        return bool(self.seen.data)

    def validate_checked(self, field: BooleanField) -> None:
        """Ask who publishes whether they have read it."""
        if self.publishes and not field.data:
            raise ValidationError(_l("Đọc lại bản công khai rồi đánh dấu ô này"))


class PressForm(OwnForm):
    """A step that needs no words, only the press of a button on a page that says what it does."""


class RemarksForm(OwnForm):
    """Words that may be left out."""

    remarks = TextAreaField(_l("Ghi thêm"), [Optional()], filters=typed(TEXT_MAX))


class LastHandForm(RemarksForm):
    """The signature of who has no văn thư behind them: with it the paper goes out, and it needs its number."""

    number = StringField(_l("Số và ký hiệu"), [DataRequired(_l("Ghi số"))], filters=line(LINE_MAX))


class NumberForm(OwnForm):
    """Number and date of a signed paper, as văn thư writes them into the book."""

    number = StringField(_l("Số và ký hiệu"), [DataRequired(_l("Ghi số"))], filters=line(LINE_MAX))
    numbered_on = DatePartsField(_l("Ngày văn bản"))

    def validate_numbered_on(self, field: DatePartsField) -> None:
        """Ask for a day."""
        if field.data is None:
            raise ValidationError(_l("Ghi ngày văn bản"))
