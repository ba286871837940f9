"""Who needs a second factor, and why one that was lost is to end."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional

from app.accounts.words import ROLE_HINTS, ROLES
from app.administration.forms.choices import among
from app.text import typed

REASON_MAX = 500  # characters


class SecondFactorForm(FlaskForm):
    """Roles."""

    roles = SelectMultipleField(
        _l("Vai trò"),
        [Optional(), among],
        choices=[SelectChoice(str(role), label, {"hint": ROLE_HINTS[role]}) for role, label in ROLES.items()],
        validate_choice=False,
    )


class ResetForm(FlaskForm):
    """Why."""

    reason = TextAreaField(
        _l("Lý do"),
        [DataRequired(_l("Ghi lý do; người quản trị thứ hai đọc trước khi đồng ý"))],
        filters=typed(REASON_MAX),
        description=_l("Như: mất điện thoại ngày 3/5, đã gặp trực tiếp và xem thẻ công chức"),
    )
