"""What who prepares types about guests, and what is typed at the door."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Optional, ValidationError

from app.text import line, typed
from app.units.models import Unit
from dialogues import words
from dialogues.forms.halls import HallForm
from dialogues.operations.inviting import GuestData
from dialogues.rules import GuestKind
from feedback import contacts
from feedback.forms.base import LINE_MAX, ContactFields, OwnForm, is_email, number, phone_fault, values
from feedback.forms.staff import Choice

MOST_SEATS = 500
LIST_MAX = 60_000  # characters of a pasted list
MOST_LINES = 500
MOST_FAULTS = 20  # shown at once
PARTS = 3  # of a line: name; title; e-mail or phone


def count(text: str | None, most: int) -> int | None:
    """Return the whole number from 1 to *most* that was typed, or None."""
    found = number(text)
    return found if found is not None and 1 <= found <= most else None


class GuestForm(OwnForm, ContactFields):
    """One guest. *units* are those that may be asked."""

    kind = RadioField(
        _l("Mời ai"),
        default=GuestKind.PERSON,
        validate_choice=False,
        choices=lambda: [SelectChoice(str(kind), words.GUEST_KINDS[kind]) for kind in GuestKind],
    )
    name = StringField(
        _l("Tên trên giấy mời"),
        [Optional()],
        filters=line(LINE_MAX),
        description=_l("Ví dụ: Ông Nguyễn Văn An; Các hộ dân tổ dân phố 4. Mời cơ quan trong danh sách dưới đây thì bỏ trống."),
    )
    title = StringField(_l("Chức vụ, nơi làm việc"), [Optional()], filters=line(LINE_MAX))
    unit = Choice(
        _l("Cơ quan, đơn vị"),
        [Optional()],
        render_kw={"data-combobox": ""},
        description=_l("Lãnh đạo cơ quan được mời có tin trên trang này."),
    )
    seats = StringField(_l("Số chỗ"), filters=line(10), default="1", render_kw={"inputmode": "numeric"})
    email = EmailField(_l("E-mail"), [Optional()], filters=line(LINE_MAX))
    phone = TelField(_l("Số điện thoại"), [Optional()], filters=line(30))

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._units = {unit.id: unit for unit in units}
        self.unit.choices = [SelectChoice("", _("Gõ hoặc chọn một cơ quan")), *(SelectChoice(str(unit.id), unit.name) for unit in units)]

    @property
    def guest(self) -> GuestData:
        """What was typed, once validate() said it is fine."""
        kind = GuestKind(self.kind.data)
        unit = self._units.get(self.unit.id_chosen or 0) if kind is GuestKind.UNIT else None
        return GuestData(
            kind=kind,
            name=self.name.data or (unit.name if unit else ""),
            title=self.title.data or "",
            unit=unit,
            seats=count(self.seats.data, MOST_SEATS) or 1,
            email=self.email.data or "",
            phone=self.phone.data or "",
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for a name, or for a unit that has one."""
        fine = super().validate(extra_validators)
        if not self.name.data and not (self.kind.data == GuestKind.UNIT and self.unit.id_chosen) and not self.name.errors:
            self.fail("name", _("Ghi tên, hoặc chọn cơ quan trong danh sách"))
        return fine and not self.failed

    def validate_kind(self, field: RadioField) -> None:
        """Take what is offered."""
        if field.data not in set(GuestKind):
            raise ValidationError(_l("Chọn mời ai"))

    def validate_unit(self, field: Choice) -> None:
        """Take what is offered."""
        if field.data and field.id_chosen is None:
            raise ValidationError(_l("Chọn cơ quan có trong danh sách"))

    def validate_seats(self, field: StringField) -> None:
        """Ask for a number."""
        if count(field.data, MOST_SEATS) is None:
            raise ValidationError(_l("Ghi số chỗ bằng chữ số, từ 1 đến %(most)d", most=MOST_SEATS))


class GuestListForm(OwnForm):
    """Many guests, one a line."""

    lines = TextAreaField(
        _l("Danh sách, mỗi người một dòng"),
        [DataRequired(_l("Dán danh sách vào ô này"))],
        filters=typed(LIST_MAX),
        description=_l("Họ tên; chức vụ; e-mail hoặc điện thoại. Ví dụ: Bà Trần Thị Hoa; Trưởng thôn Đoài; 0912 345 678"),
    )

    def validate_lines(self, field: TextAreaField) -> None:
        """Read every line; whatever cannot be read is said with its number, and nobody is added."""
        self.guests: list[GuestData] = []
        faults: list[str] = []
        rows = [(place, row) for place, row in enumerate((field.data or "").split("\n"), start=1) if row.strip(" \t;")]
        if len(rows) > MOST_LINES:
            raise ValidationError(_("Có %(have)d dòng, mỗi lần nhiều nhất %(most)d dòng", have=len(rows), most=MOST_LINES))
        for place, row in rows:
            try:
                self.guests.append(_read(row, self.guests))
            except ValidationError as fault:
                faults.append(_("Dòng %(line)d: %(fault)s", line=place, fault=fault))
        if len(faults) > MOST_FAULTS:
            faults[MOST_FAULTS:] = [_("Còn %(more)d dòng nữa chưa đọc được", more=len(faults) - MOST_FAULTS)]
        if faults:
            field.errors = [*field.errors, *faults[:-1]]
            raise ValidationError(faults[-1])


def _read(row: str, above: Sequence[GuestData]) -> GuestData:
    """Return the guest of one line, who stands on none *above*; :raise ValidationError: what is wrong with it."""
    guest = _guest(row)
    if guest in above:
        raise ValidationError(_("trùng với một dòng ở trên"))
    return guest


def _guest(row: str) -> GuestData:
    # A list copied from a spreadsheet has tabs between its columns.
    parts = [" ".join(part.split()) for part in row.replace("\t", ";").split(";")]
    if len(parts) > PARTS and any(parts[PARTS:]):
        raise ValidationError(_("có nhiều hơn ba phần. Viết: họ tên; chức vụ; e-mail hoặc điện thoại"))
    name, title, reach = (*parts, "", "")[:PARTS]
    if not name:
        raise ValidationError(_("thiếu họ tên"))
    if max(map(len, parts)) > LINE_MAX:
        raise ValidationError(_("dài quá %(most)d ký tự", most=LINE_MAX))
    if not reach:
        return GuestData(kind=GuestKind.PERSON, name=name, title=title)
    if "@" in reach:
        if not is_email(reach):
            raise ValidationError(_("e-mail chưa đúng"))
        return GuestData(kind=GuestKind.PERSON, name=name, title=title, email=reach)
    try:
        return GuestData(kind=GuestKind.PERSON, name=name, title=title, phone=contacts.read_phone(reach))
    except contacts.PhoneInvalid as fault:
        raise ValidationError(str(phone_fault(fault))) from fault


class _AtDoor(HallForm):
    """What both forms of the door carry: the hall, and an id made when the page was."""

    hall = SelectField(_l("Nơi đón"), validate_choice=False)
    uid = HiddenField(default=lambda: str(uuid.uuid4()))

    @property
    def scan_uid(self) -> uuid.UUID:
        """The id; a form that lost its own gets another."""
        try:
            return uuid.UUID(self.uid.data or "")
        except ValueError:
            return uuid.uuid4()

    def validate_hall(self, field: SelectField) -> None:
        """Take what is offered."""
        if field.data not in values(field):
            raise ValidationError(_l("Chọn nơi đón"))


class CodeForm(_AtDoor):
    """The code of somebody who comes, typed or read by a scanner."""

    code = StringField(
        _l("Mã vào cửa"),
        [DataRequired(_l("Gõ hoặc quét mã"))],
        filters=line(LINE_MAX),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "autofocus": True},
    )


class WalkInForm(_AtDoor):
    """Somebody who is on no list."""

    name = StringField(_l("Họ và tên"), [DataRequired(_l("Ghi họ và tên"))], filters=line(LINE_MAX), render_kw={"autocomplete": "off"})
    comes_from = StringField(_l("Từ đâu đến"), [Optional()], filters=line(LINE_MAX), render_kw={"autocomplete": "off"})
    people = StringField(_l("Mấy người"), filters=line(10), default="1", render_kw={"inputmode": "numeric", "autocomplete": "off"})

    def validate_people(self, field: StringField) -> None:
        """Ask for a number."""
        if count(field.data, MOST_SEATS) is None:
            raise ValidationError(_l("Ghi số người bằng chữ số, từ 1 đến %(most)d", most=MOST_SEATS))

    @property
    def people_count(self) -> int:
        """How many came."""
        return count(self.people.data, MOST_SEATS) or 1
