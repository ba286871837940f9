"""Checking an e-mail address that staff typed."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form
from wtforms.validators import ValidationError


def check_email(_form: Form, field: Field) -> None:
    """Refuse what no letter can be sent to; whether the mailbox exists is not asked."""
    try:
        # .example is fine: the demo province lives there.
        validate_email(field.data or "", check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValidationError(_l("Địa chỉ e-mail chưa đúng; ví dụ ten@bacninh.gov.vn")) from error
