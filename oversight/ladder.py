"""What oversight adds to the ladder: the steps in a promise's story, the names of all kinds, and the page of those that have no words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app import hooks
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.assignments.models import Assignment
from app.calendar.queries import work_calendar
from app.clock import LOCAL
from app.database import db
from app.escalation import queries, voices, words
from app.escalation.climbing import MORNING
from app.escalation.models import Escalation
from app.escalation.rules import distance
from app.escalation.voices import Matter, Voice
from app.formats import upper_first
from app.permissions import Reach
from oversight import register, story
from oversight.checks import checked
from oversight.models import ReopeningClock, ReopeningQuestion
from oversight.register import kinds
from oversight.rules.checks import may_decide

REOPENING = "reopening"


def init() -> None:
    """Register with the ladder and with the story; once, for several sites may be made in one process."""
    hooks.add(voices.FALLBACK, FALLBACK)
    hooks.add(words.names, names)
    voices.VOICES[REOPENING] = Voice(question_page, may_hear=_may_hear)
    hooks.add(voices.late_matters, late_questions)
    hooks.add(story.further, entries)


def names() -> dict[str, Any]:
    """Return what the kinds of promises are called, and what else is owed about them."""
    return {name: kind.label for name, kind in kinds.KINDS.items()} | {REOPENING: _l("Quyết định mở lại việc")}


def late_questions(today: dt.date) -> Iterator[Matter]:
    """Yield each question of reopening that whoever it was put before has not decided by its day."""
    waiting = select(ReopeningQuestion).join(ReopeningQuestion.clock).where(ReopeningQuestion.ended_at.is_(None))
    late = waiting.where(ReopeningClock.due_on < today, ReopeningClock.stopped_at.is_(None), ReopeningClock.cancelled_at.is_(None))
    for question in db.session.scalars(late.order_by(ReopeningQuestion.id)).all():
        above = question.decider or question.assignment.unit.parent
        if above is not None and question.due is not None:
            yield Matter(REOPENING, question.assignment, above, question.due)


def _may_hear(promise: Assignment, user: User, today: dt.date) -> bool:
    return not checked.done_of(promise, reach_of(user, on=today).paths).hidden


def question_page(promise: Assignment, reach: Reach) -> voices.Address | None:
    """Return where the question that is open about *promise* is decided by whoever may; None for others, and once it was decided."""
    question = checked.open_question(promise)
    if question is None or not may_decide(reach, checked.asked_of(question, reach)):
        return None
    return "oversight.decide_reopening", {"question_id": question.id}


def address(promise: Assignment, reach: Reach) -> voices.Address | None:
    """Return where a promise of any kind is opened: the item for who may read it, the page of the register for who sees it there."""
    if kinds.may_read(promise, reach):
        return kinds.opens(promise)
    # Every promise is asked for, late or not: which day it is does not matter.
    listed = register.seen_among([promise.id], reach, promise.opened_on)
    return ("oversight.promise", {"assignment_id": promise.id}) if listed else None


#: Letters, findings and what comes later: told in the list of the day.
FALLBACK = Voice(address)


def entries(promise: Assignment, _reader: story.Reader) -> Iterator[story.Entry]:
    """Yield each step that *promise* climbed, with who was told."""
    steps = queries.steps_of(promise)
    people = queries.people_told(steps)
    for step in steps:
        told = ", ".join(people[user_id].name for user_id in step.told if user_id in people)
        yield story.Entry(_when(step), upper_first(_said(step)), icon="bell", words=told)


def _when(step: Escalation) -> dt.datetime:
    return step.told_at or dt.datetime.combine(step.climbed_on, MORNING, tzinfo=LOCAL)


def _said(step: Escalation) -> str:
    said = _climbed(step)
    days = distance(step.due_on, step.climbed_on, work_calendar())
    if 0 < step.days < days:  # the ladder began, the rule came or the unit got it when this was late for long: several steps on one morning
        said = _("%(said)s (hôm ấy đã quá hạn %(days)s ngày làm việc)", said=said, days=days)
    return _("%(what)s: %(said)s", what=names().get(step.matter, step.matter), said=said) if step.matter else said


def _climbed(step: Escalation) -> str:
    level = words.LEVELS[step.level]
    if step.days <= 0:
        return _("sắp đến hạn, đã nhắc %(level)s", level=level)
    if step.reached is None:
        return _("quá hạn từ %(days)s ngày làm việc: chưa có ai để báo tới %(level)s", days=step.days, level=level)
    if step.reached != step.level:
        gap = _("chưa có %(level)s để báo, đã báo tới %(above)s", level=level, above=words.LEVELS[step.reached])
        return _("quá hạn từ %(days)s ngày làm việc: %(gap)s", days=step.days, gap=gap)
    return _("quá hạn từ %(days)s ngày làm việc, đã báo tới %(level)s", days=step.days, level=level)
