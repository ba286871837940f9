"""The register as a file: a spreadsheet to work with and to print, or plain CSV; no formulas, dates as dates, memory stays flat."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from flask_babel import gettext as _
from xlsxwriter.utility import xl_col_to_name

from app.formats import format_date
from app.text import spreadsheet_safe
from oversight.register.columns import Column, Line
from oversight.register.columns import dated as dated

PAPER_A4 = 9
TITLE_ROW, HEAD_ROW = 0, 2
SHEET = "xl/worksheets/sheet1.xml"
MOST_ROWS = 1_048_576  # no spreadsheet has more
DAY_0 = dt.date(1899, 12, 30)  # spreadsheets count days from there
_SAMPLE = re.compile(rf"(<row r=\"{HEAD_ROW + 2}\".*?</row>)", re.DOTALL)
PIECE = 64 * 1024  # bytes that go on together
#: What a cell takes in each kind of file, as measured with 238,801 lines: so that somebody who waits knows how much is to come.
CELL_BYTES = {"xlsx": 7, "csv": 22}
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: Excel reads Vietnamese in a CSV only behind this mark.
BYTE_ORDER_MARK = "\ufeff"


def megabytes(ending: str, number: int, columns: Sequence[Column]) -> int:
    """Return about how many megabytes *number* lines of *columns* take in a file of that kind."""
    return round(number * sum(len(column.heads) for column in columns) * CELL_BYTES[ending] / 1e6)


def xlsx_parts(lines: Iterable[Line], columns: Sequence[Column], *, cut: str, today: dt.date, number: int) -> Iterator[bytes]:
    """Yield *lines* as a spreadsheet of *columns*, piece by piece as they are read; *cut* says in words which part of the register it is.

    *number* is how many lines there are: as far as the filter of the sheet reaches.
    """
    drain = _Drain()
    with ZipFile(_frame(columns, cut=cut, today=today, last=HEAD_ROW + max(1, number))) as frame, ZipFile(drain, "w", ZIP_DEFLATED) as book:
        for name in frame.namelist():
            if name != SHEET:
                book.writestr(name, frame.read(name))
                continue
            before, sample, after = _SAMPLE.split(frame.read(name).decode(), maxsplit=1)
            text, date = re.findall(r' s="(\d+)"', sample)[:2]
            with book.open(name, "w") as sheet:
                sheet.write(before.encode())
                for row, line in enumerate(islice(lines, MOST_ROWS - HEAD_ROW - 1), start=HEAD_ROW + 2):
                    sheet.write(_row(row, _cells(line, columns), text, date).encode())
                    if drain.size > PIECE:
                        yield drain.taken()
                sheet.write(after.encode())
    yield drain.taken()


class _Drain(io.RawIOBase):
    """Where a file is written that goes on at once: nothing can be changed any more in what was written."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._held.append(bytes(data))
        self.size += len(data)
        return len(data)

    def taken(self) -> bytes:
        held, self._held, self.size = b"".join(self._held), [], 0
        return held


def _frame(columns: Sequence[Column], *, cut: str, today: dt.date, last: int) -> IO[bytes]:
    """Return the spreadsheet with its heads, and one row that shows how a text and how a day are formatted."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_("Sổ theo dõi việc đã hứa"))
    text = book.add_format({"text_wrap": True, "valign": "top", "border": 4})
    date = book.add_format({"num_format": "dd/mm/yyyy", "align": "left", "valign": "top", "border": 4})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#EEEEEE"})
    heads = [each for column in columns for each in column.heads]
    for number, (_head, width) in enumerate(heads):
        sheet.set_column(number, number, width)
    sheet.set_landscape()
    sheet.set_paper(PAPER_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    sheet.set_footer("&R&P/&N")
    sheet.freeze_panes(HEAD_ROW + 1, 2)
    sheet.write(TITLE_ROW, 0, _("Sổ theo dõi việc đã hứa"), book.add_format({"bold": True, "font_size": 14}))
    sheet.write(TITLE_ROW + 1, 0, spreadsheet_safe(_("%(cut)s. Tính đến %(day)s.", cut=cut, day=format_date(today, weekday=False))))
    sheet.write_row(HEAD_ROW, 0, [str(name) for name, _width in heads], head)
    sheet.write_blank(HEAD_ROW + 1, 0, None, text)
    sheet.write_blank(HEAD_ROW + 1, 1, None, date)
    sheet.autofilter(HEAD_ROW, 0, min(last, MOST_ROWS - 1), len(heads) - 1)
    book.close()
    file.seek(0)
    return file


def _row(number: int, cells: Iterable[Any], text: str, date: str) -> str:
    return f'<row r="{number}">{"".join(_cell(f"{xl_col_to_name(at)}{number}", each, text, date) for at, each in enumerate(cells))}</row>'


def _cell(place: str, value: Any, text: str, date: str) -> str:
    if isinstance(value, dt.date):
        return f'<c r="{place}" s="{date}"><v>{(value - DAY_0).days}</v></c>'
    value = spreadsheet_safe(value)
    if value is None or value == "":
        return f'<c r="{place}" s="{text}"/>'
    if isinstance(value, int | float):
        return f'<c r="{place}" s="{text}"><v>{value}</v></c>'
    said = escape(_NO_XML.sub("", str(value)))
    return f'<c r="{place}" s="{text}" t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'


def csv_lines(lines: Iterable[Line], columns: Sequence[Column]) -> Iterator[str]:
    """Yield the same as CSV, line by line: the heads, then each promise; a day is written YYYY-MM-DD."""
    text = io.StringIO(newline="")
    table = csv.writer(text)

    def taken() -> str:
        written = text.getvalue()
        text.seek(0)
        text.truncate()
        return written

    text.write(BYTE_ORDER_MARK)
    table.writerow([str(name) for column in columns for name, _width in column.heads])
    for line in lines:
        yield taken()
        table.writerow([spreadsheet_safe(cell.isoformat() if isinstance(cell, dt.date) else cell) for cell in _cells(line, columns)])
    yield taken()


def _cells(line: Line, columns: Sequence[Column]) -> Iterator[Any]:
    return (cell for column in columns for cell in column.cells(line))
