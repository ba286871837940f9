"""Between which days a list is looked at."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import Form

from app.fields import DatePartsField


class DaysForm(Form):
    """Two days in the address of a list; either may be left out."""

    tu = DatePartsField(_l("Từ ngày"))
    den = DatePartsField(_l("Đến ngày"))
