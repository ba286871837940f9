"""The register as a file: a spreadsheet to work with and to print, or plain CSV; no formulas, dates as dates, memory stays flat."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import xlsxwriter
from flask_babel import gettext as _

from app.formats import format_date
from app.text import spreadsheet_safe
from oversight.register.columns import Column, Line
from oversight.register.columns import dated as dated

PAPER_A4 = 9
TITLE_ROW, HEAD_ROW = 0, 2
#: Excel reads Vietnamese in a CSV only behind this mark.
BYTE_ORDER_MARK = "\ufeff"


def write(file: IO[bytes], lines: Iterable[Line], columns: Sequence[Column], *, cut: str, today: dt.date) -> None:
    """Write *lines* into *file* as a spreadsheet of *columns*; *cut* says in words which part of the register it is."""
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
    last = HEAD_ROW
    for last, line in enumerate(lines, start=HEAD_ROW + 1):
        for column, cell in enumerate(_cells(line, columns)):
            if isinstance(cell, dt.date):
                sheet.write_datetime(last, column, dt.datetime.combine(cell, dt.time()), date)
            else:
                sheet.write(last, column, spreadsheet_safe(cell), text)
    sheet.autofilter(HEAD_ROW, 0, last, len(heads) - 1)
    book.close()


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
