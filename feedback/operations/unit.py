"""What the unit that has an item does: take, return, hand on, ask the sender, ask for more time, keep a promise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from app import clock as time
from app.access import require
from app.accounts.models import User
from app.assignments import operations as promises
from app.assignments.models import ExtensionRequest
from app.assignments.operations import clocks as terms
from app.assignments.rules import Duty, State
from app.audit import record
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage
from app.database import at_one_go, db, lock
from app.permissions import Permission
from app.units.models import Unit
from feedback import lists, queries, rules, steps
from feedback.models import Attachment, Feedback, FeedbackAssignment, Message, MessageKind
from feedback.operations import clocks, desk, telling
from feedback.rules import Kind

#: What other domains do when a unit returns a duty to answer.
on_return: list[Callable[[FeedbackAssignment, dt.datetime], None]] = []


class QuestionOpen(Exception):
    """The sender was asked already and has not answered yet."""


class ProofMissing(Exception):
    """What is reported as done needs a photo or a paper that shows it."""


class NotInUnit(Exception):
    """That officer does not handle items in the unit that has this one."""


class ReasonMissing(Exception):
    """Whoever answered before gets it again only with a reason, which is kept."""


class NothingOpen(Exception):
    """No unit has a duty to answer this item now."""


def require_handle(feedback: Feedback, actor: User) -> None:
    """:raise NotAllowed: unless *actor* handles items of a unit that holds this one."""
    require(rules.may_handle(actor.reach, queries.standing_of(feedback)))


def require_lead(feedback: Feedback, actor: User) -> None:
    """:raise NotAllowed: unless *actor* leads a unit that holds this item."""
    require(rules.may_lead(actor.reach, queries.standing_of(feedback)))


def answer_of(feedback: Feedback) -> FeedbackAssignment:
    """Return the open duty to answer; :raise NothingOpen:."""
    assignment = feedback.open_answer
    if assignment is None:
        raise NothingOpen
    return assignment


@at_one_go
def take(feedback: Feedback, *, actor: User, now: dt.datetime) -> None:
    """Take it for the unit. The sender is told who has it and until when, which is the notice of handling.

    :raise GivenToAnother: :raise AnsweredBefore:
    """
    lock(feedback)
    require_handle(feedback, actor)
    assignment = answer_of(feedback)
    steps.check("take", feedback, actor.id)
    promises.take(assignment, officer=actor, actor=actor, now=now)
    # Luật Tiếp công dân 2013 Điều 28: within 10 working days the person is told (a) it is taken up, (b) it takes longer,
    # (c) it is refused, (d) it was passed on. A complaint is taken up by its own paper (OPEN_CASE), not by this.
    notice = feedback.clock(Stage.NOTICE)
    if feedback.kind != Kind.COMPLAINT and notice is not None and notice.is_running:
        clocks.stop(feedback, Stage.NOTICE, actor=actor, now=now)
        clocks.show_due(feedback)  # the day of the notice is no day of the answer
        record(actor, "feedback.handling_notified", feedback, at=now, unit_id=assignment.unit_id)
    record(actor, "feedback.taken", feedback, at=now, unit_id=assignment.unit_id)
    telling.taken(feedback, assignment, now=now)


def hand_to(feedback: Feedback, officer: User, *, reason: str = "", actor: User, now: dt.datetime) -> None:
    """Give it to an officer of the unit (when someone leaves, too). Whoever answered before gets it only where nobody else could,

    and whoever signed that answer only with a reason. :raise NotInUnit: :raise AnsweredBefore: :raise ReasonMissing:
    """
    lock(feedback)
    require_lead(feedback, actor)
    assignment = answer_of(feedback)
    if officer.id not in {user.id for user, _number in lists.officers([assignment.unit.path], time.local_date(now))}:
        raise NotInUnit
    again = officer.id in steps.looked_before(feedback)
    if officer.id in steps.answered_before(feedback) and others_for(feedback, actor, time.local_date(now)):
        raise steps.AnsweredBefore
    if again and not reason:
        raise ReasonMissing
    promises.hand_to(assignment, officer, actor=actor, now=now)
    if again:
        note(feedback, reason, actor=actor, now=now)
        record(actor, "feedback.given_again", feedback, at=now, officer_id=officer.id)
    telling.handed(assignment, officer, now=now)


def others_for(feedback: Feedback, actor: User, today: dt.date) -> list[User]:
    """Return who in the unit could handle it besides *actor*, who leads it, and whoever answered or signed before."""
    out = steps.looked_before(feedback) | {actor.id}
    return [user for user, _number in lists.officers([answer_of(feedback).unit.path], today) if user.id not in out]


def give_back(feedback: Feedback, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Return it with a reason: it waits at its desk under a short clock. The day owed to the sender stays what it was.

    :raise PaperSigned: :raise AnsweredBefore:
    """
    lock(feedback)
    require_handle(feedback, actor)
    steps.check("return", feedback, actor.id)
    assignment = answer_of(feedback)
    # The audit holds no free text: the words stand in an internal note of the item.
    promises.give_back(assignment, reason="in_note", actor=actor, now=now)
    feedback.messages.append(Message(kind=MessageKind.NOTE, user=actor, body=reason, at=now))
    desk.return_to_desk(feedback, actor=actor, now=now)
    record(actor, "feedback.returned", feedback, at=now, unit_id=assignment.unit_id, reason="returned")
    telling.returned(assignment, now=now)
    for tell in on_return:
        tell(assignment, now)


def transfer(feedback: Feedback, unit: Unit, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Offer it to another unit, for instance a division of one's own; the third hop raises an alarm.

    :raise UnitAccused: :raise UnitTakesNothing: :raise UnitClosed: :raise PaperSigned:
    """
    lock(feedback)
    require_lead(feedback, actor)
    desk.check_target(feedback, unit)
    steps.check("transfer", feedback, actor.id)
    assignment = answer_of(feedback)
    came_from = assignment.unit_id
    alarm = promises.transfer(
        assignment, unit, reason="in_note", rule_facts=clocks.facts_of(feedback), calendar=work_calendar(), actor=actor, now=now
    )
    desk.discard_papers(feedback, actor=actor, now=now)
    feedback.messages.append(Message(kind=MessageKind.NOTE, user=actor, body=reason, at=now))
    record(actor, "feedback.transferred", feedback, at=now, from_id=came_from, to_id=unit.id, hops=assignment.hops)
    telling.offered(assignment, now=now)
    if alarm:
        telling.going_round(assignment, now=now)


def ask(feedback: Feedback, question: str, *, actor: User, now: dt.datetime) -> Message:
    """Ask the sender for more. The clock stands only where its rule lets it; :raise PaperSigned: :raise QuestionOpen: one at a time."""
    lock(feedback)
    require_handle(feedback, actor)
    answer_of(feedback)
    steps.check("ask", feedback, actor.id)
    if feedback.open_question is not None:
        raise QuestionOpen
    message = Message(kind=MessageKind.QUESTION, user=actor, body=question, at=now)
    feedback.messages.append(message)
    db.session.flush()
    pauses = clocks.pause_for_sender(feedback, actor=actor, now=now)
    record(actor, "feedback.asked", feedback, at=now, message_id=message.id, unit_id=actor.unit_id, pauses=pauses)
    telling.asked(feedback, message, now=now)
    return message


def tell(feedback: Feedback, text: str, *, actor: User, now: dt.datetime) -> Message:
    """Tell the sender how it goes, without asking anything."""
    require(rules.may_tell(actor.reach, queries.standing_of(feedback)))
    message = Message(kind=MessageKind.TOLD, user=actor, body=text, at=now)
    feedback.messages.append(message)
    db.session.flush()
    record(actor, "feedback.told", feedback, at=now, message_id=message.id, unit_id=actor.unit_id)
    telling.told(feedback, message, now=now)
    return message


def note(feedback: Feedback, text: str, *, actor: User, now: dt.datetime) -> Message:
    """Leave an internal note: whoever of the staff may read the item reads it, the sender does not."""
    require(rules.may_note(actor.reach, queries.standing_of(feedback)))
    message = Message(kind=MessageKind.NOTE, user=actor, body=text, at=now)
    feedback.messages.append(message)
    db.session.flush()
    record(actor, "feedback.noted", feedback, at=now, message_id=message.id)
    return message


def ask_extension(feedback: Feedback, *, ground: str, reason: str, actor: User, now: dt.datetime) -> ExtensionRequest:
    """Ask whoever leads the unit for more time, on a ground that the rule of the running clock allows.

    :raise ExtensionNotAllowed: :raise PaperSigned:
    """
    lock(feedback)
    require_handle(feedback, actor)
    steps.check("ask_extension", feedback, actor.id)
    clock = clocks.governing(feedback)
    if clock is None:
        raise terms.ExtensionNotAllowed
    request = terms.ask_extension(answer_of(feedback), clock, ground=ground, reason=reason, actor=actor, now=now)
    record(actor, "feedback.extension_asked", feedback, at=now, ground=ground, request_id=request.id)
    telling.extension_asked(request, feedback, now=now)
    return request


def decide_extension(feedback: Feedback, request: ExtensionRequest, *, granted: bool, remarks: str, actor: User, now: dt.datetime) -> None:
    """Grant or refuse more time. When granted the sender is told, with the ground.

    :raise ExtensionDecided: :raise ExtensionNotAllowed: when the term is over or was made longer meanwhile.
    """
    lock(feedback)
    require_lead(feedback, actor)
    require(request.assignment in feedback.assignments)
    terms.decide_extension(request, granted=granted, remarks=remarks, calendar=work_calendar(), actor=actor, now=now)
    clocks.show_due(feedback)
    due_on = request.clock.due_on
    record(
        actor,
        "feedback.extension_decided",
        feedback,
        at=now,
        ground=request.ground,
        granted=granted,
        due_on=due_on.isoformat() if due_on else None,
        request_id=request.id,
    )
    telling.extension_decided(request, feedback, now=now)


def _require_act(assignment: FeedbackAssignment, actor: User) -> None:
    require(actor.reach.may(Permission.FEEDBACK_HANDLE, unit_path=assignment.unit.path))
    if assignment.duty != Duty.ACT or not assignment.is_open:
        raise rules.IllegalTransition(State(assignment.state), State.DONE)


def take_promise(assignment: FeedbackAssignment, *, actor: User, now: dt.datetime) -> None:
    """Take what another unit's answer promised in this unit's name."""
    lock(assignment.feedback)
    _require_act(assignment, actor)
    promises.take(assignment, officer=actor, actor=actor, now=now)


def keep_promise(assignment: FeedbackAssignment, *, report: str, proofs: list[Attachment], actor: User, now: dt.datetime) -> None:
    """Report that what an answer promised is done, with proof; :raise ProofMissing:.

    MTTQ or another named body looks at it later: done is not verified.
    """
    feedback = assignment.feedback
    lock(feedback)
    _require_act(assignment, actor)
    if not proofs:
        raise ProofMissing
    message = Message(kind=MessageKind.TOLD, user=actor, body=report, at=now)
    feedback.messages.append(message)
    db.session.flush()
    for proof in proofs:
        proof.message_id, proof.by_sender = message.id, False
        proof.point_id = assignment.point.id if assignment.point else None
        feedback.attachments.append(proof)
    promises.finish(assignment, actor=actor, now=now)
    record(actor, "feedback.promise_kept", feedback, at=now, assignment_id=assignment.id, unit_id=assignment.unit_id)
    telling.promise_kept(assignment, now=now)
