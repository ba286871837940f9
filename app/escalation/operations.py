"""Climbing the ladder, telling who is reached, and the rungs an administrator keeps.

Climbing writes the steps, telling writes the notices: a job that is killed in between goes on where it stopped, and nobody is told twice.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectin_polymorphic

from app.accounts.models import User
from app.accounts.queries import reach_of
from app.assignments.models import Assignment
from app.assignments.rules import OPEN
from app.calendar.days import WorkCalendar
from app.clock import local_date
from app.database import db
from app.escalation import queries, rules, voices
from app.escalation.models import Escalation, EscalationRule
from app.escalation.rules import Level, Owed
from app.escalation.voices import Matter, voice_of
from app.outbox import notify_users
from app.permissions import Reach
from app.versions import Book

log = structlog.get_logger()

#: The versions of the rungs.
BOOK = Book(EscalationRule, "escalation_rule")
SHIPPED = Path(__file__).parent / "data" / "rungs.toml"

BATCH = 200  # promises between two commits: nobody waits long for the database
FEW = 3  # promises that a person hears of in a word each; more come in one list
LINES = 20  # of that list; the rest is counted


# --- the rungs ----------------------------------------------------------------------------------------------------------


def load_shipped(*, now: dt.datetime) -> None:
    """Add the rungs that the table lacks; what is there is not touched. May run at every start; flushes."""
    for each in tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["rung"]:
        BOOK.bring(EscalationRule(**each), now=now)


def add_rung(said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> EscalationRule:
    """Add a rung under a code of its own. :raise NotAllowed: :raise RuleAlreadyThere:"""
    return BOOK.add(EscalationRule(**said), actor=actor, now=now)


def change_rung(row: EscalationRule, said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> EscalationRule:
    """Let another version follow *row* from its first day on; what was climbed stays. :raise NotAllowed: and as :meth:`Book.follow`."""
    return BOOK.follow(EscalationRule(**{**said, "code": row.code}), actor=actor, now=now)


# --- climbing -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Climb:
    """What one batch came to: the last promise it looked at, by its day, the steps it wrote, the promises that it could not read."""

    last: tuple[dt.date, int]
    steps: int
    faults: int


#: Before all promises.
FIRST = (dt.date.min, 0)


def climb_batch(after: tuple[dt.date, int], today: dt.date, calendar: WorkCalendar) -> Climb | None:
    """Let the next promises behind *after* climb what they have reached; None when there are none left. The caller commits.

    Each has a savepoint of its own: what is wrong with one stops no other.
    """
    rungs = queries.rungs_in_force(today)
    columns = (Assignment.id, Assignment.kind, Assignment.duty, Assignment.unit_id, Assignment.due_on)
    # By day, for ix_assignment_open_list holds just these in this order: each batch begins where the last one ended.
    wanted = select(*columns).where(Assignment.closed_on.is_(None), Assignment.state.in_(sorted(OPEN)), Assignment.due_on.is_not(None))
    wanted = wanted.where(Assignment.due_sort >= after[0], tuple_(Assignment.due_sort, Assignment.id) > after)
    wanted = wanted.where(queries.has_to_climb(rungs, today, calendar))
    found = db.session.execute(wanted.order_by(Assignment.due_sort, Assignment.id).limit(BATCH)).all()
    if not found:
        return None
    done = queries.climbed([row.id for row in found])
    missing = {row.id: steps for row in found if (steps := rules.to_climb(rungs, _owed(row), done.get(row.id, ()), today, calendar))}
    people, faults, written = queries.People(today), 0, 0
    ahead = _read_ahead(missing)  # the session holds what somebody else holds
    for id_, steps in missing.items():
        fine = _write(lambda id_=id_: db.session.get_one(Assignment, id_), steps, people, today)
        faults, written = faults + (not fine), written + len(steps) * fine
    del ahead
    return Climb((found[-1].due_on, found[-1].id), written, faults)


def _read_ahead(ids: Collection[int]) -> Sequence[Assignment]:
    """Return these promises with what is asked of each, read all at once; nothing where that fails: each is then read by itself."""
    wanted = select(Assignment).where(Assignment.id.in_(ids)).options(joinedload(Assignment.unit), joinedload(Assignment.officer))
    along = [option for voice in voices.VOICES.values() for option in voice.along]
    try:
        with db.session.begin_nested():
            return db.session.scalars(wanted.options(selectin_polymorphic(Assignment, Assignment.__subclasses__()), *along)).all()
    except Exception:
        log.exception("promises_not_read_at_once")
        return ()


def _owed(row: Any) -> Owed:
    return Owed(kind=row.kind, duty=row.duty, unit_id=row.unit_id, due_on=row.due_on)


def climb_matters(today: dt.date, calendar: WorkCalendar) -> int:
    """Let what else is late climb, from the head of the unit that owes it on; return how many could not. The caller commits."""
    rungs, people, faults = queries.rungs_in_force(today), queries.People(today), 0
    for matter in (each for source in voices.late_matters for each in source(today)):
        done = queries.climbed([matter.promise.id], matter.name).get(matter.promise.id, ())
        owed = Owed(matter.name, matter.promise.duty, matter.unit.id, matter.due_on)
        steps = [rung for rung in rules.to_climb(rungs, owed, done, today, calendar) if rung.level != Level.OFFICER]
        faults += not _write(lambda matter=matter: matter, steps, people, today)
    return faults


def _write(read: Callable[[], Assignment | Matter], rungs: list[Any], people: queries.People, today: dt.date) -> bool:
    """Write the steps of what *read* gives in a savepoint of their own, and say whether that could be done."""
    try:
        with db.session.begin_nested():
            climber = read()
            db.session.add_all(_step(climber, rung, people, today) for rung in rungs)
    except IntegrityError:  # another climber was faster
        return True
    except Exception:
        log.exception("promise_does_not_climb")
        return False
    return True


def _step(climber: Assignment | Matter, rung: Any, people: queries.People, today: dt.date) -> Escalation:
    """Return the step of *climber* on *rung*: where nobody stands, the next level is told, and the step says so."""
    promise, name = (climber.promise, climber.name) if isinstance(climber, Matter) else (climber, "")
    reached, told = None, []
    voice = voice_of(promise, name)
    for level in rules.upward(Level(rung.level)):
        told = [user for user in people.at(level, climber) if voice is None or voice.may_hear(promise, user, today)]
        if told:
            reached = level
            break
    assert climber.due_on is not None  # it was asked for by its day
    return Escalation(
        assignment_id=promise.id, matter=name, rule_id=rung.id, code=rung.code, level=rung.level, days=rung.days, unit_id=climber.unit.id,
        due_on=climber.due_on, climbed_on=today, reached=reached, told=[user.id for user in told],
    )  # fmt: skip


# --- telling ------------------------------------------------------------------------------------------------------------


def tell(*, now: dt.datetime) -> int:
    """Write the notices of the steps that were climbed and not told, and return of how many steps; the caller commits.

    A person hears of a few promises in a word each, of many in one list. Everything is written in one transaction, behind the lock of the
    steps: of two who tell at once the second finds nothing left.
    """
    untold = select(Escalation).where(Escalation.told_at.is_(None)).order_by(Escalation.id)
    steps = list(db.session.scalars(untold.with_for_update(of=Escalation)))
    if not steps:
        return 0
    by_reader: dict[int, list[Escalation]] = {}
    for step in steps:
        for user_id in step.told:
            by_reader.setdefault(user_id, []).append(step)
    for user in db.session.scalars(select(User).where(User.id.in_(by_reader), User.active).order_by(User.id)):
        _tell_one(user, by_reader[user.id], now=now)
    for step in steps:
        step.told_at = now
    db.session.flush()
    return len(steps)


def _tell_one(user: User, steps: list[Escalation], *, now: dt.datetime) -> None:
    """Tell *user* of what they hear today. What fails in a kind's own words goes into the list: it is told in any case."""
    if len({step.assignment_id for step in steps}) <= FEW:
        steps = [step for step in steps if not _in_own_words(step, user, now)]
    if not steps:
        return
    by_promise = {(step.assignment_id, step.matter): step for step in steps}  # of several steps the highest
    late = [step for step in by_promise.values() if step.days > 0]
    reach = reach_of(user, on=local_date(now))
    notify_users(
        [user],
        "escalation/notices/climbed",
        user,
        f"{local_date(now).isoformat()}:{steps[0].id}",
        now=now,
        day_on=local_date(now),
        late=len(late),
        soon=len(by_promise) - len(late),
        lines=[_line(step, reach) for step in sorted(by_promise.values(), key=lambda step: (step.due_on, step.id))[:LINES]],
    )


def _in_own_words(step: Escalation, user: User, now: dt.datetime) -> bool:
    voice = voice_of(step.assignment, step.matter)
    if voice is None:
        return False
    try:
        with db.session.begin_nested():
            return voice.tell(step, user, now)
    except Exception:
        log.exception("step_not_told_in_its_own_words", escalation_id=step.id)
        return False


def _line(step: Escalation, reach: Reach) -> dict[str, Any]:
    """Return what a list says of a step: code, unit, day, level and where its reader opens it, never content."""
    promise = step.assignment
    endpoint, values = voices.address_of(promise, step.matter, reach) or ("", {})
    return {
        "code": promise.reference, "unit": step.unit.short_name or step.unit.name, "due_on": step.due_on.isoformat(), "level": step.level,
        "matter": step.matter,
        "late": step.days > 0, "higher": step.reached != step.level, "endpoint": endpoint, "values": values,
    }  # fmt: skip
