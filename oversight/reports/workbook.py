"""Tables as a spreadsheet: each on a sheet of its own, numbers as numbers, no formulas, ready to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any

import xlsxwriter

from app.text import spreadsheet_safe

PAPER_A4 = 9
HEAD_ROW = 2
#: Excel takes no longer name of a sheet, and none with these signs.
NAME_MAX = 31
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FIRST_WIDTH, WIDTH = 36, 13


@dataclass(frozen=True)
class Sheet:
    """One table: what it is called, what it says of itself, its head and rows; in *last* rows the sums."""

    name: str
    note: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]


def write(file: IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Write *sheets* into *file*."""
    book = xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False})
    title = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#EEEEEE"})
    cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
    for number, each in enumerate(sheets, start=1):
        page = book.add_worksheet(f"{number}. {each.name.translate(_FORBIDDEN)}"[:NAME_MAX])
        page.set_landscape()
        page.set_paper(PAPER_A4)
        page.fit_to_pages(1, 0)
        page.repeat_rows(HEAD_ROW)
        page.freeze_panes(HEAD_ROW + 1, 1)
        wide = 1 if each.head and each.head[0] == "STT" else 0
        page.set_column(0, len(each.head), WIDTH)
        page.set_column(wide, wide, FIRST_WIDTH)
        page.write(0, 0, spreadsheet_safe(each.name), title)
        page.write(1, 0, spreadsheet_safe(each.note))
        page.write_row(HEAD_ROW, 0, [str(name) for name in each.head], head)
        for line, row in enumerate(each.rows, start=HEAD_ROW + 1):
            for column, value in enumerate(row):
                page.write(line, column, spreadsheet_safe(number_or_text(value)), cell)
    book.close()


def number_or_text(value: Any) -> Any:
    """Return the number that a cell of a paper spells, else the text as it is."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10 else value  # noqa: PLR2004 - digits Excel keeps
