"""Which papers of oversight a person has to do with, which of them wait for their hand, and the numbers they have taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import joinedload

from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit
from dialogues import books
from oversight.models.papers import OversightPaper
from oversight.rules.papers import PREPARED_WITH, PaperState

PAGE = 100


def _signs(reach: Reach) -> ColumnElement[bool]:
    return Unit.path.in_([scope.unit_path for scope in reach.scopes(Permission.OVERSIGHT_SIGN) if scope.unit_path])


def _numbers(reach: Reach) -> ColumnElement[bool]:
    scopes = reach.scopes(Permission.FEEDBACK_NUMBER)
    if any(scope.everywhere for scope in scopes):
        return true()
    return or_(false(), *(Unit.path.startswith(scope.unit_path, autoescape=True) for scope in scopes if scope.unit_path))


def _prepares(reach: Reach) -> ColumnElement[bool]:
    """Say the same as `rules.papers.may_prepare`, of all types at once."""
    mine: list[ColumnElement[bool]] = []
    for type_, permission in PREPARED_WITH.items():
        if scopes := reach.scopes(permission):
            paths = [scope.unit_path for scope in scopes if scope.unit_path]
            mine.append((OversightPaper.type == type_) & or_(OversightPaper.unit_id == reach.unit_id, Unit.path.in_(paths)))
    return or_(false(), *mine)


def _to_sign(reach: Reach) -> ColumnElement[bool]:
    return and_(OversightPaper.state == PaperState.SENT, _signs(reach))


def _to_number(reach: Reach) -> ColumnElement[bool]:
    return and_(OversightPaper.state == PaperState.SIGNED, _numbers(reach))


def _of(wanted: Select[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    return wanted.join(Unit, Unit.id == OversightPaper.unit_id).where(*conditions)


def _list(*conditions: ColumnElement[bool]) -> list[OversightPaper]:
    wanted = _of(select(OversightPaper), *conditions).options(joinedload(OversightPaper.unit), joinedload(OversightPaper.drafted_by))
    return list(db.session.scalars(wanted.order_by(OversightPaper.sent_at, OversightPaper.id).limit(PAGE)))


def to_sign(reach: Reach) -> list[OversightPaper]:
    """Return what waits for the person's signature, the longest first."""
    return _list(_to_sign(reach))


def to_number(reach: Reach) -> list[OversightPaper]:
    """Return what waits for a number that the person enters, the longest first."""
    return _list(_to_number(reach))


def others(reach: Reach) -> list[OversightPaper]:
    """Return the newest papers of the person's bodies that do not wait for their hand."""
    mine = or_(_prepares(reach), _signs(reach), _numbers(reach))
    wanted = _of(select(OversightPaper), mine, ~_to_sign(reach), ~_to_number(reach)).options(
        joinedload(OversightPaper.unit), joinedload(OversightPaper.drafted_by)
    )
    return list(db.session.scalars(wanted.order_by(OversightPaper.id.desc()).limit(PAGE)))


def waiting_count(reach: Reach) -> int:
    """Return how many papers wait for the person: to be signed or numbered."""
    return _count(or_(_to_sign(reach), _to_number(reach)))


def numbers_count(reach: Reach) -> int:
    """Return how many papers wait for a number from the person."""
    return _count(_to_number(reach))


def _count(condition: ColumnElement[bool]) -> int:
    return db.session.scalar(_of(select(func.count(OversightPaper.id)), condition)) or 0


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
    if numbers_given not in books.given_above:  # several sites in one process, as the tests have
        books.given_above.append(numbers_given)
