"""One promise: what was promised, by whom, by when, and all that came of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import abort, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from app import clock, hooks
from app.access import requires
from app.assignments.models import Assignment
from app.assignments.rules import HOPS_ALARM, Duty
from app.calendar.days import CalendarNotLoaded, WorkCalendar, working_days_between
from app.calendar.queries import work_calendar
from app.clock import local_date
from app.database import writing_first
from app.files import StoredFile
from app.permissions import Permission
from dialogues import words as dialogue_words
from dialogues.models import ConclusionAssignment
from dialogues.rules import PaperType
from feedback import masking
from feedback import words as feedback_words
from feedback.models import FeedbackAssignment, Paper
from oversight import register as queries
from oversight import story
from oversight.board import watched
from oversight.forms.watching import NoteForm
from oversight.operations import watching
from oversight.register import columns, populations
from oversight.register.shown import shown
from oversight.story import Reader, terms
from oversight.story import feedback as story_feedback
from oversight.story import session as story_session
from oversight.views.staff.pages import bp

#: What a promise of a kind that has none of it shows of papers, chairs, files and marks.
NOTHING: dict[str, Any] = {"signed_words": "", "papers": [], "chairs": [], "session_": None, "proofs": [], "rated": None, "beside": []}


def init_app() -> None:
    """Let what feedback and dialogues know of a promise be told; every other matter adds its own."""
    for told in (story_feedback.entries, story_session.entries):
        hooks.add(story.further, told)


def load(assignment_id: int) -> Assignment:
    """Return the promise, if the person who asks may see it; 404 alike for all others and where there is none."""
    row = queries.promise(assignment_id, current_user.reach, clock.today())
    if row is None:
        abort(404)
    return row


def reader() -> Reader:
    """Return the person in front of the page as the one who reads a story."""
    return Reader(current_user.reach)


@bp.get("/viec-da-cam-ket/<int:assignment_id>")
@requires(Permission.REGISTER_READ)
def promise(assignment_id: int) -> str:
    """Show one promise and all that happened to it. No name or address of a citizen stands here: those are looked up in the item."""
    row = load(assignment_id)
    watch = watching.watch_of(row, current_user)
    seen_at = watch.seen_at if watch is not None else None
    if watch is not None:  # a look: what happened before it is news no more
        with writing_first():
            watching.see(row, actor=current_user, now=clock.now())
        row = load(assignment_id)
    return page(row, NoteForm(prefix="note-"), seen_at=seen_at)


def page(row: Assignment, note_form: FlaskForm, *, seen_at: dt.datetime | None) -> str:
    """Return the page of *row*; what happened since *seen_at* is marked as new."""
    reach, today, calendar = current_user.reach, clock.today(), work_calendar()
    facts = shown(row, queries.answers_of([row]).get(row.id), reach=reach, today=today, calendar=calendar)
    opens = facts["may_read"]
    return render_template(
        "oversight/staff/promise.html",
        watched=watching.watch_of(row, current_user) is not None,
        notes=watched.notes_on(row, current_user),
        note_form=note_form,
        held=[(holding, _days(holding.from_at, holding.to_at, calendar)) for holding in row.holdings],
        roundabout=row.hops >= HOPS_ALARM,
        terms=terms.of(row, today, opens=opens),
        story=story.of(row, reader()),
        seen_at=seen_at,
        buttons=story.buttons(row, reader()),
        **_source(row, opens=opens),
        **facts,
    )


def _source(row: Assignment, *, opens: bool) -> dict[str, Any]:
    """Return what only promises of this kind have: the papers, the words as they were signed, the proof, the mark."""
    if isinstance(row, FeedbackAssignment):
        point = row.point
        words = point.text if point is not None else ""
        return NOTHING | {
            "signed_words": words if opens else masking.masked(words),
            "papers": [_paper(each, row, opens=opens) for each in story_feedback.papers(row)],
            "proofs": [
                _file(each.file, each.caption, url_for("staff.file", code=row.reference, uid=each.file.uid), opens=opens)
                for each in story_feedback.proofs(row)
            ],
            "rated": story_feedback.rated(row),
            "beside": _beside(row),
            "round_": row.round,
        }
    if isinstance(row, ConclusionAssignment):
        return NOTHING | {
            "papers": [
                {
                    "type": dialogue_words.PAPER_TYPES[PaperType.CONCLUSION],
                    "number": each.number,
                    "on": each.numbered_on,
                    "unit": each.unit.name,
                    "signer": ", ".join(part for part in (each.signer, each.signer_title) if part),
                    "points": [],
                    "url": None,
                }
                for each in story_session.papers(row)
            ],
            "chairs": story_session.chairs(row),
            "session_": row.session,
            "proofs": [
                _file(each.file, each.caption, url_for("dialogue_staff.promise_file", promise_id=row.id, uid=each.file.uid), opens=opens)
                for each in story_session.proofs(row)
            ],
            "round_": row.round,
        }
    return NOTHING | {"round_": row.round}


def _beside(row: FeedbackAssignment) -> list[tuple[Assignment, str]]:
    """Return what else the same item made somebody promise: other rounds of its answer, and work. Only what this person may see."""
    found = []
    for other in row.feedback.assignments:
        if other.id == row.id or other.state in populations.ENDED:
            continue
        seen = queries.promise(other.id, current_user.reach, clock.today())
        if seen is not None:
            word = (
                _("trả lời, lượt %(number)s", number=other.round) if other.duty == Duty.ANSWER else _("làm: %(unit)s", unit=other.unit.name)
            )
            found.append((other, word))
    return found


def _paper(paper: Paper, row: FeedbackAssignment, *, opens: bool) -> dict[str, Any]:
    signer = paper.signed_by
    return {
        "type": feedback_words.PAPER_TYPES[paper.type],
        "number": paper.number,
        "on": columns.dated(paper),
        "unit": paper.unit.name,
        "signer": " ".join(part for part in (paper.signed_for, signer.title, signer.name) if part) if signer is not None else "",
        "points": [
            (point.title if opens else masking.masked(point.title), feedback_words.OUTCOMES[point.outcome], point.promised_on)
            for point in paper.points
            if point.act_id in {None, row.id} or row.duty == Duty.ANSWER
        ],
        "url": url_for("staff.paper", code=row.reference, paper_id=paper.id) if opens else None,
    }


def _file(file: StoredFile, caption: str, url: str, *, opens: bool) -> dict[str, Any]:
    """Return what the page shows of a file: who may not open it learns from its caption what it is, and no name from what it is called."""
    return {
        "name": file.name if opens else "",
        "caption": caption if opens else masking.masked(caption),
        "size": file.size,
        "picture": file.is_picture,
        "url": url if opens else None,
    }


def _days(start: dt.datetime, end: dt.datetime | None, calendar: WorkCalendar) -> int | None:
    try:
        return working_days_between(local_date(start), local_date(end) if end else clock.today(), calendar)
    except CalendarNotLoaded:
        return None
