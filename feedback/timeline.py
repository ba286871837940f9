"""What happened to an item, as sentences its sender understands: made from the audit, so the page and the record cannot disagree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from app.assignments.models import Holding
from app.audit import AuditEntry, entries_about
from app.calendar.days import CalendarNotLoaded, WorkCalendar, working_days_between
from app.clock import local_date
from app.database import db
from app.formats import format_date, format_datetime
from app.units.models import Unit
from feedback import words
from feedback.models import Feedback
from feedback.vocabulary import TOLD_TO_SENDER

Sentence = Callable[[dict[str, Any], str], str]


def _day(text: str | None) -> str:
    return format_date(dt.date.fromisoformat(text)) if text else ""


def _asked(facts: dict[str, Any], unit: str) -> str:
    return _("%(unit)s hỏi thêm, tạm dừng tính hạn", unit=unit) if facts["pauses"] else _("%(unit)s hỏi thêm", unit=unit)


def _extended(facts: dict[str, Any]) -> str:
    ground = words.EXTENSION_GROUNDS.get(facts["ground"], facts["ground"])
    return _("Gia hạn đến %(day)s vì %(ground)s", day=_day(facts["due_on"]), ground=ground)


def _recounted(facts: dict[str, Any]) -> str:
    stage, day = words.STAGES[facts["stage"]], _day(facts["due_on"])
    if not facts["was"]:
        return _("Có lịch nghỉ nên tính được hạn: %(stage)s chậm nhất %(day)s", stage=stage, day=day)
    return _(
        "Lịch nghỉ thay đổi nên tính lại hạn: %(stage)s chậm nhất %(day)s, trước là %(was)s", stage=stage, day=day, was=_day(facts["was"])
    )


def _case_opened(facts: dict[str, Any]) -> str:
    if not facts["due_on"]:
        return _("Thụ lý khiếu nại")
    return _("Thụ lý khiếu nại, giải quyết chậm nhất %(day)s", day=_day(facts["due_on"]))


def _promised(facts: dict[str, Any], unit: str) -> str:
    return _("%(unit)s hứa làm xong chậm nhất %(day)s", unit=unit, day=_day(facts["due_on"]))


#: Action → icon and sentence, from its facts and the name of the unit they name.
SENTENCES: dict[str, tuple[str, Sentence]] = {
    "feedback.received": ("send", lambda _f, _u: pgettext("đã qua", "Gửi ý kiến")),
    "feedback.routed": ("inbox", lambda _f, u: _("Giao %(unit)s", unit=u)),
    "feedback.split": ("split", lambda _f, _u: _("Tách thành nhiều phần, mỗi phần một nơi trả lời")),
    "feedback.merge_proposed": ("merge", lambda _f, _u: _("Đề nghị gộp với một ý kiến cùng việc")),
    "feedback.merged": ("merge", lambda _f, _u: _("Gộp với một ý kiến cùng việc")),
    "feedback.unmerged": ("split", lambda _f, _u: _("Tách ra lại, giải quyết riêng")),
    "feedback.taken": ("person", lambda _f, u: _("%(unit)s nhận giải quyết", unit=u)),
    "feedback.taken_back": ("back", lambda _f, u: _("Bộ phận tiếp nhận thu lại từ %(unit)s, chờ giao nơi khác", unit=u)),
    "feedback.returned": ("back", lambda _f, u: _("%(unit)s trả lại, chờ giao nơi khác", unit=u)),
    "feedback.transferred": ("move", lambda _f, u: _("Chuyển sang %(unit)s", unit=u)),
    "feedback.asked": ("chat", _asked),
    "feedback.question_answered": ("chat", lambda _f, _u: _("Người gửi trả lời câu hỏi")),
    "feedback.added": ("plus", lambda _f, _u: _("Người gửi bổ sung")),
    "feedback.told": ("chat", lambda _f, u: _("%(unit)s báo tin", unit=u)),
    "feedback.extension_decided": ("cal", lambda f, _u: _extended(f)),
    "feedback.recounted": ("cal", lambda f, _u: _recounted(f)),
    "feedback.case_opened": ("doc", lambda f, _u: _case_opened(f)),
    "feedback.answered": ("done", lambda _f, u: _("%(unit)s trả lời", unit=u)),
    "feedback.guided": ("info", lambda _f, u: _("%(unit)s hướng dẫn nơi giải quyết", unit=u)),
    "feedback.refused": ("back", lambda _f, u: _("%(unit)s báo không thụ lý, có nêu lý do", unit=u)),
    "feedback.forwarded": ("send", lambda _f, u: _("%(unit)s chuyển đơn tới nơi có thẩm quyền", unit=u)),
    "feedback.filed": ("doc", lambda _f, _u: _("Người đứng đầu quyết định lưu đơn")),
    "feedback.withdrawn": ("back", lambda _f, _u: _("Người gửi rút ý kiến")),
    "feedback.rated": ("star", lambda f, _u: _("Người gửi đánh giá: %(rating)s", rating=words.RATINGS[f["score"]])),
    "feedback.reopened": ("redo", lambda _f, _u: _("Người gửi mở lại, người khác xem xét")),
    "feedback.reopened_above": ("redo", lambda _f, _u: _("Cấp trên mở lại vì kiểm tra thực tế thấy chưa đúng, người khác xem xét")),
    "feedback.closed": ("check", lambda _f, _u: _("Khép lại")),
    "feedback.promise_made": ("flag", _promised),
    "feedback.promise_kept": ("done", lambda _f, u: _("%(unit)s báo đã làm xong việc đã hứa", unit=u)),
    "feedback.published": ("globe", lambda _f, _u: _("Đăng bản công khai, đã che tên và chỗ ở")),
}


def of_sender(item: Feedback) -> list[dict[str, Any]]:
    """Return what the sender may know of what happened, newest first, for the `timeline` component."""
    entries = [entry for entry in entries_about(item) if _is_told(entry)]
    names = _unit_names(entries)
    lines = []
    for entry in reversed(entries):
        icon, sentence = SENTENCES[entry.action]
        unit = names.get(entry.facts.get("unit_id") or entry.facts.get("to_id") or 0, "")
        lines.append({"icon": icon, "title": sentence(entry.facts, unit), "when": format_datetime(entry.at)})
    return lines


def _is_told(entry: AuditEntry) -> bool:
    # An extension that was refused changes nothing for the sender.
    return entry.action in TOLD_TO_SENDER and entry.facts.get("granted") is not False


def _unit_names(entries: Sequence[AuditEntry]) -> dict[int, str]:
    ids = {entry.facts.get(name) for entry in entries for name in ("unit_id", "to_id")} - {None}
    return {unit.id: unit.name for unit in db.session.scalars(db.select(Unit).where(Unit.id.in_(ids)))}


def holdings(item: Feedback, *, calendar: WorkCalendar, now: dt.datetime) -> list[dict[str, Any]]:
    """Return who had it and for how many working days, oldest first: {who, officer, from_on, to_on, days}."""
    lines: list[Holding] = [*item.desk_holdings, *(each for duty in item.assignments if duty.duty == "answer" for each in duty.holdings)]
    told = []
    for line in sorted(lines, key=lambda each: (each.from_at, each.id)):
        begin, end = local_date(line.from_at), local_date(line.to_at or now)
        try:
            days: int | None = working_days_between(begin, end, calendar)
        except CalendarNotLoaded:
            days = None
        told.append(
            {
                "who": line.unit.name,
                "officer": f"{line.officer.form_of_address} {line.officer.name}" if line.officer else "",
                "from_on": begin,
                "to_on": end if line.to_at else None,
                "days": days,
            }
        )
    return told
