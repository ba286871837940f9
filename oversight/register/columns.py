"""The columns of the register, on the page and in its files: what is chosen is in the address, so that it is shared and kept with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.assignments.models import Assignment
from app.assignments.queries import working_days_late
from app.assignments.rules import Duty, State
from app.calendar.days import WorkCalendar
from app.clock import local_date
from dialogues.models import ConclusionAssignment
from feedback import words as feedback_words
from feedback.models import Paper
from oversight import words
from oversight.register import KINDS


@dataclass(frozen=True)
class Line:
    """One promise with what its line may show."""

    row: Assignment
    answer: Paper | None
    outside: str  # its numbers in other systems
    today: dt.date
    calendar: WorkCalendar


@dataclass(frozen=True)
class Column:
    """What one column of the page becomes in a file: heads with their widths in characters, and as many cells."""

    code: str  # in addresses
    label: Any
    heads: tuple[tuple[Any, int], ...]
    cells: Callable[[Line], tuple[Any, ...]]


def dated(answer: Paper | None) -> dt.date | None:
    """Return the date of an answer that went out: the one văn thư wrote, else the day itself."""
    if answer is None:
        return None
    return answer.numbered_on or (local_date(answer.published_at) if answer.published_at else None)


# A file goes on to others than who took it away: it names nobody, whatever its reader may read on the site.
def _task(line: Line) -> tuple[Any, ...]:
    row, answer = line.row, line.answer
    matter = words.matter(row, may_read=False) if row.duty == Duty.ACT else ""
    if isinstance(row, ConclusionAssignment):
        matter = str(words.OF_SESSION) % {"topic": matter} if matter else str(words.OF_SESSION) % {"topic": row.session.topic}
    return (
        row.reference,
        words.task(row, may_read=False),
        matter,
        row.place.full_name if row.place else "",
        row.field.name if row.field else "",
        (answer.number or "") if answer else "",
        dated(answer),
    )


def _late(line: Line) -> int:
    ended = line.row.state in {State.RETURNED, State.CANCELLED}
    return 0 if ended else working_days_late(line.row, line.today, line.calendar)


def _closed_on(line: Line) -> dt.date | None:
    return line.row.closed_on


def _age(line: Line) -> int:
    return ((line.row.closed_on or line.today) - line.row.opened_on).days


def _one(code: str, label: Any, width: int, cell: Callable[[Line], Any]) -> Column:
    return Column(code, label, ((label, width),), lambda line: (cell(line),))


#: What each line says first; always there.
TASK = Column(
    "viec",
    _l("Nội dung"),
    (
        (_l("Mã"), 16), (_l("Việc"), 44), (_l("Ý kiến về việc"), 36), (_l("Xã, phường"), 16), (_l("Lĩnh vực"), 18),
        (_l("Số văn bản trả lời"), 16), (_l("Ngày văn bản trả lời"), 12),
    ),
    _task,
)  # fmt: skip
#: In the order in which they stand.
COLUMNS = (
    _one("han", _l("Hạn"), 12, lambda line: line.row.due_on),
    TASK,
    _one("don-vi", _l("Đơn vị"), 28, lambda line: line.row.unit.name),
    Column(
        "tinh-trang",
        _l("Tình trạng"),
        ((_l("Việc phải"), 9), (_l("Tình trạng"), 16)),
        lambda line: (str(words.duty(line.row)), str(feedback_words.assignment_state(line.row).text)),
    ),
    _one("nguon", _l("Nguồn"), 18, lambda line: str(KINDS[line.row.kind].label)),
    _one("giao", _l("Giao ngày"), 12, lambda line: line.row.opened_on),
    _one("han-dau", _l("Hạn đầu"), 12, lambda line: line.row.first_due_on),
    _one("xong", _l("Xong ngày"), 12, _closed_on),
    _one("tre", _l("Trễ (ngày làm việc)"), 10, _late),
    _one("tuoi", _l("Số ngày từ khi giao"), 10, _age),
    _one("chuyen", _l("Số lần chuyển"), 8, lambda line: line.row.hops),
    _one("lan", _l("Lần giải quyết"), 8, lambda line: line.row.round),
    _one("so-khac", _l("Số ở hệ thống khác"), 20, lambda line: line.outside),
)
DEFAULT = ("han", "viec", "don-vi", "tinh-trang")
#: Those of the default have a look of their own on the page; the others show their one cell.
_BY_CODE = {column.code: column for column in COLUMNS}


def chosen(codes: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns that an address names, in their order; none named, or none known: as everybody sees the register at first."""
    known = {part for code in codes for part in code.split(",")} & set(_BY_CODE)
    wanted = known | {TASK.code} if known else set(DEFAULT)
    return tuple(column for column in COLUMNS if column.code in wanted)


def argument(columns: Iterable[Column]) -> str:
    """Return how an address names *columns*; nothing where they are those that everybody sees at first."""
    codes = tuple(column.code for column in columns)
    return "" if codes == DEFAULT else ",".join(codes)
