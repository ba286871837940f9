"""Who is told of looks on the spot and of what is decided on them. A notice names code and day, never the content."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.accounts.models import User
from app.accounts.queries import granted, holders, reach_of
from app.assignments.models import Assignment
from app.clock import local_date
from app.outbox import notify_users
from app.permissions import Permission
from oversight.checks import checked
from oversight.models import CheckSample, CheckTask, ReopeningQuestion, SpotCheck


def _tell(users: list[User], template: str, row: Assignment, about: Any, occasion: str, now: dt.datetime, **facts: Any) -> None:
    """Tell each once; nobody of a unit that the item complains of."""
    today = local_date(now)
    each_once = {user.id: user for user in users if not checked.done_of(row, reach_of(user, on=today).paths).hidden}
    notify_users(each_once.values(), f"oversight/notices/{template}", about, occasion, now=now, code=row.reference, **facts)


def _of_unit(row: Assignment, today: dt.date) -> list[User]:
    return [*([row.officer] if row.officer is not None else []), *holders(Permission.FEEDBACK_LEAD, row.unit, on=today)]


def looked(check: SpotCheck, *, now: dt.datetime) -> None:
    """The unit hears what was found; who looked has it in writing."""
    row = check.assignment
    people = [check.by, *_of_unit(row, local_date(now))]
    _tell(people, "looked", row, check, "looked", now, body=check.body.name, as_reported=check.as_reported, check_id=check.id)


def asked(task: CheckTask, *, now: dt.datetime) -> None:
    """Those who look there hear that somebody asks for it."""
    row = task.assignment
    _tell(_lookers(row, local_date(now)), "look_asked", row, task, "asked", now, assignment_id=row.id)


def planned(task: CheckTask, *, now: dt.datetime) -> None:
    """Whoever goes hears of it."""
    if task.looker is not None:
        occasion = f"planned:{task.looker_id}:{task.planned_on}"
        _tell([task.looker], "look_planned", task.assignment, task, occasion, now, assignment_id=task.assignment_id, day_on=task.planned_on)


def drawn(sample: CheckSample, *, now: dt.datetime) -> None:
    """Whoever may look everywhere hears that the month's sample is there."""
    if sample.size:
        people = granted(Permission.OVERSIGHT_VERIFY, on=local_date(now))
        facts = {"year": sample.month.year, "month": sample.month.month, "size": sample.size}
        notify_users(people, "oversight/notices/sample_drawn", sample, "drawn", now=now, **facts)


def put(question: ReopeningQuestion, deciders: list[User], *, now: dt.datetime) -> None:
    """Those who decide hear that a question waits for them, and until when."""
    _tell(deciders, "reopening_asked", question.assignment, question, "asked", now, question_id=question.id, due_on=question.due)


def decided(question: ReopeningQuestion, *, now: dt.datetime) -> None:
    """The unit and whoever looked hear what was decided."""
    row = question.assignment
    people = [question.check.by, *_of_unit(row, local_date(now))]
    facts = {"question_id": question.id, "reopened": question.reopened, "due_on": question.due_on, "check_id": question.check_id}
    _tell(people, "reopening_decided", row, question, "decided", now, **facts)


def _lookers(row: Assignment, today: dt.date) -> list[User]:
    """Return who may look at *row*, of whatever body."""
    return [user for user in granted(Permission.OVERSIGHT_VERIFY, on=today, over=row.unit) if checked.may_look(user, row, today)]
