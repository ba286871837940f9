"""Why a due date is the day it is, for the `why_date` component: from the very facts the day was counted from."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.assignments.facts import ClockFacts
from app.assignments.models import Clock
from app.assignments.queries import counted
from app.calendar.days import CalendarNotLoaded, WorkCalendar
from app.calendar.rules import PauseGround, Rule
from app.formats import format_date
from feedback import words


def explanation(clock: Clock | ClockFacts | None, calendar: WorkCalendar) -> dict[str, Any] | None:
    """Return the facts of *clock*'s due date; None without a clock, or where its calendar is not loaded yet."""
    if clock is None:
        return None
    try:
        count = counted(clock, calendar)
    except CalendarNotLoaded:
        return None
    rule = Rule.from_json(clock.rule)
    return {
        "rule_name": rule.name,
        "source": rule.source,
        "article": rule.article,
        "local": rule.local,
        "verified": str(rule.evidence),
        "start": count.start,
        "start_event": words.START_EVENTS.get(clock.start_event, clock.start_event),
        "due_on": count.due_on,
        "days": [{"date": mark.day, "number": mark.number, "skipped_reason": mark.skip, "name": mark.name} for mark in count.marks],
        "rolled_from": count.rolled_from,
        "stands": _stands(clock),
    }


def _stands(clock: Clock | ClockFacts) -> str:
    """Return since when and why the clock stands, and what lets it run on; empty while it runs."""
    pause = next((each for each in clock.pauses if clock.is_running and each.ends_on is None), None)
    if pause is None:
        return ""
    day = format_date(pause.starts_on, weekday=False)
    if pause.ground == PauseGround.WAITING_FOR_SENDER:
        return _(
            "Từ %(day)s, vì đang chờ người gửi trả lời câu hỏi; trả lời xong thì đếm tiếp. "
            "Không trả lời thì đơn vị vẫn có thể giải quyết theo những gì đã biết, hoặc báo không thụ lý vì chưa rõ nội dung.",
            day=day,
        )
    return _("Từ %(day)s, vì %(ground)s; hết lý do ấy thì đếm tiếp.", day=day, ground=words.PAUSE_GROUNDS[pause.ground])
