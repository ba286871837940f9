"""What citizens' items say of a promise made about them: what the sender was told, what was signed and shown, and what it was worth.

Words of the sender are masked for everybody: whoever may open the item reads them there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.assignments.models import Assignment, Clock
from app.assignments.rules import Duty
from app.audit import AuditEntry, entries_about
from app.units.models import Unit
from feedback import masking, timeline
from feedback import words as feedback_words
from feedback.models import Attachment, FeedbackAssignment, MessageKind, Paper, Rating
from feedback.operations.clocks import GOVERNING
from feedback.rules import PaperState
from feedback.vocabulary import TOLD_TO_SENDER
from oversight.story import Entry, Reader, named

#: What the promise's own ledger says already.
_TWICE = {"feedback.routed", "feedback.taken", "feedback.taken_back", "feedback.returned", "feedback.transferred", "feedback.promise_made"}
_TO_ANSWER = TOLD_TO_SENDER - _TWICE
_TO_ACT = frozenset({"feedback.answered", "feedback.promise_kept", "feedback.rated", "feedback.reopened", "feedback.withdrawn"})


def entries(row: Assignment, reader: Reader) -> Iterator[Entry]:
    """Tell of *row* what its item knows."""
    if not isinstance(row, FeedbackAssignment):
        return
    opens = reader.may_open(row)
    about = [entry for entry in entries_about(row.feedback) if _concerns(entry, row)]
    names = named(about)
    for entry in about:
        icon, sentence = timeline.SENTENCES[entry.action]
        unit = names.get((Unit, entry.facts.get("unit_id") or 0), "")
        url = None
        if opens and entry.facts.get("paper_id"):
            url = url_for("staff.paper", code=row.reference, paper_id=entry.facts["paper_id"])
        text = _("Không đồng ý gia hạn") if entry.facts.get("granted") is False else sentence(entry.facts, unit)
        yield Entry(entry.at, text, icon, url, _said(entry, row, opens=opens))


def _concerns(entry: AuditEntry, row: FeedbackAssignment) -> bool:
    if row.duty == Duty.ANSWER:
        return entry.action in _TO_ANSWER
    if entry.action == "feedback.promise_kept":
        return entry.facts["assignment_id"] == row.id
    if entry.action == "feedback.answered":
        return row.point is not None and entry.facts["paper_id"] == row.point.paper_id
    return entry.action in _TO_ACT


def _said(entry: AuditEntry, row: FeedbackAssignment, *, opens: bool) -> str:
    """Return the words that came with it, as far as this reader may have them."""
    if entry.action == "feedback.rated":
        return masking.masked(next((each.why for each in row.feedback.ratings if each.at == entry.at), ""))
    at = [each.body for each in row.feedback.messages if each.at == entry.at]
    if entry.action == "feedback.reopened":
        return masking.masked(at[0]) if at else ""
    if entry.action == "feedback.promise_kept":
        told = [each.body for each in row.feedback.messages if each.at == entry.at and each.kind == MessageKind.TOLD]
        return (told[0] if opens else masking.masked(told[0])) if told else ""
    return ""


def clocks(row: FeedbackAssignment) -> list[Clock]:
    """Return the terms of *row*: of the matter in this round where it is to be answered, and its own."""
    of_matter = [each for each in row.feedback.clocks if row.duty == Duty.ANSWER and each.round == row.round and each.stage in GOVERNING]
    return [*of_matter, *row.clocks]


def papers(row: FeedbackAssignment) -> list[Paper]:
    """Return what went out because of *row*: the answers of this duty, or the one in which the work was promised."""
    out = [each for each in row.feedback.papers if each.state == PaperState.PUBLISHED]
    if row.duty == Duty.ACT:
        return [each for each in out if row.point is not None and each.id == row.point.paper_id]
    return [each for each in out if each.assignment_id in {None, row.id} and each.round == row.round]


def rating(row: FeedbackAssignment) -> Rating | None:
    """Return what the sender thinks of the answer of this round."""
    return next((each for each in row.feedback.ratings if each.round == row.round), None)


def rated(row: FeedbackAssignment) -> dict[str, Any] | None:
    """Return the mark and its reason in words, names in them masked for everybody."""
    mark = rating(row) if row.duty == Duty.ANSWER else None
    return {"mark": feedback_words.RATINGS[mark.score], "why": masking.masked(mark.why), "at": mark.at} if mark else None


def proofs(row: FeedbackAssignment) -> list[Attachment]:
    """Return the files that show what was done: of the point that promised it, or of every point that the answer reports as done."""
    if row.duty == Duty.ACT:
        points = {row.point.id} if row.point is not None else set()
    else:
        points = {point.id for paper in papers(row) for point in paper.points}
    return [each for each in row.feedback.files if each.point_id in points]
