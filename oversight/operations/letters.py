"""A letter is begun with its paper, goes out with its number, and each unit answers: an officer writes, the head agrees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from app.access import require
from app.accounts.models import User
from app.accounts.queries import holders
from app.assignments import operations as assignments
from app.assignments.models import Assignment, AssignmentClock
from app.assignments.rules import Duty, IllegalTransition, State
from app.audit import record
from app.calendar.queries import rules_in_force, work_calendar
from app.calendar.rules import Rule, Stage, StartEvent, choose
from app.clock import local_date
from app.database import db, lock
from app.files import StoredFile
from app.outbox import notify_users
from app.permissions import Permission, Reach
from app.units.models import Unit
from oversight import letters, papers
from oversight.models import Letter, LetterAbout, LetterAnswer, LetterAnswerFile, LetterAssignment, LetterTo, OversightPaper
from oversight.operations import papers as paper_operations
from oversight.papers.letters import FACTS, rule_of
from oversight.rules import letters as rules
from oversight.rules.letters import PAPERS, AnswerState, LetterKind


class NotToUnit(Exception):
    """The letter may not go to that unit; `why` is a rules.letters.Refusal, `unit` its name."""

    def __init__(self, why: str, unit: str) -> None:
        super().__init__(why, unit)
        self.why, self.unit = why, unit


class NotToItself(NotToUnit):
    """A body writes no letter to itself."""


class NotUpwards(NotToUnit):
    """Nobody reminds whom they stand below."""


class OutOfReach(NotToUnit):
    """The unit is none of those the person may write to."""


class NobodyAddressed(Exception):
    """A letter goes to at least one unit."""


class NotOwnMatter(Exception):
    """MTTQ reminds of what it petitioned or forwarded itself; all else it petitions."""


class DayOutOfBounds(Exception):
    """The typed day for the answer is too near, past, or too far."""


class NobodyCounts(Exception):
    """No rule says by when it is answered, and no day is typed."""


class AnswerWaits(Exception):
    """An answer is before the head already."""


class NotOfUnit(Exception):
    """Who is to have it does not work in the unit."""


class OnlyOnce(Exception):
    """An answer was called insufficient before; now it is for the superior."""


_REFUSED: dict[rules.Refusal, type[NotToUnit]] = {
    rules.Refusal.ITSELF: NotToItself,
    rules.Refusal.ABOVE: NotUpwards,
    rules.Refusal.OUT_OF_REACH: OutOfReach,
}


# --- the letter ---------------------------------------------------------------------------------------------------------


def draft(
    kind: LetterKind,
    issuer: Unit,
    *,
    about: Sequence[Assignment],
    to: Collection[Unit] = (),
    reason: str,
    answer_by: dt.date | None = None,
    token: str,
    actor: User,
    now: dt.datetime,
) -> Letter:
    """Begin a letter of *issuer* with its paper, to the units that owe the promises it is *about* and to those named in *to*.

    The caller has seen to it that *actor* may see those promises. The same *token* again is the same letter.

    :raise NotAllowed: :raise NobodyAddressed: :raise NotToUnit: :raise NotOwnMatter: :raise DayOutOfBounds:
    """
    lock(issuer)  # of two presses the second finds what the first made
    require(letters.may_send(actor.reach, kind, issuer))
    if (begun := db.session.scalar(db.select(Letter).where(Letter.token == token))) is not None:
        require(begun.drafted_by_id == actor.id)
        return begun
    addressed = {unit.id: unit for unit in [*(row.unit for row in about), *to]}
    if not addressed:
        raise NobodyAddressed
    for unit in addressed.values():
        why = rules.refusal(actor.reach, kind, letters.body_of(issuer), letters.body_of(unit))
        if why is not None:
            raise _REFUSED[why](why, unit.name)
        if not unit.exists_on(local_date(now)):
            raise OutOfReach(rules.Refusal.OUT_OF_REACH, unit.name)
    if kind == LetterKind.FOLLOW_UP and not (about and all(letters.own_matter(row, issuer) for row in about)):
        raise NotOwnMatter
    if answer_by is not None and not rules.day_fits(answer_by, local_date(now)):
        raise DayOutOfBounds
    letter = Letter(
        kind=kind, unit=issuer, unit_id=issuer.id, reason=reason, answer_by=answer_by, drafted_by=actor, created_at=now, token=token
    )
    letter.to = [LetterTo(unit=unit) for unit in addressed.values()]
    letter.about = [LetterAbout(assignment=row) for row in {row.id: row for row in about}.values()]
    db.session.add(letter)
    letter.paper = paper_operations.draft(PAPERS[kind], issuer, actor=actor, now=now)
    db.session.flush()
    record(actor, "letter.drafted", letter, at=now, kind=str(kind), units=len(addressed))
    return letter


def issue(paper: OversightPaper, actor: User, now: dt.datetime) -> None:
    """The paper got its number: each unit owes an answer from now on, by a clock of its own, and hears of it.

    :raise DayOutOfBounds: the day on the paper has passed meanwhile. :raise NobodyCounts: :raise UnitClosed:
    """
    letter, today, calendar = paper.letter, local_date(now), work_calendar()
    assert letter is not None  # only papers of letters are numbered through here
    kind = LetterKind(letter.kind)
    rule = rule_of(kind, today) if letter.answer_by is None else None
    if letter.answer_by is None and rule is None:
        raise NobodyCounts
    if letter.answer_by is not None and letter.answer_by <= today:
        raise DayOutOfBounds
    title = papers.facts_of(paper)["about"]
    for unit in [each.unit for each in letter.to]:
        duty = LetterAssignment(
            letter=letter, duty=Duty.ANSWER, title=title, unit=unit, unit_id=unit.id, from_unit_id=letter.unit_id,
            place_id=unit.place_id, state=State.OFFERED, opened_at=now, hops=0, round=1,
        )  # fmt: skip
        assignments.offer(duty, rule_facts=FACTS, calendar=calendar, actor=actor, now=now)
        db.session.flush()
        _start(duty, rule, letter.answer_by, StartEvent.LETTER_ISSUED, actor=actor, now=now)
        record(actor, "letter.issued", letter, at=now, assignment_id=duty.id, unit_id=unit.id)
        _tell(_of_unit(duty, now), duty, "came", actor, now)


def _start(duty: LetterAssignment, rule: Rule | None, typed: dt.date | None, event: StartEvent, *, actor: User, now: dt.datetime) -> None:
    """Start the clock of the answer: by *rule*, or by the day that was *typed*."""
    due_on = typed
    if rule is not None:
        clock = AssignmentClock(assignment=duty, round=duty.round)
        assignments.start_clocks([(clock, rule)], event=event, event_at=now, traits=(), calendar=work_calendar(), actor=actor, now=now)
        due_on = clock.due_on
    assignments.set_due(duty, due_on)


def discarded(paper: OversightPaper, actor: User, now: dt.datetime) -> None:
    """The paper was thrown away as a draft: so is its letter, which nobody has got."""
    letter = paper.letter
    if letter is None:
        return
    record(actor, "letter.discarded", letter, at=now, kind=letter.kind)
    paper.letter = None
    db.session.flush()
    db.session.delete(letter)
    db.session.flush()


def read_by(reach: Reach, paper: OversightPaper) -> bool:
    """Say whether a person reads the paper of a letter that is out: who answers it, and who watches everything."""
    letter = paper.letter
    return letter is not None and (letters.may_see(reach, letter) or any(letters.may_open(reach, duty) for duty in letter.duties))


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
    _tell([officer], duty, "given", actor, now)


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
    if letters.may_approve(actor.reach, duty):
        approve(said, actor=actor, now=now)
    else:
        _tell(holders(Permission.FEEDBACK_LEAD, duty.unit, on=local_date(now)), duty, "approve", actor, now)
    return said


def approve(said: LetterAnswer, *, actor: User, now: dt.datetime) -> None:
    """The head of the unit lets the answer go, and its sender hears of it. :raise NotAllowed: :raise IllegalTransition:"""
    duty = _to_decide(said, actor)
    said.state, said.decided_by, said.decided_at = AnswerState.GIVEN, actor, now
    assignments.finish(duty, actor=actor, now=now)
    record(actor, "letter.answered", duty, at=now, answer_id=said.id)
    _tell(_of_sender(duty, now), duty, "answered", actor, now)


def send_back(said: LetterAnswer, remarks: str, *, actor: User, now: dt.datetime) -> None:
    """The head wants it written better; the clock goes on. :raise NotAllowed: :raise IllegalTransition:"""
    duty = _to_decide(said, actor)
    said.state, said.decided_by, said.decided_at, said.remarks = AnswerState.SENT_BACK, actor, now, remarks
    record(actor, "letter.answer_sent_back", duty, at=now, answer_id=said.id)
    _tell([said.written_by], duty, "sent_back", actor, now)


def _to_decide(said: LetterAnswer, actor: User) -> LetterAssignment:
    duty = said.duty
    lock(duty)
    lock(said)
    require(letters.may_approve(actor.reach, duty))
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
    return (
        duty.state == State.DONE
        and duty.round < rules.MOST_ROUNDS
        and letters.may_send(reach, LetterKind(duty.letter.kind), duty.letter.unit)
    )


def call_insufficient(duty: LetterAssignment, reason: str, *, actor: User, now: dt.datetime) -> None:
    """The sender says why the answer does not do: the unit answers again, by a short clock. Once.

    :raise OnlyOnce: :raise NotAllowed: :raise IllegalTransition: :raise NobodyCounts:
    """
    lock(duty)
    require(letters.may_send(actor.reach, LetterKind(duty.letter.kind), duty.letter.unit))
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
    _start(duty, rule, None, StartEvent.ANSWER_INSUFFICIENT, actor=actor, now=now)
    record(actor, "letter.answer_insufficient", duty, at=now, answer_id=said.id)
    _tell([*_of_unit(duty, now), said.written_by], duty, "insufficient", actor, now)


# --- who hears of it ----------------------------------------------------------------------------------------------------


def _of_unit(duty: LetterAssignment, now: dt.datetime) -> list[User]:
    return holders(Permission.FEEDBACK_LEAD, duty.unit, on=local_date(now))


def _of_sender(duty: LetterAssignment, now: dt.datetime) -> list[User]:
    letter = duty.letter
    heads = holders(Permission.OVERSIGHT_SIGN, letter.unit, on=local_date(now))
    return [*([letter.drafted_by] if letter.drafted_by is not None else []), *heads]


def _tell(people: Collection[User], duty: LetterAssignment, hand: str, actor: User, now: dt.datetime) -> None:
    letter, others = duty.letter, {user.id: user for user in people if user.id != actor.id}
    notify_users(
        others.values(), "oversight/notices/letter", duty, f"{hand}:{now.isoformat()}", now=now,
        assignment_id=duty.id, kind=letter.kind, hand=hand, number=letter.paper.number, sender=letter.unit.short_name,
        unit=duty.unit.short_name, due_on=duty.due_on,
    )  # fmt: skip


def register() -> None:
    """Let the papers of letters begin and end what hangs on them."""
    for type_ in PAPERS.values():
        papers.NUMBERED[type_], papers.DISCARDED[type_], papers.READERS[type_] = issue, discarded, read_by
