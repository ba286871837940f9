"""What the tracking page shows of an item: to everyone with the code, and to its sender with code and key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.assignments.models import Assignment, Clock
from app.assignments.published import remarked, reviewed
from app.assignments.rules import OPEN, Duty, State
from app.calendar.days import CalendarNotLoaded, WorkCalendar, working_days_between
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage
from app.clock import local_date
from app.formats import Chip, due_chip, format_date, format_datetime
from app.links import linked
from feedback import rules, timeline, words
from feedback.models import Attachment, Feedback, FeedbackAssignment, MessageKind, Paper, ReceiptKey, ReplyPoint
from feedback.operations.sender import rating_ends_on, reopened_before, within_rating_days
from feedback.public import answer_clock, answers, promise_title, title_read_by, unit_in_charge, words_of
from feedback.rules import Outcome, PaperState, PaperType, Status
from feedback.views.citizen import summary
from feedback.why import explanation

#: How the `points` component calls each outcome.
_OUTCOMES = {Outcome.DONE: "done", Outcome.PROMISED: "promised", Outcome.CANNOT: "cannot", Outcome.EXPLAINED: "explained"}


#: What other domains show the sender of an item: each returns the template of a section and what it calls `each`.
further: list[Callable[[Feedback, dt.date], list[tuple[str, dict[str, Any]]]]] = []


@dataclass(frozen=True)
class Answer:
    """An answer that was issued, and which of the item's answers it is, from 1."""

    number: int
    paper: Paper
    body: str
    points: list[dict[str, Any]]


@dataclass
class Seen:
    """An item as the page shows it; what stands below `key` only its sender sees."""

    item: Feedback
    matter: Feedback  # the item it was merged into, else itself: that one is answered
    unit: str
    clock: Clock | None  # of the answer, or of the notice where no answer is promised
    chip: Chip | None
    why: dict[str, Any] | None
    why_notice: dict[str, Any] | None
    key: ReceiptKey | None = None
    lead: str = ""
    holder: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    holdings: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    answer: Answer | None = None  # to this round; what was answered before it stays
    earlier: list[Answer] = field(default_factory=list)  # newest first
    letters: list[tuple[Paper, str]] = field(default_factory=list)
    promises: list[dict[str, Any]] = field(default_factory=list)
    further: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    rate_until: dt.date | None = None

    @property
    def runs_until(self) -> dt.date | None:
        """The day the answer is owed by, while it is owed and the clock runs."""
        clock = answer_clock(self.matter)
        return clock.due_on if clock and clock.stopped_at is None and not (clock.is_paused or clock.cancelled_at) else None

    @property
    def may_act(self) -> bool:
        """Whether the key does more than follow."""
        return self.key is not None and self.key.may_act

    @property
    def may_add(self) -> bool:
        return self.may_act and rules.sender_may_add(Status(self.item.status))

    @property
    def may_withdraw(self) -> bool:
        return self.may_act and rules.sender_may_withdraw(Status(self.item.status))

    @property
    def may_rate(self) -> bool:
        rated = max((rating.round for rating in self.item.ratings), default=None)
        status, round_ = Status(self.matter.status), self.matter.round
        return self.may_act and rules.sender_may_rate(status, rated_round=rated, round_=round_, within=self.rate_until is not None)

    @property
    def may_reopen(self) -> bool:
        # The days first: whether they have reopened it before is asked of the records only where it matters.
        within = self.may_act and self.rate_until is not None
        return within and rules.sender_may_reopen(Status(self.item.status), before=reopened_before(self.item), within=within)


def seen_by_anyone(item: Feedback, *, today: dt.date) -> Seen:
    """Return what the code alone shows."""
    return _seen(item, work_calendar(), today)


def seen_by_sender(item: Feedback, key: ReceiptKey, *, now: dt.datetime) -> Seen:
    """Return the sender's thread."""
    calendar, today = work_calendar(), local_date(now)
    seen = _seen(item, calendar, today)
    matter = seen.matter
    seen.key = key
    seen.events = timeline.of_sender(item)
    seen.holdings = timeline.holdings(item, calendar=calendar, now=now)
    seen.messages = [_message(item, message) for message in item.messages if message.kind != MessageKind.NOTE]
    given = [
        Answer(number, paper, words_of(paper), [_point(item, each) for each in paper.points])
        for number, paper in enumerate(answers(item), 1)
    ]
    seen.answer = given.pop() if given and matter.answered_at else None
    seen.earlier = given[::-1]
    issued = [paper for paper in matter.papers if paper.state == PaperState.PUBLISHED]
    seen.letters = [(paper, words_of(paper)) for paper in issued if paper.type not in {PaperType.REPLY, PaperType.FILE}]
    promised = [duty for duty in matter.assignments if duty.duty == Duty.ACT]
    said, doubted = remarked(promised), reviewed(promised)
    seen.promises = [
        promise(duty, calendar, today)
        | {"title": title_read_by(item, matter, duty.title), "remark": said.get(duty.id, ""), "reviewed": duty.id in doubted}
        for duty in promised
    ]
    seen.further = [section for sections in further for section in sections(item, today)]
    seen.rows = summary.of_item(item)
    if matter.answered_at and within_rating_days(matter, today):
        seen.rate_until = rating_ends_on(matter.answered_at)
    seen.holder = _holder(seen)
    seen.lead = _lead(seen)
    return seen


def _seen(item: Feedback, calendar: WorkCalendar, today: dt.date) -> Seen:
    matter = item.merged_into or item
    answer, notice = answer_clock(matter), matter.clock(Stage.NOTICE)
    clock = answer or notice
    return Seen(
        item=item,
        matter=matter,
        unit=unit_in_charge(matter).name,
        clock=clock,
        chip=chip_of(clock, today, calendar),
        why=explanation(answer, calendar),
        why_notice=explanation(notice, calendar),
    )


def chip_of(clock: Clock | None, today: dt.date, calendar: WorkCalendar) -> Chip | None:
    """Return the due chip of a clock, running, paused or stopped."""
    if clock is None or clock.cancelled_at:
        return None
    if clock.is_paused:
        return {"state": "hold", "text": _("Tạm dừng tính hạn")}
    return chip_on(clock.due_on, clock.stopped_on, today, calendar)


def chip_on(due_on: dt.date | None, stopped_on: dt.date | None, today: dt.date, calendar: WorkCalendar) -> Chip | None:
    """Return the due chip of a clock with that day that is not paused."""
    if due_on is None:
        return None
    try:
        left = working_days_between(stopped_on or today, due_on, calendar)
    except CalendarNotLoaded:
        return None
    return due_chip(due_on, today, abs(left)) if stopped_on is None else _stopped(stopped_on, due_on, left)


def _stopped(on: dt.date, due_on: dt.date, left: int) -> Chip:
    if on > due_on:
        # Answered on the Saturday after its Friday: late, though by no working day.
        days = ngettext("Trễ hạn %(num)d ngày làm việc", "Trễ hạn %(num)d ngày làm việc", abs(left)) if left else _("Trễ hạn")
        return {"state": "soon", "text": days}
    if left:
        return {"state": "done", "text": ngettext("Trước hạn %(num)d ngày làm việc", "Trước hạn %(num)d ngày làm việc", left)}
    return {"state": "done", "text": _("Đúng hạn")}


def promise(duty: Assignment, calendar: WorkCalendar, today: dt.date) -> dict[str, Any]:
    """Return a promise with what came of it, for the lists of promises."""
    closed = local_date(duty.closed_at) if duty.closed_at else None
    if duty.state in {State.DONE, State.VERIFIED} and closed and duty.due_on:
        late = closed > duty.due_on
        # Only what burns is red: this is over, and its words say that it came late.
        chip: Chip = {"state": "soon" if late else "done", "text": _("Xong, trễ hạn") if late else _("Xong đúng hạn")}
    elif duty.state in OPEN and duty.due_on:
        chip = due_chip(duty.due_on, today, _working_days(duty.due_on, today, calendar))
    else:
        chip = {"state": "ok", "text": str(words.ASSIGNMENT_STATES[duty.state].text)}
    return {
        "id": duty.id,
        "title": duty.title,
        "unit": duty.unit.name,
        "due_on": duty.due_on,
        "promised_on": local_date(duty.opened_at),
        "closed_on": closed,
        "verified": duty.state == State.VERIFIED,
        "chip": chip,
    }


def public_promise(duty: FeedbackAssignment, calendar: WorkCalendar, today: dt.date) -> dict[str, Any]:
    """Return a promise of a published item as everyone may read it."""
    return promise(duty, calendar, today) | {"title": promise_title(duty), "item": duty.feedback}


def _working_days(due_on: dt.date, today: dt.date, calendar: WorkCalendar) -> int:
    try:
        return abs(working_days_between(today, due_on, calendar))
    except CalendarNotLoaded:
        return 0


def _message(item: Feedback, message: Any) -> dict[str, Any]:
    unit = message.user.unit.name if message.user else ""
    who = f"{message.user.form_of_address} {message.user.name}, {unit}" if message.user else _("Người gửi")
    files = [_file(item, each) for each in item.attachments if each.message_id == message.id]
    text = linked(message.body) if message.user else message.body
    return {"who": who, "when": format_datetime(message.at), "text": text, "mine": message.user is None, "files": files}


def _file(item: Feedback, attachment: Attachment) -> dict[str, Any]:
    url = url_for("tracking.file", code=item.code, uid=attachment.file.uid, name=attachment.file.name)
    return {"url": url, "name": attachment.file.name, "size": attachment.file.size, "plays": attachment.file.plays}


def _point(item: Feedback, point: ReplyPoint) -> dict[str, Any]:
    proofs = [
        {
            "url": _file(item, proof)["url"],
            "caption": proof.caption or proof.file.name,
            "picture": proof.file.is_picture,
        }
        for proof in point.proofs
    ]
    outcome = _OUTCOMES[Outcome(point.outcome)]
    title = title_read_by(item, point.paper.feedback, point.title)
    return {"title": title, "text": point.text, "outcome": outcome, "on": point.promised_on, "proofs": proofs}


def _holder(seen: Seen) -> str:
    """Return who has it now, and since when."""
    item = seen.matter
    if item.open_question is not None:
        return _("Người gửi: chờ trả lời câu hỏi từ %(day)s", day=format_date(local_date(item.open_question.at)))
    if not item.is_open and (promised := _promised(item)):
        return promised
    if seen.rate_until and (seen.may_rate or seen.may_reopen):
        day = format_date(seen.rate_until)
        return _("Người gửi: đánh giá được đến %(day)s", day=day) if seen.may_rate else _("Người gửi: mở lại được đến %(day)s", day=day)
    duty = item.open_answer
    if duty is not None:
        since = next((format_date(local_date(each.from_at)) for each in reversed(duty.holdings) if each.to_at is None), "")
        who = f"{duty.unit.name}, {duty.officer.form_of_address} {duty.officer.name}" if duty.officer else duty.unit.name
        return _("%(who)s, từ %(day)s", who=who, day=since) if since else who
    if item.status == Status.RECEIVED:
        since = next((format_date(local_date(each.from_at)) for each in reversed(item.desk_holdings) if each.to_at is None), "")
        return _("%(who)s, từ %(day)s", who=item.desk_unit.name, day=since) if since else item.desk_unit.name
    return _("Không ai, việc đã xong ở đây")


def _promised(item: Feedback) -> str:
    """Return who still has to do what the answer promised, and until when."""
    duties = [each for each in item.assignments if each.duty == Duty.ACT and each.is_open and each.due_on]
    if not duties:
        return ""
    first = min(duties, key=lambda each: each.due_sort)
    day = format_date(first.due_sort, weekday=False)
    return _("Đã trả lời; %(unit)s còn phải làm việc đã hứa, hạn %(day)s", unit=first.unit.name, day=day)


def _lead(seen: Seen) -> str:
    """Return where it stands in one sentence or two."""
    item = seen.matter
    if item.open_question is not None and item.is_open:
        return _("%(unit)s hỏi thêm một điều. Trả lời ở dưới để giải quyết tiếp.", unit=seen.unit)
    if item.status in {Status.ANSWERED, Status.CLOSED} and item.answered_at:
        return _("%(unit)s trả lời %(day)s.", unit=seen.unit, day=format_date(local_date(item.answered_at)))
    sentences = {
        Status.RECEIVED: _("%(unit)s đang đọc để giao đúng nơi giải quyết.", unit=item.desk_unit.name),
        Status.IN_HAND: _("Đã chuyển %(unit)s, chờ nhận.", unit=seen.unit)
        if words.status_of(item) is words.NOT_TAKEN
        else _("%(unit)s đang giải quyết.", unit=seen.unit),
        Status.REFUSED: _("%(unit)s không thụ lý; lý do ghi trong thông báo ở dưới.", unit=seen.unit),
        Status.GUIDED: _("%(unit)s hướng dẫn nơi giải quyết; đọc phiếu ở dưới.", unit=seen.unit),
        Status.FORWARDED: _("%(unit)s chuyển tới nơi có thẩm quyền; đọc phiếu chuyển ở dưới.", unit=seen.unit),
        Status.WITHDRAWN: _("Người gửi đã rút. Không ai phải trả lời nữa."),
        Status.SPLIT: _("Có nhiều việc nên được tách ra, mỗi phần một nơi trả lời."),
    }
    return sentences.get(Status(item.status), f"{words.STATUSES[item.status].text}.")
