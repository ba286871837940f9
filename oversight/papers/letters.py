"""What a reminder, a petition and MTTQ's reminder of its petition say. Vietnamese whatever the page speaks."""

from __future__ import annotations

import datetime as dt

from flask_babel import force_locale

from app import clock
from app.assignments.models import Assignment
from app.calendar.days import TermUnit
from app.calendar.queries import rules_in_force
from app.calendar.rules import Facts, Rule, choose
from app.formats import upper_first
from dialogues.papers import parts
from dialogues.papers.parts import Section
from oversight import papers, words
from oversight.models import Letter, OversightPaper
from oversight.papers import Body
from oversight.rules.letters import PAPERS, STAGES, LetterKind

#: What the clock of an answer is told of its matter.
FACTS = Facts(kind="letter")

_ABOUT = {
    LetterKind.REMINDER: "đôn đốc việc đã hứa với Nhân dân",
    LetterKind.PETITION: "kiến nghị về việc đã hứa với Nhân dân",
    LetterKind.FOLLOW_UP: "nhắc trả lời việc đã kiến nghị, đã chuyển",
}
_OPENING = {
    LetterKind.REMINDER: "Qua theo dõi việc trả lời phản ánh, kiến nghị và thực hiện kết luận đối thoại với Nhân dân, {issuer} thấy:",
    LetterKind.PETITION: "Thực hiện chức năng giám sát theo Luật Mặt trận Tổ quốc Việt Nam, qua theo dõi việc trả lời phản ánh, kiến nghị "
    "và thực hiện kết luận đối thoại với Nhân dân, {issuer} thấy:",
    LetterKind.FOLLOW_UP: "{issuer} đã kiến nghị, chuyển đến cơ quan, đơn vị các việc sau, đến nay chưa nhận được trả lời đầy đủ:",
}
_ASKS = {
    LetterKind.REMINDER: "Đề nghị {to} khẩn trương thực hiện và trả lời {issuer} {by}.",
    LetterKind.PETITION: "{issuer} kiến nghị {to} xem xét, giải quyết và trả lời {by}.",
    LetterKind.FOLLOW_UP: "Đề nghị {to} trả lời {issuer} {by}.",
}
_UNITS = {TermUnit.WORKING: "ngày làm việc", TermUnit.CALENDAR: "ngày"}


def rule_of(kind: LetterKind, on: dt.date) -> Rule | None:
    """Return the rule by which a letter of that kind is answered, where no day is typed on it."""
    stage = STAGES[kind]
    return choose(rules_in_force(on, stage), FACTS, stage, on)


def body(paper: OversightPaper) -> Body:
    """Return what the paper of a letter says."""
    letter = paper.letter
    assert letter is not None  # made with its letter
    kind, to = LetterKind(letter.kind), to_of(paper)
    said = {"issuer": letter.unit.name, "to": to[0] if len(to) == 1 else "các cơ quan, đơn vị", "by": _by(letter, kind)}
    about = [each.assignment for each in letter.about]
    with force_locale("vi"):
        rows = [_row(each) for each in about]
    table = parts.table("Các việc", ("STT", "Mã", "Việc", "Đơn vị", "Hạn", "Tình trạng"), (2, 8, 9, 7, 5, 5), rows)
    opening = upper_first(_OPENING[kind].format(**said))
    sections = [Section("reason", "", letter.reason)]
    if table is not None:
        sections.insert(0, Section("opening", "", opening, table))
    sections.append(Section("request", "", upper_first(_ASKS[kind].format(**said))))
    return Body(name="", about=_ABOUT[kind], sections=sections, to=to)


def to_of(paper: OversightPaper) -> tuple[str, ...]:
    """Return the units that the letter of *paper* is addressed to."""
    assert paper.letter is not None  # made with its letter
    return tuple(each.unit.name for each in paper.letter.to)


def _by(letter: Letter, kind: LetterKind) -> str:
    if letter.answer_by is not None:
        return f"chậm nhất ngày {parts.short_day(letter.answer_by)}"
    rule = rule_of(kind, clock.local_date(letter.created_at))
    return f"trong {rule.amount} {_UNITS[rule.unit]} kể từ ngày văn bản này được gửi trên hệ thống" if rule is not None else "sớm nhất"


def _row(row: Assignment) -> list[str]:
    # A paper goes on to others than whom it is for: it names no citizen.
    state = words.STATES[row.state]
    return [
        row.reference, upper_first(words.task(row, may_read=False)), row.unit.name,
        parts.short_day(row.due_on) if row.due_on else "chưa có hạn", str(state),
    ]  # fmt: skip


def register() -> None:
    """Let the papers of letters say this."""
    papers.BODIES.update(dict.fromkeys(PAPERS.values(), body))
    papers.TO.update(dict.fromkeys(PAPERS.values(), to_of))
