"""What the reception desk does: classify by content, route, split, link a repeat, merge after telling the signers."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app import settings
from app.access import Actor, require
from app.accounts.models import User
from app.assignments import operations as promises
from app.assignments.rules import Duty
from app.audit import record
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage, StartEvent
from app.database import at_one_go, db, lock
from app.units.models import Field, Place, Unit
from feedback import queries, rules, steps
from feedback.models import Attachment, DeskHolding, ExternalRef, Feedback, FeedbackAssignment, Message, MessageKind
from feedback.operations import clocks, telling
from feedback.operations.indexing import index_for_staff
from feedback.rules import PaperState, Status


class UnitAccused(Exception):
    """That unit, or one above it, is what the item complains of: it is never in the route."""


class UnitTakesNothing(Exception):
    """That unit is given no items."""


class NumberKnown(Exception):
    """Another item has that number of that system."""


class NotSplittable(Exception):
    """Only an item that waits at the desk, and has at least two parts, can be split."""


@dataclass(frozen=True)
class Part:
    """One matter of a letter with several."""

    kind: rules.Kind
    title: str
    body: str
    field_id: int | None = None
    place_id: int | None = None
    unit_id: int | None = None  # empty: it waits at the desk


def require_triage(feedback: Feedback, actor: User) -> None:
    """:raise NotAllowed: unless *actor* sits at the item's desk."""
    require(rules.may_triage(actor.reach, queries.standing_of(feedback)))


def classify(
    feedback: Feedback,
    *,
    kind: rules.Kind,
    title: str,
    field: Field | None,
    place: Place | None,
    complex_: bool,
    accused_unit: Unit | None,
    accused_names: str,
    accused_outside: bool,
    actor: User,
    now: dt.datetime,
    seen: str | None = None,
) -> list[str]:
    """Set what the item is by its content, not by its title; return what changed. A new kind starts its own clocks.

    The clocks count from the same legal event as before, so reclassifying wins nobody time. *accused_outside*: those who are named are
    of no unit of the province, or nobody knows of which. *seen*: :func:`sorted_as` when they opened the form; an older one would take
    back, unread, whom a colleague has just kept out. :raise AccusedNotPlaced: when people are named and neither is said.
    """
    lock(feedback)
    require_triage(feedback, actor)
    require(seen is None or seen == sorted_as(feedback))
    rules.check_still(Status(feedback.status), *rules.OPEN)
    if steps.is_unplaced(accused_names, accused_unit.id if accused_unit else None, outside=accused_outside):
        raise steps.AccusedNotPlaced
    wanted: dict[str, Any] = {
        "kind": str(kind),
        "title": title,
        "field_id": field.id if field else None,
        "place_id": place.id if place else None,
        "complex": complex_,
        "accused_unit_id": accused_unit.id if accused_unit else None,
        "accused_names": accused_names,
        "accused_outside": bool(accused_names) and accused_unit is None,
    }
    changed = [name for name, value in wanted.items() if getattr(feedback, name) != value]
    for name, value in wanted.items():
        setattr(feedback, name, value)
    db.session.flush()
    db.session.refresh(feedback, ["field", "place", "accused_unit"])
    if changed:
        record(actor, "feedback.classified", feedback, at=now, changed=changed)
        index_for_staff(feedback)
    if {"kind", "complex", "place_id", "field_id"} & set(changed):
        clocks.follow_classification(feedback, actor=actor, now=now)
    answer = feedback.open_answer
    if answer is not None and is_barred(feedback, answer.unit):
        promises.cancel(answer, why="accused", actor=actor, now=now)
        return_to_desk(feedback, actor=actor, now=now)
    if is_accused(feedback, feedback.desk_unit):
        _change_desk(feedback, now=now)
    return changed


def sorted_as(feedback: Feedback) -> str:
    """Return what says whether *feedback* is sorted as somebody has seen it."""
    said = [feedback.kind, feedback.title, feedback.field_id, feedback.place_id, feedback.complex]
    said += [feedback.accused_unit_id, feedback.accused_names, feedback.accused_outside]
    return hashlib.sha256(repr(said).encode()).hexdigest()


def is_accused(feedback: Feedback, unit: Unit) -> bool:
    """Say whether *feedback*, or an item that goes on with it, complains of *unit* or of one above it: it is never in the route."""
    accused = [item.accused_unit for item in (feedback, *feedback.merged) if item.accused_unit is not None]
    return any(unit.path.startswith(each.path) for each in accused)


def is_barred(feedback: Feedback, unit: Unit) -> bool:
    """Say whether *unit* may not be given *feedback*: it is what one of them complains of, and not to be settled by it either."""
    return any(
        each.accused_unit and unit.path.startswith(each.accused_unit.path) and not steps.settled_by_accused(each)
        for each in (feedback, *feedback.merged)
    )


def check_not_barred(feedback: Feedback, unit: Unit) -> None:
    """:raise UnitAccused: when *feedback* complains of *unit*, which is not to settle it either."""
    if is_barred(feedback, unit):
        raise UnitAccused


def check_target(feedback: Feedback, unit: Unit) -> None:
    """:raise UnitAccused: :raise UnitTakesNothing: when *unit* may not be given *feedback*."""
    check_not_barred(feedback, unit)
    if not unit.handles_feedback:
        raise UnitTakesNothing


def _change_desk(feedback: Feedback, *, now: dt.datetime) -> None:
    """Another desk than that of the accused has it from now on, as long as there is one."""
    desk = queries.desk_for(feedback.desk_unit, settings.get("desk_unit_id"), feedback.accused_unit)
    if desk.id == feedback.desk_unit_id:
        return
    feedback.desk_unit, feedback.desk_unit_id = desk, desk.id
    if feedback.status == Status.RECEIVED:
        end_desk_holding(feedback, now=now)
        begin_desk_holding(feedback, now=now)
        telling.at_desk(feedback, now=now)


@at_one_go
def route_to(feedback: Feedback, unit: Unit, *, actor: Actor, now: dt.datetime, rule_id: int | None = None) -> FeedbackAssignment:
    """Offer the duty to answer to *unit*. The clocks of the matter run on; only the unit's own short clock starts.

    :raise UnitAccused: when the item complains of that unit. :raise UnitTakesNothing: :raise UnitClosed: when it is not there
    any more. :raise PaperSigned: :raise AccusedNotPlaced:
    """
    lock(feedback)
    if isinstance(actor, User) and rule_id is None:  # by a rule it goes whoever wrote it down, of whatever desk
        require_triage(feedback, actor)
    rules.check_still(Status(feedback.status), Status.RECEIVED)
    check_not_barred(feedback, unit)
    if isinstance(actor, User):
        check_target(feedback, unit)
        steps.check("route", feedback, actor.id)
    discard_papers(feedback, actor=actor, now=now)
    feedback.status = Status.IN_HAND
    assignment = give(feedback, unit, actor=actor, now=now, rule_id=rule_id)
    db.session.flush()  # for its number
    telling.offered(assignment, now=now)
    if assignment.hops >= promises.rules.HOPS_ALARM:
        telling.going_round(assignment, now=now)
    return assignment


def give(feedback: Feedback, unit: Unit, *, actor: Actor, now: dt.datetime, rule_id: int | None) -> FeedbackAssignment:
    """Offer the duty to answer an item that is in hand from now on to *unit*; nobody is told yet."""
    assignment = offer_answer(feedback, unit, actor=actor, now=now)
    clocks.stop(feedback, Stage.TRIAGE, Stage.REROUTE, actor=actor, now=now)
    end_desk_holding(feedback, now=now)
    record(actor, "feedback.routed", feedback, at=now, unit_id=unit.id, rule_id=rule_id)
    return assignment


def take_back(feedback: Feedback, *, reason: str, actor: User, now: dt.datetime) -> None:
    """The desk gave it to the wrong unit, which has not taken it: it lies at the desk again. What the sender is owed runs on.

    :raise TakenUp: :raise PaperSigned:
    """
    lock(feedback)
    require_triage(feedback, actor)
    rules.check_still(Status(feedback.status), Status.IN_HAND)
    steps.check("take_back", feedback, actor.id)
    assignment = feedback.open_answer
    assert assignment is not None  # offered, says the check
    promises.cancel(assignment, why="taken_back", actor=actor, now=now)
    feedback.messages.append(Message(kind=MessageKind.NOTE, user=actor, body=reason, at=now))
    return_to_desk(feedback, actor=actor, now=now)
    record(actor, "feedback.taken_back", feedback, at=now, unit_id=assignment.unit_id)
    telling.taken_back(assignment, now=now)


def offer_answer(feedback: Feedback, unit: Unit, *, actor: Actor, now: dt.datetime) -> FeedbackAssignment:
    """Offer *unit* the duty to answer this round; each time it comes back to the desk and goes out again is one more hop."""
    assignment = FeedbackAssignment(
        feedback=feedback,
        duty=Duty.ANSWER,
        title=feedback.title,
        unit=unit,
        unit_id=unit.id,
        from_unit_id=feedback.desk_unit_id,
        place_id=feedback.place_id,
        field_id=feedback.field_id,
        round=feedback.round,
        state="offered",
        opened_at=now,
        hops=max((each.hops + 1 for each in feedback.assignments if each.duty == Duty.ANSWER and each.round == feedback.round), default=0),
    )
    db.session.add(assignment)
    clocks.show_due(feedback)
    promises.offer(assignment, rule_facts=clocks.facts_of(feedback), calendar=work_calendar(), actor=actor, now=now)
    return assignment


def end_desk_holding(feedback: Feedback, *, now: dt.datetime) -> None:
    """The item leaves the desk: close its line of the ledger."""
    for holding in feedback.desk_holdings:
        holding.to_at = holding.to_at or now


def begin_desk_holding(feedback: Feedback, *, now: dt.datetime) -> None:
    """The item lies at its desk again."""
    feedback.desk_holdings.append(DeskHolding(unit_id=feedback.desk_unit_id, from_at=now))


def lie_at_desk(feedback: Feedback, *, actor: Actor, now: dt.datetime) -> None:
    """The item came back to its desk, which finds another way under a short clock."""
    begin_desk_holding(feedback, now=now)
    wait_at_desk(feedback, Stage.REROUTE, event=StartEvent.RETURNED, actor=actor, now=now)


def return_to_desk(feedback: Feedback, *, actor: Actor, now: dt.datetime) -> None:
    """Whoever had it has it no more, and what they were writing goes with them: it lies at its desk again."""
    rules.check(Status(feedback.status), Status.RECEIVED)
    feedback.status = Status.RECEIVED
    discard_papers(feedback, actor=actor, now=now)
    lie_at_desk(feedback, actor=actor, now=now)


def discard_papers(feedback: Feedback, *, actor: Actor, now: dt.datetime) -> None:
    """The item leaves whoever was writing: what is not published will not be, signed or not."""
    for paper in feedback.papers:
        if paper.state not in {PaperState.PUBLISHED, PaperState.DISCARDED}:
            rules.check_paper(PaperState(paper.state), PaperState.DISCARDED)
            paper.state = PaperState.DISCARDED
            record(actor, "paper.discarded", paper, at=now)


def end_question(feedback: Feedback, *, now: dt.datetime) -> None:
    """The item ended, or was answered: nobody waits for the sender any more."""
    if feedback.open_question is not None:
        feedback.open_question.answered_at = now


def add_reference(feedback: Feedback, *, source: str, number: str, actor: User, now: dt.datetime) -> None:
    """Keep the item's number in another system, so that exports match; twice is once. :raise NumberKnown:."""
    lock(feedback)
    require_triage(feedback, actor)
    if (known := queries.by_reference(source, number)) is feedback:
        return
    if known is not None:
        raise NumberKnown
    feedback.external_refs.append(ExternalRef(source=source, number=number))
    record(actor, "feedback.referenced", feedback, at=now, source=source)


def split(feedback: Feedback, parts: Sequence[Part], *, actor: User, now: dt.datetime) -> list[Feedback]:
    """Split a letter with several matters: one receipt, each part its own unit and day, all counted from the same receipt.

    TT 05/2021/TT-TTCP Điều 21: a letter with several contents of different competence is dealt with content by content.
    :raise NotSplittable: :raise PaperSigned: :raise AccusedNotPlaced:
    """
    lock(feedback)
    require_triage(feedback, actor)
    if feedback.status != Status.RECEIVED or len(parts) < 2 or feedback.parent_id is not None or feedback.merged:  # noqa: PLR2004
        raise NotSplittable
    steps.check("split", feedback, actor.id)
    discard_papers(feedback, actor=actor, now=now)
    made = []
    for number, part in enumerate(parts, start=1):
        child = Feedback(
            code=f"{feedback.code}.{number}",
            kind=part.kind,
            channel=feedback.channel,
            sender_type=feedback.sender_type,
            title=part.title,
            body=part.body,
            place_id=part.place_id or feedback.place_id,
            place_text=feedback.place_text,
            happened=feedback.happened,
            happened_on=feedback.happened_on,
            field_id=part.field_id or feedback.field_id,
            desk_unit_id=feedback.desk_unit_id,
            accused_unit_id=feedback.accused_unit_id,
            accused_names=feedback.accused_names,
            accused_outside=feedback.accused_outside,
            identity_scope=feedback.identity_scope,
            publish_consent=feedback.publish_consent,
            locale=feedback.locale,
            danger=feedback.danger,
            complex=feedback.complex,
            received_at=feedback.received_at,
            entered_by_id=feedback.entered_by_id,
            parent=feedback,
        )
        db.session.add(child)
        db.session.flush()
        # Proofs of an answer that was never signed stay behind: to the sender they would look like their own.
        sent = [each for each in feedback.files if each.by_sender]
        child.attachments.extend(Attachment(file_id=each.file_id, caption=each.caption) for each in sent)
        index_for_staff(child)
        begin_desk_holding(child, now=now)
        clocks.start_received(child, calendar=work_calendar(), actor=actor, now=now)
        made.append(child)
    rules.check(Status(feedback.status), Status.SPLIT)
    feedback.status = Status.SPLIT
    clocks.stop(feedback, Stage.TRIAGE, actor=actor, now=now)
    clocks.cancel_rest(feedback, actor=actor, now=now)
    end_desk_holding(feedback, now=now)
    record(actor, "feedback.split", feedback, at=now, parts=[child.code for child in made])
    for child, part in zip(made, parts, strict=True):
        unit = db.session.get(Unit, part.unit_id) if part.unit_id else None
        if unit is not None:
            route_to(child, unit, actor=actor, now=now)
        else:
            wait_at_desk(child, Stage.TRIAGE, event=StartEvent.RECEIVED, actor=actor, now=now)
    telling.split(feedback, made, now=now)
    return made


def wait_at_desk(feedback: Feedback, stage: Stage, *, event: str, actor: Actor, now: dt.datetime) -> None:
    """The item lies at the desk under a short clock of its own, so that no queue is without one."""
    clocks.start(feedback, (stage,), event=event, event_at=now, calendar=work_calendar(), actor=actor, now=now)
