"""The days a promise was due by: where each came from, every extension with its ground and who granted it, every pause."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from app.administration import words as admin_words
from app.assignments.models import Assignment, Clock, ClockPause, ExtensionRequest
from app.audit import AuditEntry
from app.calendar.days import TermUnit
from app.clock import local_date
from app.database import db
from feedback import masking
from feedback import words as feedback_words
from feedback.models import FeedbackAssignment
from oversight.story import feedback as story_feedback


@dataclass(frozen=True)
class Extension:
    """More time: asked for by whom and why, and what was decided by whom; without a request the term's own rule gave it."""

    ground: Any
    asked: ExtensionRequest | None
    why: str  # in words, names masked for who may not open the item
    remarks: str
    amount: int | None = None
    working: bool = False
    on: dt.date | None = None  # when it was granted
    due_on: dt.date | None = None  # until when since


@dataclass(frozen=True)
class Term:
    """One clock with all that moved its day."""

    clock: Clock
    stage: Any
    rule: str
    source: str
    late: bool
    extensions: list[Extension] = field(default_factory=list)
    pauses: list[tuple[Any, ClockPause]] = field(default_factory=list)


def of(row: Assignment, today: dt.date, *, opens: bool) -> list[Term]:
    """Return the terms of *row*, the oldest first; one that the matter no longer needed is left out."""
    clocks = story_feedback.clocks(row) if isinstance(row, FeedbackAssignment) else row.clocks
    asked: dict[int, list[ExtensionRequest]] = {}
    for each in db.session.scalars(
        db.select(ExtensionRequest).where(ExtensionRequest.assignment_id == row.id).order_by(ExtensionRequest.id)
    ):
        asked.setdefault(each.clock_id, []).append(each)
    return [_term(clock, asked.get(clock.id, []), today, opens=opens) for clock in clocks if clock.cancelled_at is None]


def _term(clock: Clock, asked: list[ExtensionRequest], today: dt.date, *, opens: bool) -> Term:
    return Term(
        clock,
        feedback_words.STAGES.get(clock.stage) or admin_words.STAGES.get(clock.stage, clock.stage),
        clock.rule.get("name", ""),
        ", ".join(part for part in (clock.rule.get("article", ""), clock.rule.get("source", "")) if part),
        clock.is_late(today),
        _extensions(clock, asked, opens=opens),
        [(admin_words.PAUSE_GROUNDS.get(pause.ground, pause.ground), pause) for pause in clock.pauses],
    )


def _extensions(clock: Clock, asked: list[ExtensionRequest], *, opens: bool) -> list[Extension]:
    """Return what was granted, in the order in which it was, each with the request it came of; then what was refused or still waits."""
    granted = sorted((each for each in asked if each.granted and each.decided_at), key=lambda each: (each.decided_at, each.id))
    days = _days_after(clock) if clock.extensions else []
    found = []
    for number, fact in enumerate(clock.extensions):
        on = dt.date.fromisoformat(fact["on"])
        request = next(
            (each for each in granted if each.ground == fact["ground"] and each.decided_at and local_date(each.decided_at) == on), None
        )
        if request is not None:
            granted.remove(request)
        found.append(
            _extension(
                fact["ground"],
                request,
                opens=opens,
                amount=fact["amount"],
                working=fact["unit"] == TermUnit.WORKING,
                on=on,
                due_on=days[number] if number < len(days) else None,
            )
        )
    return [*found, *(_extension(each.ground, each, opens=opens) for each in asked if not each.granted)]


def _extension(ground: str, request: ExtensionRequest | None, *, opens: bool, **facts: Any) -> Extension:
    why, remarks = (request.reason, request.remarks) if request is not None else ("", "")
    word = feedback_words.EXTENSION_GROUNDS.get(ground) or admin_words.TRAITS.get(ground, ground)
    return Extension(word, request, why if opens else masking.masked(why), remarks if opens else masking.masked(remarks), **facts)


def _days_after(clock: Clock) -> list[dt.date | None]:
    """Return until when the term ran after each extension, as it was written down then."""
    entries = db.session.scalars(
        db.select(AuditEntry)
        .where(AuditEntry.subject_type == Clock.__tablename__, AuditEntry.subject_id == clock.id, AuditEntry.action == "clock.extended")
        .order_by(AuditEntry.id)
    )
    return [dt.date.fromisoformat(entry.facts["due_on"]) if entry.facts["due_on"] else None for entry in entries]
