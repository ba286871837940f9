"""A unit answers a letter: an officer writes, the head agrees; the sender may call an answer insufficient once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.access import require
from app.accounts.models import User
from app.accounts.queries import holders
from app.assignments import operations as assignments
from app.assignments.rules import IllegalTransition, State
from app.audit import record
from app.calendar.queries import rules_in_force
from app.calendar.rules import Stage, StartEvent, choose
from app.clock import local_date
from app.database import db, lock
from app.files import StoredFile
from app.permissions import Permission, Reach
from oversight import letters
from oversight.models import LetterAnswer, LetterAnswerFile, LetterAssignment
from oversight.operations import heirs, letter_news
from oversight.operations.letters import NobodyCounts, start
from oversight.papers.letters import FACTS
from oversight.rules import letters as rules
from oversight.rules.letters import AnswerState, LetterKind


class AnswerWaits(Exception):
    """An answer is before the head already."""


class NotOfUnit(Exception):
    """Who is to have it does not work in the unit."""


class OnlyOnce(Exception):
    """An answer was called insufficient before; now it is for the superior."""


# --- the unit -----------------------------------------------------------------------------------------------------------


def take(duty: LetterAssignment, *, actor: User, now: dt.datetime) -> None:
    """The unit takes it; *actor* has it from now on. :raise NotAllowed: :raise IllegalTransition:"""
    _require_mine(duty, actor)
    assignments.take(duty, officer=actor, actor=actor, now=now)


def hand_to(duty: LetterAssignment, officer: User, *, actor: User, now: dt.datetime) -> None:
    """Give it to somebody of the unit. :raise NotOfUnit: :raise NotAllowed: :raise IllegalTransition:"""
    _require_mine(duty, actor)
    if not officer.active or not officer.unit.path.startswith(duty.unit.path):
        raise NotOfUnit
    if duty.state == State.OFFERED:
        assignments.take(duty, officer=officer, actor=actor, now=now)
    else:
        assignments.hand_to(duty, officer, actor=actor, now=now)
    letter_news.tell([officer], duty, "given", actor, now)


def answer(duty: LetterAssignment, text: str, files: Sequence[StoredFile] = (), *, actor: User, now: dt.datetime) -> LetterAnswer:
    """Write an answer: it goes to the head of the unit, or out at once where the head writes it.

    :raise AnswerWaits: :raise NotAllowed: :raise IllegalTransition:
    """
    _require_mine(duty, actor)
    db.session.refresh(duty, ["answers"])
    if duty.waiting is not None:
        raise AnswerWaits
    if duty.state == State.OFFERED:
        assignments.take(duty, officer=actor, actor=actor, now=now)
    said = LetterAnswer(duty=duty, state=AnswerState.PROPOSED, text=text, written_by=actor, written_at=now)
    said.files = [LetterAnswerFile(file=file) for file in files]
    db.session.add(said)
    db.session.flush()
    record(actor, "letter.answer_proposed", duty, at=now, answer_id=said.id)
    if letters.may_approve(actor.reach, duty, local_date(now)):
        approve(said, actor=actor, now=now)
    else:
        letter_news.tell(holders(Permission.FEEDBACK_LEAD, duty.unit, on=local_date(now)), duty, "approve", actor, now)
    return said


def approve(said: LetterAnswer, *, actor: User, now: dt.datetime) -> None:
    """The head of the unit lets the answer go, and its sender hears of it. :raise NotAllowed: :raise IllegalTransition:"""
    duty = _to_decide(said, actor, now)
    said.state, said.decided_by, said.decided_at = AnswerState.GIVEN, actor, now
    assignments.finish(duty, actor=actor, now=now)
    record(actor, "letter.answered", duty, at=now, answer_id=said.id)
    letter_news.tell(letter_news.of_sender(duty, now), duty, "answered", actor, now)


def send_back(said: LetterAnswer, remarks: str, *, actor: User, now: dt.datetime) -> None:
    """The head wants it written better; the clock goes on. :raise NotAllowed: :raise IllegalTransition:"""
    duty = _to_decide(said, actor, now)
    said.state, said.decided_by, said.decided_at, said.remarks = AnswerState.SENT_BACK, actor, now, remarks
    record(actor, "letter.answer_sent_back", duty, at=now, answer_id=said.id)
    letter_news.tell([said.written_by], duty, "sent_back", actor, now)


def _to_decide(said: LetterAnswer, actor: User, now: dt.datetime) -> LetterAssignment:
    duty = said.duty
    lock(duty)
    lock(said)
    require(letters.may_approve(actor.reach, duty, local_date(now)))
    if said.state != AnswerState.PROPOSED:
        raise IllegalTransition(AnswerState(said.state), AnswerState.GIVEN)
    return duty


def _require_mine(duty: LetterAssignment, actor: User) -> None:
    lock(duty)
    require(letters.may_answer(actor.reach, duty))
    if not duty.is_open:
        raise IllegalTransition(State(duty.state), State.DONE)


# --- the sender ---------------------------------------------------------------------------------------------------------


def may_judge(reach: Reach, duty: LetterAssignment) -> bool:
    """Say whether a person may call the unit's answer insufficient: the sender, once."""
    return duty.state == State.DONE and duty.round < rules.MOST_ROUNDS and _judges(reach, duty)


def _judges(reach: Reach, duty: LetterAssignment) -> bool:
    """Say whether a person judges for the sender: none of the people of the unit that answered."""
    sends = letters.may_send(reach, LetterKind(duty.letter.kind), duty.letter.unit)
    return sends and not reach.is_of(unit_id=duty.unit_id, unit_path=duty.unit.path)


def call_insufficient(duty: LetterAssignment, reason: str, *, actor: User, now: dt.datetime) -> None:
    """The sender says why the answer does not do: the unit answers again, by a short clock. Once.

    :raise OnlyOnce: :raise NotAllowed: :raise IllegalTransition: :raise NobodyCounts: :raise NobodyAnswers:
    """
    lock(duty)
    require(_judges(actor.reach, duty))
    if duty.state != State.DONE:
        raise IllegalTransition(State(duty.state), State.TAKEN)
    if duty.round >= rules.MOST_ROUNDS:
        raise OnlyOnce
    said = letters.given_answer(duty)
    assert said is not None  # it is done because it was answered
    today = local_date(now)
    rule = choose(rules_in_force(today, Stage.ANSWER_AGAIN), FACTS, Stage.ANSWER_AGAIN, today)
    if rule is None:
        raise NobodyCounts
    said.state, said.remarks, said.judged_at = AnswerState.INSUFFICIENT, reason, now
    assignments.reopen(duty, None, actor=actor, now=now)
    heirs.pass_on(duty, rule_facts=FACTS, actor=actor, now=now)
    start(duty, rule, None, StartEvent.ANSWER_INSUFFICIENT, actor=actor, now=now)
    record(actor, "letter.answer_insufficient", duty, at=now, answer_id=said.id)
    letter_news.tell([*letter_news.of_unit(duty, now), said.written_by], duty, "insufficient", actor, now)
