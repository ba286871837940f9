"""What a head chooses when somebody leaves."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.validators import ValidationError

from feedback.forms.base import values


class HandOverForm(FlaskForm):
    """Whose work goes to whom; the view fills the choices."""

    leaver_id = SelectField(_l("Việc đang mở của"), validate_choice=False)
    to_id = SelectField(_l("Giao cho"), validate_choice=False, render_kw={"data-combobox": ""})

    def validate_leaver_id(self, field: SelectField) -> None:
        """Ask for somebody who has something open."""
        if not field.data or field.data not in values(field):
            raise ValidationError(_l("Chọn người đang giữ việc"))

    def validate_to_id(self, field: SelectField) -> None:
        """Ask for another officer."""
        if not field.data or field.data not in values(field):
            raise ValidationError(_l("Chọn người nhận"))
        if field.data == self.leaver_id.data:
            raise ValidationError(_l("Chọn một người khác"))
