"""What those present type on their phones: a question from the seat, what they thought of the session; and how staff moderate it."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.text import line, typed
from dialogues.forms.halls import HallForm
from dialogues.operations.evaluating import Marks
from dialogues.operations.seats import SeatQuestion
from feedback.forms.base import LINE_MAX, ContactFields, OwnForm
from feedback.forms.staff import TEXT_MAX, offered

SEAT_QUESTION_MAX = 1000  # characters: read aloud in three minutes
WORDS_MAX = 1000


class SeatForm(HallForm, ContactFields):
    """One question from somebody in the hall, who need not say who they are."""

    body = TextAreaField(_l("Câu hỏi"), filters=typed(SEAT_QUESTION_MAX))
    hall = SelectField(_l("Đang ngồi ở đâu"), validate_choice=False)
    comes_from = StringField(_l("Ở thôn, tổ dân phố, doanh nghiệp nào"), [Optional()], filters=line(LINE_MAX))
    name = StringField(_l("Họ và tên"), [Optional()], filters=line(LINE_MAX), render_kw={"autocomplete": "name"})
    phone = TelField(_l("Số điện thoại"), [Optional()], filters=line(30), render_kw={"autocomplete": "tel", "inputmode": "tel"})
    website = StringField(_l("Ô này để trống"))  # for robots, which fill in whatever they find
    token = HiddenField(default=lambda: secrets.token_urlsafe(18))

    hall_key = "uid"
    hall_first = _l("Chọn nơi ngồi")

    def asked(self, code: str) -> SeatQuestion:
        """Return the question for the session *code*, once validate() said it is fine."""
        said = "\x1f".join([code, self.body.data or "", self.name.data or ""])
        seat = self.hall_chosen
        return SeatQuestion(
            text=self.body.data or "",
            # The same form with the same words is the same question; with others it is another.
            token=f"{self.token.data}:{hashlib.sha256(said.encode()).hexdigest()}",
            name=self.name.data or "",
            phone=self.phone.data or "",
            comes_from=self.comes_from.data or "",
            hall_id=seat.id if seat is not None else None,
        )

    def validate_body(self, field: TextAreaField) -> None:
        """Ask for words."""
        if not field.data:
            raise ValidationError(_l("Viết câu hỏi"))

    def validate_token(self, field: HiddenField) -> None:
        """Give a form that lost its token another one."""
        if not field.data or len(field.data) > LINE_MAX:
            field.data = secrets.token_urlsafe(18)


class ModerateForm(OwnForm):
    """The masked copy of a question from the hall; *for_the_day* comes from the button that was pressed."""

    text = TextAreaField(_l("Câu hỏi sẽ hiện, đã che"), [DataRequired(_l("Viết câu hỏi sẽ hiện"))], filters=typed(TEXT_MAX))


class ModerateAnswerForm(OwnForm):
    """The masked copy of what was answered in the hall."""

    text = TextAreaField(_l("Trả lời sẽ hiện, đã che"), [DataRequired(_l("Viết trả lời sẽ hiện"))], filters=typed(TEXT_MAX))


class RefuseSeatForm(OwnForm):
    """Why a question from a seat is not shown."""

    why = TextAreaField(
        _l("Vì sao không đưa vào buổi đối thoại"),
        [DataRequired(_l("Viết lý do, người hỏi đọc được"))],
        filters=typed(TEXT_MAX),
        description=_l("Người hỏi đọc được lý do này trên điện thoại của mình."),
    )


MARKS = [
    SelectChoice("5", _l("Rất đồng ý")),
    SelectChoice("4", _l("Đồng ý")),
    SelectChoice("3", _l("Bình thường")),
    SelectChoice("2", _l("Không đồng ý")),
    SelectChoice("1", _l("Rất không đồng ý")),
]


def _mark(label: Any) -> RadioField:
    return RadioField(label, [offered(_l("Chọn một mức"))], validate_choice=False, choices=MARKS)


class EvaluationForm(OwnForm):
    """Three marks and a few words."""

    heard = _mark(_l("Người dân được nói và được nghe"))
    answered = _mark(_l("Trả lời đúng điều đã hỏi"))
    organised = _mark(_l("Tổ chức chu đáo: thời gian, chỗ ngồi, âm thanh"))
    words = TextAreaField(_l("Muốn nói thêm"), [Optional()], filters=typed(WORDS_MAX))

    @property
    def marks(self) -> Marks:
        """Return what was marked, once validate() said it is fine."""
        return Marks(int(self.heard.data), int(self.answered.data), int(self.organised.data), self.words.data or "")
