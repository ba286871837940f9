"""What figures are called, how they are written, and what an address calls them. What each counts: docs/figures.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.formats import format_number, format_percent
from oversight import words
from oversight.figures import DAYS, MEANS, SHARES, Figure
from oversight.register import ages

PERCENT = 100
NOTHING = "–"


@dataclass(frozen=True)
class Called:
    """How one figure is named: in an address, in the head of a table, and in a sentence that explains it."""

    code: str
    label: Any
    means: Any
    high_is_bad: bool = True


#: What can be chosen for a picture, in this order.
CHOICES: dict[str, Called] = {
    "on_time_share": Called(
        "dung-han",
        _l("Đúng hạn"),
        _l("trong số việc đến hạn trong kỳ, bao nhiêu xong đúng hạn; việc để quá hạn vẫn tính"),
        high_is_bad=False,
    ),
    "overdue": Called("qua-han", _l("Đang quá hạn"), _l("số việc chưa xong đã quá hạn, tính đến cuối kỳ")),
    "open": Called("dang-lam", _l("Chưa xong"), _l("số việc chưa xong, tính đến cuối kỳ")),
    "median_days": Called(
        "thuong-mat", _l("Thường mất (ngày)"), _l("số ngày làm việc từ khi giao đến khi xong: một nửa số việc xong trong chừng ấy ngày")
    ),
    "p90_days": Called(
        "lau",
        _l("Lâu thì mất (ngày)"),
        _l("số ngày làm việc từ khi giao đến khi xong: cứ mười việc thì chín việc xong trong chừng ấy ngày"),
    ),
    "reopened_share": Called("mo-lai", _l("Phải làm lại"), _l("trong số việc giao trong kỳ, bao nhiêu bị mở lại")),
    "roundabout_share": Called("long-vong", _l("Chuyển lòng vòng"), _l("trong số việc giao trong kỳ, bao nhiêu qua tay quá nhiều đơn vị")),
    "transfers_mean": Called("so-lan-chuyen", _l("Số lần chuyển"), _l("mỗi việc giao trong kỳ chuyển đơn vị mấy lần, tính trung bình")),
    "rating_mean": Called(
        "diem", _l("Điểm người gửi chấm"), _l("điểm trung bình người gửi chấm câu trả lời, từ 1 đến 5"), high_is_bad=False
    ),
    "response_rate": Called(
        "co-cham", _l("Có chấm điểm"), _l("trong số câu trả lời có thể chấm, bao nhiêu được người gửi chấm"), high_is_bad=False
    ),
    "kept_share": Called("da-xong", _l("Đã xong"), _l("trong số việc giao trong kỳ, bao nhiêu đã xong"), high_is_bad=False),
    "made": Called("da-giao", _l("Được giao"), _l("số việc giao trong kỳ")),
    "first_on_time_share": Called(
        "dung-han-dau",
        _l("Đúng hạn đầu"),
        _l("như đúng hạn, nhưng theo hạn đặt ra lúc đầu, như thể không gia hạn lần nào"),
        high_is_bad=False,
    ),
    "closed_in_time_share": Called(
        "xong-dung-han",
        _l("Xong đúng hạn"),
        _l("trong số việc đã xong trong kỳ, bao nhiêu đúng hạn; việc còn để đó không tính"),
        high_is_bad=False,
    ),
}
_OF_ADDRESSES = {called.code: name for name, called in CHOICES.items()}
#: Heads of columns that no picture is chosen by.
_HEADS: dict[str, Any] = {
    "due": _l("Đến hạn"),
    "met": _l("Xong đúng hạn"),
    "closed": _l("Đã xong"),
    "kept": _l("Số việc đã xong"),
}
_AGED = {f"open_{bucket.code}": bucket for bucket in ages.AGES}


def name_of(code: str | None, *, default: str = "on_time_share") -> str:
    """Return the figure that an address calls *code*."""
    return _OF_ADDRESSES.get(code or "", default)


def head(name: str) -> str:
    """Return the head of the column of a figure."""
    if name in _AGED:
        return words.days(_AGED[name].first, _AGED[name].last)
    return str(CHOICES[name].label if name in CHOICES else _HEADS[name])


def said(figure: Figure) -> str:
    """Return a figure as it is written: 1.037; 81%; 12,5; a dash where there is nothing to say."""
    if figure.value is None:
        return NOTHING
    if figure.name in SHARES:
        return format_percent(figure.numerator or 0, figure.denominator or 0)
    if figure.name in MEANS:
        return format_number(figure.value, 1)
    return format_number(figure.value)


def said_with_unit(figure: Figure) -> str:
    """Return a figure as it stands alone, with what it is of: "81% (13/16)", "12 ngày làm việc"."""
    if figure.value is None:
        return NOTHING
    if figure.name in SHARES:
        return f"{said(figure)} ({format_number(figure.numerator or 0)}/{format_number(figure.denominator or 0)})"
    return _("%(days)s ngày", days=said(figure)) if figure.name in DAYS else said(figure)


def shade(figure: Figure) -> float | None:
    """Return what a picture is shaded by: the number as it is written, so that equal numbers never look different."""
    if figure.value is None:
        return None
    if figure.name not in SHARES:
        return round(figure.value, 1)
    percent = round(PERCENT * figure.value)
    if figure.value < 1:
        percent = min(percent, PERCENT - 1)
    return float(percent) if percent or not figure.value else 0.5  # written "<1%"


def said_shade(name: str, value: float) -> str:
    """Return a number of :func:`shade` as the legend says it."""
    return f"{format_number(value, 1)}%" if name in SHARES else format_number(value, 1)
