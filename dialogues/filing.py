"""What the dossier of a session holds, row by row: numbered papers, uploaded files, or the word that there is none and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from app.clock import local_date
from app.database import db
from dialogues.models import DossierRow, Session, SessionFile, SessionPaper, YearPlan
from dialogues.rules import DOSSIER, DossierEntry, FilePurpose, PaperState, PaperType

#: Files that belong to no row of their own stand among "các tài liệu khác".
_OTHER = frozenset({FilePurpose.OTHER, FilePurpose.AGENDA, FilePurpose.PHOTO, FilePurpose.PROOF})


@dataclass(frozen=True)
class Row:
    """One row of the dossier."""

    entry: DossierEntry
    papers: list[SessionPaper]
    files: list[SessionFile]
    absent_why: str
    waiting: list[SessionPaper] = field(default_factory=list)  # sent to be signed, not numbered yet
    recorded_on: dt.date | None = None  # its report was written here and is done, and nobody made a paper of it: what was written counts
    cited: YearPlan | None = None  # the approved plan that no paper here is of: by number and day, as the session's papers cite it

    @property
    def filled(self) -> bool:
        """Whether a paper or a file stands in it, or its report as it was written here, or it is cited."""
        return bool(self.papers or self.files or self.recorded_on or self.cited)


def rows(session: Session) -> list[Row]:
    """Return the rows in their order, the numbered papers by date and number."""
    noted = {row.code: row for row in session.dossier}
    placed = {row.file_id for row in session.dossier if row.file_id is not None}
    papers = papers_of(session)
    issued = [paper for paper in papers if paper.state == PaperState.NUMBERED]
    sent = [paper for paper in papers if paper.state == PaperState.SENT]
    issued.sort(key=lambda paper: (paper.numbered_on, paper.id))
    # What a unit proves afterwards stands with its promise: the dossier is as it was archived.
    there = [file for file in session.files if session.archived_at is None or file.added_at <= session.archived_at]
    loose = [file for file in there if file.id not in placed]
    found = [_row(entry, noted.get(entry.code), issued, sent, loose) for entry in DOSSIER]
    return [row if row.filled or row.waiting else replace(row, **_beside(session, row.entry)) for row in found]


def _beside(session: Session, entry: DossierEntry) -> dict[str, Any]:
    """Return what fills a row that no paper and no file stands in."""
    at = None
    if entry.paper == PaperType.YEAR_PLAN:
        return {"cited": _cited(session)}
    if entry.paper == PaperType.CONCERNS and session.concerns:
        at = session.concerns_done_at
    elif entry.paper == PaperType.EARLIER_PROMISES and session.earlier:
        at = session.promises_frozen_at
    return {"recorded_on": local_date(at) if at is not None else None}


def _cited(session: Session) -> YearPlan | None:
    plan = session.plan_line.plan if session.plan_line is not None else None
    return plan if plan is not None and plan.number and plan.approved_on else None


def _row(
    entry: DossierEntry, note: DossierRow | None, issued: list[SessionPaper], sent: list[SessionPaper], files: list[SessionFile]
) -> Row:
    wanted = _OTHER if entry.purpose == FilePurpose.OTHER else {entry.purpose}
    papers = [paper for paper in issued if entry.paper is not None and paper.type == entry.paper]
    if entry.purpose == FilePurpose.OTHER:  # answers and the like have no row of their own
        papers = [paper for paper in issued if all(paper.type != each.paper for each in DOSSIER)]
    own = [note.file] if note is not None and note.file is not None else []
    waiting = [paper for paper in sent if entry.paper is not None and paper.type == entry.paper]
    why = note.absent_why if note is not None else ""
    return Row(entry, papers, own + [file for file in files if file.purpose in wanted], why, waiting)


def papers_of(session: Session) -> list[SessionPaper]:
    """Return the papers of *session*, and the plan of the year that names it: of whatever version, for its line may have moved on."""
    if session.plan_line is None:
        return list(session.papers)
    plan = session.plan_line.plan
    of_year = db.select(SessionPaper).join(SessionPaper.plan).where(YearPlan.unit_id == plan.unit_id, YearPlan.year == plan.year)
    return [*db.session.scalars(of_year.where(SessionPaper.type == PaperType.YEAR_PLAN).order_by(SessionPaper.id)), *session.papers]
