"""What of sessions and receptions may repeat an item that is sealed: minutes, conclusions, papers, promises. How: feedback/sealed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from flask_babel import lazy_gettext as _l

from app.database import db
from dialogues import words
from dialogues.models import (
    Addendum,
    AgendaItem,
    ConclusionAssignment,
    DeviceEvent,
    DossierRow,
    EarlierPromise,
    Evaluation,
    HandVote,
    MinutesCorrection,
    Override,
    PreparationTask,
    Question,
    ReceptionDay,
    ReceptionVisit,
    Session,
    SessionFile,
    SessionPaper,
    Theme,
)
from dialogues.rules import PaperState
from feedback.models import Feedback
from feedback.sealed.operations.quoting import FROZEN, Place

NO_NUMBER = _l("chưa có số")
_OF_SESSION = ("topic", "trigger_note", "put_off_why", "concerns", "conclusion", "public_conclusion")


def told(items: Collection[Feedback]) -> Iterator[str]:
    """Yield what was asked, answered and received in the words of those who wrote it down there."""
    ids = {item.id for item in items}
    for asked in db.session.scalars(db.select(Question).where(Question.feedback_id.in_(ids))):
        yield from filter(None, (asked.text, asked.answer, asked.rejected_wants, asked.public_text, asked.public_answer, asked.result_text))
    for visit in db.session.scalars(db.select(ReceptionVisit).where(ReceptionVisit.feedback_id.in_(ids))):
        yield from filter(None, (visit.subject, visit.said, visit.result))


def places(items: Collection[Feedback]) -> Iterator[Place]:
    """Yield the texts of every session and day of reception; near are those in which one of *items* was asked or received."""
    ids = {item.id for item in items}
    near = set(db.session.scalars(db.select(Question.session_id).where(Question.feedback_id.in_(ids))))
    for session in db.session.scalars(db.select(Session)):
        archived, told_of = ((session, "archive"),), _l("Buổi đối thoại %(code)s", code=session.code)
        out, at = session.archive_id is not None, session.id in near
        yield Place(session, _OF_SESSION, told_of, near=at, out=out, files=archived)
        for version in session.minutes:
            called = _l("Biên bản buổi đối thoại %(code)s, bản số %(number)s", code=session.code, number=version.number)
            yield Place(version, ("text", "why"), called, near=at, out=out or bool(version.signatures), files=archived)
        for paper in session.papers:
            yield _of_paper(paper, told_of, near=at)
    for paper in db.session.scalars(db.select(SessionPaper).where(SessionPaper.session_id.is_(None))):
        yield _of_paper(paper, paper.unit.name, near=False)
    yield from _of_promises(ids, near)
    yield from _around(ids, near)
    yield from _of_receptions(ids)


def _of_paper(paper: SessionPaper, told_of: object, *, near: bool) -> Place:
    called = _l("%(type)s %(number)s, %(of)s", type=words.PAPER_TYPES[paper.type], number=paper.number or NO_NUMBER, of=told_of)
    made = ((paper, "pdf"), (paper, "signed_file"), *([(paper.session, "archive")] if paper.session is not None else []))
    return Place(paper, ("words", FROZEN), called, near, out=paper.state == PaperState.NUMBERED, files=made)


def _of_promises(ids: set[int], near: set[int]) -> Iterator[Place]:
    """What a question led to tells of nothing else; its duty, unit and day stay, for they are the chair's word."""
    asked = set(db.session.scalars(db.select(Question.id).where(Question.feedback_id.in_(ids))))
    for promise in db.session.scalars(db.select(ConclusionAssignment)):
        at, whole = promise.session_id in near, promise.question_id in asked
        called = _l("Việc giao ở buổi đối thoại %(code)s", code=promise.session.code)
        yield Place(promise, ("title", "outcome", "public_title"), called, near=at, whole=whole)
        if promise.petition is not None:
            yield Place(promise.petition, ("said",), called, near=at, whole=whole)
    of_asked = set(db.session.scalars(db.select(ConclusionAssignment.id).where(ConclusionAssignment.question_id.in_(asked))))
    for row in db.session.scalars(db.select(EarlierPromise)):
        called = _l("Báo cáo cam kết kỳ trước, buổi đối thoại %(code)s", code=row.session.code)
        yield Place(row, ("title", "why_not"), called, near=row.session_id in near, whole=row.assignment_id in of_asked)


#: What else people write about a session: its attributes.
_AROUND: dict[Any, tuple[str, ...]] = {
    Addendum: ("text",),
    AgendaItem: ("title",),
    DossierRow: ("absent_why",),
    Evaluation: ("words",),
    HandVote: ("subject", "public_subject"),
    MinutesCorrection: ("text", "decided_why"),
    Override: ("reason",),
    PreparationTask: ("note",),
    SessionFile: ("caption",),
    Theme: ("title",),
}
#: What others asked is theirs, in whatever session: only a quote in full goes.
_ASKED = ("text", "refused_why", "answer", "rejected_wants", "public_text", "public_answer", "result_text")


def _around(ids: set[int], near: set[int]) -> Iterator[Place]:
    for kind, texts in _AROUND.items():
        for row in db.session.scalars(db.select(kind)):
            told_of = _l("Buổi đối thoại %(code)s", code=row.session.code)
            yield Place(row, texts, told_of, near=row.session_id in near)
            if isinstance(row, SessionFile):
                yield Place(row.file, ("name",), told_of, near=row.session_id in near)
    others = db.select(Question).where(Question.feedback_id.is_(None) | Question.feedback_id.not_in(ids))
    for question in db.session.scalars(others):
        yield Place(question, _ASKED, _l("Buổi đối thoại %(code)s", code=question.session.code))
    for event in db.session.scalars(db.select(DeviceEvent).where(DeviceEvent.session_id.in_(near))):
        yield Place(event, ("facts",), _l("Buổi đối thoại %(code)s", code=event.session.code), near=True)


def _of_receptions(ids: set[int]) -> Iterator[Place]:
    near = set(db.session.scalars(db.select(ReceptionVisit.day_id).where(ReceptionVisit.feedback_id.in_(ids))))
    for day in db.session.scalars(db.select(ReceptionDay)):
        called = _l("Buổi tiếp công dân ngày %(day)s, %(unit)s", day=day.day.strftime("%d/%m/%Y"), unit=day.unit.name)
        yield Place(day, ("minutes", "conclusion", "why_not"), called, near=day.id in near, out=day.number is not None)
        for visit in day.visits:
            yield Place(visit, ("subject", "said", "result"), called, near=day.id in near)
