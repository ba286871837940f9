"""What the sender types later, with code and key."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from app.files import StoredFile, UploadsField
from app.text import line, typed
from feedback import codes, words
from feedback.forms.base import OwnForm, mistyped

CODE_MAX = 40  # characters as typed, with spaces and dashes
NOTE_MAX = 3000
AS_PRINTED = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}


class TrackForm(OwnForm):
    """Code, and the key for who has it."""

    code = StringField(_l("Mã tra cứu"), filters=line(CODE_MAX), render_kw=AS_PRINTED)
    key = StringField(_l("Mã bí mật"), [Optional()], filters=line(CODE_MAX), render_kw=AS_PRINTED)

    def validate_code(self, field: StringField) -> None:
        """Say so when the code was mistyped, before anything is looked up: its last symbol does not fit."""
        if not field.data:
            raise ValidationError(_l("Ghi mã tra cứu"))
        try:
            field.data = codes.read_code(field.data)
        except codes.CodeInvalid as fault:
            raise ValidationError(mistyped()) from fault


class AddForm(OwnForm):
    """A note or a paper of the sender, or the answer to a question."""

    text = TextAreaField(_l("Nội dung"), filters=typed(NOTE_MAX))
    files = UploadsField(_l("Chọn ảnh, giấy tờ"), [Optional()])

    def validate_text(self, field: TextAreaField) -> None:
        """Ask for words; a file alone says too little."""
        if not field.data:
            raise ValidationError(_l("Viết vài chữ để đơn vị hiểu"))

    @property
    def attached(self) -> list[StoredFile]:
        """The files that came."""
        return list(self.files.data)


class NamelessAddForm(AddForm):
    """The same of an item whose sender the units are not to know."""

    files = UploadsField(_l("Chọn ảnh, giấy tờ"), [Optional()], nameless=True)


class RateForm(OwnForm):
    """What the answer is worth."""

    score = RadioField(
        _l("Câu trả lời thế nào?"),
        validate_choice=False,
        choices=lambda: [SelectChoice(str(score), word) for score, word in words.RATINGS.items()],
    )
    why = TextAreaField(_l("Vì sao?"), [Optional()], filters=typed(NOTE_MAX))

    def validate_score(self, field: RadioField) -> None:
        """Ask for one of the five."""
        if field.data not in {str(score) for score in words.RATINGS}:
            raise ValidationError(_l("Chọn một mức"))


class ReopenForm(OwnForm):
    """Why the answer does not do."""

    reason = TextAreaField(_l("Còn chỗ nào chưa được?"), filters=typed(NOTE_MAX))

    def validate_reason(self, field: TextAreaField) -> None:
        """Ask for the reason: another handler begins with it."""
        if not field.data:
            raise ValidationError(_l("Viết chỗ chưa được, người khác sẽ xem từ đó"))


class ConfirmForm(OwnForm):
    """A press of a button."""
