"""What the chain says to people: each fault as a sentence, an anchor as a text to print, to mail and to keep elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.words import ROLES
from app.chain.models import AuditAnchor
from app.chain.rules import Fault, instant
from app.chain.verifying import Report
from app.formats import format_datetime, format_number

FAULTS: dict[str, Any] = {
    "unreadable": _l("Không đọc tiếp được từ số khóa %(seq)s: cơ sở dữ liệu hỏng (%(error)s)."),
    "links_missing": _l("Mất các số khóa từ %(first)s đến %(last)s, khóa trong khoảng từ %(after)s đến %(before)s."),
    "entry_missing": _l("Mất dòng nhật ký số %(entry)s, số khóa %(seq)s, khóa lúc %(sealed_at)s."),
    "changed": _l("Dòng nhật ký số %(entry)s bị sửa sau khi khóa (số khóa %(seq)s, khóa lúc %(sealed_at)s). Nay ghi: %(now)s"),
    "entry_forged": _l("Dòng nhật ký số %(entry)s (%(action)s, ghi lúc %(at)s) không phải do trang này ghi."),
    "rewritten": _l("Nhật ký không khớp mốc %(seq)s lập lúc %(at)s: đã bị viết lại ở đâu đó trước mốc này."),
    "cut": _l("Mốc %(seq)s lập lúc %(at)s cho biết có %(seq)s dòng, nay chỉ còn %(last)s: phần cuối, sau %(after)s, bị cắt mất."),
    "anchor_forged": _l("Mốc %(seq)s ghi lúc %(at)s không phải do trang này lập."),
    "grant_untold": _l("Vai trò %(role)s của %(who)s (số %(id)s) không có dòng nhật ký nào ghi việc giao, hoặc đã thôi mà nay còn."),
    "password_foreign": _l("Mật khẩu của %(who)s không phải do trang này đặt, nên không dùng được."),
    "delegation_untold": _l("Ủy quyền của %(whose)s cho %(who)s (số %(id)s) không có dòng nhật ký nào ghi lại, hoặc đã thôi mà nay còn."),
    "key_foreign": _l("Dòng số %(id)s của bảng %(table)s không phải do trang này ghi."),
    "unguarded": _l("Bảng %(table)s mất chốt chặn sửa, xóa."),
}


def sentence(fault: Fault) -> str:
    """Return *fault* in words."""
    return str(FAULTS[fault.kind]) % {name: _fact(name, value) for name, value in fault.facts.items()}


def _fact(name: str, value: Any) -> str:
    if name in {"at", "sealed_at", "after", "before"}:
        return _when(value)
    return str(ROLES.get(value, value)) if name == "role" else str(value)


def _when(text: str) -> str:
    if not text:
        return _("không rõ lúc nào")
    try:
        return format_datetime(dt.datetime.fromisoformat(text))
    except ValueError:
        return text


def told(report: Report) -> Iterator[str]:
    """Yield the lines that say what came of a check."""
    facts = {name: format_number(getattr(report, name)) for name in ("links", "anchors", "waiting")}
    yield _("Đã kiểm tra %(links)s dòng nhật ký đã khóa, so với %(anchors)s mốc; %(waiting)s dòng mới ghi chưa khóa.", **facts)
    if report.whole:
        yield _("Nhật ký nguyên vẹn.")
        return
    yield _("Nhật ký KHÔNG nguyên vẹn: %(number)s chỗ sai, chỗ đầu tiên trước.", number=format_number(report.found))
    yield from map(sentence, report.faults)
    if report.found > len(report.faults):
        yield _("… và %(number)s chỗ nữa.", number=format_number(report.found - len(report.faults)))


def grouped(hash_: str) -> str:
    """Return a hash in groups, as a person reads and types it."""
    return " ".join(hash_[start : start + 8] for start in range(0, len(hash_), 8))


def anchor_text(row: AuditAnchor) -> str:
    """Return what the file of an anchor says; its last line is what `run.py audit verify --anchor` reads."""
    return "\n".join((_("Mốc khóa nhật ký, lập lúc %(at)s", at=format_datetime(row.at)), instant(row.at), f"{row.seq}:{row.hash}", ""))
