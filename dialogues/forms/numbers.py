"""Numbers of many papers at once, as văn thư copies them from the book of another system."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, ValidationError

from app.text import typed
from dialogues.models import SessionPaper
from feedback.forms.base import LINE_MAX, OwnForm

MOST_LINES = 100
MOST_FAULTS = 10
LIST_MAX = 20_000  # characters
_CODE = re.compile(r"VB(\d{1,18})", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)


@dataclass(frozen=True)
class Given:
    """What the book says of one paper."""

    line: int
    paper: SessionPaper
    number: str
    on: dt.date
    gap_why: str = ""

    @property
    def value(self) -> int:
        """The number itself, nought where there is none."""
        found = _NUMBER.match(self.number)
        return int(found[0]) if found else 0


class NumbersForm(OwnForm):
    """One paper a line. *waiting* are those that the person may number, by id."""

    lines = TextAreaField(
        _l("Danh sách số, mỗi văn bản một dòng"),
        [DataRequired(_l("Dán danh sách vào ô này"))],
        filters=typed(LIST_MAX),
        description=_l("Mã văn bản; số; ngày; lý do bỏ cách số nếu có. Ví dụ: VB12; 15; 3/8/2026"),
    )
    waiting: dict[int, SessionPaper]

    def validate_lines(self, field: TextAreaField) -> None:
        """Read every line; whatever cannot be read is said with its number, and nothing is written."""
        self.given: list[Given] = []
        rows = [(place, row) for place, row in enumerate((field.data or "").split("\n"), start=1) if row.strip(" \t;")]
        if len(rows) > MOST_LINES:
            raise ValidationError(_("Có %(have)d dòng, mỗi lần nhiều nhất %(most)d dòng", have=len(rows), most=MOST_LINES))
        faults = []
        for place, row in rows:
            try:
                self.given.append(self._read(place, row))
            except ValidationError as fault:
                faults.append(_("Dòng %(line)d: %(fault)s", line=place, fault=fault))
        if faults:
            field.errors = [*field.errors, *faults[: MOST_FAULTS - 1]]
            raise ValidationError(faults[min(len(faults), MOST_FAULTS) - 1])

    def _read(self, place: int, row: str) -> Given:
        # A list copied from a spreadsheet has tabs between its columns.
        code, number, day, why = (*(" ".join(part.split()) for part in row.replace("\t", ";").split(";")), "", "", "", "")[:4]
        found = _CODE.fullmatch(code)
        paper = self.waiting.get(int(found[1])) if found else None
        if paper is None:
            raise ValidationError(_("không có văn bản nào chờ số mang mã %(code)s", code=code[:40]))
        if any(each.paper is paper for each in self.given):
            raise ValidationError(_("trùng với một dòng ở trên"))
        if not number or len(number) > LINE_MAX or len(why) > LINE_MAX:
            raise ValidationError(_("thiếu số hoặc quá dài"))
        return Given(place, paper, number, _day(day), why)


def _day(text: str) -> dt.date:
    found = _DAY.fullmatch(text)
    if found is not None:
        with suppress(ValueError):  # 31/2/2026
            return dt.date(int(found[3]), int(found[2]), int(found[1]))
    raise ValidationError(_("ngày phải ghi như 3/8/2026"))
