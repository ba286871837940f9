"""What papers say of a session in the same words: when, where, who leads it, what was asked."""

from __future__ import annotations

from flask import current_app

from app.clock import local_date
from dialogues import words
from dialogues.models import Question, Session
from dialogues.papers import parts
from dialogues.rules import DEFERRED, AnswerKind, ChairPart, QuestionState
from feedback.masking import without_names
from feedback.papers import form

ANSWERS = {
    AnswerKind.BY_CHAIR: "Chủ trì đã trả lời tại buổi đối thoại",
    AnswerKind.BY_DELEGATE: "Đã trả lời tại buổi đối thoại",
    AnswerKind.IN_WRITING: "Tiếp thu, trả lời bằng văn bản",
    AnswerKind.FORWARDED: "Chuyển cấp có thẩm quyền",
}


def on_its_day(session: Session) -> str:
    """Return "ngày 31 tháng 8 năm 2026", or that it is not known yet."""
    return form.date_line("", session.day) if session.day else "ngày … tháng … năm …"


def when(session: Session) -> str:
    """Return hour and day: as planned, and once it was held as it was."""
    if session.begun_at is not None and session.held_at is not None:
        begun, held = local_date(session.begun_at), local_date(session.held_at)
        first = f", {parts.day(begun)}," if begun != held else ""
        return f"Thời gian: từ {parts.clock_time(session.begun_at)}{first} đến {parts.clock_time(session.held_at)}, {parts.day(held)}."
    if session.starts_at is None or session.day is None:
        return f"Thời gian: {parts.TO_WRITE}"
    until = f" đến {parts.clock_time(session.ends_at)}" if session.ends_at else ""
    return f"Thời gian: từ {parts.clock_time(session.starts_at)}{until}, {parts.day(session.day)}."


def where(session: Session) -> str:
    """Return the hall, the satellite halls and how one takes part from elsewhere."""
    halls = [", ".join(filter(None, (hall.name, hall.address))) for hall in session.halls]
    main = halls[0] if halls else f"trụ sở {session.unit.name}"
    points = f"Các điểm cầu: {'; '.join(halls[1:])}." if halls[1:] else ""
    return parts.lines(f"Địa điểm: {main}.", points, f"Hình thức: {lower_first(str(words.FORMS[session.form]))}.")


def lower_first(text: str) -> str:
    """Return *text* as it stands inside a sentence."""
    return text[:1].lower() + text[1:]


def chairs(session: Session) -> str:
    """Return who chairs it and who organises it along."""
    along = [each for each in session.chairs if each.part == ChairPart.CO_ORGANISER]
    return parts.lines(
        f"Chủ trì: {'; '.join(named(each.name, each.title) for each in session.chairing) or parts.TO_WRITE}.",
        f"Phối hợp tổ chức: {'; '.join(dict.fromkeys(each.unit.name for each in along))}." if along else "",
    )


def named(name: str, title: str) -> str:
    """Return somebody with their office."""
    return f"{name}, {title}" if title else name


def address(session: Session) -> str:
    """Return where the public finds the session."""
    return f"{current_app.config['SITE_URL']}/doi-thoai/{session.code}"


def asked_before(session: Session) -> list[Question]:
    """Return the questions that were accepted beforehand, those of a theme together."""
    accepted = [question for question in session.questions if question.state == QuestionState.ACCEPTED]
    return sorted(accepted, key=lambda question: (question.theme.position if question.theme else len(session.themes), question.position))


def deferred(session: Session) -> list[Question]:
    """Return what was left to be answered after it, and what was never put."""
    return [question for question in asked_before(session) if question.answer_kind in DEFERRED or question.answer_kind is None]


def words_of(question: Question) -> str:
    """Return a question as a paper of the office says it: the masked copy, else without names, telephone and card numbers."""
    return question.public_text or without_names(question.text)


def for_all(question: Question) -> str:
    """Return a question as a paper for everyone says it: nothing of what its asker wrote and did not agree to have read."""
    if question.may_be_told:
        return words_of(question)
    about = f" về {lower_first(question.theme.title)}" if question.theme else ""
    return f"Câu hỏi{about} (người hỏi không đồng ý công khai nội dung)"


def answer_of(question: Question, *, whole: bool = False, keep: frozenset[str] = frozenset()) -> str:
    """Return what the asker got; *whole* as it was said, for minutes; the names of *keep* are not masked."""
    if question.answer_kind is None:
        return "Chưa trả lời"
    by = f" ({question.answered_by})" if question.answered_by else ""
    said = question.answer if whole else question.public_answer or without_names(question.answer, keep)
    return parts.joined(f"{ANSWERS[AnswerKind(question.answer_kind)]}{by}.", said)


def answer_for_all(question: Question, keep: frozenset[str] = frozenset()) -> str:
    """Return what a paper for everyone says the asker got; the words of an answer may repeat those of a question nobody may read."""
    if question.may_be_told or question.answer_kind is None:
        return answer_of(question, keep=keep)
    return f"{ANSWERS[AnswerKind(question.answer_kind)]}."
