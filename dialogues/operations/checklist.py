"""The checklist of a session follows its day; somebody has each row, and those that no fact decides are ticked by hand."""

from __future__ import annotations

import datetime as dt

from app.accounts.models import User
from app.audit import record
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage
from dialogues import checklist as shipped
from dialogues import queries
from dialogues.models import PreparationTask, Session
from dialogues.operations import telling
from dialogues.operations.editing import to_prepare


class TaskSettled(Exception):
    """A fact decides whether this row is done: nobody ticks it."""


def remake(session: Session) -> None:
    """Give *session* a row for each task with its day, counted anew; what was ticked, and who has it, stays. Flushes nothing."""
    announce = queries.term(Stage.ANNOUNCE, session)
    there = {row.code: row for row in session.tasks}
    for task in shipped.tasks().values():
        row = there.get(task.code)
        if row is None:
            row = PreparationTask(code=task.code)
            session.tasks.append(row)
        row.title = task.title
        row.due_on = shipped.due_on(task, session.day, announce[1] if announce else None, work_calendar())


def hand(task: PreparationTask, owner: User | None, note: str, *, actor: User, now: dt.datetime) -> None:
    """Say who has a row, and what there is to know. :raise NotAllowed: :raise Begun:"""
    to_prepare(task.session, actor)
    if owner is not None and owner.id not in {task.owner_id, actor.id}:
        telling.task_handed(task, owner, now=now)
    task.owner, task.note = owner, note
    record(actor, "session.changed", task.session, at=now, changed=["tasks"])


def tick(task: PreparationTask, *, done: bool, actor: User, now: dt.datetime) -> None:
    """Say that a row is done, or is not after all. :raise NotAllowed: :raise Begun: :raise TaskSettled:"""
    to_prepare(task.session, actor)
    row = shipped.tasks().get(task.code)
    if row is not None and not row.by_hand:
        raise TaskSettled
    task.done_at, task.done_by_id = (now, actor.id) if done else (None, None)
    record(actor, "session.changed", task.session, at=now, changed=["tasks"])
