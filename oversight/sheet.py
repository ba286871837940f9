"""The register as a spreadsheet to work with and to print: no formulas, dates as dates, memory stays flat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import IO, Any

import xlsxwriter
from flask_babel import gettext as _

from app.assignments.models import Assignment
from app.assignments.queries import working_days_late
from app.assignments.rules import Duty, State
from app.calendar.days import WorkCalendar
from app.clock import local_date
from app.formats import format_date
from app.text import spreadsheet_safe
from dialogues.models import ConclusionAssignment
from feedback import words as feedback_words
from feedback.models import Paper
from oversight import words

PAPER_A4 = 9
TITLE_ROW, HEAD_ROW = 0, 2


def write(
    file: IO[bytes], rows: Iterable[tuple[Assignment, Paper | None, str]], *, cut: str, today: dt.date, calendar: WorkCalendar
) -> None:
    """Write *rows* (a promise, its answer, its numbers elsewhere) into *file*; *cut* says in words which part of the register it is."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_("Sổ theo dõi việc đã hứa"))
    text = book.add_format({"text_wrap": True, "valign": "top", "border": 4})
    date = book.add_format({"num_format": "dd/mm/yyyy", "align": "left", "valign": "top", "border": 4})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#EEEEEE"})
    columns = _columns()
    for number, (_head, width) in enumerate(columns):
        sheet.set_column(number, number, width)
    sheet.set_landscape()
    sheet.set_paper(PAPER_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    sheet.set_footer("&R&P/&N")
    sheet.freeze_panes(HEAD_ROW + 1, 2)
    sheet.write(TITLE_ROW, 0, _("Sổ theo dõi việc đã hứa"), book.add_format({"bold": True, "font_size": 14}))
    sheet.write(TITLE_ROW + 1, 0, spreadsheet_safe(_("%(cut)s. Tính đến %(day)s.", cut=cut, day=format_date(today, weekday=False))))
    sheet.write_row(HEAD_ROW, 0, [name for name, _width in columns], head)
    last = HEAD_ROW
    for last, (row, answer, outside) in enumerate(rows, start=HEAD_ROW + 1):
        for column, cell in enumerate(_cells(row, answer, outside, today, calendar)):
            if isinstance(cell, dt.date):
                sheet.write_datetime(last, column, dt.datetime.combine(cell, dt.time()), date)
            else:
                sheet.write(last, column, spreadsheet_safe(cell), text)
    sheet.autofilter(HEAD_ROW, 0, last, len(columns) - 1)
    book.close()


def _columns() -> list[tuple[str, int]]:
    """Return the columns' heads, each with its width in characters."""
    return [
        (_("Mã"), 16), (_("Việc"), 44), (_("Ý kiến về việc"), 36), (_("Việc phải"), 9), (_("Đơn vị"), 28), (_("Xã, phường"), 16),
        (_("Lĩnh vực"), 18), (_("Tình trạng"), 16), (_("Số văn bản trả lời"), 16), (_("Ngày văn bản trả lời"), 12), (_("Giao ngày"), 12),
        (_("Hạn đầu"), 12), (_("Hạn hiện nay"), 12), (_("Xong ngày"), 12), (_("Trễ (ngày làm việc)"), 10), (_("Số lần chuyển"), 8),
        (_("Số ở hệ thống khác"), 20),
    ]  # fmt: skip


# A file goes on to others than who took it away: it names nobody, whatever its reader may read on the site.
def _cells(row: Assignment, answer: Paper | None, outside: str, today: dt.date, calendar: WorkCalendar) -> tuple[Any, ...]:
    ended = row.state in {State.RETURNED, State.CANCELLED}
    matter = words.matter(row, may_read=False) if row.duty == Duty.ACT else ""
    if isinstance(row, ConclusionAssignment):
        matter = _("Đối thoại: %(topic)s", topic=matter)
    return (
        row.reference, words.task(row, may_read=False), matter, str(words.duty(row)), row.unit.name,
        row.place.full_name if row.place else "", row.field.name if row.field else "", str(feedback_words.assignment_state(row).text),
        (answer.number or "") if answer else "", dated(answer), local_date(row.opened_at), row.first_due_on, row.due_on,
        local_date(row.closed_at) if row.closed_at else None, 0 if ended else working_days_late(row, today, calendar), row.hops, outside,
    )  # fmt: skip


def dated(answer: Paper | None) -> dt.date | None:
    """Return the date of an answer that went out: the one văn thư wrote, else the day itself."""
    if answer is None:
        return None
    return answer.numbered_on or (local_date(answer.published_at) if answer.published_at else None)
