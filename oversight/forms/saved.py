"""How a view of the register is kept."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired

from app.text import line
from feedback.forms.base import OwnForm
from oversight.rules.saved import NAME_MAX


class SavedViewForm(OwnForm):
    """A name, and whether colleagues see it too."""

    name = StringField(
        _l("Tên"),
        [DataRequired(_l("Đặt tên để sau này nhận ra"))],
        filters=line(NAME_MAX),
        description=_l("Ví dụ: Việc quá hạn của các sở"),
        render_kw={"maxlength": NAME_MAX},
    )
    shared = BooleanField(_l("Người cùng đơn vị cũng thấy"))
