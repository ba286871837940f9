"""Form fields of our own, and the list of a form's errors as the error summary shows it."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, FieldList, Form
from wtforms.validators import ValidationError

#: Years before this one are slips of the finger, and some databases cannot hold year 0.
EARLIEST_YEAR = 1900
LATEST_YEAR = 2100

_ISO = re.compile(r"(\d{1,4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_NUMBER = re.compile(r"\d{1,4}", re.ASCII)


class DatePartsField(Field):
    """A date typed as day, month and year in three inputs of one name; `data` is a date or None.

    What was typed stays in `parts` and is shown again, whatever it was. One value is read too,
    in ISO form (from the API) or day first: 27/11/2026.
    """

    def _values(self) -> list[str]:
        raw = [str(value).strip() for value in self.raw_data or []]
        if len(raw) == 1 and (iso := _ISO.fullmatch(raw[0])):
            return list(iso.groups()[::-1])
        if len(raw) == 1 and (day_first := _DAY_FIRST.fullmatch(raw[0])):
            return list(day_first.groups())
        return [*raw, "", "", ""][:3]

    @property
    def parts(self) -> tuple[str, str, str]:
        """Day, month and year as they go into the three inputs."""
        if self.raw_data:
            day, month, year = self._values()
            return day, month, year
        if isinstance(self.data, dt.date):
            return str(self.data.day), str(self.data.month), str(self.data.year)
        return "", "", ""

    def process_formdata(self, valuelist: list[Any]) -> None:  # noqa: ARG002 - raw_data holds the same, and is needed again
        self.data = None
        values = self._values()
        if not any(values):
            return
        if not all(values):
            raise ValidationError(_l("Ghi đủ ngày, tháng, năm; ví dụ 15 10 2026"))
        if not all(_NUMBER.fullmatch(value) for value in values):
            raise ValidationError(_l("Ghi ngày bằng số; ví dụ 15 10 2026"))
        day, month, year = (int(value) for value in values)
        if month not in range(1, 13):
            raise ValidationError(_l("Tháng phải từ 1 đến 12"))
        if not EARLIEST_YEAR <= year <= LATEST_YEAR:
            raise ValidationError(_l("Ghi năm đủ bốn số; ví dụ 2026"))
        last = calendar.monthrange(year, month)[1]
        if not 1 <= day <= last:
            raise ValidationError(
                _l(
                    "Ngày %(day)d/%(month)d/%(year)d không có trong lịch: tháng %(month)d có %(last)d ngày",
                    day=day,
                    month=month,
                    year=year,
                    last=last,
                )
            )
        self.data = dt.date(year, month, day)


_ROW = re.compile(r"\d{1,6}", re.ASCII)


class Rows(FieldList):
    """A FieldList that reads only the rows it can count ("rows-²-name" is none), and says so when more came than it takes."""

    left_out = 0  # how many rows came that it did not take

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(formdata, *args, **kwargs)
        came = len(set(self._extract_indices(self.name, formdata))) if formdata else 0
        self.left_out = max(0, came - (self.max_entries or came))

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        for name in formdata:
            number = name.removeprefix(f"{prefix}-").partition("-")[0]
            if name.startswith(f"{prefix}-") and _ROW.fullmatch(number):
                yield int(number)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Check each row, and that none was left out."""
        fine = super().validate(form, extra_validators)
        if not self.left_out:
            return fine
        sentence = _l("Nhiều nhất %(most)d dòng, thừa %(over)d dòng chưa nhận", most=self.max_entries, over=self.left_out)
        self.errors = [*self.errors, sentence]
        return False


def form_errors(form: Form) -> list[tuple[str, str]]:
    """Return every error of *form* in the order of its fields: the id of the input to go to, and the sentence.

    Errors of the whole form come first, with an empty id.
    """
    return [("", str(text)) for text in form.form_errors] + list(_field_errors(form))


def _field_errors(fields: Any) -> Iterator[tuple[str, str]]:
    for field in fields:
        if hasattr(field, "form"):  # FormField: its own fields carry the errors
            yield from _field_errors(field.form)
        elif hasattr(field, "entries"):  # FieldList
            yield from ((field.id, str(text)) for text in field.errors if not isinstance(text, Sequence | Mapping))
            yield from _field_errors(field.entries)
        else:
            target = f"{field.id}-0" if field.type == "RadioField" else field.id
            yield from ((target, str(text)) for text in field.errors)
