"""What a person types who goes on after reading that the law does not take a denunciation online. Nothing of it is kept on the device."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from app.files import UploadsField
from app.text import line, typed
from app.units.rules import alike, called
from feedback import rules
from feedback.forms.base import LINE_MAX, ContactFields, OwnForm, number, values
from feedback.forms.citizen import BODY_MAX, NAMES_MAX
from feedback.operations.intake import PersonData, Submission

OTHER_UNIT = "khac"  # of the accused: none of those that were found


class NamelessUploads(UploadsField):
    """Files whose names are forgotten before anything is kept: a name may say whose telephone it was, or who is accused.

    What is signed or locked is refused, for it says who made it whatever we do: who took a minute to print it anew can send it, whom
    it named cannot take that back.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, nameless=True)

    def name_kept(self, file: FileStorage, place: int) -> str:  # noqa: ARG002 - that is the point
        """Return a name that tells nothing."""
        return f"tep-{place}"


class UnitField(SelectField):
    """One of the units; after :meth:`ask`, one of those that a typed name may mean, or none of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "SelectField"  # what the page knows

    def ask(self, found: Mapping[str, str]) -> None:
        """Offer what was *found*, one beside the other."""
        self.type, self.label.text = "RadioField", _l("Ý Anh/Chị là cơ quan nào?")
        near = [SelectChoice(value, name) for value, name in found.items()]
        self.choices = [*near, SelectChoice(OTHER_UNIT, _l("Không có trong danh sách"))]


class SealedForm(OwnForm, ContactFields):
    """Information with the content of a denunciation, for who goes on after reading that the law does not take it online."""

    body = TextAreaField(_l("Nội dung"), filters=typed(BODY_MAX))
    files = NamelessUploads(_l("Chọn ảnh, giấy tờ"), [Optional()])
    accused_names = TextAreaField(
        _l("Người bị nói tới là ai?"), [Optional()], filters=typed(NAMES_MAX), render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    place_id = SelectField(_l("Xã, phường"), [Optional()], validate_choice=False, render_kw={"data-combobox": ""})
    accused_unit_id = UnitField(_l("Người bị nói tới làm ở cơ quan nào?"), validate_choice=False, render_kw={"data-combobox": ""})
    # Without scripts nobody finds one among hundreds: its name is typed, and the page asks which is meant.
    accused_unit = StringField(
        _l("Người bị nói tới làm ở cơ quan nào?"), [Optional()], filters=line(LINE_MAX), render_kw={"autocomplete": "off"}
    )
    name = StringField(_l("Họ và tên"), [Optional()], filters=line(LINE_MAX), render_kw={"autocomplete": "off"})
    phone = TelField(_l("Số điện thoại"), [Optional()], filters=line(30), render_kw={"autocomplete": "off", "inputmode": "tel"})
    email = EmailField(_l("E-mail"), [Optional()], filters=line(LINE_MAX), render_kw={"autocomplete": "off"})
    address = StringField(_l("Địa chỉ"), [Optional()], filters=line(LINE_MAX), render_kw={"autocomplete": "off"})
    understood = BooleanField(_l("Tôi đã đọc: gửi ở đây không phải là nộp đơn tố cáo, không có hạn trả lời"))
    website = StringField(_l("Ô này để trống"))
    token = HiddenField(default=lambda: secrets.token_urlsafe(18))

    _unit_id: str | None = None  # of the accused, once validate() knows it

    def validate_body(self, field: TextAreaField) -> None:
        """Ask for words."""
        if not field.data:
            raise ValidationError(_l("Viết ai làm gì, ở đâu, khi nào"))

    def validate_understood(self, field: BooleanField) -> None:
        """Nobody sends it in believing something else."""
        if not field.data:
            raise ValidationError(_l("Đánh dấu là đã đọc rồi mới gửi"))

    def validate_place_id(self, field: SelectField) -> None:
        """Leave out what is not offered."""
        if field.data not in values(field):
            field.data = ""

    def validate_accused_unit_id(self, field: UnitField) -> None:
        """Leave out what is not offered; ask which is meant by a name that was typed, for its people are to be kept out."""
        offered = {str(each.value): str(each.label) for each in field.iter_choices() if each.value}
        self._unit_id = field.data if field.data in offered else None
        if not self.accused_unit.data:
            field.data = self._unit_id or ""
            return
        same = called(self.accused_unit.data, offered)
        if len(same) == 1:
            (self._unit_id,) = same
            field.data = ""  # the name that was typed says it, now and when it is changed
            return
        found = same or alike(self.accused_unit.data, offered)
        field.ask({each: offered[each] for each in found})
        if field.data not in values(field):
            field.data, self._unit_id = "", None
            raise ValidationError(_l("Chọn cơ quan gần giống, hoặc gõ lại tên; không thấy thì chọn “Không có trong danh sách”"))

    def submission(self, *, locale: str) -> Submission:
        """Return what was typed, once validate() said it is fine."""
        said = hashlib.sha256((self.body.data or "").encode()).hexdigest()
        person = PersonData(
            name=self.name.data or "", phone=self.phone.data or "", email=self.email.data or "", address=self.address.data or ""
        )
        return Submission(
            kind=rules.DENUNCIATION,
            body=self.body.data,
            token=f"{self.token.data}:{said}",
            people=(person,),
            place_id=number(self.place_id.data),
            accused_unit_id=number(self._unit_id),
            accused_names="\n".join(filter(None, [self.accused_names.data, "" if self._unit_id else self.accused_unit.data])),
            files=tuple(self.files.data),
            locale=locale,
        )


class LetterForm(OwnForm):
    """What of the form goes into the letter to print. Nothing is asked for: what is missing is filled in by hand."""

    body = TextAreaField(filters=typed(BODY_MAX))
    accused_names = TextAreaField(filters=typed(NAMES_MAX))
    accused_unit_id = SelectField(validate_choice=False)
    accused_unit = StringField(filters=line(LINE_MAX))
    name = StringField(filters=line(LINE_MAX))
    phone = StringField(filters=line(LINE_MAX))
    email = StringField(filters=line(LINE_MAX))
    address = StringField(filters=line(LINE_MAX))


class AnswerForm(OwnForm):
    """What who sent sealed information writes later, on the page that code and key opened."""

    text = TextAreaField(_l("Viết cho người tiếp nhận"), filters=typed(BODY_MAX), render_kw={"autocomplete": "off"})
    files = NamelessUploads(_l("Chọn ảnh, giấy tờ"), [Optional()])
    opened = HiddenField()
    token = HiddenField(default=lambda: secrets.token_urlsafe(18))

    def validate_text(self, field: TextAreaField) -> None:
        """Ask for words; a file alone says too little."""
        if not field.data:
            raise ValidationError(_l("Viết vài chữ rồi mới gửi"))
