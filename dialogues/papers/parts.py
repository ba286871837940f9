"""What a paper is made of, and its thể thức: NĐ 30/2020/NĐ-CP Phụ lục I for the state, Hướng dẫn 36-HD/VPTW for the Party (from memory).

A paper says the same in PDF and DOCX: both are made from one dictionary, of which these are the pieces.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from app.accounts.rules import SigningForm
from app.clock import LOCAL
from app.units.models import Unit, UnitKind
from dialogues.rules import SERIES, PaperFormat, PaperType
from feedback.papers import form

#: What a text of an officer is until it is written.
TO_WRITE = "…"

_OPEN = re.compile(rf"(?:^|\s){TO_WRITE}(?=[\s.,;]|$)", re.MULTILINE)

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
#: How bodies whose initials say nothing are abbreviated in a number.
_SYMBOLS = {UnitKind.GOVERNMENT: "UBND", UnitKind.COUNCIL: "HĐND", UnitKind.FRONT: "MTTQ-BTT", UnitKind.STEERING: "BCĐ"}
#: "Tỉnh ủy Bắc Ninh" leads "Đảng bộ tỉnh Bắc Ninh", whose name stands above those below it.
#: As the Party writes them (Hướng dẫn 36-HD/VPTW, from memory).
_PARTY_FORMS = {SigningForm.BY_ORDER: "T/L"}
# Where a title goes on with the body, which the head of the paper says: "Chủ nhiệm | Ủy ban Kiểm tra", "Trưởng Ban | Tuyên giáo".
_BODY_OF_TITLE = re.compile(r",| (?:Đảng ủy|Tỉnh ủy|Thành ủy|Ủy ban)\b|(?<!rưởng) Ban\b|(?<=rưởng [Bb]an) (?!Thường trực)")
_COMMITTEE = re.compile(r"^(?:(?P<province>Tỉnh ủy)|(?P<city>Thành ủy)|(?P<other>Đảng ủy)) ")
_AREA = re.compile(r" (?:tỉnh|thành phố|xã|phường|đặc khu) .+$|(?<=Tỉnh ủy) .+$")


@dataclass(frozen=True)
class Table:
    """A table of words; *widths* are shares of the line."""

    caption: str
    head: tuple[str, ...]
    widths: tuple[int, ...]
    rows: list[list[str]]


@dataclass(frozen=True)
class Section:
    """A part of a paper that an officer may put in other words, and a table from the data that nobody retypes."""

    name: str
    heading: str
    text: str
    table: Table | None = None
    fixed: bool = False  # written in a room of its own, and only shown here
    appendix: bool = False  # on a page of its own, after the signatures


#: The filled words of a paper by part, of which a body takes those of its sections.
Words = Mapping[str, str]


@dataclass(frozen=True)
class Body:
    """What a paper says: its name at the head (a công văn has none), what it is about, its parts; wording.py has what stands around."""

    name: str
    about: str
    sections: list[Section]
    guests: tuple[str, ...] = ()  # one page for each
    secretary: str | None = None  # minutes: who signs on the left; empty: nobody was named


def head(unit: Unit, format_: str) -> tuple[str, list[str]]:
    """Return the body above *unit* and the lines of its own name, as they stand top left."""
    if format_ == PaperFormat.STATE:
        return form.head(unit)
    above = unit.parent.name if unit.parent is not None else ""
    if found := _COMMITTEE.match(above):
        area = {"province": "tỉnh ", "city": "thành phố ", "other": ""}[found.lastgroup or "other"]
        above = f"Đảng bộ {area}{above[found.end() :]}"
    return above.upper(), [unit.name.upper()]


def symbol(unit: Unit, type_: PaperType, format_: str) -> str:
    """Return what stands after the number of a paper of that type."""
    return symbol_of(unit, SERIES[type_], format_)


def symbol_of(unit: Unit, series: str, format_: str) -> str:
    """Return what stands after a number of that series: "/KH-UBND", for a công văn "/UBND", in the Party "-BC/ĐU"."""
    if found := _COMMITTEE.match(unit.name):
        body = "ĐU" if found["other"] else "TU"
    else:
        body = _SYMBOLS.get(UnitKind(unit.kind)) or _initials(_AREA.sub("", unit.name))
    if format_ == PaperFormat.PARTY:
        return f"-{series}/{body}"
    return f"/{body}" if series == "CV" else f"/{series}-{body}"


def _initials(name: str) -> str:
    """Return the first letters without their tones, "và" left out; Đ is a letter of its own."""
    letters = "".join(word[0] for word in name.replace("-", " ").split() if word != "và").upper()
    return "".join(sign for sign in unicodedata.normalize("NFD", letters) if not unicodedata.combining(sign))


def signature(unit: Unit, title: str, format_: str, *, by: str = "", giver: str = "") -> list[str]:
    """Return the lines above the signer's name; *by* is TL. or TUQ. where *giver* has them sign: thừa lệnh, thừa ủy quyền."""
    if format_ == PaperFormat.STATE:
        return form.signature(unit.kind, title, form=by, giver=giver)
    office = _party_office(title)
    if by:
        return [f"{_PARTY_FORMS.get(by, by)} {_party_office(giver)}", title.upper()]
    collective = ["T/M BAN THƯỜNG VỤ"] if _COMMITTEE.match(unit.name) else []
    if office.startswith("PHÓ ") and not collective:
        collective = [f"K/T {office.removeprefix('PHÓ ').removesuffix(' THƯỜNG TRỰC')}"]
    return [*collective, office] if office else collective


def _party_office(title: str) -> str:
    return _BODY_OF_TITLE.split(title, maxsplit=1)[0].upper()


def day(on: dt.date) -> str:
    """Return a day in full: "thứ Hai, ngày 31 tháng 8 năm 2026"."""
    return f"{_WEEKDAYS[on.weekday()]}, {form.date_line('', on)}"


def clock_time(at: dt.datetime) -> str:
    """Return the hour in Vietnam: "08 giờ 30"."""
    return f"{at.astimezone(LOCAL):%H giờ %M}"


def short_day(on: dt.date | None) -> str:
    """Return a day for a cell of a table."""
    return f"{on.day}/{on.month}/{on.year}" if on else TO_WRITE


def to_write(text: str) -> bool:
    """Say whether *text* leaves room for what somebody must still write; a word that trails off… does not."""
    return _OPEN.search(text) is not None


def lines(*items: str) -> str:
    """Return paragraphs, the empty ones left out."""
    return "\n".join(item for item in items if item)


def joined(*sentences: str) -> str:
    """Return sentences one after the other, the empty ones left out."""
    return " ".join(each for each in sentences if each)


def table(caption: str, head: tuple[str, ...], widths: tuple[int, ...], rows: list[list[str]]) -> Table | None:
    """Return *rows* as a table, each with its number in front; None where there are none."""
    return Table(caption, head, widths, [[str(number), *row] for number, row in enumerate(rows, start=1)]) if rows else None
