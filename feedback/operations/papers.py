"""Letters and answers: drafted, through the unit's chain of hands, signed, numbered, published.

The clerk or officer proposes, an authorised leader signs, văn thư enters number and date after signing. What the item
becomes (answered, guided, forwarded, refused, filed) happens when its paper is published, never before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import IntegrityError

from app import clock as time
from app.access import require
from app.accounts.models import Delegation, User
from app.accounts.queries import reach_of
from app.assignments import operations as promises
from app.assignments.rules import Duty, State
from app.audit import record
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage, StartEvent
from app.database import db, lock
from app.permissions import Permission, Reach, Role
from app.units.models import SigningStep, Unit
from feedback import queries, rules
from feedback.models import Attachment, Feedback, FeedbackAssignment, Paper, PaperStep, ReplyPoint
from feedback.operations import clocks, desk, telling
from feedback.rules import EFFECT, Kind, Outcome, PaperState, PaperType, Status

#: Where no unit up to the root says otherwise.
DEFAULT_CHAIN = [SigningStep.SIGNER, SigningStep.RECORDS]

#: Who is each hand of the chain.
HANDS: dict[SigningStep, frozenset[Role]] = {
    SigningStep.DIVISION_HEAD: frozenset({Role.DIVISION_HEAD, Role.HEAD}),
    SigningStep.OFFICE: frozenset({Role.OFFICE, Role.HEAD}),
    SigningStep.SIGNER: frozenset({Role.HEAD}),
    SigningStep.RECORDS: frozenset({Role.RECORDS}),
}


class PaperUnfinished(Exception):
    """A reply without points, a refusal without a reason, a forward without a recipient: it cannot be submitted."""


class ProofMissing(Exception):
    """A point that says *done* needs a photo or a paper that shows it."""


class PromiseWithoutDay(Exception):
    """A point that promises needs a day that is still to come."""


class AnotherPaperOnItsWay(Exception):
    """The item has a paper that is not published or discarded yet."""


class NumberTaken(Exception):
    """The unit has issued another paper with that number this year."""


class NotYourTurn(Exception):
    """The paper waits for another hand of the chain."""


@dataclass(frozen=True)
class PointData:
    """One point of an answer as typed."""

    title: str
    text: str
    outcome: Outcome
    promised_on: dt.date | None = None
    promise_unit_id: int | None = None
    proofs: tuple[Attachment, ...] = field(default=())


def _lock(paper: Paper) -> None:
    """Lock the paper's item, what goes on with it, and then the paper: in the order in which everybody locks them."""
    desk.lock_together(paper.feedback, *paper.feedback.merged)
    lock(paper)


def chain_of(unit: Unit) -> list[str]:
    """Return the hands a paper of *unit* goes through: its own, or those of the nearest unit above that says."""
    above: Unit | None = unit
    while above is not None and not above.signing_chain:
        above = above.parent
    return list(above.signing_chain) if above is not None else [str(step) for step in DEFAULT_CHAIN]


def may_act_on(reach: Reach, paper: Paper) -> bool:
    """Say whether it is this person's turn."""
    step = paper.waiting_for
    return step is not None and any(
        role in HANDS[SigningStep(step)] and scope.covers(unit_path=paper.unit.path, place_id=None) for role, scope in reach.holds
    )


def may_draft(reach: Reach, feedback: Feedback, type_: PaperType, *, own_path: str) -> bool:
    """A reply is drafted by the unit that has the item; everything else also by its desk."""
    standing = queries.standing_of(feedback)
    handles = rules.may_handle(reach, standing, own_path=own_path)
    return handles or (type_ is not PaperType.REPLY and rules.may_triage(reach, standing, own_path=own_path))


def draft(feedback: Feedback, type_: PaperType, *, actor: User, now: dt.datetime) -> Paper:
    """Begin a paper on an open item; :raise AnotherPaperOnItsWay:."""
    lock(feedback)
    require(may_draft(actor.reach, feedback, type_, own_path=actor.unit.path))
    _check_effect(feedback, type_)
    if any(paper.state not in {PaperState.PUBLISHED, PaperState.DISCARDED} for paper in feedback.papers):
        raise AnotherPaperOnItsWay
    assignment = feedback.open_answer
    paper = Paper(
        feedback=feedback,
        assignment=assignment,
        unit=assignment.unit if assignment is not None else feedback.desk_unit,
        type=type_,
        state=PaperState.DRAFT,
        round=feedback.round,
        drafted_by=actor,
        created_at=now,
    )
    db.session.add(paper)
    db.session.flush()
    record(actor, "paper.drafted", paper, at=now, type=str(type_))
    return paper


def _check_effect(feedback: Feedback, type_: PaperType) -> None:
    """:raise IllegalTransition: when the item cannot become what such a paper says."""
    if type_ is not PaperType.OPEN_CASE:
        rules.check(Status(feedback.status), EFFECT[type_])
        return
    rules.check_still(Status(feedback.status), *rules.OPEN)
    if feedback.kind != Kind.COMPLAINT or feedback.clock(Stage.SETTLE) is not None:  # opened once
        raise rules.IllegalTransition(Status(feedback.status), EFFECT[type_])


def write(
    paper: Paper,
    *,
    body: str,
    points: Sequence[PointData] = (),
    reason: str | None = None,
    recipient: str = "",
    actor: User,
) -> None:
    """Keep what was drafted so far; nothing is checked yet but who writes.

    A point's proofs are all it has, those of an earlier draft included: points move and go, and a proof stays with its own.
    """
    _lock(paper)
    require(may_draft(actor.reach, paper.feedback, PaperType(paper.type), own_path=actor.unit.path))
    if paper.state != PaperState.DRAFT:
        raise rules.IllegalTransition(PaperState(paper.state), PaperState.DRAFT)
    paper.body, paper.reason, paper.recipient = body, reason, recipient
    named = {proof for data in points for proof in data.proofs}
    for proof in [proof for point in paper.points for proof in point.proofs if proof not in named]:
        db.session.delete(proof)
    paper.points = []
    db.session.flush()
    for position, data in enumerate(points, start=1):
        point = ReplyPoint(
            position=position,
            title=data.title,
            text=data.text,
            outcome=data.outcome,
            promised_on=data.promised_on,
            promise_unit_id=data.promise_unit_id,
        )
        paper.points.append(point)
        db.session.flush()
        for proof in data.proofs:
            proof.point_id, proof.by_sender = point.id, False
            if proof.feedback_id is None:
                paper.feedback.attachments.append(proof)
    db.session.flush()
    db.session.expire(paper, ["points"])


def submit(paper: Paper, *, actor: User, now: dt.datetime) -> None:
    """Send a draft into the chain. :raise PaperUnfinished: :raise ProofMissing: :raise PromiseWithoutDay:"""
    _lock(paper)
    require(may_draft(actor.reach, paper.feedback, PaperType(paper.type), own_path=actor.unit.path))
    rules.check_paper(PaperState(paper.state), PaperState.SUBMITTED)
    check_complete(paper, time.local_date(now))
    paper.state, paper.chain, paper.step, paper.submitted_at = PaperState.SUBMITTED, chain_of(paper.unit), 0, now
    _step(paper, "submitted", "submitted", actor, now=now)
    record(actor, "paper.submitted", paper, at=now, type=paper.type)
    _tell_next(paper, now=now)


def check_complete(paper: Paper, today: dt.date) -> None:
    """:raise PaperUnfinished: :raise ProofMissing: :raise PromiseWithoutDay: when the paper cannot go out like this."""
    type_ = PaperType(paper.type)
    if type_ is PaperType.REPLY and not paper.points:
        raise PaperUnfinished("points")
    if type_ in {PaperType.REFUSE, PaperType.GUIDE, PaperType.FILE} and not paper.reason:
        raise PaperUnfinished("reason")
    if type_ is PaperType.FORWARD and not paper.recipient:
        raise PaperUnfinished("recipient")
    if type_ is not PaperType.REPLY and not paper.body.strip():
        raise PaperUnfinished("body")
    for point in paper.points:
        if not point.text.strip():
            raise PaperUnfinished("points")
        if point.outcome == Outcome.DONE and not point.proofs:
            raise ProofMissing
        if point.outcome == Outcome.PROMISED and (point.promised_on is None or point.promised_on < today):
            raise PromiseWithoutDay


def agree(paper: Paper, *, remarks: str = "", actor: User, now: dt.datetime) -> None:
    """One hand agrees, or signs when it is the signer's turn; the paper goes on to the next hand. :raise NotYourTurn:"""
    _lock(paper)
    if not may_act_on(actor.reach, paper) or paper.waiting_for == SigningStep.RECORDS:
        raise NotYourTurn
    step = paper.waiting_for
    if step == SigningStep.SIGNER:
        check_complete(paper, time.local_date(now))  # a promised day may have passed while the paper lay
        rules.check_paper(PaperState(paper.state), PaperState.APPROVED)
        paper.state, paper.signed_by, paper.signed_at = PaperState.APPROVED, actor, now
        paper.signed_for = _signs_for(actor, paper.unit, time.local_date(now))
        _step(paper, step, "signed", actor, now=now, remarks=remarks)
        record(actor, "paper.signed", paper, at=now, signed_for=paper.signed_for)
    else:
        _step(paper, str(step), "agreed", actor, now=now, remarks=remarks)
        record(actor, "paper.agreed", paper, at=now, step=step)
    paper.step += 1
    if paper.state == PaperState.APPROVED and paper.step >= len(paper.chain):
        _publish(paper, actor=actor, now=now)
    else:
        _tell_next(paper, now=now)


def send_back(paper: Paper, *, remarks: str, actor: User, now: dt.datetime) -> None:
    """A hand of the chain sends it back to the drafter, with remarks. :raise NotYourTurn:"""
    _lock(paper)
    if not may_act_on(actor.reach, paper):
        raise NotYourTurn
    step = str(paper.waiting_for)
    rules.check_paper(PaperState(paper.state), PaperState.DRAFT)
    paper.state, paper.step, paper.signed_by, paper.signed_at = PaperState.DRAFT, 0, None, None
    _step(paper, step, "sent_back", actor, now=now, remarks=remarks)
    record(actor, "paper.sent_back", paper, at=now, step=step)
    telling.paper_sent_back(paper, now=now)


def enter_number(paper: Paper, *, number: str, numbered_on: dt.date, actor: User, now: dt.datetime) -> None:
    """Văn thư enters number and date of a signed paper; with that it is published. :raise NotYourTurn: :raise NumberTaken:"""
    _lock(paper)
    if paper.waiting_for != SigningStep.RECORDS or not may_act_on(actor.reach, paper):
        raise NotYourTurn
    try:
        with db.session.begin_nested():
            paper.number, paper.numbered_on, paper.numbered_year = number, numbered_on, numbered_on.year
    except IntegrityError as error:
        raise NumberTaken from error
    _step(paper, SigningStep.RECORDS, "numbered", actor, now=now)
    record(actor, "paper.numbered", paper, at=now, number=number)
    paper.step += 1
    _publish(paper, actor=actor, now=now)


def discard(paper: Paper, *, actor: User, now: dt.datetime) -> None:
    """Throw a draft away."""
    _lock(paper)
    require(may_draft(actor.reach, paper.feedback, PaperType(paper.type), own_path=actor.unit.path))
    rules.check_paper(PaperState(paper.state), PaperState.DISCARDED)
    paper.state = PaperState.DISCARDED
    record(actor, "paper.discarded", paper, at=now)


def _publish(paper: Paper, *, actor: User, now: dt.datetime) -> None:
    """The paper goes out, and the item becomes what it says."""
    feedback, type_ = paper.feedback, PaperType(paper.type)
    rules.check_paper(PaperState(paper.state), PaperState.PUBLISHED)
    _check_effect(feedback, type_)
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


def _step(paper: Paper, step: str, decision: str, actor: User, *, now: dt.datetime, remarks: str = "") -> None:
    paper.steps.append(PaperStep(step=step, user=actor, decision=decision, remarks=remarks, at=now))


def _tell_next(paper: Paper, *, now: dt.datetime) -> None:
    permission = Permission.FEEDBACK_NUMBER if paper.waiting_for == SigningStep.RECORDS else Permission.FEEDBACK_APPROVE
    telling.paper_waits(paper, telling.people_with(permission, paper.unit, now=now), now=now)


def _signs_for(actor: User, unit: Unit, today: dt.date) -> str:
    """Return KT., TL. or TUQ. when *actor* signs for a head of *unit* by delegation, empty when in their own right."""
    if _heads(actor, unit, today):
        return ""
    delegations = db.session.scalars(
        db.select(Delegation)
        .where(Delegation.to_id == actor.id, Delegation.starts_on <= today, Delegation.ends_on >= today, Delegation.ended_at.is_(None))
        .order_by(Delegation.id)
    )
    return next((each.form for each in delegations if _heads(each.giver, unit, today)), "")


def _heads(user: User, unit: Unit, today: dt.date) -> bool:
    """Say whether *user* signs for *unit* in their own right."""
    own = reach_of(user, on=today, delegated=False)
    return any(role is Role.HEAD and scope.covers(unit_path=unit.path, place_id=None) for role, scope in own.holds)
