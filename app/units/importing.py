"""Units from a spreadsheet: reading the file, saying what is wrong with which row, and making the units.

Reading and checking change nothing; every bad row is named by its number, its column and what is wrong there.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl
from email_validator import EmailNotValidError, validate_email

from app import audit
from app.access import require
from app.database import db
from app.fold import fold
from app.permissions import Permission, Reach
from app.text import TextTooLong, clean_line
from app.units.models import UnitKind
from app.units.operations import UnitFacts, create_unit
from app.units.queries import communes, unit_by_code

MOST_BYTES = 2 * 1024 * 1024
MOST_BYTES_UNPACKED = 40 * 1024 * 1024
MOST_ROWS = 2000

#: Column → the headings it is known by, folded. The first is the one the template uses.
COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("ma", "ma don vi", "code"),
    "name": ("ten", "ten don vi", "name"),
    "short_name": ("ten ngan", "ten viet tat", "short name"),
    "kind": ("loai", "loai don vi", "kind"),
    "level": ("cap", "level"),
    "parent": ("ma don vi cap tren", "cap tren", "truc thuoc", "parent"),
    "place": ("dia ban", "xa phuong", "place"),
    "is_reception": ("co bo phan tiep nhan", "tiep nhan", "reception"),
    "email": ("e mail", "email", "thu dien tu"),
    "phone": ("dien thoai", "phone"),
    "address": ("dia chi", "address"),
    "tax_code": ("ma so thue", "tax code"),
    "valid_from": ("tu ngay", "ngay thanh lap", "valid from"),
}
REQUIRED = ("name", "kind", "level")
LONGEST = {"code": 60, "name": 200, "short_name": 100, "email": 200, "phone": 40, "address": 300, "tax_code": 20}

#: What a kind may be called besides its code, folded.
KINDS = {
    "uy ban nhan dan": UnitKind.GOVERNMENT,
    "ubnd": UnitKind.GOVERNMENT,
    "so ban nganh phong": UnitKind.DEPARTMENT,
    "so": UnitKind.DEPARTMENT,
    "phong": UnitKind.DEPARTMENT,
    "van phong": UnitKind.OFFICE,
    "thanh tra": UnitKind.INSPECTORATE,
    "cong an": UnitKind.POLICE,
    "don vi su nghiep cong lap": UnitKind.SERVICE,
    "don vi su nghiep": UnitKind.SERVICE,
    "doanh nghiep": UnitKind.ENTERPRISE,
    "hoi dong nhan dan": UnitKind.COUNCIL,
    "hdnd": UnitKind.COUNCIL,
    "co quan dang": UnitKind.PARTY,
    "mat tran to quoc": UnitKind.FRONT,
    "mttq": UnitKind.FRONT,
    "to chuc chinh tri xa hoi": UnitKind.MASS,
    "ban chi dao": UnitKind.STEERING,
} | {fold(kind): kind for kind in UnitKind}
LEVELS = {"tinh": "province", "cap tinh": "province", "province": "province", "xa": "commune", "cap xa": "commune", "commune": "commune"}
YES_NO = {"": False, "khong": False, "no": False, "0": False, "false": False, "co": True, "x": True, "yes": True, "1": True, "true": True}

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]*")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


class FileUnreadable(Exception):
    """The file as a whole cannot be read; *why* is type, large, empty, rows or columns; *detail* the columns that lack."""

    def __init__(self, why: str, detail: Sequence[str] = ()) -> None:
        super().__init__(why)
        self.why = why
        self.detail = list(detail)


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell.

    *why* is missing, long, code, taken, repeated, kind, level, parent, parent_bad, scope, place, two_places, yes_no, email or date.
    """

    row: int
    column: str
    why: str
    value: str


@dataclass
class Report:
    """What the rows of a file would make."""

    rows: list[dict[str, str]]
    good: list[tuple[UnitFacts, str]] = field(default_factory=list)  # with the code of the parent, parents first
    faults: list[Fault] = field(default_factory=list)

    @property
    def bad_rows(self) -> int:
        """How many rows have something wrong."""
        return len({fault.row for fault in self.faults})


def read(content: bytes) -> list[dict[str, str]]:
    """Return the rows of an XLSX or CSV file as texts by column; the key "row" is the number the spreadsheet shows.

    :raise FileUnreadable:
    """
    if len(content) > MOST_BYTES:
        raise FileUnreadable("large")
    lines = _xlsx(content) if content.startswith(b"PK\x03\x04") else _csv(content)
    heading = next(lines, None)
    if heading is None:
        raise FileUnreadable("empty")
    known = {spelling: column for column, spellings in COLUMNS.items() for spelling in spellings}
    columns = [known.get(fold(cell)) for cell in heading]
    if lacking := [column for column in REQUIRED if column not in columns]:
        raise FileUnreadable("columns", lacking)
    rows = []
    for number, cells in enumerate(lines, start=2):
        if not any(cells):
            continue
        if len(rows) == MOST_ROWS:
            raise FileUnreadable("rows")
        rows.append({column: cell for column, cell in zip(columns, cells, strict=False) if column} | {"row": str(number)})
    if not rows:
        raise FileUnreadable("empty")
    return rows


def check(rows: Sequence[Mapping[str, str]], *, reach: Reach, today: dt.date) -> Report:
    """Return what *rows* would make and everything that is wrong with them; nothing is changed."""
    report = Report([dict(row) for row in rows])
    places: dict[str, list[int]] = {}
    for place in communes():
        for spelling in {place.code, fold(place.name), fold(place.full_name)}:
            places.setdefault(spelling, []).append(place.id)
    codes = [fold_code(row) for row in rows]
    good: dict[str, tuple[int, UnitFacts, str]] = {}
    for code, row in zip(codes, rows, strict=True):
        reader = _Row(row, report.faults)
        facts = reader.facts(code, places, today)
        parent = _text(row, "parent")
        if codes.count(code) > 1:
            reader.fault("code", "repeated")
        elif unit_by_code(code) is not None:
            reader.fault("code", "taken")
        if parent not in codes:
            above = unit_by_code(parent) if parent else None
            if parent and above is None:
                reader.fault("parent", "parent")
            elif not reach.may(Permission.SETTINGS_MANAGE, unit_path=above.path if above else None):
                reader.fault("parent", "scope")
        if reader.fine and facts is not None:
            good[code] = (reader.number, facts, parent)
    report.good = list(_parents_first(good, set(codes), report.faults))
    report.faults.sort(key=lambda fault: fault.row)
    return report


def carry_out(report: Report, *, actor: Any, now: dt.datetime) -> int:
    """Make the good units of *report*, parents first; return how many. :raise NotAllowed:."""
    require(actor.reach.may_anywhere(Permission.SETTINGS_MANAGE))
    made = [create_unit(facts, parent=unit_by_code(parent) if parent else None, actor=actor, now=now) for facts, parent in report.good]
    if made:
        audit.record(actor, "units.imported", made[0], at=now, rows=len(made))
    db.session.flush()
    return len(made)


def fold_code(row: Mapping[str, str]) -> str:
    """Return the code of *row*, or one made of its name."""
    return _text(row, "code").lower() or fold(_text(row, "name")).replace(" ", "-")[: LONGEST["code"]].strip("-")


def _text(row: Mapping[str, str], column: str) -> str:
    return str(row.get(column, "") or "").strip()


class _Row:
    """One row on its way to a unit, collecting what is wrong."""

    def __init__(self, row: Mapping[str, str], faults: list[Fault]) -> None:
        self._row, self._faults = row, faults
        self.number = int(row["row"])
        self.fine = True

    def fault(self, column: str, why: str) -> None:
        self.fine = False
        self._faults.append(Fault(self.number, column, why, _text(self._row, column)[:80]))

    def facts(self, code: str, places: Mapping[str, Sequence[int]], today: dt.date) -> UnitFacts | None:
        """Return the row's facts, or None where something is wrong."""
        texts = {column: self._line(column) for column in LONGEST}
        if not texts["name"]:
            self.fault("name", "missing")
        if not _CODE.fullmatch(code):
            self.fault("code", "code")
        if texts["email"] and not _is_email(texts["email"]):
            self.fault("email", "email")
        kind = self._choice("kind", KINDS)
        level = self._choice("level", LEVELS)
        is_reception = self._choice("is_reception", YES_NO, why="yes_no")
        place_id, valid_from = self._place(places), self._day(today)
        if not self.fine or kind is None or level is None:
            return None
        return UnitFacts(
            code=code,
            name=texts["name"],
            short_name=texts["short_name"] or texts["name"],
            kind=kind,
            level=level,
            place_id=place_id,
            is_reception=bool(is_reception),
            email=texts["email"] or None,
            phone=texts["phone"] or None,
            address=texts["address"] or None,
            tax_code=texts["tax_code"] or None,
            valid_from=valid_from,
        )

    def _line(self, column: str) -> str:
        try:
            return clean_line(_text(self._row, column), LONGEST[column])
        except TextTooLong:
            self.fault(column, "long")
            return ""

    def _choice(self, column: str, choices: Mapping[str, Any], why: str = "") -> Any:
        value = _text(self._row, column)
        if (said := fold(value)) in choices and (said or not value):
            return choices[said]
        self.fault(column, (why or column) if value else "missing")
        return None

    def _place(self, places: Mapping[str, Sequence[int]]) -> int | None:
        value = _text(self._row, "place")
        if not value:
            return None
        found = places.get(value) or places.get(fold(value), ())
        if len(found) != 1:
            self.fault("place", "two_places" if found else "place")
            return None
        return found[0]

    def _day(self, today: dt.date) -> dt.date:
        value = _text(self._row, "valid_from")
        if not value:
            return today
        try:
            match = _DAY_FIRST.fullmatch(value)
            day = dt.date(int(match[3]), int(match[2]), int(match[1])) if match else dt.date.fromisoformat(value[:10])
        except ValueError:
            self.fault("valid_from", "date")
            return today
        if not dt.date(1900, 1, 1) <= day <= dt.date(2100, 12, 31):
            self.fault("valid_from", "date")
        return day


def _is_email(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True


def _parents_first(
    good: dict[str, tuple[int, UnitFacts, str]], in_file: Collection[str], faults: list[Fault]
) -> Iterator[tuple[UnitFacts, str]]:
    """Yield the good rows so that each comes after its parent; a row whose parent's row is bad is bad too."""
    waiting, ready = dict(good), set()
    while True:
        next_ones = [code for code, (_row, _facts, parent) in waiting.items() if parent not in in_file or parent in ready]
        if not next_ones:
            break
        for code in next_ones:
            _row, facts, parent = waiting.pop(code)
            ready.add(code)
            yield facts, parent
    faults.extend(Fault(row, "parent", "parent_bad", parent) for row, _facts, parent in waiting.values())


def _xlsx(content: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_BYTES_UNPACKED:
            raise FileUnreadable("large")  # noqa: TRY301
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        for cells in sheet.iter_rows(max_row=MOST_ROWS + 10, max_col=40, values_only=True):
            yield [_cell(cell) for cell in cells]
    except FileUnreadable:
        raise
    except Exception as error:  # a damaged file fails in as many ways as it can be damaged
        raise FileUnreadable("type") from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _csv(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileUnreadable("type") from error
    if "\x00" in text:
        raise FileUnreadable("type")
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [cell.strip() for cell in cells]
    except csv.Error as error:
        raise FileUnreadable("type") from error
