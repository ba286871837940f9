"""Which letters a person may see: what their body sent, and what their units owe an answer to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import User
from app.accounts.queries import holders, staffed
from app.assignments.models import Assignment
from app.assignments.rules import OPEN
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit
from app.units.queries import answering_unit
from app.units.rules import path_ids
from feedback.models import Feedback, FeedbackAssignment
from feedback.queries import standing_of
from oversight.models import FindingAssignment, Letter, LetterAbout, LetterAnswer, LetterAssignment, LetterTo, OversightPaper
from oversight.rules import letters as rules
from oversight.rules.letters import PERMISSIONS, AnswerState, Body, LetterKind
from oversight.rules.own import bodies_of, units_of
from oversight.rules.papers import PaperState, issues_for, may_number, may_sign

PAGE = 100


def body_of(unit: Unit) -> Body:
    """Return *unit* as the rules see it."""
    return Body(unit.id, unit.path, unit.place_id)


# --- of the sender ------------------------------------------------------------------------------------------------------


def may_send(reach: Reach, kind: LetterKind, unit: Unit) -> bool:
    """Say whether a person writes letters of that kind for *unit*."""
    return issues_for(reach, PERMISSIONS[kind], unit_id=unit.id, unit_path=unit.path)


def issuers(reach: Reach, own: Unit, kind: LetterKind) -> list[Unit]:
    """Return the bodies for which a person writes letters of that kind, their own first."""
    paths = units_of(reach, PERMISSIONS[kind])
    others = db.session.scalars(select(Unit).where(Unit.path.in_(paths), Unit.id != own.id).order_by(Unit.path))
    return ([own] if may_send(reach, kind, own) else []) + list(others)


def may_see(reach: Reach, letter: Letter) -> bool:
    """Say whether a person reads a letter from its sender's side: its people, who signs and who numbers, and who watches everything."""
    hands = may_sign(reach, unit_path=letter.unit.path) or may_number(reach, unit_path=letter.unit.path)
    watches = any(scope.everywhere for scope in reach.scopes(Permission.REGISTER_READ)) and letter.paper.state == PaperState.NUMBERED
    sees = hands or watches or may_send(reach, LetterKind(letter.kind), letter.unit)
    return sees and not accuses(reach, letter)  # last: it asks the database


def sent(reach: Reach, own: Unit) -> list[Letter]:
    """Return the newest letters of the bodies for which a person writes or signs."""
    signed = Unit.path.in_(units_of(reach, Permission.OVERSIGHT_SIGN))
    written = ((Letter.kind == kind) & Unit.path.in_(bodies_of(reach, each, own.path)) for kind, each in PERMISSIONS.items())
    wanted = select(Letter).join(Unit, Unit.id == Letter.unit_id).where(or_(signed, *written), Letter.id.not_in(accusing(reach.paths)))
    wanted = wanted.options(
        joinedload(Letter.paper), selectinload(Letter.to).joinedload(LetterTo.unit), selectinload(Letter.duties), joinedload(Letter.unit)
    )
    return list(db.session.scalars(wanted.order_by(Letter.id.desc()).limit(PAGE)))


def items(about: Iterable[Assignment]) -> Iterator[Feedback]:
    """Yield the items that a letter about these promises tells of, also by a letter that it follows up."""
    for row in about:
        if isinstance(row, FeedbackAssignment):
            yield row.feedback
        elif isinstance(row, LetterAssignment):
            yield from items(each.assignment for each in row.letter.about)


def accuses(reach: Reach, letter: Letter) -> bool:
    """Say whether one of its items says something of the reader's own unit, which reads neither the item nor what tells of it."""
    return letter.id in accusing(reach.paths)


def accusing(paths: Sequence[str]) -> set[int]:
    """Return the letters of which an item says something of units of those *paths* or above them, and those that follow one up: few."""
    about = select(LetterAbout.letter_id, Feedback).join(FeedbackAssignment, FeedbackAssignment.id == LetterAbout.assignment_id)
    about = about.join(FeedbackAssignment.feedback).where(Feedback.accused_unit_id.in_({id_ for path in paths for id_ in path_ids(path)}))
    new = {letter_id for letter_id, item in db.session.execute(about) if standing_of(item).concerns(*paths)}
    found: set[int] = set()
    while new:
        found |= new
        after = select(LetterAbout.letter_id).join(LetterAssignment, LetterAssignment.id == LetterAbout.assignment_id)
        new = set(db.session.scalars(after.where(LetterAssignment.letter_id.in_(new)))) - found
    return found


def own_matter(row: Assignment, issuer: Unit) -> bool:
    """Say whether MTTQ may follow *row* up: its own petition or recommendation, what it petitioned about, or an item that it forwarded."""
    if isinstance(row, LetterAssignment):
        return row.letter.unit_id == issuer.id
    if isinstance(row, FindingAssignment) and row.finding.target.campaign.unit_id == issuer.id:
        return True
    if isinstance(row, FeedbackAssignment):
        by = row.feedback.entered_by
        if by is not None and by.unit.path.startswith(issuer.path):
            return True
    issued = OversightPaper.letter_id == LetterAbout.letter_id, OversightPaper.state == PaperState.NUMBERED
    sent_by = Letter.id == LetterAbout.letter_id, Letter.unit_id == issuer.id  # its own, or of the body that it follows
    about = exists().where(LetterAbout.assignment_id == row.id, *issued, *sent_by)
    return bool(db.session.scalar(select(about)))


def reminded(issuer: Unit, rows: Collection[Assignment], on: dt.date) -> set[int]:
    """Return the units that *issuer* may follow these matters up with: who owes them, and whom it wrote to about them; or their heirs."""
    wrote = [row.letter for row in rows if isinstance(row, LetterAssignment)]
    wrote += [letter for letter in about(row.id for row in rows) if letter.unit_id == issuer.id]
    units = [row.unit for row in rows] + [duty.unit for letter in wrote for duty in letter.duties]
    now = (answering_unit(unit, place_id=None, field_id=None, on=on) for unit in dict.fromkeys(units))
    return {unit.id for unit in now if unit is not None}


def addressable(reach: Reach, kind: LetterKind, issuer: Unit, on: dt.date) -> list[Unit]:
    """Return the units to which a person may write so."""
    rows = db.session.scalars(select(Unit).where(Unit.valid_from <= on, or_(Unit.valid_to.is_(None), Unit.valid_to >= on)))
    sender = body_of(issuer)
    return [unit for unit in rows if rules.refusal(reach, kind, sender, body_of(unit)) is None]


def writes(reach: Reach, own: Unit, kind: LetterKind, on: dt.date, about: Collection[Assignment]) -> bool:
    """Say whether a person can send a letter of that kind about one of these promises at least; about none: to any unit at all.

    A reminder of what one petitioned is about nothing else.
    """
    if not reach.may_anywhere(PERMISSIONS[kind]):
        return False
    bodies = issuers(reach, own, kind)
    if not about:
        return kind != LetterKind.FOLLOW_UP and any(addressable(reach, kind, issuer, on) for issuer in bodies)
    of_these = all if kind == LetterKind.FOLLOW_UP else any
    return any(of_these(fits(reach, kind, issuer, row) for row in about) for issuer in bodies)


def fits(reach: Reach, kind: LetterKind, issuer: Unit, row: Assignment) -> bool:
    """Say whether a person may write so from *issuer* about *row* to the unit that owes it."""
    if rules.refusal(reach, kind, body_of(issuer), body_of(row.unit)) is not None:
        return False
    return kind != LetterKind.FOLLOW_UP or own_matter(row, issuer)


#: Who hears of a letter, the first that are there.
_HEARS = (Permission.FEEDBACK_LEAD, *rules.ANSWERS)


def answerers(unit: Unit, on: dt.date) -> list[User]:
    """Return who hears of a letter to *unit*: who leads it, or who answers where nobody does; nobody above it, who does not open it."""
    return next((people for each in _HEARS if (people := holders(each, unit, on=on, above=False))), [])


def closed(letter: Letter, on: dt.date) -> list[Unit]:
    """Return the units among those it is addressed to that are there no more: it cannot go out so."""
    return [each.unit for each in letter.to if not each.unit.exists_on(on)]


def deaf(letter: Letter, on: dt.date) -> list[Unit]:
    """Return the units in which nobody could read it here, among those that it will go to, or that still owe an answer."""
    owing = [duty.unit for duty in letter.duties if duty.is_open] if letter.duties else [each.unit for each in letter.to]
    there = [unit for unit in owing if unit.exists_on(on)]
    heard = staffed(_HEARS, there, on=on)
    return [unit for unit in there if unit.id not in heard]


def about(assignment_ids: Iterable[int]) -> list[Letter]:
    """Return the letters that are out about any of these promises, the oldest first."""
    mine = select(LetterAbout.letter_id).where(LetterAbout.assignment_id.in_(list(assignment_ids)))
    wanted = select(Letter).join(OversightPaper, OversightPaper.letter_id == Letter.id)
    wanted = wanted.where(Letter.id.in_(mine), OversightPaper.state == PaperState.NUMBERED)
    wanted = wanted.options(
        joinedload(Letter.paper), joinedload(Letter.unit), selectinload(Letter.duties).joinedload(LetterAssignment.unit),
        selectinload(Letter.duties).selectinload(LetterAssignment.answers),
    )  # fmt: skip
    return list(db.session.scalars(wanted.order_by(Letter.id)))


# --- of the unit that answers -------------------------------------------------------------------------------------------


def may_answer(reach: Reach, row: LetterAssignment) -> bool:
    """Say whether a person works on what *row* asks of its unit."""
    return rules.may_answer(reach, body_of(row.unit))


def may_approve(reach: Reach, row: LetterAssignment, on: dt.date) -> bool:
    """Say whether a person lets the unit's answer go out on that day: who leads it, or who answers where nobody does."""
    led = bool(holders(Permission.FEEDBACK_LEAD, row.unit, on=on, above=False))
    return rules.may_approve(reach, body_of(row.unit), led=led)


def may_open(reach: Reach, row: LetterAssignment) -> bool:
    """Say whether a person opens *row*: the unit that answers, and the sender."""
    return may_answer(reach, row) or rules.may_approve(reach, body_of(row.unit)) or may_see(reach, row.letter)


def _mine(reach: Reach) -> ColumnElement[bool]:
    return Unit.path.in_(units_of(reach, *rules.ANSWERS))


def _owed(reach: Reach, wanted: Select[Any]) -> Select[Any]:
    return wanted.join(Unit, Unit.id == LetterAssignment.unit_id).where(_mine(reach))


def to_answer(reach: Reach, *, open_: bool) -> list[LetterAssignment]:
    """Return what the person's units owe an answer to, the earliest day first; not *open_*: what is over, the newest first."""
    of_state = LetterAssignment.state.in_(sorted(OPEN)) if open_ else LetterAssignment.state.not_in(sorted(OPEN))
    wanted = _owed(reach, select(LetterAssignment)).where(of_state)
    order = (LetterAssignment.due_sort, LetterAssignment.id) if open_ else (LetterAssignment.id.desc(),)
    wanted = wanted.options(
        joinedload(LetterAssignment.unit), joinedload(LetterAssignment.officer), selectinload(LetterAssignment.answers),
        joinedload(LetterAssignment.letter).options(joinedload(Letter.unit), joinedload(Letter.paper)),
    )  # fmt: skip
    return list(db.session.scalars(wanted.order_by(*order).limit(PAGE)))


def owed_count(reach: Reach) -> int:
    """Return how many letters the person's units have still to answer, for the tab."""
    wanted = _owed(reach, select(func.count(LetterAssignment.id))).where(LetterAssignment.state.in_(sorted(OPEN)))
    return db.session.scalar(wanted) or 0


def given_answer(row: LetterAssignment) -> LetterAnswer | None:
    """Return the answer that stands."""
    return next((each for each in reversed(row.answers) if each.state == AnswerState.GIVEN), None)
