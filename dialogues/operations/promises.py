"""What the chair gave out becomes somebody's duty with a day: a deferred question its answer, an instruction its deed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from app import clock as time
from app.access import SYSTEM, NotAllowed, require
from app.accounts.models import User
from app.assignments import operations as assignments
from app.assignments.rules import Duty, IllegalTransition, State
from app.audit import record
from app.calendar.queries import work_calendar
from app.calendar.rules import Facts
from app.database import db, lock
from app.files import StoredFile
from app.permissions import Permission
from app.units.models import Unit
from dialogues import queries, rules
from dialogues.models import ConclusionAssignment, Question, Session, SessionFile
from dialogues.operations import belated, following, news
from dialogues.operations.concluding import require_recording
from dialogues.rules import DEFERRED, AnswerKind, FilePurpose, PublicForm
from feedback import rules as feedback_rules
from feedback import steps
from feedback.models import Feedback
from feedback.operations import clocks, desk, intake, telling


class NotDeferred(Exception):
    """The question was answered in the hall: nothing is left to promise."""


class DayPast(Exception):
    """A promise is for a day to come."""


class BodyMissing(Exception):
    """What goes to a higher authority names it."""


class NotTheChairs(Exception):
    """A matter beyond the chair's authority stays with the unit that held the session: it petitions and reports."""


class ProofMissing(Exception):
    """What is reported as done needs a photograph or a paper that shows it."""


class AnswerMissing(Exception):
    """What was beyond the chair's authority is reported when the petition went out and the body has said something."""


class PetitionNeeded(Exception):
    """A question forwarded to a higher authority keeps its petition: who and when may be corrected, it is not taken back."""


class SameUnit(Exception):
    """The unit has it already."""


@dataclass(frozen=True)
class Word:
    """What the chair said: who, by when, how the public hears of it, who helps, and which higher body is petitioned."""

    unit: Unit
    due_on: dt.date
    public_form: PublicForm
    supporting: list[int] = field(default_factory=list)  # unit.id
    beyond: str = ""


def receipt_token(question: Question) -> str:
    """Return what the receipt of a question's item is found by; nobody outside can make it."""
    return belated.receipt_token(question.uid)


# --- a question that was left open ------------------------------------------------------------------------------------


def promise_answer(question: Question, word: Word, *, name: str, source: str, actor: User, now: dt.datetime) -> Feedback:
    """Give a deferred question to the unit that answers it by the day the chair said; said again, it is corrected.

    What is owed to its asker earlier than that stays owed, and is what was promised then: nobody has two days for one answer.
    Without an item it becomes one, so that the asker can follow it. *name*, *source*: the promise in the words of a rule.
    :raise NotDeferred: :raise DayPast: :raise BodyMissing: and of the desk UnitAccused, UnitClosed, PaperSigned.
    """
    session = question.session
    require_recording(session, actor)
    if question.answer_kind not in DEFERRED:
        raise NotDeferred
    beyond = _beyond(word, question.answer_kind)
    _check_day(word, now)
    unit = session.unit if beyond else word.unit
    question.public_form, question.supporting_ids = word.public_form, word.supporting
    item = _item_of(question, unit, actor=actor, now=now)
    _give(item, unit, actor=actor, now=now)
    if item.is_open:
        since = min(session.starts_at or now, now)
        clocks.promise(item, word.due_on, name=name, source=source, since=since, actor=actor, now=now)
    owed = item.open_answer.due_on if item.open_answer is not None else None
    missed = owed is not None and owed <= time.local_date(now)  # the new word takes nothing of that away
    due_on = question.promised_on = word.due_on if owed is None or missed else min(owed, word.due_on)
    _petition(question, word, beyond, actor=actor, now=now)
    record(
        actor, "session.answer_promised", session, at=now,
        question_id=question.id, feedback_id=item.id, unit_id=unit.id, due_on=due_on.isoformat(),
    )  # fmt: skip
    return item


def _item_of(question: Question, unit: Unit, *, actor: User, now: dt.datetime) -> Feedback:
    if question.feedback is not None:
        return question.feedback.merged_into or question.feedback
    named = bool(question.asker)
    people = (intake.PersonData(name=question.asker or "", phone=question.phone or ""),) if named or question.phone else ()
    receipt = intake.submit(
        intake.Submission(
            kind=feedback_rules.Kind.QUESTION,
            body=question.text,
            token=receipt_token(question),
            channel=feedback_rules.Channel.FLOOR,
            sender_type=feedback_rules.SenderType.PERSON if named else feedback_rules.SenderType.ANONYMOUS,
            people=people,
            place_id=question.session.place_id,
            place_text=question.comes_from,
            field_id=question.session.field_id,
            # Asked before everybody, and the chair promised an answer that everybody can read.
            publish_consent=question.public_form == PublicForm.SITE,
            received_at=min(question.asked_at, now),
            to_unit_id=unit.id,
        ),
        actor=actor,
        now=now,
    )
    assert receipt.feedback is not None  # no denunciation
    question.feedback = receipt.feedback
    return receipt.feedback


def _give(item: Feedback, unit: Unit, *, actor: User, now: dt.datetime) -> None:
    """The chair decides who answers, whatever desk or unit the item was at."""
    if item.status == feedback_rules.Status.RECEIVED:
        desk.route_to(item, unit, actor=SYSTEM, now=now)
    held = item.open_answer
    if held is None or held.unit_id == unit.id:
        return
    desk.check_not_barred(item, unit)
    steps.check("transfer", item, actor.id)
    assignments.transfer(held, unit, reason="session", rule_facts=clocks.facts_of(item), calendar=work_calendar(), actor=actor, now=now)
    desk.discard_papers(item, actor=actor, now=now)
    telling.offered(held, now=now)


def _petition(question: Question, word: Word, beyond: str, *, actor: User, now: dt.datetime) -> None:
    """Beyond the chair's authority the unit that held the session answers the asker, and petitions: two duties, answering is not doing."""
    mine = [each for each in question.session.promises if each.question_id == question.id and each.beyond and each.is_open]
    for each in mine:
        assignments.cancel(each, why="corrected", actor=actor, now=now)
    if beyond:
        offer(question.session, word, intake.first_words(question.text), beyond=beyond, question=question, actor=actor, now=now)


def _beyond(word: Word, kind: str | None = None) -> str:
    if kind == AnswerKind.FORWARDED and not word.beyond:
        raise BodyMissing
    return word.beyond if kind in {None, AnswerKind.FORWARDED} else ""


def _check_day(word: Word, now: dt.datetime) -> None:
    if word.due_on <= time.local_date(now):
        raise DayPast


# --- an instruction ----------------------------------------------------------------------------------------------------


def instruct(
    session: Session, title: str, word: Word, *, question: Question | None = None, actor: User, now: dt.datetime
) -> ConclusionAssignment:
    """Give a unit something to do by a day; what is beyond the chair's authority the unit that held the session petitions for.

    The same again is the same: a second press gives nothing out twice. *question*: what it came from; who asked is told of it.

    :raise DayPast: :raise UnitClosed: :raise NotAllowed: :raise IllegalTransition:
    """
    require_recording(session, actor)
    _check_day(word, now)
    unit_id = session.unit_id if word.beyond else word.unit.id
    for each in session.promises:
        if each.is_open and (each.title, each.unit_id, each.due_on) == (title, unit_id, word.due_on):
            return each
    return offer(session, word, title, beyond=word.beyond, question=question, actor=actor, now=now)


def offer(
    session: Session, word: Word, title: str, *, beyond: str, question: Question | None, actor: User, now: dt.datetime
) -> ConclusionAssignment:
    """Give *title* to its unit, or, where it is *beyond* the chair's authority, to the unit that held the session. :raise UnitClosed:"""
    unit = session.unit if beyond else word.unit
    calendar = work_calendar()  # read before the row hangs on its session, not yet written
    promise = ConclusionAssignment(
        session=session,
        question=question,
        duty=Duty.ACT,
        title=title,
        unit=unit,
        unit_id=unit.id,
        from_unit_id=session.unit_id,
        place_id=session.place_id,
        field_id=session.field_id,
        state=State.OFFERED,
        opened_at=now,
        hops=0,
        round=1,
        public_form=word.public_form,
        supporting_ids=word.supporting,
        beyond=beyond or None,
    )
    assignments.set_due(promise, word.due_on)
    assignments.offer(promise, rule_facts=Facts(kind=queries.KIND), calendar=calendar, actor=actor, now=now)
    db.session.flush()
    record(actor, "session.instructed", session, at=now, assignment_id=promise.id, unit_id=unit.id, due_on=word.due_on.isoformat())
    following.offered(promise, now=now)
    return promise


def withdraw(promise: ConclusionAssignment, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Take back what was written down by mistake, before the conclusion is out. :raise PetitionNeeded: :raise NotAllowed:

    :raise IllegalTransition:
    """
    require_recording(promise.session, actor)
    if is_forwarding(promise):
        raise PetitionNeeded
    promise.outcome = reason
    assignments.cancel(promise, why="withdrawn", actor=actor, now=now)
    record(actor, "session.instruction_withdrawn", promise.session, at=now, assignment_id=promise.id)


def is_forwarding(promise: ConclusionAssignment) -> bool:
    """Say whether *promise* is the petition that a forwarded question cannot be without."""
    return bool(promise.beyond) and promise.question is not None and promise.question.answer_kind == AnswerKind.FORWARDED


# --- what the unit does --------------------------------------------------------------------------------------------------


def may_do(actor: User, promise: ConclusionAssignment) -> bool:
    """Say whether *actor* works on what *promise* gave to its unit."""
    return actor.reach.may(Permission.FEEDBACK_HANDLE, unit_path=promise.unit.path)


def may_see(actor: User, promise: ConclusionAssignment) -> bool:
    """Say whether *actor* may open *promise*: its unit, those who had it, help or are petitioned, and whoever may read the session."""
    asked = promise.petition is not None and promise.petition.unit is not None
    if asked and actor.reach.may(Permission.FEEDBACK_LEAD, unit_path=promise.petition.unit.path):
        return True
    others = [*queries.supporting(promise.supporting_ids), *(held.unit for held in promise.holdings)]
    had = any(actor.reach.may(Permission.FEEDBACK_HANDLE, unit_path=unit.path) for unit in others)
    return had or may_do(actor, promise) or rules.may_read(actor.reach, queries.standing_of(promise.session))


def _require_mine(promise: ConclusionAssignment, actor: User) -> None:
    lock(promise)
    require(may_do(actor, promise))
    if not promise.is_open:
        raise IllegalTransition(State(promise.state), State.DONE)


def take(promise: ConclusionAssignment, *, actor: User, now: dt.datetime) -> None:
    """The unit takes it; *actor* has it from now on. :raise NotAllowed: :raise IllegalTransition:"""
    _require_mine(promise, actor)
    assignments.take(promise, officer=actor, actor=actor, now=now)


def give_back(promise: ConclusionAssignment, *, reason: str, actor: User, now: dt.datetime) -> None:
    """Return it with a reason to the unit that held the session, which passes it on or does it. The day stays, the promise never ends.

    :raise SameUnit: it held the session itself. :raise NotAllowed: :raise IllegalTransition:
    """
    _require_mine(promise, actor)
    came_from = promise.unit
    _move(promise, promise.session.unit, reason, actor=actor, now=now)
    record(actor, "session.instruction_returned", promise.session, at=now, assignment_id=promise.id, unit_id=came_from.id)
    following.returned(promise, came_from, now=now)


def pass_on(promise: ConclusionAssignment, unit: Unit, *, reason: str, actor: User, now: dt.datetime) -> None:
    """The unit that held the session gives what came back to another unit. :raise SameUnit: :raise NotTheChairs: :raise UnitClosed:"""
    _require_mine(promise, actor)
    if promise.unit_id != promise.session.unit_id:
        raise NotAllowed
    if promise.beyond:
        raise NotTheChairs
    _move(promise, unit, reason, actor=actor, now=now)
    record(actor, "session.instruction_passed_on", promise.session, at=now, assignment_id=promise.id, unit_id=unit.id)
    following.offered(promise, now=now)


def _move(promise: ConclusionAssignment, unit: Unit, reason: str, *, actor: User, now: dt.datetime) -> None:
    if unit.id == promise.unit_id:
        raise SameUnit
    facts, calendar = Facts(kind=queries.KIND), work_calendar()
    assignments.transfer(promise, unit, reason="in_outcome", rule_facts=facts, calendar=calendar, actor=actor, now=now)
    promise.outcome = reason
    promise.supporting_ids = [id_ for id_ in promise.supporting_ids or [] if id_ != unit.id]  # nobody helps themselves
    news.to_askers(promise, "moved", now=now, unit=unit.name, due_on=promise.due_on)


def keep(promise: ConclusionAssignment, *, outcome: str, proofs: list[StoredFile], caption: str, actor: User, now: dt.datetime) -> None:
    """Report it as done, with what shows it. :raise AnswerMissing: :raise ProofMissing: :raise NotAllowed: :raise IllegalTransition:"""
    _require_mine(promise, actor)
    if promise.beyond and (promise.petition is None or promise.petition.accepted is None):
        raise AnswerMissing
    if not proofs:
        raise ProofMissing
    for file in proofs:
        promise.session.files.append(
            SessionFile(file=file, promise_id=promise.id, purpose=FilePurpose.PROOF, caption=caption, added_by_id=actor.id, added_at=now)
        )
    promise.outcome, promise.officer = outcome, promise.officer or actor
    assignments.finish(promise, actor=actor, now=now)
    record(actor, "session.instruction_kept", promise.session, at=now, assignment_id=promise.id, unit_id=promise.unit_id)
    following.kept(promise, now=now)
    news.to_askers(promise, "kept", now=now, unit=promise.unit.name)
