"""A letter is begun with its paper and goes out with its number: then each unit owes an answer. How it answers: answering.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from app.access import require
from app.accounts.models import User
from app.assignments import operations as assignments
from app.assignments.models import Assignment, AssignmentClock
from app.assignments.operations.clocks import start_clocks
from app.assignments.rules import Duty, IllegalTransition, State
from app.audit import record
from app.calendar.queries import work_calendar
from app.calendar.rules import Rule, StartEvent
from app.clock import local_date
from app.database import db, lock
from app.permissions import Reach
from app.units.models import Unit
from dialogues.operations.editing import fingerprint, require_seen
from feedback.queries import standing_of
from oversight import letters, papers
from oversight.models import Letter, LetterAbout, LetterAssignment, LetterTo, OversightPaper
from oversight.operations import letter_news
from oversight.operations import papers as paper_operations
from oversight.papers.letters import FACTS, rule_of
from oversight.rules import letters as rules
from oversight.rules.letters import PAPERS, LetterKind
from oversight.rules.papers import PaperState


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


class NotToAccused(NotToUnit):
    """One of the items says something about that unit, which must not learn of it from a paper."""


class NotReminded(NotToUnit):
    """MTTQ has written to that unit about none of it, and the unit owes none of it: there is nothing to remind it of."""


class AddresseeClosed(Exception):
    """A unit that it is addressed to is there no more: it is addressed anew and signed again, since who signed named that unit."""


class NobodyAddressed(Exception):
    """A letter goes to at least one unit."""


class NotOwnMatter(Exception):
    """MTTQ reminds of what it petitioned or forwarded itself; all else it petitions."""


class DayOutOfBounds(Exception):
    """The day typed for the answer is too near, past, or too far."""


class DayPassed(Exception):
    """The day for the answer that the paper names came before its number."""


class NobodyCounts(Exception):
    """No rule says by when it is answered, and no day is typed."""


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

    :raise NotAllowed: :raise NobodyAddressed: :raise NotToUnit: (each of its kinds) :raise NotOwnMatter: :raise DayOutOfBounds:
    """
    lock(issuer)  # of two presses the second finds what the first made
    require(letters.may_send(actor.reach, kind, issuer))
    if (begun := db.session.scalar(db.select(Letter).where(Letter.token == token))) is not None:
        require(begun.drafted_by_id == actor.id)
        return begun
    addressed = {unit.id: unit for unit in [*(row.unit for row in about), *to]}
    if kind == LetterKind.FOLLOW_UP and not (about and all(letters.own_matter(row, issuer) for row in about)):
        raise NotOwnMatter
    _check_addressed(addressed.values(), kind, issuer, about, actor, local_date(now))
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


def seen_of(addressed: Iterable[Unit]) -> str:
    """Return what tells whom a draft is for from whom else it might be for, to the form that changes it."""
    return fingerprint(sorted(unit.id for unit in addressed))


def readdress(letter: Letter, to: Collection[Unit], *, seen: str | None = None, actor: User, now: dt.datetime) -> None:
    """Address a draft to *to* and to nobody else; what it is about stays.

    *seen*: what :func:`seen_of` said of those whom it was for on the form that was changed.

    :raise NotAllowed: :raise IllegalTransition: :raise ChangedMeanwhile: :raise NobodyAddressed: :raise NotToUnit: (each of its kinds)
    """
    paper, kind, wanted = letter.paper, LetterKind(letter.kind), {unit.id: unit for unit in to}
    lock(paper)
    require(letters.may_send(actor.reach, kind, letter.unit) and not letters.accuses(actor.reach, letter))
    if paper.state != PaperState.DRAFT:
        raise IllegalTransition(PaperState(paper.state), PaperState.DRAFT)
    db.session.refresh(letter, ["to"])
    require_seen(seen, seen_of(each.unit for each in letter.to), seen_of(to))
    _check_addressed(wanted.values(), kind, letter.unit, [each.assignment for each in letter.about], actor, local_date(now))
    kept = [each for each in letter.to if each.unit_id in wanted]
    there = {each.unit_id for each in kept}
    letter.to = kept + [LetterTo(unit=unit) for unit in wanted.values() if unit.id not in there]
    db.session.flush()
    record(actor, "letter.readdressed", letter, at=now, units=len(wanted))


def _check_addressed(
    addressed: Collection[Unit], kind: LetterKind, issuer: Unit, about: Sequence[Assignment], actor: User, today: dt.date
) -> None:
    if not addressed:
        raise NobodyAddressed
    for unit in addressed:
        why = rules.refusal(actor.reach, kind, letters.body_of(issuer), letters.body_of(unit))
        if why is not None:
            raise _REFUSED[why](why, unit.name)
        if not unit.exists_on(today):
            raise OutOfReach(rules.Refusal.OUT_OF_REACH, unit.name)
    if kind == LetterKind.FOLLOW_UP:
        reminded = letters.reminded(issuer, about, today)
        for unit in addressed:
            if unit.id not in reminded:
                raise NotReminded("not_reminded", unit.name)
    _check_nobody_accused(about, addressed)


def _check_nobody_accused(about: Sequence[Assignment], addressed: Collection[Unit]) -> None:
    """Every unit that gets the paper reads all that it is about. :raise NotToAccused:"""
    for item in letters.items(about):
        standing = standing_of(item)
        for unit in addressed:
            if standing.concerns(unit.path):
                raise NotToAccused("accused", unit.name)


def check_paper(paper: OversightPaper) -> None:
    """Ask once more before a letter goes on: an item may have come to accuse a unit since it was begun. :raise NotToAccused:"""
    letter = paper.letter
    assert letter is not None  # only papers of letters are asked about here
    _check_nobody_accused([each.assignment for each in letter.about], [each.unit for each in letter.to])


def issue(paper: OversightPaper, actor: User, now: dt.datetime) -> None:
    """The paper got its number: each unit owes an answer from now on, by a clock of its own, and hears of it.

    :raise DayPassed: :raise NobodyCounts:
    :raise AddresseeClosed: :raise NotToAccused:
    """
    letter, today, calendar = paper.letter, local_date(now), work_calendar()
    assert letter is not None  # only papers of letters are numbered through here
    check_paper(paper)
    kind = LetterKind(letter.kind)
    rule = rule_of(kind, today) if letter.answer_by is None else None
    if letter.answer_by is None and rule is None:
        raise NobodyCounts
    if letter.answer_by is not None and letter.answer_by <= today:
        raise DayPassed
    if letters.closed(letter, today):
        raise AddresseeClosed
    title = papers.facts_of(paper)["about"]
    for unit in [each.unit for each in letter.to]:
        duty = LetterAssignment(
            letter=letter, duty=Duty.ANSWER, title=title, unit=unit, unit_id=unit.id, from_unit_id=letter.unit_id,
            place_id=unit.place_id, state=State.OFFERED, opened_at=now, hops=0, round=1,
        )  # fmt: skip
        assignments.offer(duty, rule_facts=FACTS, calendar=calendar, actor=actor, now=now)
        db.session.flush()
        start(duty, rule, letter.answer_by, StartEvent.LETTER_ISSUED, actor=actor, now=now)
        record(actor, "letter.issued", letter, at=now, assignment_id=duty.id, unit_id=unit.id)
        letter_news.tell(letter_news.of_unit(duty, now), duty, "came", actor, now)


def start(duty: LetterAssignment, rule: Rule | None, typed: dt.date | None, event: StartEvent, *, actor: User, now: dt.datetime) -> None:
    """Start the clock of the answer: by *rule*, or by the day that was *typed*."""
    due_on = typed
    if rule is not None:
        calendar = work_calendar()  # first: it may ask the database, which would write a clock that does not run yet
        clock = AssignmentClock(assignment=duty, round=duty.round)
        start_clocks([(clock, rule)], event=event, event_at=now, traits=(), calendar=calendar, actor=actor, now=now)
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


def kept_from(reach: Reach, paper: OversightPaper) -> bool:
    """Say whether the paper of a letter is kept from a person, of whose unit an item says something; a unit that got it has it."""
    letter = paper.letter
    if letter is None or not letters.accuses(reach, letter):
        return False
    return not any(letters.may_answer(reach, duty) for duty in letter.duties)


def register() -> None:
    """Let the papers of letters begin and end what hangs on them."""
    for type_ in PAPERS.values():
        papers.NUMBERED[type_], papers.DISCARDED[type_], papers.READERS[type_] = issue, discarded, read_by
        papers.KEPT_FROM[type_], papers.CHECKED[type_] = kept_from, check_paper
