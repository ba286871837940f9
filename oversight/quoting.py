"""What of oversight may repeat an item that is sealed: letters and their answers, looks, notes, reports, findings. How: feedback/sealed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from flask_babel import lazy_gettext as _l

from app.database import db
from dialogues.models import ConclusionAssignment, Question
from dialogues.quoting import NO_NUMBER
from feedback.models import Feedback, FeedbackAssignment
from feedback.sealed.operations.quoting import FROZEN, Place
from oversight.models import (
    Campaign,
    CampaignAnswer,
    CampaignQuestion,
    CampaignTarget,
    Letter,
    LetterAbout,
    LetterAssignment,
    OversightPaper,
    ReopeningQuestion,
    Report,
    ReportStep,
    SavedView,
    SpotCheck,
    SpotCheckPhoto,
    SupervisionFinding,
    TargetDeclaration,
    WatchNote,
)
from oversight.papers import names
from oversight.rules.papers import PaperState


def places(items: Collection[Feedback]) -> Iterator[Place]:
    """Yield every text that people of oversight write; near are the letters about *items* and what stands at promises they led to."""
    ids = {item.id for item in items}
    asked = db.select(Question.id).where(Question.feedback_id.in_(ids))
    led_to = set(db.session.scalars(db.select(ConclusionAssignment.id).where(ConclusionAssignment.question_id.in_(asked))))
    duties = set(db.session.scalars(db.select(FeedbackAssignment.id).where(FeedbackAssignment.feedback_id.in_(ids))))
    letters = _letters_about(duties | led_to)
    for letter in db.session.scalars(db.select(Letter)):
        yield Place(letter, ("reason",), names.TYPES[letter.paper.type], near=letter.id in letters)
    for paper in db.session.scalars(db.select(OversightPaper)):
        called = _l("%(type)s %(number)s, %(unit)s", type=names.TYPES[paper.type], number=paper.number or NO_NUMBER, unit=paper.unit.name)
        made = ((paper, "pdf"), (paper, "signed_file"))
        out = paper.state == PaperState.NUMBERED
        yield Place(paper, ("words", FROZEN), called, near=paper.letter_id in letters, out=out, files=made)
    for duty in db.session.scalars(db.select(LetterAssignment)):
        yield Place(duty, ("title",), _ANSWER, near=duty.letter_id in letters)
        for answer in duty.answers:
            yield Place(answer, ("text", "remarks"), _ANSWER, near=duty.letter_id in letters)
    for kind, (texts, called, of) in _TEXTS.items():
        for row in db.session.scalars(db.select(kind)):
            promise = of(row)
            yield Place(row, texts, called, near=promise in duties, whole=promise in led_to)


def _letters_about(promises: Collection[int]) -> set[int]:
    """Return the letters about any of these promises, and those that follow one up."""
    found, new = set[int](), set(db.session.scalars(db.select(LetterAbout.letter_id).where(LetterAbout.assignment_id.in_(promises))))
    while new:
        found |= new
        after = db.select(LetterAbout.letter_id).join(LetterAssignment, LetterAssignment.id == LetterAbout.assignment_id)
        new = set(db.session.scalars(after.where(LetterAssignment.letter_id.in_(new)))) - found
    return found


def _of_promise(row: Any) -> int | None:
    return row.assignment_id


def _of_none(_row: Any) -> None:
    return None


_ANSWER = _l("Văn bản trả lời công văn giám sát")
#: What else people write: attributes, what it is called, of which promise it is.
_TEXTS: dict[Any, tuple[tuple[str, ...], Any, Callable[[Any], int | None]]] = {
    SpotCheck: (("place", "companions", "note", "public_note", "reported"), _l("Phiếu kiểm tra tại chỗ"), _of_promise),
    SpotCheckPhoto: (("caption",), _l("Phiếu kiểm tra tại chỗ"), lambda photo: photo.check.assignment_id),
    ReopeningQuestion: (("reason",), _l("Quyết định mở lại việc"), _of_promise),
    WatchNote: (("body",), _l("Ghi chú theo dõi"), _of_promise),
    SavedView: (("name",), _l("Cách xem đã lưu"), _of_none),
    Report: (("title",), _l("Báo cáo"), _of_none),
    ReportStep: (("note",), _l("Báo cáo"), _of_none),
    TargetDeclaration: (("note", "reason"), _l("Khai chỉ tiêu"), _of_none),
    Campaign: (("theme", "trigger_why", "prepare", "cancelled_why"), _l("Cuộc giám sát"), _of_none),
    CampaignQuestion: (("text",), _l("Cuộc giám sát"), _of_none),
    CampaignTarget: (("report", "comments"), _l("Cuộc giám sát"), _of_none),
    CampaignAnswer: (("note",), _l("Cuộc giám sát"), _of_none),
    SupervisionFinding: (("text", "cause", "recommendation", "outcome", "remarks"), _l("Kết luận giám sát"), _of_none),
}
