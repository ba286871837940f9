"""Where whoever wants to be told of a session is written to."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, StringField
from wtforms.validators import DataRequired

from app.text import line
from feedback.forms.base import LINE_MAX, ContactFields, OwnForm


class FollowForm(ContactFields, OwnForm):
    """An e-mail address; *website* is what only robots fill in."""

    email = EmailField(
        _l("E-mail"),
        [DataRequired(_l("Ghi địa chỉ e-mail"))],
        filters=line(LINE_MAX),
        description=_l("Chỉ dùng để báo tin về buổi này. Thôi nhận lúc nào cũng được, địa chỉ bị xóa."),
    )
    website = StringField(_l("Để trống ô này"), filters=line(LINE_MAX))
