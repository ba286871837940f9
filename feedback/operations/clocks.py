"""The clocks of a matter: which start when, which pause for the sender, and what day the unit's list shows.

They belong to the matter, not to a unit: moving it between units, splitting or merging it touches none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from app import clock as time
from app.access import Actor
from app.assignments.operations import cancel_clock, pause_clock, resume_clock, set_due, start_clock, stop_clock
from app.calendar.days import WorkCalendar
from app.calendar.queries import rules_in_force, work_calendar
from app.calendar.rules import Facts, PauseGround, Stage, StartEvent, Trait, choose
from feedback.models import Feedback, FeedbackClock
from feedback.rules import Channel, Kind

#: What runs for the sender, the most binding first: the answer, then how the matter is handled.
GOVERNING = (Stage.SETTLE, Stage.REPLY, Stage.OPENING, Stage.NOTICE)


def facts_of(feedback: Feedback) -> Facts:
    """Return what a deadline rule may ask about *feedback*."""
    return Facts(
        kind=feedback.kind,
        sender="anonymous" if feedback.is_anonymous else "named",
        origin="voters" if feedback.channel == Channel.VOTER_MEETING else "citizen",
        matter="regulation" if feedback.field and feedback.field.regulation else "ordinary",
        channel=feedback.channel,
    )


def traits_of(feedback: Feedback) -> set[str]:
    """Return what about *feedback* chooses a rule's variant."""
    traits = set()
    if feedback.complex:
        traits.add(Trait.COMPLEX)
    if feedback.place and feedback.place.remote:
        traits.add(Trait.REMOTE)
    return traits


def start(
    feedback: Feedback,
    stages: Iterable[Stage],
    *,
    event: str,
    event_at: dt.datetime,
    calendar: WorkCalendar,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Start the clock of each stage for which a rule in force on the event's day fits the matter."""
    on = time.local_date(event_at)
    in_force, facts, traits = rules_in_force(on), facts_of(feedback), traits_of(feedback)
    for stage in stages:
        rule = choose(in_force, facts, stage, on)
        if rule is not None:
            clock = FeedbackClock(feedback=feedback, round=feedback.round)
            start_clock(clock, rule, event=event, event_at=event_at, traits=traits, calendar=calendar, actor=actor, now=now)
    show_due(feedback)


def start_received(feedback: Feedback, *, calendar: WorkCalendar, actor: Actor, now: dt.datetime) -> None:
    """Start what runs from receipt: the notice of handling, and the answer or, for a complaint, the opening of the case."""
    # Luật Khiếu nại 2011 Điều 28: thời hạn giải quyết … "kể từ ngày thụ lý": the settlement's clock waits for CASE_OPENED.
    answer = Stage.OPENING if feedback.kind == Kind.COMPLAINT else Stage.REPLY
    start(
        feedback, (Stage.NOTICE, answer), event=StartEvent.RECEIVED, event_at=feedback.received_at, calendar=calendar, actor=actor, now=now
    )


def stop(feedback: Feedback, *stages: Stage, actor: Actor, now: dt.datetime) -> None:
    """What the clocks of *stages* waited for has happened, for *feedback* and for what was merged into it."""
    for item in (feedback, *feedback.merged):
        for clock in item.clocks:
            if clock.stage in stages:
                stop_clock(clock, actor=actor, now=now)


def cancel_rest(feedback: Feedback, *, actor: Actor, now: dt.datetime) -> None:
    """The matter ended: what still runs neither met its day nor missed it (unless late already)."""
    for item in (feedback, *feedback.merged):
        for clock in item.clocks:
            cancel_clock(clock, actor=actor, now=now)


def pause_for_sender(feedback: Feedback, *, actor: Actor, now: dt.datetime) -> bool:
    """Let the clocks stand whose rule allows it while the sender is asked; say whether any does."""
    paused = [pause_clock(clock, PauseGround.WAITING_FOR_SENDER, actor=actor, now=now) for clock in feedback.clocks]
    show_due(feedback)
    return any(paused)


def resume(feedback: Feedback, *, actor: Actor, now: dt.datetime) -> None:
    """The sender answered: what stood runs on."""
    calendar = work_calendar()
    for clock in feedback.clocks:
        resume_clock(clock, calendar=calendar, actor=actor, now=now)
    show_due(feedback)


def governing(feedback: Feedback) -> FeedbackClock | None:
    """Return the clock that says by when the unit must answer: the running one of the most binding stage."""
    for stage in GOVERNING:
        clock = next((c for c in reversed(feedback.clocks) if c.stage == stage and c.round == feedback.round and c.is_running), None)
        if clock is not None:
            return clock
    return None


def show_due(feedback: Feedback) -> None:
    """Write on the unit's open duty the earliest day owed to anybody: the sender, and those whose items were merged in."""
    assignment = feedback.open_answer
    if assignment is None:
        return
    clocks = [clock for item in (feedback, *feedback.merged) if (clock := governing(item))]
    days = [clock.due_on for clock in clocks if clock.due_on]
    set_due(assignment, min(days, default=None))
