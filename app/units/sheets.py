"""A spreadsheet of units as rows of text: XLSX and CSV, as spreadsheets write them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from app.fold import fold

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


class FileUnreadable(Exception):
    """The file as a whole cannot be read; *why* is type, large, empty, rows or columns; *detail* the columns that lack."""

    def __init__(self, why: str, detail: Sequence[str] = ()) -> None:
        super().__init__(why)
        self.why = why
        self.detail = list(detail)


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


def _xlsx(content: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_BYTES_UNPACKED:
            raise FileUnreadable("large")  # noqa: TRY301
        import openpyxl  # noqa: PLC0415 - a fifth of a second that only an import of units needs

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
