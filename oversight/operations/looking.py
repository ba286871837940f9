"""Looking on the spot at what a unit reported done: right, or not right, with what was seen there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app import clock as time
from app.access import NotAllowed, require
from app.accounts.models import User
from app.assignments import operations as assignments
from app.assignments.models import Assignment
from app.assignments.rules import IllegalTransition, State
from app.audit import record
from app.database import db, lock
from app.files import StoredFile
from dialogues.models import ConclusionAssignment
from feedback import masking
from feedback.models import FeedbackAssignment
from oversight.checks import checked
from oversight.models import CheckTask, SpotCheck, SpotCheckPhoto
from oversight.operations import reopening, telling_checks
from oversight.rules import checks as rules


class LookedTooEarly(Exception):
    """Nobody can have seen what was done before it was reported done."""


class LookedLater(Exception):
    """A look is written down when it is over."""


class NotAPicture(Exception):
    """Only pictures go with a look."""


class AskedAlready(Exception):
    """It waits to be looked at already."""


class MayNotLook(Exception):
    """That person may not look at this: it is their own unit's, or they had it."""


@dataclass(frozen=True)
class Seen:
    """What was found on the spot."""

    looked_on: dt.date
    as_reported: bool
    note: str
    public_note: str = ""
    place: str = ""
    companions: str = ""
    caption: str = ""
    photos: Sequence[StoredFile] = ()


def hold(row: Assignment) -> None:
    """Lock a promise as its own domain does: the item before what its answer promised."""
    if isinstance(row, FeedbackAssignment):
        lock(row.feedback)
    lock(row)


def look(row: Assignment, seen: Seen, *, actor: User, now: dt.datetime) -> SpotCheck:
    """Write down what *actor* found at *row*. Right: it is verified. Not right: whether it is opened again is asked of the superior.

    The same again is the same: a second press writes nothing twice.
    :raise NotAllowed: :raise IllegalTransition: it is open (again). :raise LookedTooEarly: :raise LookedLater: :raise NotAPicture:
    """
    hold(row)
    require(rules.may_verify(actor.reach, checked.done_of(row, actor.unit.path)))
    if row.kind not in rules.KINDS:
        raise NotAllowed
    if not checked.lookable(row) or row.closed_on is None:
        raise IllegalTransition(State(row.state), State.VERIFIED)
    if seen.looked_on < row.closed_on:
        raise LookedTooEarly
    if seen.looked_on > time.local_date(now):
        raise LookedLater
    if not all(file.is_picture for file in seen.photos):
        raise NotAPicture
    before = checked.checks_of(row)
    if before and _same(before[0], row, seen, actor):
        return before[0]
    check = _written(row, seen, actor, now)
    for task in db.session.scalars(db.select(CheckTask).where(CheckTask.assignment_id == row.id, CheckTask.check_id.is_(None))):
        task.check_id = check.id
    record(actor, "spot_check.recorded", check, at=now, assignment_id=row.id, as_reported=seen.as_reported)
    _follow(row, check, actor, now)
    telling_checks.looked(check, now=now)
    return check


def _same(last: SpotCheck, row: Assignment, seen: Seen, actor: User) -> bool:
    now = (actor.id, row.round, seen.looked_on, seen.as_reported, seen.note)
    return (last.by_id, last.round, last.looked_on, last.as_reported, last.note) == now


def _written(row: Assignment, seen: Seen, actor: User, now: dt.datetime) -> SpotCheck:
    check = SpotCheck(
        assignment=row, round=row.round, body_id=actor.unit_id, by=actor, looked_on=seen.looked_on, place=seen.place,
        companions=seen.companions, as_reported=seen.as_reported, note=seen.note, public_note=masking.masked(seen.public_note),
        reported=(row.outcome or "") if isinstance(row, ConclusionAssignment) else "", recorded_at=now,
        photos=[SpotCheckPhoto(file=file, caption=seen.caption) for file in seen.photos],
    )  # fmt: skip
    db.session.add(check)
    db.session.flush()
    return check


def _follow(row: Assignment, check: SpotCheck, actor: User, now: dt.datetime) -> None:
    """Let the last look count: what another body found not right stays before the superior, whatever the next one finds."""
    question = checked.open_question(row)
    if not check.as_reported:
        if row.state == State.VERIFIED:
            assignments.unverify(row, actor=actor, now=now)
        if question is None:
            reopening.put(check, actor=actor, now=now)
        return
    if question is not None and question.check.body_id == check.body_id:
        reopening.withdraw(question, actor=actor, now=now)
        question = None
    if question is None and row.state == State.DONE:
        assignments.verify(row, actor=actor, now=now)


def ask(row: Assignment, *, actor: User, now: dt.datetime) -> CheckTask:
    """Ask that *row* be looked at, beside what is drawn. :raise NotAllowed: :raise IllegalTransition: :raise AskedAlready:"""
    hold(row)
    require(rules.may_ask(actor.reach, checked.done_of(row, actor.unit.path)))
    if not checked.lookable(row):
        raise IllegalTransition(State(row.state), State.VERIFIED)
    waits = db.select(CheckTask.id).where(CheckTask.assignment_id == row.id, CheckTask.check_id.is_(None)).limit(1)
    if db.session.scalar(waits) is not None:
        raise AskedAlready
    task = CheckTask(assignment=row, asked_by=actor, made_at=now)
    db.session.add(task)
    db.session.flush()
    record(actor, "check_task.asked", task, at=now, assignment_id=row.id)
    telling_checks.asked(task, now=now)
    return task


def plan(task: CheckTask, looker: User, planned_on: dt.date | None, *, actor: User, now: dt.datetime) -> None:
    """Say who goes, and when. :raise NotAllowed: :raise MayNotLook: :raise IllegalTransition: it was looked at meanwhile."""
    row = task.assignment
    hold(row)
    lock(task)
    require(rules.may_verify(actor.reach, checked.done_of(row, actor.unit.path)))
    if task.check_id is not None:
        raise IllegalTransition(State(row.state), State.VERIFIED)
    if not looker.active or not checked.may_look(looker, row, time.local_date(now)):
        raise MayNotLook
    task.looker, task.planned_on = looker, planned_on
    record(actor, "check_task.planned", task, at=now, assignment_id=row.id, looker_id=looker.id)
    telling_checks.planned(task, now=now)
