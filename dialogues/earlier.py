"""What was promised at a unit's earlier sessions, and what became of it: as it stands now, or as it was frozen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from app.assignments.models import NO_DATE, Assignment
from app.assignments.rules import Duty, State
from app.clock import local_date
from app.database import db
from dialogues.models import ConclusionAssignment, EarlierPromise, Question, Session
from dialogues.rules import DEFERRED
from feedback import public
from feedback.masking import masked, without_names
from feedback.models import Feedback, FeedbackAssignment

KEPT = frozenset({State.DONE, State.VERIFIED})
TITLE = 300  # characters of a question that stands for its promise


@dataclass(frozen=True)
class Promise:
    """One promise as the report says it: done, or not done and why. Still open counts as not done."""

    assignment_id: int
    title: str
    unit_name: str
    due_on: dt.date | None
    done: bool
    done_on: dt.date | None
    why_not: str = ""
    said: str = ""  # what the unit itself wrote about it

    @property
    def lacks_word(self) -> bool:
        """Whether it is neither done nor said why not."""
        return not self.done and not self.why_not


def promises(session: Session) -> list[Promise]:
    """Return the promises that the report of *session* speaks of, the earliest day first.

    What an earlier session already reported as done is not told again, unless it turned out not to be.
    """
    if session.promises_frozen_at is not None:
        return [_as_frozen(row) for row in session.earlier]
    held = _held_before(session)
    reasons = {row.assignment_id: row.why_not for row in session.earlier}
    told = set(
        db.session.scalars(
            select(EarlierPromise.assignment_id).where(EarlierPromise.done, EarlierPromise.session_id.in_(held))
        )
    )  # fmt: skip
    given, left = _conclusions(held), _deferred(held)
    # A matter is told once: the petition without which a question could not be answered is told with that answer.
    answered = {duty.feedback_id for duty, _question in left if duty.duty == Duty.ANSWER}
    petitions = {item: duty for duty in given if (item := _answered_with(duty)) in answered}
    told_there = {duty.id for duty in petitions.values()}
    found = [_of_conclusion(duty) for duty in given if duty.id not in told_there]
    found += [_of_question(duty, question, petitions.get(duty.feedback_id)) for duty, question in left]
    now = [promise for promise in found if not (promise.done and promise.assignment_id in told)]
    by_day = sorted(now, key=lambda promise: (promise.due_on or NO_DATE, promise.assignment_id))
    return [replace(promise, why_not="" if promise.done else reasons.get(promise.assignment_id, "")) for promise in by_day]


def _answered_with(duty: ConclusionAssignment) -> int | None:
    """Return the item whose answer tells of *duty*, where that is a petition."""
    item = duty.question.feedback if duty.is_detail and duty.question else None
    return (item.merged_into_id or item.id) if item else None


def _held_before(session: Session) -> Select[int]:
    held = select(Session.id).where(Session.unit_id == session.unit_id, Session.id != session.id, Session.held_at.is_not(None))
    return held if session.starts_at is None else held.where(Session.starts_at < session.starts_at)


def _conclusions(held: Select[int]) -> list[ConclusionAssignment]:
    # Only what was written down by mistake is ever cancelled.
    query = select(ConclusionAssignment).where(ConclusionAssignment.session_id.in_(held), ConclusionAssignment.state != State.CANCELLED)
    asked = joinedload(ConclusionAssignment.question).joinedload(Question.feedback)
    return list(db.session.scalars(query.options(joinedload(ConclusionAssignment.unit), asked)))


def _deferred(held: Select[int]) -> list[tuple[FeedbackAssignment, Question]]:
    """Return the duties about what was deferred at those sessions: to answer, and to do what the answer promised."""
    item = aliased(Feedback)
    query = (
        select(FeedbackAssignment, Question)
        .join(item, func.coalesce(item.merged_into_id, item.id) == FeedbackAssignment.feedback_id)
        .join(Question, Question.feedback_id == item.id)
        .where(Question.session_id.in_(held), Question.answer_kind.in_(DEFERRED))
        .where(FeedbackAssignment.state.not_in([State.RETURNED, State.CANCELLED]))  # another unit has it then
        .options(joinedload(FeedbackAssignment.unit), joinedload(FeedbackAssignment.feedback).joinedload(Feedback.place))
    )
    latest: dict[tuple[int | None, int], tuple[FeedbackAssignment, Question]] = {}
    for duty, question in db.session.execute(query.order_by(FeedbackAssignment.id, Question.id)):
        # Asked at two sessions it is still one promise, and answered, opened again and answered anew one question.
        matter = (duty.feedback_id, 0) if duty.duty == Duty.ANSWER else (duty.feedback_id, duty.id)
        latest[matter] = (duty, question)
    return list(latest.values())


def _of_conclusion(duty: ConclusionAssignment) -> Promise:
    told = duty.public_title or without_names(duty.title)  # nobody may have read it for names yet, and the report is for all
    title = _about(duty.question) if duty.question is not None and duty.is_untold else told
    return Promise(said=duty.outcome or "", **_facts(duty, title, duty.due_on))


def _about(question: Question) -> str:
    """Return what stands for a question whose words are not for everyone: the report is read out in public."""
    return question.theme.title if question.theme else question.session.topic


def _of_question(duty: FeedbackAssignment, question: Question, petition: ConclusionAssignment | None) -> Promise:
    # Where a house stands in what a citizen wrote, it is mostly their own.
    asked = (question.public_text or masked(question.text))[:TITLE] if question.may_be_told else _about(question)
    if duty.duty != Duty.ANSWER:
        return Promise(**_facts(duty, without_names(public.promise_title(duty)) or asked, duty.due_on))
    facts = _facts(duty, asked, question.promised_on or duty.due_on)
    if petition is None:
        return Promise(**facts)
    above = _facts(petition, f"{asked} (kiến nghị {petition.beyond})", None)
    facts |= {"title": above["title"], "done": facts["done"] and above["done"]}
    facts["done_on"] = max(facts["done_on"], above["done_on"]) if facts["done_on"] and above["done_on"] else None
    return Promise(said=petition.outcome or "", **facts)


def _facts(duty: Assignment, title: str, due_on: dt.date | None) -> dict[str, Any]:
    done = duty.state in KEPT
    done_on = local_date(duty.closed_at) if done and duty.closed_at else None
    return {
        "assignment_id": duty.id, "title": title, "unit_name": duty.unit.name, "due_on": due_on, "done": done, "done_on": done_on
    }  # fmt: skip


def _as_frozen(row: EarlierPromise) -> Promise:
    return Promise(row.assignment_id, row.title, row.unit_name, row.due_on, row.done, row.done_on, row.why_not)
