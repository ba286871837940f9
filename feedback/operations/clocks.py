"""The clocks of a matter: which start when, which pause for the sender, and what day the unit's list shows.

They belong to the matter, not to a unit: moving it between units, splitting or merging it touches none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app import clock as time
from app.access import Actor
from app.assignments.models import NO_DATE, ClockPause
from app.assignments.operations import set_due
from app.assignments.operations.clocks import cancel_clock, pause_clock, resume_clock, start_clocks, stop_clock
from app.calendar.days import TermUnit, WorkCalendar
from app.calendar.queries import rules_in_force, work_calendar
from app.calendar.rules import Evidence, Facts, PauseGround, Rule, Stage, StartEvent, Trait, choose
from app.storing import hang
from feedback.models import Feedback, FeedbackClock
from feedback.rules import Channel, Kind

#: The event of a second round's clocks; the law knows no such event, so it is no StartEvent.
REOPENED = "reopened"
#: The code of the rule that is no rule of law: somebody gave their word for a day.
PROMISED = "PROMISED"
#: What leads to the answer, in order; of a complaint (True) and of everything else.
ANSWERING = {True: (Stage.OPENING, Stage.SETTLE), False: (Stage.REPLY,)}

#: What runs for the sender, the most binding first: the answer, then how the matter is handled.
GOVERNING = (Stage.SETTLE, Stage.REPLY, Stage.OPENING, Stage.NOTICE)

#: What facts_of() can say, and the stages that are started somewhere here or in app.assignments: other rules of law wait.
SAYS = {
    "kind": list(Kind),
    "sender": ["named", "anonymous"],
    "origin": ["voters", "citizen"],
    "recipient": ["unit"],
    "matter": ["regulation", "ordinary"],
    "instance": ["first"],
    "channel": list(Channel),
}
FOLLOWS = (*GOVERNING, Stage.TRIAGE, Stage.TAKE, Stage.REROUTE)


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
    stages: Sequence[Stage],
    *,
    event: str,
    event_at: dt.datetime,
    calendar: WorkCalendar,
    actor: Actor,
    now: dt.datetime,
) -> None:
    """Start the clock of each stage for which a rule in force on the event's day fits the matter."""
    on = time.local_date(event_at)
    in_force, facts, traits = rules_in_force(on, *stages), facts_of(feedback), traits_of(feedback)
    chosen = [rule for stage in stages if (rule := choose(in_force, facts, stage, on)) is not None]
    started = [(FeedbackClock(round=feedback.round), rule) for rule in chosen]
    for clock, _rule in started:
        hang(clock, "feedback", feedback)
    start_clocks(started, event=event, event_at=event_at, traits=traits, calendar=calendar, actor=actor, now=now)
    show_due(feedback)


def start_received(feedback: Feedback, *, calendar: WorkCalendar, actor: Actor, now: dt.datetime) -> None:
    """Start what runs from receipt: the notice of handling, and the answer or, for a complaint, the opening of the case."""
    # Luật Khiếu nại 2011 Điều 28: thời hạn giải quyết … "kể từ ngày thụ lý": the settlement's clock waits for CASE_OPENED.
    first = ANSWERING[feedback.kind == Kind.COMPLAINT][0]
    start(
        feedback, (Stage.NOTICE, first), event=StartEvent.RECEIVED, event_at=feedback.received_at, calendar=calendar, actor=actor, now=now
    )


def follow_classification(feedback: Feedback, *, actor: Actor, now: dt.datetime) -> None:
    """The item is something else than was thought: let each clock follow the rule that holds for what it is.

    A clock counts from the same legal event as before, less the days it stood, so reclassifying wins nobody time; what was
    late stays late. A clock whose rule stays is left alone, and so is what has been met.
    """
    calendar, facts, traits = work_calendar(), facts_of(feedback), traits_of(feedback)
    notice, *answer = (Stage.NOTICE, *ANSWERING[feedback.kind == Kind.COMPLAINT])
    follows = [each for each in feedback.clocks if each.round == feedback.round and each.stage in GOVERNING and each.rule_code != PROMISED]
    for clock in [each for each in follows if each.is_running]:
        rule = None
        if clock.stage in {notice, *answer}:
            rule = choose(rules_in_force(clock.started_on, Stage(clock.stage)), facts, Stage(clock.stage), clock.started_on)
        if rule is not None and (rule.code, sorted(traits)) == (clock.rule_code, clock.variants):
            continue
        if rule is not None:
            event, event_at = clock.start_event, clock.started_at
            stood = [
                ClockPause(ground=pause.ground, starts_on=pause.starts_on, ends_on=pause.ends_on)
                for pause in clock.pauses
                if pause.ground in rule.pause_grounds
            ]
            fresh = FeedbackClock(feedback=feedback, round=feedback.round, pauses=stood)
            start_clocks([(fresh, rule)], event=event, event_at=event_at, traits=traits, calendar=calendar, actor=actor, now=now)
        cancel_clock(clock, actor=actor, now=now)
    # Of what leads to the answer only a running clock counts: one that stopped did so late, when the item was something else.
    mine = [clock for clock in feedback.clocks if clock.round == feedback.round and clock.cancelled_at is None]
    has = {clock.stage for clock in mine if clock.is_running or clock.stage == notice}
    reopened = next((clock for clock in feedback.clocks if clock.round == feedback.round and clock.start_event == REOPENED), None)
    if reopened is None:
        wanted, event, event_at = [notice, answer[0]], StartEvent.RECEIVED, feedback.received_at
    else:
        wanted, event, event_at = [answer[-1]], REOPENED, reopened.started_at
    if has & set(answer):
        wanted = [notice] if notice in wanted else []
    missing = [stage for stage in wanted if stage not in has]
    start(feedback, missing, event=event, event_at=event_at, calendar=calendar, actor=actor, now=now)


def promise(feedback: Feedback, on: dt.date, *, name: str, source: str, since: dt.datetime, actor: Actor, now: dt.datetime) -> None:
    """Somebody gave their word that the answer comes by the day *on*; *name* and *source* say so in the words of a rule.

    It never puts off what is owed earlier, no ground extends it, and a new word takes the place of the one before.
    """
    for clock in feedback.clocks:
        if clock.rule_code == PROMISED and clock.round == feedback.round:
            cancel_clock(clock, actor=actor, now=now)
    owed = governing(feedback)
    if owed is None or owed.stage == Stage.NOTICE or owed.due_on is None or owed.due_on > on:
        rule = Rule(
            code=PROMISED, name=name, stage=Stage.REPLY, start_event=StartEvent.SESSION_DATE, amount=(on - time.local_date(since)).days,
            unit=TermUnit.CALENDAR, roll_forward=False, source=source, article="", evidence=Evidence.SEEN, local=True,
            effective_from=time.local_date(since),
        )  # fmt: skip
        calendar = work_calendar()  # read before there is a clock that is not stored yet
        clock = FeedbackClock(feedback=feedback, round=feedback.round)
        start_clocks([(clock, rule)], event=rule.start_event, event_at=since, traits=(), calendar=calendar, actor=actor, now=now)
    show_due(feedback)


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


def governing(feedback: Feedback, *, promised: bool = True) -> FeedbackClock | None:
    """Return the clock that says by when the unit must answer: the running one of the most binding stage.

    Beside the rule's own there may be one of a day that was promised: then the earlier of the two, unless what was *promised* is left out.
    """
    for stage in GOVERNING:
        running = [
            c
            for c in reversed(feedback.clocks)
            if c.stage == stage and c.round == feedback.round and c.is_running and (promised or c.rule_code != PROMISED)
        ]
        if running:
            return min(running, key=lambda clock: clock.due_on or NO_DATE)
    return None


def show_due(feedback: Feedback) -> None:
    """Write on the unit's open duty the earliest day owed to anybody: the sender, and those whose items were merged in."""
    assignment = feedback.open_answer
    if assignment is None:
        return
    clocks = [clock for item in (feedback, *feedback.merged) if (clock := governing(item))]
    days = [clock.due_on for clock in clocks if clock.due_on]
    set_due(assignment, min(days, default=None))
