"""Items about the same matter: a repeat linked to its earlier answer, a merge that every sender was told of, and its undoing."""

from __future__ import annotations

import datetime as dt

from app.access import Actor
from app.accounts.models import User
from app.assignments import operations as promises
from app.audit import record
from app.calendar.rules import Stage
from app.database import db, lock
from feedback import rules, steps
from feedback.models import Feedback
from feedback.operations import clocks, desk, telling
from feedback.operations.desk import UnitAccused
from feedback.rules import Status


class MergeNotProposed(Exception):
    """Its signers have to be told before it is merged."""


class MergeWithItself(Exception):
    """An item cannot be merged into itself, or into one that is itself merged or done."""


def link_repeat(feedback: Feedback, earlier: Feedback, *, actor: User, now: dt.datetime) -> None:
    """Say that *feedback* repeats *earlier*, so that its answer is at hand."""
    desk.require_triage(feedback, actor)
    if earlier.id == feedback.id:
        raise MergeWithItself
    feedback.repeat_of = earlier
    record(actor, "feedback.linked_repeat", feedback, at=now, of_id=earlier.id)


def propose_merge(feedback: Feedback, into: Feedback, *, actor: User, now: dt.datetime) -> None:
    """Tell the senders that their item would go on together with another; only then may it be merged.

    :raise MergeWithItself: :raise PaperSigned: :raise AccusedNotPlaced: :raise UnitAccused: when the unit that has the other one is
    what this one complains of.
    """
    _check_merge(feedback, into, actor)
    feedback.merge_proposed_into_id = into.id
    record(actor, "feedback.merge_proposed", feedback, at=now, into_id=into.id)
    telling.merge_proposed(feedback, into, now=now)


def _check_merge(feedback: Feedback, into: Feedback, actor: User) -> None:
    lock_together(feedback, into)
    desk.require_triage(feedback, actor)
    desk.require_triage(into, actor)
    rules.check(Status(feedback.status), Status.MERGED)
    steps.check("merge", feedback, actor.id)
    if into.id == feedback.id or into.status not in rules.OPEN or feedback.merged:
        raise MergeWithItself
    if into.open_answer is not None and desk.is_accused(feedback, into.open_answer.unit):
        raise UnitAccused


def lock_together(*items: Feedback) -> None:
    """Lock several items, always in the same order: two people who need the same ones never wait for each other."""
    for item in sorted(items, key=lambda each: each.id):
        lock(item)


def merge(feedback: Feedback, into: Feedback, *, actor: User, now: dt.datetime) -> None:
    """Let *feedback* go on together with *into*: its code, key, clocks and ratings stay its own, its day still counts.

    :raise MergeNotProposed: when its senders were not told. :raise MergeWithItself: :raise PaperSigned: :raise UnitAccused:
    :raise AccusedNotPlaced:
    """
    _check_merge(feedback, into, actor)
    if feedback.merge_proposed_into_id != into.id:
        raise MergeNotProposed
    if feedback.open_answer is not None:
        promises.cancel(feedback.open_answer, why="merged", actor=actor, now=now)
    desk.discard_papers(feedback, actor=actor, now=now)
    feedback.status, feedback.merged_into = Status.MERGED, into
    desk.end_desk_holding(feedback, now=now)
    clocks.stop(feedback, Stage.TRIAGE, Stage.REROUTE, actor=actor, now=now)
    record(actor, "feedback.merged", feedback, at=now, into_id=into.id)
    db.session.flush()
    db.session.refresh(into, ["merged"])
    clocks.show_due(into)
    telling.merged(feedback, into, now=now)


def unmerge(feedback: Feedback, *, actor: User, now: dt.datetime) -> None:
    """Take a merge back while the other is open: the item waits at its desk again, its clocks as they always were."""
    into = feedback.merged_into
    lock_together(*filter(None, (feedback, into)))
    desk.require_triage(feedback, actor)
    rules.check_still(Status(feedback.status), Status.MERGED)
    if into is not None:
        rules.check_still(Status(into.status), *rules.OPEN)
        let_go(feedback, into, actor=actor, now=now)


def let_go(feedback: Feedback, into: Feedback, *, actor: Actor, now: dt.datetime) -> None:
    """*feedback* goes on without *into*, at its own desk."""
    rules.check(Status(feedback.status), Status.RECEIVED)
    feedback.status, feedback.merged_into, feedback.merge_proposed_into_id = Status.RECEIVED, None, None
    desk.lie_at_desk(feedback, actor=actor, now=now)
    record(actor, "feedback.unmerged", feedback, at=now, from_id=into.id)
    db.session.flush()
    db.session.refresh(into, ["merged"])
    clocks.show_due(into)
