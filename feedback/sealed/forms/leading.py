"""What is typed by who confirms who is accused, by the head who decides, and by who asks who wrote."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField, StringField, SubmitField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.accounts.models import User
from app.fields import DatePartsField
from app.text import line, typed
from app.units.models import Unit
from feedback.forms.base import LINE_MAX, OwnForm, number
from feedback.forms.staff import COMBOBOX, TEXT_MAX, Choice, offered
from feedback.sealed.rules import Extent, Kept

NONE_OF_OURS = "0"


def _person(user: User) -> SelectChoice:
    return SelectChoice(str(user.id), user.name, {"hint": ", ".join(filter(None, [user.title, user.unit.name, user.email]))})


class ConfirmForm(OwnForm):
    """Who is accused. People are looked for by name, and nothing looked for stands in an address."""

    unit = Choice(
        _l("Cơ quan của người bị nói tới"), [offered(_l("Chọn cơ quan, hoặc ghi là không thuộc cơ quan nào ở đây"))], render_kw=COMBOBOX
    )
    names = TextAreaField(
        _l("Tên người bị nói tới"),
        [Optional()],
        filters=typed(1000),
        description=_l("Mỗi dòng một tên, rồi bấm Tìm và đánh dấu đúng người."),
    )
    people = SelectMultipleField(_l("Tài khoản của người bị nói tới"), [Optional()], validate_choice=False, choices=[])
    lifted = SelectMultipleField(
        _l("Người khác đã bỏ: đồng ý thôi tránh"),
        [Optional()],
        validate_choice=False,
        choices=[],
        description=_l("Đánh dấu là đồng ý: từ nay người ấy, cơ quan ấy có thể được biết thông tin này."),
    )
    find = SubmitField(_l("Tìm"))

    def offer(self, units: Iterable[SelectChoice], found: Iterable[User], kept: Iterable[tuple[Kept, str]]) -> None:
        """Give the choices: units, the people found with those who were chosen before, and whom somebody else took away."""
        self.lifted.choices = [SelectChoice(f"{each.kind}-{each.id}", name) for each, name in kept]
        self.unit.choices = [SelectChoice("", _("Gõ hoặc chọn")), SelectChoice(NONE_OF_OURS, _("Không thuộc cơ quan nào ở đây")), *units]
        self.people.choices = [_person(user) for user in found]

    @property
    def ticked(self) -> set[int]:
        """The ids that were chosen."""
        return {id_ for each in self.people.data or () if (id_ := number(each)) is not None}

    @property
    def agreed(self) -> set[tuple[str, int]]:
        """Who was ticked of those whom somebody else took away, by kind and id."""
        said = [each.partition("-") for each in self.lifted.data or ()]
        return {(kind, id_) for kind, _dash, number_ in said if (id_ := number(number_)) is not None}


class HeadForm(OwnForm):
    """The head who decides."""

    head = Choice(_l("Người đứng đầu quyết định"), [offered(_l("Chọn người đứng đầu"))], render_kw=COMBOBOX)

    def offer(self, heads: Iterable[tuple[User, Unit]]) -> None:
        """Let one of *heads* be chosen."""
        rows = [SelectChoice(str(user.id), f"{user.name}, {unit.name}") for user, unit in heads]
        self.head.choices = [SelectChoice("", _("Gõ hoặc chọn")), *rows]


class HandUpForm(OwnForm):
    """How a case went to the superior, by hand."""

    note = TextAreaField(
        _l("Đã chuyển tay thế nào"),
        [DataRequired(_l("Ghi nơi nhận, người nhận, số và ngày văn bản"))],
        filters=typed(TEXT_MAX),
        description=_l("Ghi nơi nhận, người nhận, số và ngày văn bản. Được khóa lại như nội dung."),
    )


class GrantForm(OwnForm):
    """Who may see a case, how much of it, until when and what for."""

    name = StringField(_l("Tên hoặc e-mail người được giao"), filters=line(LINE_MAX), description=_l("Ghi rồi bấm Tìm."))
    user = RadioField(_l("Giao cho"), [offered(_l("Tìm rồi chọn một người"))], validate_choice=False, choices=[])
    extent = RadioField(
        _l("Được xem"),
        [offered(_l("Chọn được xem gì"))],
        validate_choice=False,
        choices=[
            SelectChoice(Extent.COPY, _l("Bản đã bỏ tên người báo tin"), {"hint": _l("Cho người đi xác minh")}),
            SelectChoice(Extent.WHOLE, _l("Toàn bộ nội dung, trừ tên người báo tin")),
        ],
    )
    until = DatePartsField(_l("Đến hết ngày"))
    why = StringField(_l("Để làm gì"), [DataRequired(_l("Ghi giao để làm gì"))], filters=line(LINE_MAX))
    why_whole = StringField(_l("Nếu giao toàn bộ: vì sao bản đã bỏ tên không đủ"), filters=line(LINE_MAX))
    find = SubmitField(_l("Tìm"))

    def offer(self, found: Collection[User]) -> None:
        """Let one of the people *found* be chosen."""
        self.user.choices = [_person(user) for user in found]

    def validate_until(self, field: DatePartsField) -> None:
        """Ask for a day."""
        if field.data is None and not field.errors:
            raise ValidationError(_l("Ghi ngày cuối được xem"))

    def validate_why_whole(self, field: StringField) -> None:
        """Ask why, where it is all of it."""
        if self.extent.data == Extent.WHOLE and not field.data:
            raise ValidationError(_l("Ghi vì sao bản đã bỏ tên không đủ"))


class WhyForm(OwnForm):
    """Why somebody has to learn who wrote."""

    reason = StringField(_l("Cần biết để làm gì"), [DataRequired(_l("Ghi lý do"))], filters=line(LINE_MAX))


class AgreeForm(OwnForm):
    """Whether somebody else may learn who wrote, and why."""

    answer = RadioField(
        _l("Có đồng ý không?"),
        [offered(_l("Chọn một câu trả lời"))],
        validate_choice=False,
        choices=[SelectChoice("yes", _l("Đồng ý")), SelectChoice("no", _l("Không đồng ý"))],
    )
    reason = StringField(_l("Vì sao"), [DataRequired(_l("Ghi lý do"))], filters=line(LINE_MAX))
