"""Questions are sorted before the day: taken, put together, turned to another way, refused; some chosen, the others answered in writing.

Whatever becomes of a question at the session, its item keeps its clock and is owed its answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.access import SENDER, Actor, require
from app.accounts.models import User
from app.audit import record
from app.database import db, lock
from dialogues import queries, rules
from dialogues.models import DeviceEvent, Question, ReceptionVisit, Session, Support, Theme
from dialogues.operations import written
from dialogues.operations.steps import ReasonMissing
from dialogues.rules import QuestionState, Status
from feedback import queries as items
from feedback import rules as item_rules
from feedback.models import Feedback, Message, MessageKind
from feedback.operations import intake, publishing, telling, unit
from feedback.operations.publishing import ConsentMissing as ConsentMissing
from feedback.rules import DENUNCIATION

#: Facts of a device's event that a person said, or that name one.
WORDS = frozenset({"text", "name", "phone", "comes_from", "wants"})


class ScreeningOver(Exception):
    """The session was held, or called off: its questions stand as they are."""


class AnsweredAlready(Exception):
    """Something chosen was answered on the floor: it stays what it is."""


class LikeItself(Exception):
    """A question is answered together with another that was taken and stands for itself."""


class NotTaken(Exception):
    """Only what was taken is chosen for the day, put in order or published."""


def _begin(session: Session, chosen: Iterable[Question], actor: User) -> None:
    """Lock *session* for what *actor* does to those of its questions. :raise NotAllowed: :raise ScreeningOver: :raise AnsweredAlready:"""
    lock(session)
    require(rules.may_prepare(actor.reach, queries.standing_of(session)))
    require(all(question.session_id == session.id for question in chosen))
    if session.status not in rules.SCREENED_IN:
        raise ScreeningOver
    if any(question.answer_kind is not None for question in chosen):
        raise AnsweredAlready


def _becomes(question: Question, state: QuestionState, *, actor: Actor, now: dt.datetime, like: Question | None = None) -> None:
    question.state, question.like = state, like
    question.refused_why = ""
    if state != QuestionState.ACCEPTED:
        question.for_the_day, question.position = False, 0
        # What was put together with it goes where it goes, or stands for itself again.
        for other in question.session.questions:
            if other.like is question:
                other.state, other.like = (QuestionState.ACCEPTED, None) if like is None else (other.state, like)
    record(actor, "question.screened", question, at=now, state=state)


def accept(session: Session, chosen: Sequence[Question], *, actor: User, now: dt.datetime) -> None:
    """Take questions onto the session's list. :raise ScreeningOver: :raise AnsweredAlready: :raise NotTaken: what has left."""
    _begin(session, chosen, actor)
    if any(question.state in rules.GONE for question in chosen):
        raise NotTaken
    for question in chosen:
        if question.state != QuestionState.ACCEPTED:
            _becomes(question, QuestionState.ACCEPTED, actor=actor, now=now)


def put_together(session: Session, chosen: Sequence[Question], with_: Question, *, actor: User, now: dt.datetime) -> None:
    """Let questions be answered together with another of the same content. :raise LikeItself: :raise NotTaken: and as accept()."""
    _begin(session, [*chosen, with_], actor)
    if with_ in chosen or with_.state != QuestionState.ACCEPTED:
        raise LikeItself
    if any(question.state in rules.GONE for question in chosen):
        raise NotTaken
    for question in chosen:
        _becomes(question, QuestionState.LIKE_ANOTHER, like=with_, actor=actor, now=now)
        question.theme = with_.theme


def refuse(session: Session, chosen: Sequence[Question], *, why: str, told: str, actor: User, now: dt.datetime) -> None:
    """Leave questions out of the session for a reason; *told* is what their askers read in the thread, the reason in it.

    The answer in writing is owed as before. :raise ReasonMissing: :raise NotTaken: and as accept().
    """
    _begin(session, chosen, actor)
    if not why.strip():
        raise ReasonMissing
    if any(question.state in rules.GONE for question in chosen):
        raise NotTaken
    for question in chosen:
        if question.state == QuestionState.REFUSED and question.refused_why == why:
            continue  # pressed twice: told once
        _becomes(question, QuestionState.REFUSED, actor=actor, now=now)
        question.refused_why = why
        question.public_text = None
        if question.feedback is not None:
            _tell(question.feedback, told, actor=actor, now=now)


def _tell(item: Feedback, text: str, *, actor: User, now: dt.datetime) -> None:
    # Of the session, not of the item: whoever prepares it need not be the unit that has the item now.
    message = Message(kind=MessageKind.TOLD, user=actor, body=text, at=now)
    item.messages.append(message)
    db.session.flush()
    record(actor, "feedback.told", item, at=now, message_id=message.id, unit_id=actor.unit_id)
    telling.told(item, message, now=now)


def turn(session: Session, chosen: Sequence[Question], *, why: str, denounces: bool = False, actor: User, now: dt.datetime) -> None:
    """Send questions that complain or denounce the way the law has for them: back to the desk, which classifies by content.

    Their words leave the session; what *denounces* also every index, public page and notice, and asked in the hall it is sealed at once.
    :raise ReasonMissing: :raise PaperSigned: :raise AnsweredBefore: and as accept().
    """
    _begin(session, chosen, actor)
    if not why.strip():
        raise ReasonMissing
    for question in chosen:
        if question.state in rules.GONE:
            continue
        if question.feedback is None and denounces:
            intake.submit(written.submission_of(question, kind=DENUNCIATION, now=now), actor=actor, now=now)
        elif question.feedback is None:  # asked in the hall: its words go where it goes, and nowhere public
            written.owe(question, now=now, public=False)
        _becomes(question, QuestionState.TURNED, actor=actor, now=now)
        _empty(question)
        item = question.feedback
        if item is None:
            continue
        if denounces:
            publishing.hide(item, actor=actor, now=now)
        if item_rules.may_handle(actor.reach, items.standing_of(item)):
            unit.give_back(item, reason=why, actor=actor, now=now)
        else:  # it lies at the desk, or another unit has it: they read why
            item.messages.append(Message(kind=MessageKind.NOTE, user=actor, body=why, at=now))


def _empty(question: Question) -> None:
    """Take every word of *question*, and who asked, from the session: also from what the devices said."""
    question.text, question.comes_from, question.theme = "", "", None
    question.asker = question.phone = question.public_text = question.result_text = question.shown_at = None
    db.session.execute(db.delete(Support).where(Support.question_id == question.id))
    for event in db.session.scalars(db.select(DeviceEvent).where(DeviceEvent.subject == question.uid)):
        event.facts = {name: "" if name in WORDS else fact for name, fact in event.facts.items()}


def withdraw(item: Feedback, *, now: dt.datetime) -> None:
    """Whoever sent *item* withdraws it: it leaves every session that is not over, and every public page; what was said there stays said."""
    for question in db.session.scalars(db.select(Question).where(Question.feedback_id == item.id).order_by(Question.id)).all():
        lock(question.session)
        if question.answer_kind is None and question.state not in rules.GONE:
            _becomes(question, QuestionState.WITHDRAWN, actor=SENDER, now=now)
    unpublish_of(item, now=now)
    item.publish_consent = False  # what was answered in the hall is told as of somebody who did not agree to be read


def unpublish_of(item: Feedback, *, now: dt.datetime) -> None:  # noqa: ARG001 - as every hook is called
    """Whoever sent *item* is no longer to be read by everyone: its masked copies go; what was said in a hall stays said."""
    for question in db.session.scalars(db.select(Question).where(Question.feedback_id == item.id).order_by(Question.id)).all():
        lock(question.session)
        if question.origin not in rules.IN_THE_HALL or question.state in rules.GONE:
            question.public_text = question.result_text = question.public_answer = question.shown_at = None


def written_of(item: Feedback) -> Iterator[tuple[Any, tuple[str, ...], Any]]:
    """Yield what sessions and receptions wrote down of *item*: rows, their texts, what they are called."""
    for question in db.session.scalars(db.select(Question).where(Question.feedback_id == item.id).order_by(Question.id)):
        texts = ("text", "answer", "rejected_wants", "public_text", "result_text", "public_answer")
        yield question, texts, question.session.code
    for visit in db.session.scalars(db.select(ReceptionVisit).where(ReceptionVisit.feedback_id == item.id)):
        yield visit, ("subject", "said", "result"), visit.day.day.strftime("%d/%m/%Y")


def erase(item: Feedback) -> None:
    """Whoever sent *item* goes out of it: their name, number and place in sessions and receptions, also in what the devices said.

    No session is locked: the item is already, and others lock them the other way round; only what names somebody is written.
    """
    for question in db.session.scalars(db.select(Question).where(Question.feedback_id == item.id).order_by(Question.id)).all():
        question.asker, question.phone, question.comes_from = None, None, ""
        for event in db.session.scalars(db.select(DeviceEvent).where(DeviceEvent.subject == question.uid)):
            event.facts = {name: "" if name in WORDS else fact for name, fact in event.facts.items()}
    for visit in db.session.scalars(db.select(ReceptionVisit).where(ReceptionVisit.feedback_id == item.id)):
        visit.name = visit.phone = visit.email = visit.address = None


def seal(item: Feedback, *, actor: User, now: dt.datetime) -> None:
    """*item* turns out to denounce: its words leave every session, also one that is over, and the register of who came to be received."""
    for question in db.session.scalars(db.select(Question).where(Question.feedback_id == item.id).order_by(Question.id)).all():
        lock(question.session)
        if question.state not in rules.GONE:
            _becomes(question, QuestionState.TURNED, actor=actor, now=now)
        _empty(question)
        question.answer = question.answered_by = question.rejected_wants = ""
        question.public_answer = None
    for visit in db.session.scalars(db.select(ReceptionVisit).where(ReceptionVisit.feedback_id == item.id)):
        visit.subject = visit.said = visit.result = ""
        visit.name = visit.phone = visit.email = visit.address = None


def choose(session: Session, chosen: Sequence[Question], *, for_the_day: bool, actor: User, now: dt.datetime) -> None:
    """Put questions on the programme of the day, behind those that are, or leave them to be answered in writing; what waits is taken.

    :raise NotTaken: what was turned away, refused or put together with another; and as accept().
    """
    _begin(session, chosen, actor)
    if for_the_day and not {question.state for question in chosen} <= {QuestionState.ACCEPTED, QuestionState.WAITING}:
        raise NotTaken
    for question in chosen:
        if question.state == QuestionState.WAITING:
            _becomes(question, QuestionState.ACCEPTED, actor=actor, now=now)
    last = max((question.position for question in session.questions if question.for_the_day), default=0)
    for question in chosen:
        if question.for_the_day == for_the_day:
            continue
        last += 1
        question.for_the_day, question.position = for_the_day, last if for_the_day else 0
        record(actor, "question.chosen", question, at=now, for_the_day=for_the_day)


def leave_to_writing(session: Session, *, actor: User, now: dt.datetime) -> None:
    """Answer in writing what was chosen for the day and not put, so that the session can end. :raise NotAllowed: :raise ScreeningOver:"""
    _begin(session, (), actor)
    if session.status != Status.IN_SESSION:
        raise ScreeningOver
    choose(session, queries.not_put(session), for_the_day=False, actor=actor, now=now)


def put_in_order(session: Session, places: Mapping[int, int], *, actor: User) -> None:
    """Let questions of the day be put in the order of *places* (question.id → place typed); those not named come last, as they stood."""
    _begin(session, (), actor)
    of_the_day = [question for question in session.questions if question.for_the_day]
    behind = max(places.values(), default=0) + 1
    of_the_day.sort(key=lambda question: (places.get(question.id, behind), question.position, question.id))
    for place, question in enumerate(of_the_day, start=1):
        question.position = place


def group(session: Session, chosen: Sequence[Question], theme: Theme | None, *, actor: User) -> None:
    """Put questions under a theme of the session, or under none; those answered together with them follow."""
    _begin(session, chosen, actor)
    require(theme is None or theme.session_id == session.id)
    for question in session.questions:
        if question in chosen or question.like in chosen:
            question.theme = theme


def name_themes(session: Session, titles: Mapping[int, str], new: Sequence[str], *, actor: User) -> None:
    """Name the themes anew (theme.id → title; none: it goes, its questions stay), and add those of *new*."""
    _begin(session, (), actor)
    for theme in list(session.themes):
        title = titles.get(theme.id, theme.title)
        if title:
            theme.title = title
        else:
            for question in session.questions:
                if question.theme is theme:
                    question.theme = None
            db.session.delete(theme)
    db.session.flush()
    db.session.expire(session, ["themes"])
    last = max((theme.position for theme in session.themes), default=0)
    for place, title in enumerate(new, start=last + 1):
        session.themes.append(Theme(position=place, title=title))
    db.session.flush()


def publish(question: Question, text: str, *, actor: User, now: dt.datetime) -> None:
    """Put a masked copy, read by a person, before everyone. :raise NotAllowed: :raise ScreeningOver: :raise NotTaken:

    :raise ConsentMissing:
    """
    lock(question.session)
    require(rules.may_publish(actor.reach, queries.standing_of(question.session)))
    if question.session.status == Status.ARCHIVED:  # taken away it may still be
        raise ScreeningOver
    if question.state not in rules.SHOWN:
        raise NotTaken
    if question.feedback is not None and not question.feedback.publish_consent:
        raise ConsentMissing
    question.public_text = text
    record(actor, "question.published", question, at=now)


def unpublish(question: Question, *, actor: User, now: dt.datetime) -> None:
    """Take the masked copy away. :raise NotAllowed:"""
    lock(question.session)
    require(rules.may_publish(actor.reach, queries.standing_of(question.session)))
    question.public_text = None
    record(actor, "question.unpublished", question, at=now)
