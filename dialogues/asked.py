"""The questions of a session as those who sort them see them: each with what is owed to its asker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import User
from app.assignments.chips import open_chip
from app.calendar.queries import work_calendar
from app.database import db
from app.formats import Chip
from app.units.models import Unit
from dialogues import seen
from dialogues.models import Question, Session
from dialogues.rules import GONE, QuestionState
from feedback import queries as items
from feedback import rules as item_rules
from feedback.models import Feedback, FeedbackAssignment, PersonRole
from feedback.public import answer_clock, unit_in_charge
from feedback.suggesting import Suggestion
from feedback.words import StatusWord, status_of

#: What of the list is looked at: the name in the address, and which questions are in it.
VIEWS: dict[str, Callable[[Question], bool]] = {
    "cho-xem": lambda question: question.state == QuestionState.WAITING,
    "tai-buoi": lambda question: question.for_the_day,
    "van-ban": lambda question: not question.for_the_day and question.state not in {QuestionState.WAITING, QuestionState.WITHDRAWN},
}


@dataclass(frozen=True)
class Row:
    """A question of the list; of its item what stands, who has it and by when it is owed."""

    question: Question
    supports: int
    status: StatusWord | None = None
    unit: Unit | None = None
    chip: Chip | None = None
    due_on: dt.date | None = None


def all_of(session: Session) -> list[Question]:
    """Return the questions of *session* in the order of speaking, then as they came, with what a row of them reads."""
    # A few statements for all of them: the items' rows are read together, never one by one.
    item = joinedload(Question.feedback)
    query = (
        db.select(Question)
        .where(Question.session_id == session.id)
        .options(
            joinedload(Question.theme),
            joinedload(Question.like),
            item.joinedload(Feedback.desk_unit),
            item.selectinload(Feedback.clocks),
            item.selectinload(Feedback.messages),
            item.selectinload(Feedback.people),
            item.selectinload(Feedback.assignments).joinedload(FeedbackAssignment.unit),
        )
    )
    found = db.session.scalars(query).all()
    return sorted(found, key=lambda question: (not question.for_the_day, question.position, question.id))


def rows(session: Session, questions: list[Question], today: dt.date) -> list[Row]:
    """Return those questions as rows: of the day in their order, then what most people want to know."""
    supports, calendar = seen.supports(session), work_calendar()

    def row(question: Question) -> Row:
        item, number = question.feedback, supports.get(question.id, 0)
        if item is None:
            return Row(question, number)
        clock = answer_clock(item)
        if item.status not in item_rules.OPEN:
            chip: Chip | None = None
        else:
            chip = open_chip(clock.due_on if clock else None, asking=item.open_question is not None, today=today, calendar=calendar)
        return Row(question, number, status_of(item), unit_in_charge(item), chip, clock.due_on if clock else None)

    made = [row(question) for question in questions]
    return sorted(made, key=lambda each: (not each.question.for_the_day, each.question.position, -each.supports, each.question.id))


def may_see_asker(question: Question, reader: User) -> bool:
    """Say whether *reader* may look at who asked: as at who sent the item, where there is one."""
    item = question.feedback
    return item is None or item_rules.may_see_identity(reader.reach, items.standing_of(item))


def senders(session: Session, reader: User) -> dict[int, str]:
    """Return who sent what is put on the day of *session* (question.id → name), as far as *reader* may know. A look is recorded before."""
    hidden = [each for each in session.questions if each.for_the_day and each.feedback_id is not None and not each.asker]
    if not hidden:
        return {}
    all_of(session)  # read together, onto the same rows
    found = {each.id: asker_of(each) for each in hidden if may_see_asker(each, reader)}
    return {id_: name for id_, name in found.items() if name}


def speakers(session: Session, reader: User) -> dict[int, str]:
    """Return those of the senders who had the floor, as far as *reader* may know: for the minutes, not who is known to reception alone."""
    had_the_floor = [each for each in session.questions if each.called_at is not None]
    called = {each.id: items.standing_of(each.feedback) for each in had_the_floor if each.feedback is not None}
    open_ = {id_ for id_, item in called.items() if not item.insider and item.identity_scope is not item_rules.IdentityScope.RECEPTION}
    return {id_: name for id_, name in senders(session, reader).items() if id_ in open_}


def asker_of(question: Question) -> str | None:
    """Return who asked: as the secretary wrote it down, else the sender of the item. Each look is recorded before."""
    item = question.feedback
    if question.asker or item is None:
        return question.asker
    return next((person.name for person in item.people if person.role != PersonRole.PRINCIPAL and person.name), None)


def put_to(item_ids: Collection[int]) -> dict[int, Suggestion]:
    """Return which unit each of those items was put to as a question, the one asked last: it holds the session, and answers."""
    query = db.select(Question).join(Question.session).where(Question.feedback_id.in_(item_ids), Question.state.not_in(GONE))
    found = db.session.scalars(query.options(contains_eager(Question.session).joinedload(Session.unit)).order_by(Question.id))
    return {each.feedback_id: Suggestion(each.session.unit, session=each.session.code) for each in found if each.feedback_id is not None}
