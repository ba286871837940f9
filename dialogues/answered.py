"""What was said in the hall of a matter that is an item, too: its unit reads it beside the item, the written answer begins with it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased

from app.database import db
from dialogues.models import Question, Session
from dialogues.papers import parts
from dialogues.papers.session import named
from dialogues.rules import SHOWN, AnswerKind
from feedback.masking import without_names
from feedback.models import Feedback
from feedback.rules import PaperState, PaperType

#: How whoever spoke ended the matter, as the middle of a sentence; a paper is Vietnamese whatever the page speaks.
_SAID = {
    AnswerKind.BY_CHAIR: "đã trả lời",
    AnswerKind.BY_DELEGATE: "đã trả lời",
    AnswerKind.IN_WRITING: "đã hẹn trả lời bằng văn bản và cho biết",
    AnswerKind.FORWARDED: "đã nhận kiến nghị lên cấp có thẩm quyền và cho biết",
}


def in_the_hall(item: Feedback) -> list[Question]:
    """Return the questions by which *item*, and what was merged into it, got a word in the hall; none before the session is over.

    Where it was answered together with another question, that one.
    """
    query = db.select(Question).join(Question.session).join(Question.feedback)
    asked = db.session.scalars(
        query.where(
            (Feedback.id == item.id) | (Feedback.merged_into_id == item.id),
            Question.state.in_(SHOWN),
            Session.held_at.is_not(None),
        ).order_by(Session.held_at, Question.id)
    )
    put = dict.fromkeys(question.like or question for question in asked)
    return [question for question in put if question.answer_kind is not None]


def was_in_a_hall() -> ColumnElement[bool]:
    """Say in SQL of an item that it, or what was merged into it, is a question of some session."""
    merged = aliased(Feedback)
    asked = exists().where(Question.feedback_id == Feedback.id)
    return asked | exists().where(merged.merged_into_id == Feedback.id, Question.feedback_id == merged.id)


def speaker(question: Question) -> str:
    """Return who gave the word on *question*, by name and office: a delegate, else the chairs."""
    if question.answer_kind == AnswerKind.BY_DELEGATE:
        return question.answered_by
    return "; ".join(named(chair.name, chair.title) for chair in question.session.chairing)


def words_for(item: Feedback, question: Question) -> str:
    """Return what was said, for the answer to *item*: as it was said, without names where it was said to somebody else."""
    return question.answer if question.feedback_id == item.id else without_names(question.answer)


def beginning(item: Feedback) -> list[str]:
    """Return a paragraph for each word given in the hall that no answer to *item* has repeated yet."""
    sent = [paper.published_at for paper in item.papers if paper.type == PaperType.REPLY and paper.state == PaperState.PUBLISHED]
    last = max((at for at in sent if at is not None), default=None)
    return [
        _paragraph(question, words_for(item, question))
        for question in in_the_hall(item)
        if question.answer and (last is None or (question.answered_at is not None and question.answered_at > last))
    ]


def _paragraph(question: Question, said: str) -> str:
    session, kind = question.session, AnswerKind(question.answer_kind or "")
    office = "đại biểu" if kind == AnswerKind.BY_DELEGATE else "chủ trì"
    by = speaker(question)
    who = f"{office} ({by})" if by else office
    day = f" ngày {parts.short_day(session.day)}" if session.day else ""
    return f"Tại buổi đối thoại {session.code}{day}, {who} {_SAID[kind]}:\n{said}"
