"""What a session says of a promise of its conclusion: when it was held and concluded, what a higher body was asked and said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from app.assignments.models import Assignment
from app.audit import AuditEntry, entries_about
from app.database import db
from dialogues import words as dialogue_words
from dialogues.models import ConclusionAssignment, SessionFile, SessionPaper
from dialogues.rules import FilePurpose, PaperState, PaperType, Status
from feedback import masking
from oversight.story import Entry, Reader

_HELD = {f"session.{status}": status for status in (Status.HELD, Status.CONCLUDED, Status.PUBLISHED)}
_PETITIONED = {"session.petitioned", "session.petition_decided"}
_KEPT = "session.instruction_kept"


def entries(row: Assignment, reader: Reader) -> Iterator[Entry]:
    """Tell of *row* what its session knows."""
    if not isinstance(row, ConclusionAssignment):
        return
    opens = reader.may_open(row)
    for entry in entries_about(row.session):
        if entry.action in _HELD:
            url = url_for("dialogue_staff.conclusion", code=row.reference) if opens else None
            status = str(dialogue_words.STATUSES[_HELD[entry.action]])
            yield Entry(entry.at, _("Buổi đối thoại: %(status)s", status=status[:1].lower() + status[1:]), "people", url)
        elif entry.facts.get("assignment_id") == row.id and entry.action in _PETITIONED:
            yield Entry(entry.at, _petition(entry), "send", words=_said(row, entry, opens=opens))
        elif entry.facts.get("assignment_id") == row.id and entry.action == _KEPT:
            outcome = row.outcome or ""
            yield Entry(
                entry.at, _("%(unit)s báo đã xong", unit=row.unit.name), "done", words=outcome if opens else masking.masked(outcome)
            )


def _petition(entry: AuditEntry) -> str:
    if entry.action == "session.petitioned":
        return _("Gửi cấp trên văn bản kiến nghị số %(number)s", number=entry.facts["number"])
    return _("Cấp trên nhận giải quyết kiến nghị") if entry.facts["accepted"] else _("Cấp trên không nhận kiến nghị")


def _said(row: ConclusionAssignment, entry: AuditEntry, *, opens: bool) -> str:
    if row.petition is None or entry.action == "session.petitioned":
        return ""
    return row.petition.said if opens else masking.masked(row.petition.said)


def papers(row: ConclusionAssignment) -> list[SessionPaper]:
    """Return the notices of conclusion that went out."""
    return [each for each in row.session.papers if each.type == PaperType.CONCLUSION and each.state == PaperState.NUMBERED]


def chairs(row: ConclusionAssignment) -> list[dict[str, Any]]:
    """Return who chaired the session at which it was promised."""
    return [{"name": each.name, "title": each.title, "unit": each.unit.name} for each in row.session.chairing]


def proofs(row: ConclusionAssignment) -> list[SessionFile]:
    """Return the files that show what was done."""
    shown = db.select(SessionFile).where(SessionFile.promise_id == row.id, SessionFile.purpose == FilePurpose.PROOF)
    return list(db.session.scalars(shown.order_by(SessionFile.id)))
