"""The papers after a session: minutes, the notice of conclusion, the letter of replies."""

from __future__ import annotations

import datetime as dt

from app.assignments.rules import State
from app.units.models import Unit
from dialogues import hall, queries, words
from dialogues.models import Attendance, ConclusionAssignment, HandVote, Question, Session
from dialogues.officials import officials
from dialogues.papers import parts
from dialogues.papers.parts import Body, Section, Table, Words
from dialogues.papers.session import (
    answer_for_all,
    answer_of,
    chairs,
    deferred,
    for_all,
    named,
    on_its_day,
    where,
)
from dialogues.queries import raised
from dialogues.rules import CountedIn, StaffDuty, unvoiced
from feedback import public
from feedback.masking import without_names

NAMELESS = "Không nêu tên"

_HANDED = ("STT", "Đơn vị chủ trì", "Việc", "Thời hạn", "Cách trả lời công khai")


def minutes(session: Session, say: Words) -> Body:
    """What was said, as the last version has it or as it was recorded; who was there follows on pages of its own."""
    secretaries = [each.user for each in session.staff if each.duty == StaffDuty.SECRETARY]
    began = parts.clock_time(session.begun_at) if session.begun_at else parts.TO_WRITE
    written = session.minutes[-1].text if session.minutes else ""
    count = sum(each.people for each in session.attendances)
    present = [[*_who(each), str(each.people)] for each in session.attendances]
    who = parts.table("Danh sách người dự", ("STT", "Họ tên", "Đơn vị, địa chỉ", "Số người"), (1, 6, 6, 2), present)
    facts = parts.lines(
        f"Thời gian bắt đầu: {began}, {parts.day(session.day)}." if session.day else "",
        where(session),
        chairs(session),
        f"Thư ký: {'; '.join(named(user.name, user.title) for user in secretaries) or parts.TO_WRITE}.",
        _present(session, count),
    )
    votes = [] if written else session.hand_votes  # the text of a version says them itself, and the conclusion
    topic = f"Chủ đề: {session.topic}."
    said = Section("content", "Nội dung", written or topic, None if written else _questions(session), fixed=bool(written))
    return Body(
        name="Biên bản",
        about=f"Buổi đối thoại với Nhân dân {on_its_day(session)}",
        sections=[
            Section("facts", "", facts),
            said,
            *([Section("hands", "Biểu quyết", parts.lines(*(_vote(vote) for vote in votes)))] if votes else []),
            *(
                [Section("conclusion", "Kết luận của chủ trì", session.conclusion, fixed=True)]
                if session.conclusion and not written
                else []
            ),
            Section("closing", "", say["closing"]),
            *([Section("present", "Danh sách người dự", "", who, appendix=True)] if session.attendances else []),
        ],
        secretary=secretaries[0].name if secretaries else "",
    )


def _present(session: Session, listed: int) -> str:
    """Return how many came: as somebody counted them in the halls, as the list has them; nothing where nobody wrote it down."""
    counted = hall.present(session)
    if counted > listed:
        named_ = f", trong đó {listed} người có trong danh sách kèm theo" if listed else ""
        return f"Thành phần tham dự: {counted} người{named_}."
    return f"Thành phần tham dự: {listed} người (có danh sách kèm theo)." if listed else ""


def _questions(session: Session) -> Table | None:
    rows = [
        [
            ", ".join(filter(None, (question.asker or "", question.comes_from))),
            question.text,
            parts.joined(answer_of(question, whole=True), _rejected(question)),
        ]
        for question in raised(session)
    ]
    return parts.table("Ý kiến và trả lời", ("STT", "Người nêu", "Nội dung", "Trả lời"), (1, 4, 6, 6), rows)


def _rejected(question: Question) -> str:
    if not question.rejected:
        return ""
    return f"Người hỏi chưa đồng ý: {question.rejected_wants}." if question.rejected_wants else "Người hỏi chưa đồng ý."


def _vote(vote: HandVote) -> str:
    counted = "hộ" if vote.counted_in == CountedIn.HOUSEHOLDS else "người"
    against = f", {vote.disagree} {counted} không đồng ý" if vote.disagree is not None else ""
    rest = unvoiced(vote.agree, vote.disagree, vote.present)
    silent = f", {rest} {counted} không biểu quyết" if rest else ""
    among = f", trên {vote.present} {counted} có mặt" if vote.present is not None else ""
    return f"{vote.subject}: {vote.agree} {counted} đồng ý{against}{among}{silent}."


def _who(attendance: Attendance) -> tuple[str, str]:
    guest, registered = attendance.invitation, attendance.registration
    if guest is not None:
        return guest.answer_note or guest.name, guest.title
    if registered is not None:
        return registered.name or NAMELESS, registered.comes_from
    return attendance.name or NAMELESS, attendance.comes_from


def conclusion(session: Session, say: Words) -> Body:
    """What was answered, what was not, and who answers the rest in public by which day."""
    keep = officials(session)  # who answers for the authorities is named; what citizens wrote is masked whoever it names
    told = [[for_all(question), answer_for_all(question, keep)] for question in raised(session)]
    handed = _handed(session, keep)
    concluded = session.public_conclusion or without_names(session.conclusion, keep)  # everyone reads it once the result is out
    return Body(
        name="Thông báo",
        about=f"Kết luận tại buổi đối thoại với Nhân dân {on_its_day(session)}",
        sections=[
            Section("opening", "", say["opening"]),
            Section("general", "I. Kết luận chung", concluded or parts.TO_WRITE, fixed=True),
            Section(
                "answers",
                "II. Kết luận từng kiến nghị",
                "" if told else "Không có kiến nghị nào được nêu.",
                parts.table("Kết luận từng kiến nghị", ("STT", "Kiến nghị", "Kết luận"), (1, 7, 8), told),
            ),
            Section(
                "tasks",
                "III. Giao nhiệm vụ",
                "" if handed else "Không có việc nào giao thêm.",
                parts.table("Giao nhiệm vụ", _HANDED, (1, 4, 5, 3, 3), handed),
            ),
            Section("carrying_out", "IV. Tổ chức thực hiện", say["carrying_out"]),
            Section("closing", "", say["closing"]),
        ],
    )


def _handed(session: Session, keep: frozenset[str] = frozenset()) -> list[list[str]]:
    """Return every duty: who leads and who helps, what, by which day, how the public hears of it."""
    petitions = {each.question_id: each for each in session.promises if each.state != State.CANCELLED and each.is_detail}
    instructed = [
        [
            _lead(each.unit, each.supporting_ids),
            parts.joined(_title(each, keep), f"(kiến nghị {each.beyond})" if each.beyond else ""),
            parts.short_day(each.due_on),
            _public(each.public_form),
        ]
        for each in session.promises
        if each.state != State.CANCELLED and not each.is_detail
    ]
    left = [
        [
            _lead(public.unit_in_charge(question.feedback), question.supporting_ids),
            parts.joined(f"Trả lời: {for_all(question)}", _petition(petitions.get(question.id), question.promised_on)),
            parts.short_day(question.promised_on),
            _public(question.public_form),
        ]
        for question in raised(session)
        if question.feedback is not None and question.promised_on is not None
    ]
    return left + instructed


def _petition(promise: ConclusionAssignment | None, answered_by: dt.date | None) -> str:
    """Return which body is petitioned, and by when where that is another day than that of the answer."""
    if promise is None:
        return ""
    by = f", trước ngày {parts.short_day(promise.due_on)}" if promise.due_on != answered_by else ""
    return f"(kiến nghị {promise.beyond}{by})"


def handed_to(session: Session, issuer: Unit) -> list[str]:
    """Return who gets the notice that *issuer* makes: the units that *session* gave something to do, and the bodies that are petitioned."""
    given = [row[0].partition(" (")[0] for row in _handed(session)]
    petitioned = [each.beyond for each in session.promises if each.beyond and each.state != State.CANCELLED]
    return [name for name in (*given, *petitioned) if name != issuer.name]


def _title(promise: ConclusionAssignment, keep: frozenset[str]) -> str:
    if promise.public_title:
        return promise.public_title
    return for_all(promise.question) if promise.is_untold and promise.question else without_names(promise.title, keep)


def _lead(unit: Unit, supporting: list[int] | None) -> str:
    helping = ", ".join(each.name for each in queries.supporting(supporting) if each != unit)
    return f"{unit.name} (phối hợp: {helping})" if helping else unit.name


def _public(form: str | None) -> str:
    return str(words.PUBLIC_FORMS[form]) if form else parts.TO_WRITE


def reply(session: Session, say: Words) -> Body:
    """Answer in writing what was not answered in the hall."""
    keep = officials(session)
    rows = [[for_all(question), _written(question, keep)] for question in deferred(session)]
    table = parts.table("Trả lời kiến nghị", ("STT", "Kiến nghị", "Trả lời"), (1, 7, 8), rows)
    return Body(
        name="",
        about=f"trả lời kiến nghị của Nhân dân tại buổi đối thoại {on_its_day(session)}",
        sections=[
            Section("opening", "", say["opening"]),
            Section("answers", "", "" if rows else parts.TO_WRITE, table),
            Section("closing", "", say["closing"]),
        ],
    )


def _written(question: Question, keep: frozenset[str]) -> str:
    """Return the answer that was published, else what is known of it: who owes it, by when."""
    if question.feedback is not None:
        if public.answer_on_page(question.feedback) is not None:
            return question.feedback.public_reply or ""
        if question.promised_on is not None:
            return f"{public.unit_in_charge(question.feedback).name} trả lời trước ngày {parts.short_day(question.promised_on)}."
    if not question.may_be_told:
        return answer_for_all(question, keep)
    return question.public_answer or without_names(question.answer, keep) or parts.TO_WRITE
