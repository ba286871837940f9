"""What is typed after the hall: how a question was answered, what the chair concluded, who does what by when."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.fields import DatePartsField
from app.files import UploadsField
from app.text import line, typed
from dialogues import words
from dialogues.operations.concluding import Answer, Asked
from dialogues.rules import DEFERRED, AnswerKind
from feedback.forms.base import LINE_MAX, ContactFields, OwnForm, card
from feedback.forms.staff import COMBOBOX, TEXT_MAX, Choice, offered

#: Later than this is a slip of the finger more often than a promise.
FURTHEST = dt.timedelta(days=366)


class AnswerForm(OwnForm):
    """How a question was answered."""

    kind = RadioField(
        _l("Câu hỏi được trả lời thế nào?"),
        [offered(_l("Chọn cách trả lời"))],
        validate_choice=False,
        choices=lambda: [SelectChoice(kind, word) for kind, word in words.ANSWER_KINDS.items()],
    )
    by = StringField(
        _l("Đại biểu nào trả lời"),
        [Optional()],
        filters=line(LINE_MAX),
        description=_l("Họ tên, chức vụ; chỉ ghi khi đại biểu khác trả lời"),
    )
    text = TextAreaField(_l("Nội dung trả lời"), [Optional()], filters=typed(TEXT_MAX), description=_l("Ghi như đã nói tại chỗ"))
    rejected = BooleanField(_l("Người hỏi không đồng ý với câu trả lời"))
    wants = TextAreaField(_l("Người hỏi đề nghị gì"), [Optional()], filters=typed(TEXT_MAX))

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for what belongs to the kind of answer."""
        super().validate(extra_validators)
        if self.kind.data == AnswerKind.BY_DELEGATE and not self.by.data:
            self.fail("by", _("Ghi họ tên, chức vụ người trả lời"))
        if self.kind.data not in DEFERRED and not self.text.data:
            self.fail("text", _("Ghi nội dung trả lời"))
        if self.rejected.data and not self.wants.data:
            self.fail("wants", _("Ghi người hỏi đề nghị gì"))
        return not self.failed

    @property
    def answer(self) -> Answer:
        """Return what was typed."""
        return Answer(AnswerKind(self.kind.data), self.text.data or "", self.by.data or "", self.rejected.data, self.wants.data or "")


class FloorForm(ContactFields, OwnForm):
    """A question from the floor."""

    token = HiddenField(default=lambda: uuid.uuid4().hex)
    text = TextAreaField(_l("Câu hỏi"), [DataRequired(_l("Ghi câu hỏi"))], filters=typed(TEXT_MAX))
    asker = StringField(
        _l("Người hỏi"),
        [Optional()],
        filters=line(LINE_MAX),
        description=_l("Để trống khi người hỏi không nêu tên. Không hiện ra công khai."),
    )
    comes_from = StringField(
        _l("Ở đâu, thuộc đơn vị nào"), [Optional()], filters=line(LINE_MAX), description=_l("Ví dụ: tổ dân phố 4; Công ty Minh Đức")
    )
    phone = StringField(
        _l("Số điện thoại"), [Optional()], filters=line(LINE_MAX), description=_l("Để báo khi có văn bản trả lời; người hỏi cho thì ghi")
    )
    hall = Choice(_l("Điểm cầu"), [Optional()])

    @property
    def asked(self) -> Asked:
        """Return what was typed."""
        try:
            uid = uuid.UUID(self.token.data or "")
        except ValueError:  # not what the page sent
            uid = uuid.uuid4()
        return Asked(
            self.text.data or "", self.asker.data or "", self.phone.data or "", self.comes_from.data or "", self.hall.id_chosen, uid
        )


class ConclusionForm(OwnForm):
    """The chair's conclusion as a whole."""

    text = TextAreaField(
        _l("Kết luận của chủ trì"),
        [DataRequired(_l("Ghi kết luận"))],
        filters=typed(4 * TEXT_MAX),
        description=_l("Tiếp thu gì, giải thích gì, chỉ đạo gì. Việc giao từng đơn vị thì ghi ở phần giao việc, có hạn."),
    )


def _unit(label: Any, *validators: Any) -> Choice:
    return Choice(label, validators, render_kw=COMBOBOX)


def _due_on() -> DatePartsField:
    return DatePartsField(_l("Chậm nhất ngày"))


def _public_form() -> RadioField:
    return RadioField(
        _l("Người dân biết kết quả bằng cách nào?"),
        [offered(_l("Chọn cách công khai"))],
        validate_choice=False,
        choices=lambda: [SelectChoice(form, word) for form, word in words.PUBLIC_FORMS.items()],
    )


class _PromiseForm(OwnForm):
    """What the chair promised. Each form names its fields itself, in the order in which they are asked."""

    due_on: DatePartsField
    public_form: RadioField

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    def validate_due_on(self, field: DatePartsField) -> None:
        """Ask for a day to come."""
        if field.data is None:
            raise ValidationError(_l("Ghi ngày chủ trì hẹn"))
        if field.data <= self._today:
            raise ValidationError(_l("Ngày hẹn phải sau hôm nay"))
        if field.data > self._today + FURTHEST:
            raise ValidationError(_l("Quá một năm. Việc dài hơn thì hẹn ngày báo kết quả bước đầu"))


class _UnitsForm(_PromiseForm):
    """Which unit answers or acts, and who helps."""

    unit: Choice
    supporting_1: Choice
    supporting_2: Choice
    supporting_3: Choice

    def offer(self, units: list[SelectChoice]) -> None:
        """Give the selects their choices."""
        for field in (self.unit, self.supporting_1, self.supporting_2, self.supporting_3):
            field.choices = units

    @property
    def supporting(self) -> list[int]:
        """Return the units that help, each once."""
        chosen = [self.supporting_1.id_chosen, self.supporting_2.id_chosen, self.supporting_3.id_chosen]
        return [id_ for id_ in dict.fromkeys(chosen) if id_ is not None]

    def validate_helper(self, field: Choice) -> None:
        """Let nobody help themselves."""
        if field.id_chosen is not None and field.id_chosen == self.unit.id_chosen:
            raise ValidationError(_l("Đơn vị này đã chủ trì. Chọn đơn vị khác hoặc để trống"))

    validate_supporting_1 = validate_supporting_2 = validate_supporting_3 = validate_helper


class PromiseForm(_UnitsForm):
    """Who answers a question that was left open."""

    unit = _unit(_l("Đơn vị trả lời"), offered(_l("Chọn đơn vị trả lời")))
    due_on = _due_on()
    public_form = _public_form()
    supporting_1 = _unit(_l("Đơn vị phối hợp"), Optional())
    supporting_2 = _unit(_l("Đơn vị phối hợp thứ hai"), Optional())
    supporting_3 = _unit(_l("Đơn vị phối hợp thứ ba"), Optional())


class PetitionForm(_PromiseForm):
    """Which higher body a question goes to."""

    beyond = StringField(_l("Kiến nghị lên cơ quan nào"), [DataRequired(_l("Ghi tên cơ quan"))], filters=line(LINE_MAX))
    due_on = _due_on()
    public_form = _public_form()


class InstructForm(_UnitsForm):
    """Something to do."""

    title = StringField(
        _l("Làm việc gì"),
        [DataRequired(_l("Ghi việc phải làm"))],
        filters=line(LINE_MAX),
        description=_l("Một việc một dòng, có kết quả thấy được. Ví dụ: nạo vét rãnh thoát nước ngõ 12 đường Thiên Đức"),
    )
    question = Choice(
        _l("Từ câu hỏi nào"), [Optional()], description=_l("Chọn thì người hỏi được báo và theo dõi được việc này bằng mã của mình")
    )
    unit = _unit(_l("Đơn vị chủ trì thực hiện"))
    due_on = _due_on()
    public_form = _public_form()
    supporting_1 = _unit(_l("Đơn vị phối hợp"), Optional())
    supporting_2 = _unit(_l("Đơn vị phối hợp thứ hai"), Optional())
    supporting_3 = _unit(_l("Đơn vị phối hợp thứ ba"), Optional())
    beyond = StringField(
        _l("Vượt thẩm quyền: kiến nghị lên cơ quan nào"),
        [Optional()],
        filters=line(LINE_MAX),
        description=_l("Ghi ở đây thì không cần chọn đơn vị: nơi tổ chức đối thoại gửi văn bản kiến nghị và báo lại kết quả."),
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the unit, or for the body that is petitioned."""
        super().validate(extra_validators)
        if not self.beyond.data and self.unit.id_chosen is None:
            self.fail("unit", _("Chọn đơn vị, hoặc ghi cơ quan cấp trên khi vượt thẩm quyền"))
        return not self.failed


class DoneForm(OwnForm):
    """What was given out is done: what was done, and what shows it."""

    outcome = TextAreaField(
        _l("Đã làm gì"),
        [DataRequired(_l("Viết đã làm gì, ở đâu, ngày nào"))],
        filters=typed(TEXT_MAX),
        description=_l("Mọi người đọc được trên trang buổi đối thoại. Không ghi tên, chỗ ở, số điện thoại của người dân."),
    )
    caption = StringField(_l("Ảnh, văn bản chụp gì, ngày nào"), [Optional()], filters=line(LINE_MAX))
    proofs = UploadsField(_l("Ảnh hoặc văn bản làm chứng"))


class DecideForm(OwnForm):
    """A proposed correction: taken or not, and why."""

    accepted = RadioField(
        _l("Quyết định"),
        [offered(_l("Chọn nhận hoặc không"))],
        validate_choice=False,
        choices=lambda: [
            card("yes", _l("Nhận góp ý"), _l("Sau đó sửa lời vào bản mới của biên bản")),
            card("no", _l("Không nhận, giữ như đã ghi")),
        ],
    )
    why = TextAreaField(_l("Lý do"), [DataRequired(_l("Ghi lý do"))], filters=typed(TEXT_MAX))
