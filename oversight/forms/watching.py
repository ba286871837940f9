"""What is typed about a watched promise, and which part of the register one wants to hear of."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from app.text import line, typed
from feedback.forms.base import OwnForm
from feedback.forms.staff import COMBOBOX, Choice

NOTE_MAX = 2000
ADDRESS_MAX = 1000


class NoteForm(OwnForm):
    """A note of one's own, or for one's unit."""

    body = TextAreaField(_l("Ghi chú"), [DataRequired(_l("Viết điều cần ghi nhớ"))], filters=typed(NOTE_MAX))
    shared = BooleanField(_l("Cho mọi người trong đơn vị cùng đọc"))


class SubscribeForm(OwnForm):
    """A part of the register: a unit, an area, a field, a session, several of them together, or an address copied from the register."""

    unit = Choice(_l("Đơn vị, kể cả cấp dưới"), [Optional()], render_kw=COMBOBOX)
    place = Choice(_l("Xã, phường"), [Optional()], render_kw=COMBOBOX)
    field = Choice(_l("Lĩnh vực"), [Optional()])
    session = Choice(_l("Buổi đối thoại"), [Optional()], render_kw=COMBOBOX)
    address = StringField(
        _l("Hoặc địa chỉ của sổ đã lọc"),
        [Optional()],
        filters=line(ADDRESS_MAX),
        description=_l("Lọc sổ theo ý mình, chép địa chỉ của trang rồi dán vào đây."),
    )

    def __init__(self, *args: Any, units: Any, places: Any, fields: Any, sessions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit.choices, self.place.choices, self.field.choices, self.session.choices = units, places, fields, sessions

    @property
    def asked(self) -> dict[str, str]:
        """The arguments of the register's address that was chosen or pasted; what was chosen narrows what was pasted."""
        pasted = self.address.data or ""
        try:
            query = urlsplit(pasted).query or pasted.lstrip("?")
        except ValueError:  # no address at all, for instance http://[
            query = ""
        chosen = {"don-vi": self.unit, "noi": self.place, "linh-vuc": self.field, "buoi": self.session}
        return dict(parse_qsl(query)) | {name: field.data for name, field in chosen.items() if field.data}
