"""Văn thư enters number and date, the paper goes out, and the item becomes what it says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from sqlalchemy.exc import IntegrityError

from app import jobs
from app.accounts.models import User
from app.assignments import operations as promises
from app.assignments.rules import Duty, State
from app.audit import record
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage, StartEvent
from app.database import at_one_go, db, lock
from app.units.models import SigningStep
from feedback import rules
from feedback.models import Feedback, FeedbackAssignment, Paper, ReplyPoint, SpentNumber
from feedback.operations import clocks, desk, telling
from feedback.operations.papers.chain import NotYourTurn, lock_with_item, may_act_on, write_step
from feedback.operations.papers.drafting import check_effect
from feedback.rules import EFFECT, Outcome, PaperState, PaperType


class NumberTaken(Exception):
    """The unit has issued another paper with that number this year."""


#: Other papers share a unit's books: each says whether a number that *paper* is to get in a year is taken there. Domains above bring them.
taken_elsewhere: list[Callable[[Paper, str, int], bool]] = []


@at_one_go
def enter_number(paper: Paper, *, number: str, numbered_on: dt.date, actor: User, now: dt.datetime) -> None:
    """Văn thư enters number and date of a signed paper; with that it is published. :raise NotYourTurn: :raise NumberTaken:"""
    lock_with_item(paper)
    if paper.waiting_for != SigningStep.RECORDS or not may_act_on(actor.reach, paper):
        raise NotYourTurn
    give_number(paper, number, on=numbered_on)
    write_step(paper, SigningStep.RECORDS, "numbered", actor, now=now)
    record(actor, "paper.numbered", paper, at=now, number=paper.number)
    paper.step += 1
    publish(paper, actor=actor, now=now)


def give_number(paper: Paper, number: str, *, on: dt.date) -> None:
    """Write number and date on *paper*. :raise NumberTaken:

    NĐ 30/2020, Phụ lục I (wording from memory): numbers below 10 have a nought before them, so that 5 and 05 are one number.
    """
    lock(paper.unit)  # one number at a time
    number = re.sub(r"^(?=\d(?!\d))", "0", number)
    spent = (SpentNumber.unit_id == paper.unit_id, SpentNumber.numbered_year == on.year, SpentNumber.number == number)
    if any(taken(paper, number, on.year) for taken in taken_elsewhere) or db.session.scalar(db.select(SpentNumber.id).where(*spent)):
        raise NumberTaken
    try:
        with db.session.begin_nested():
            paper.number, paper.numbered_on, paper.numbered_year = number, on, on.year
    except IntegrityError as error:
        raise NumberTaken from error


def publish(paper: Paper, *, actor: User, now: dt.datetime) -> None:
    """The paper goes out, and the item becomes what it says."""
    feedback, type_ = paper.feedback, PaperType(paper.type)
    rules.check_paper(PaperState(paper.state), PaperState.PUBLISHED)
    check_effect(feedback, type_)
    paper.state, paper.published_at = PaperState.PUBLISHED, now
    if type_ is PaperType.OPEN_CASE:
        _open_case(feedback, paper, actor=actor, now=now)
    else:
        feedback.status = EFFECT[type_]
        if type_ is PaperType.REPLY:
            _answered(feedback, paper, actor=actor, now=now)
        else:
            _ended(feedback, paper, actor=actor, now=now)
    telling.paper_published(paper, now=now)
    jobs.enqueue("feedback.jobs:keep_papers")


def _open_case(feedback: Feedback, paper: Paper, *, actor: User, now: dt.datetime) -> None:
    """Thụ lý: the notice is given, and the settlement's term begins."""
    clocks.stop(feedback, Stage.NOTICE, Stage.OPENING, actor=actor, now=now)
    clocks.start(feedback, (Stage.SETTLE,), event=StartEvent.CASE_OPENED, event_at=now, calendar=work_calendar(), actor=actor, now=now)
    settle = feedback.clock(Stage.SETTLE)
    due_on = settle.due_on.isoformat() if settle and settle.due_on else None
    record(actor, "feedback.case_opened", feedback, at=now, paper_id=paper.id, due_on=due_on)


def _answered(feedback: Feedback, paper: Paper, *, actor: User, now: dt.datetime) -> None:
    for item in (feedback, *feedback.merged):
        item.answered_at = now
    clocks.stop(feedback, Stage.REPLY, Stage.SETTLE, Stage.NOTICE, Stage.OPENING, actor=actor, now=now)
    desk.end_question(feedback, now=now)
    if feedback.open_answer is not None:
        promises.finish(feedback.open_answer, actor=actor, now=now)
    for point in paper.points:
        if point.outcome == Outcome.PROMISED:
            _promise(feedback, paper, point, actor=actor, now=now)
    record(actor, "feedback.answered", feedback, at=now, unit_id=paper.unit_id, paper_id=paper.id)


def _promise(feedback: Feedback, paper: Paper, point: ReplyPoint, *, actor: User, now: dt.datetime) -> None:
    """A point that promises work becomes a duty to act of its own: answering is not doing, and the item may close meanwhile."""
    unit = point.promise_unit or paper.unit
    assignment = FeedbackAssignment(
        feedback=feedback,
        duty=Duty.ACT,
        title=point.title or feedback.title,
        unit=unit,
        unit_id=unit.id,
        officer_id=paper.assignment.officer_id if paper.assignment is not None and unit.id == paper.unit_id else None,
        from_unit_id=paper.unit_id,
        place_id=feedback.place_id,
        field_id=feedback.field_id,
        round=feedback.round,
        point=point,
        state=State.OFFERED,
        opened_at=now,
    )
    db.session.add(assignment)
    promises.set_due(assignment, point.promised_on)
    promises.offer(assignment, rule_facts=clocks.facts_of(feedback), calendar=work_calendar(), actor=actor, now=now)
    db.session.flush()  # for its number
    if unit.id == paper.unit_id and paper.signed_by is not None:
        # Who signs a promise of one's own unit has taken it by that.
        promises.take(
            assignment, officer=(paper.assignment.officer if paper.assignment else None) or paper.drafted_by, actor=actor, now=now
        )
    due_on = point.promised_on.isoformat() if point.promised_on else None
    record(actor, "feedback.promise_made", feedback, at=now, assignment_id=assignment.id, unit_id=unit.id, due_on=due_on)


def _ended(feedback: Feedback, paper: Paper, *, actor: User, now: dt.datetime) -> None:
    """Guided, forwarded, refused or filed: the person was told how it is handled, and nothing more is owed here."""
    feedback.closed_at = now
    clocks.stop(feedback, Stage.NOTICE, Stage.OPENING, Stage.TRIAGE, Stage.REROUTE, actor=actor, now=now)
    if feedback.open_answer is not None:
        promises.cancel(feedback.open_answer, why=str(paper.type), actor=actor, now=now)
    clocks.cancel_rest(feedback, actor=actor, now=now)
    desk.end_desk_holding(feedback, now=now)
    desk.end_question(feedback, now=now)
    action = f"feedback.{EFFECT[PaperType(paper.type)]}"
    facts = {"reason": paper.reason} if paper.type == PaperType.REFUSE else {}
    record(actor, action, feedback, at=now, unit_id=paper.unit_id, paper_id=paper.id, **facts)
