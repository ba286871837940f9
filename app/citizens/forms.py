"""What people type to come in: their e-mail, and the code that went there."""

from __future__ import annotations

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField
from wtforms.validators import InputRequired, ValidationError

from app.citizens import rules
from app.proof.forms import ProvedForm
from app.text import line

LINE_MAX = 200


class EmailForm(ProvedForm):
    """Where the code goes."""

    email = EmailField(_l("E-mail"), [InputRequired(_l("Ghi e-mail"))], filters=line(LINE_MAX), render_kw={"autocomplete": "email"})

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the address, and whether a robot asks."""
        fine = super().validate(extra_validators)
        return self.proved() and fine

    def validate_email(self, field: EmailField) -> None:
        """Say what an address looks like."""
        try:
            validate_email(field.data or "", check_deliverability=False)
        except EmailNotValidError as error:
            raise ValidationError(_l("E-mail chưa đủ; ví dụ ten@gmail.com")) from error


class CodeForm(FlaskForm):
    """The code."""

    code = StringField(
        _l("Mã gồm 6 chữ số"),
        [InputRequired(_l("Ghi mã trong thư"))],
        filters=line(LINE_MAX),
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "data-sensitive": ""},
    )

    def validate_code(self, field: StringField) -> None:
        """Say so when digits are missing, before a try is used up."""
        if len(rules.read_code(field.data or "")) != rules.CODE_DIGITS:
            raise ValidationError(_l("Mã có đúng 6 chữ số"))
