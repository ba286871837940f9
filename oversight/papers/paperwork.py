"""Which papers of oversight a person has to do with, which of them wait for their hand, and the numbers they have taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import joinedload

from app import hooks
from app.accounts.models import User
from app.accounts.queries import holders
from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit
from dialogues import books
from oversight import letters
from oversight.models.papers import OversightPaper
from oversight.rules.own import bodies_of, units_of
from oversight.rules.papers import PREPARED_WITH, PaperState

PAGE = 100


def _signs(reach: Reach) -> ColumnElement[bool]:
    return Unit.path.in_(units_of(reach, Permission.OVERSIGHT_SIGN))


def _numbers(reach: Reach) -> ColumnElement[bool]:
    return Unit.path.in_(units_of(reach, Permission.FEEDBACK_NUMBER))


def _stands_in(reach: Reach, on: dt.date) -> ColumnElement[bool]:
    """Say that a paper is signed and its body below a văn thư's has none of its own, so that it waits for them: few at a time."""
    mine = units_of(reach, Permission.FEEDBACK_NUMBER)
    below = or_(false(), *(Unit.path.startswith(path, autoescape=True) for path in mine))
    waiting = select(OversightPaper.unit_id).where(OversightPaper.state == PaperState.SIGNED)
    units = db.session.scalars(select(Unit).where(Unit.id.in_(waiting), below, Unit.path.not_in(mine))) if mine else []
    ids = [unit.id for unit in units if any(user.id == reach.user_id for user in holders(Permission.FEEDBACK_NUMBER, unit, on=on))]
    return (OversightPaper.state == PaperState.SIGNED) & Unit.id.in_(ids)


def _prepares(reach: Reach) -> ColumnElement[bool]:
    """Say the same as `rules.papers.may_prepare`, of all types at once."""
    home = db.session.get_one(Unit, reach.unit_id).path
    return or_(*((OversightPaper.type == type_) & Unit.path.in_(bodies_of(reach, each, home)) for type_, each in PREPARED_WITH.items()))


def _to_sign(reach: Reach) -> ColumnElement[bool]:
    return and_(OversightPaper.state == PaperState.SENT, _signs(reach))


def _to_number(reach: Reach, on: dt.date) -> ColumnElement[bool]:
    return or_(and_(OversightPaper.state == PaperState.SIGNED, _numbers(reach)), _stands_in(reach, on))


def _of(wanted: Select[Any], reach: Reach, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Narrow to what the person reads: a letter that tells of a complaint about their unit is in no list and no number of theirs."""
    hidden = letters.accusing(reach.paths)
    readable = or_(OversightPaper.letter_id.is_(None), OversightPaper.letter_id.not_in(hidden)) if hidden else true()
    return wanted.join(Unit, Unit.id == OversightPaper.unit_id).where(readable, *conditions)


def _list(reach: Reach, condition: ColumnElement[bool]) -> list[OversightPaper]:
    wanted = _of(select(OversightPaper), reach, condition).options(joinedload(OversightPaper.unit), joinedload(OversightPaper.drafted_by))
    return list(db.session.scalars(wanted.order_by(OversightPaper.sent_at, OversightPaper.id).limit(PAGE)))


def to_sign(reach: Reach) -> list[OversightPaper]:
    """Return what waits for the person's signature, the longest first."""
    return _list(reach, _to_sign(reach))


def to_number(reach: Reach, on: dt.date) -> list[OversightPaper]:
    """Return what waits for a number that the person enters, the longest first."""
    return _list(reach, _to_number(reach, on))


def others(reach: Reach, on: dt.date) -> list[OversightPaper]:
    """Return the newest papers of the person's bodies that do not wait for their hand."""
    mine = or_(_prepares(reach), _signs(reach), _numbers(reach))
    wanted = _of(select(OversightPaper), reach, mine, ~_to_sign(reach), ~_to_number(reach, on)).options(
        joinedload(OversightPaper.unit), joinedload(OversightPaper.drafted_by)
    )
    return list(db.session.scalars(wanted.order_by(OversightPaper.id.desc()).limit(PAGE)))


def waiting_count(reach: Reach, on: dt.date) -> int:
    """Return how many papers wait for the person: to be signed or numbered."""
    return _count(reach, or_(_to_sign(reach), _to_number(reach, on)))


def numbers_count(reach: Reach, on: dt.date) -> int:
    """Return how many papers wait for a number from the person."""
    return _count(reach, _to_number(reach, on))


def _count(reach: Reach, condition: ColumnElement[bool]) -> int:
    return db.session.scalar(_of(select(func.count(OversightPaper.id)), reach, condition)) or 0


def waits_for(paper: OversightPaper, on: dt.date) -> list[User]:
    """Return who signs a paper that was sent to be signed, and who numbers a signed one; nobody for any other."""
    signs = Permission.OVERSIGHT_SIGN
    if paper.state == PaperState.SENT:
        return holders(signs, paper.unit, on=on, above=False)
    if paper.state == PaperState.SIGNED:
        return holders(Permission.FEEDBACK_NUMBER, paper.unit, on=on) or holders(signs, paper.unit, on=on, above=False)
    return []


def by_uid(uid: Any) -> OversightPaper | None:
    """Return the paper of that id."""
    return db.session.scalar(select(OversightPaper).where(OversightPaper.uid == uid))


def numbers_given(unit: Unit, year: int) -> Iterator[tuple[str, int]]:
    """Yield the numbers that *unit* gave its papers of oversight in *year*, for the book they share with others."""
    given = select(OversightPaper.series, OversightPaper.number).where(
        OversightPaper.unit_id == unit.id, OversightPaper.numbered_year == year
    )
    for series, number in db.session.execute(given):
        yield series, books.value_of(number)


def register() -> None:
    """Let the books know of our numbers."""
    hooks.add(books.given_above, numbers_given)
