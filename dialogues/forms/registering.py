"""What a citizen types who wants a seat, and what may be changed later; how an invitation is answered."""

from __future__ import annotations

import secrets
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TelField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from app.text import line
from dialogues import words
from dialogues.forms.halls import HallForm
from dialogues.operations.registering import RegistrationData, SeatData
from dialogues.rules import MOST_PEOPLE, GuestAnswer, Need
from feedback.forms.base import LINE_MAX, ContactFields, OwnForm, values

BETWEEN = ", "


class SeatForm(HallForm):
    """How many come, where they sit, what they need. *halls*: where there is a choice."""

    people = SelectField(
        _l("Mấy người đến, kể cả người đăng ký"),
        validate_choice=False,
        choices=[SelectChoice(str(each), str(each)) for each in range(1, MOST_PEOPLE + 1)],
    )
    hall = SelectField(_l("Ngồi ở đâu"), validate_choice=False)
    needs = SelectMultipleField(
        _l("Cần hỗ trợ gì"),
        [Optional()],
        validate_choice=False,
        choices=lambda: [SelectChoice(str(need), words.NEEDS[need]) for need in Need],
    )
    other_need = StringField(_l("Cần việc khác"), [Optional()], filters=line(LINE_MAX))

    def show(self, seat: Any) -> None:
        """Fill in what a registration says already."""
        parts = [part for part in seat.needs.split(BETWEEN) if part]
        self.people.data = str(seat.people)
        self.needs.data = [part for part in parts if part in set(Need)]
        self.other_need.data = BETWEEN.join(part for part in parts if part not in set(Need))
        if self.hall is not None:
            self.hall.data = str(seat.hall_id)

    @property
    def seat(self) -> SeatData:
        """What was typed, once validate() said it is fine."""
        return SeatData(**self._seat())

    def _seat(self) -> dict[str, Any]:
        needs = [need for need in Need if need in (self.needs.data or ())]
        return {
            "people": int(self.people.data or 1),
            "hall": self.hall_chosen,
            "needs": BETWEEN.join([*needs, *([self.other_need.data] if self.other_need.data else [])]),
        }

    def validate_people(self, field: SelectField) -> None:
        """Take what is offered."""
        if field.data not in values(field):
            raise ValidationError(_l("Chọn từ 1 đến %(most)d người; đông hơn thì người khác trong đoàn đăng ký thêm", most=MOST_PEOPLE))

    def validate_hall(self, field: SelectField) -> None:
        """Take what is offered."""
        if field.data not in values(field):
            raise ValidationError(_l("Chọn nơi ngồi"))


class RegistrationForm(SeatForm, ContactFields):
    """A seat for somebody, with a way to tell them when the day moves."""

    name = StringField(_l("Họ và tên"), filters=line(LINE_MAX), render_kw={"autocomplete": "name"})
    phone = TelField(_l("Số điện thoại"), filters=line(30), render_kw={"autocomplete": "tel", "inputmode": "tel"})
    email = EmailField(_l("E-mail"), filters=line(LINE_MAX), render_kw={"autocomplete": "email"})
    comes_from = StringField(_l("Ở thôn, tổ dân phố, doanh nghiệp nào"), [Optional()], filters=line(LINE_MAX))
    website = StringField(_l("Ô này để trống"))  # for robots, which fill in whatever they find
    token = HiddenField(default=lambda: secrets.token_urlsafe(18))

    def registration(self, *, locale: str = "vi") -> RegistrationData:
        """Return what was typed, once validate() said it is fine."""
        return RegistrationData(
            name=self.name.data or "",
            phone=self.phone.data or "",
            email=self.email.data or "",
            comes_from=self.comes_from.data or "",
            locale=locale,
            token=self.token.data or "",
            **self._seat(),
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for one way to tell them."""
        fine = super().validate(extra_validators)
        if not (self.phone.data or self.email.data or self.phone.errors or self.email.errors):
            self.fail("phone", _l("Ghi số điện thoại hoặc e-mail để báo khi đổi ngày hoặc có chỗ"))
        return fine and not self.failed

    def validate_name(self, field: StringField) -> None:
        """Ask for a name."""
        if not field.data:
            raise ValidationError(_l("Ghi họ và tên"))

    def validate_token(self, field: HiddenField) -> None:
        """Give a form that lost its token another one."""
        if not field.data or len(field.data) > LINE_MAX:
            field.data = secrets.token_urlsafe(18)


class AnswerForm(OwnForm):
    """Coming, somebody else, or not."""

    answer = RadioField(
        _l("Trả lời"),
        validate_choice=False,
        choices=lambda: [SelectChoice(str(given), words.GUEST_ANSWERS[given]) for given in GuestAnswer],
    )
    note = StringField(_l("Ai đi thay: họ tên, chức vụ"), [Optional()], filters=line(LINE_MAX))

    def validate_answer(self, field: RadioField) -> None:
        """Take what is offered."""
        if field.data not in set(GuestAnswer):
            raise ValidationError(_l("Chọn một câu trả lời"))
