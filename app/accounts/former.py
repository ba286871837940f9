"""Which units were somebody's: the account was moved, a seat ended, or they stood in for somebody there.

Who is kept out of something because of a unit stays out when an administrator moves their account, or the unit itself.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, or_
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.accounts.models import Delegation, Grant, User
from app.crypto import Bound
from app.database import Base, db
from app.permissions import GRANTS, SEATS, Permission
from app.units.models import Unit

#: Roles by which a unit is somebody's: a seat in it, or that they audit it.
_OF_IT = SEATS | {role for role, held in GRANTS.items() if Permission.AUDIT_READ in held}


class FormerUnit(Base):
    """A unit where somebody's account was, or which stood above theirs, until a day."""

    __tablename__ = "former_unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    until: Mapped[dt.date] = mapped_column(Date, comment="last day")
    seal: Mapped[str | None] = mapped_column(comment="peppered, over the others: only this site can have written it down")

    is_ours = Bound("seal", "user_id", "unit_id", "until")


FormerUnit.is_ours.by_itself(FormerUnit)


def leave(user: User, *, today: dt.date) -> None:
    """Write down that the unit of *user* was theirs until today; the caller moves the account."""
    db.session.add(FormerUnit(user_id=user.id, unit_id=user.unit_id, until=today))


def leave_with(unit: Unit, above: Unit | None, *, now: dt.datetime) -> None:
    """Write down that *unit*, which moves, stood below *above* until today, for all whose unit it is or one below it."""
    if above is None:
        return
    inside = db.select(Unit.id).where(Unit.path.startswith(unit.path, autoescape=True))
    seated = db.select(Grant.user_id).where(Grant.role.in_(_OF_IT), Grant.unit_id.in_(inside))
    for user_id in db.session.scalars(db.select(User.id).where(or_(User.unit_id.in_(inside), User.id.in_(seated)))).all():
        db.session.add(FormerUnit(user_id=user_id, unit_id=above.id, until=clock.local_date(now)))


def units_of(user_id: int, *, on: dt.date) -> list[tuple[str, dt.date]] | None:
    """Return the paths of the units that were that person's, each with the last day: their own, and of those for whom they stood in.

    None where one of the rows that say so was changed by hand: what it said before nobody knows.
    """
    before = _before(user_id)
    if before is None:
        return None
    found = [(path, last) for path, first, last in before if first <= on]
    for row in db.session.scalars(db.select(Delegation).where(Delegation.to_id == user_id)):
        theirs = _before(row.from_id, with_home=True) if row.is_ours else None
        if theirs is None:
            return None
        last = last_day(row)
        if row.starts_on <= min(on, last):
            found += [(path, min(until, last)) for path, first, until in theirs if first <= last and row.starts_on <= min(until, last)]
    return found


def last_day(row: Delegation) -> dt.date:
    """Return the last day on which one stands in for the other; none where that was changed by hand: so nobody gets in by it."""
    if not row.is_ours:
        return dt.date.max
    return row.ends_on if row.ended_at is None else min(row.ends_on, clock.local_date(row.ended_at))


def _before(user_id: int, *, with_home: bool = False) -> list[tuple[str, dt.date, dt.date]] | None:
    """Return the paths of a person's units, then and now, with the first day and the last; None where one was changed by hand."""
    homes = db.select(FormerUnit, Unit.path).join(Unit, Unit.id == FormerUnit.unit_id).where(FormerUnit.user_id == user_id)
    roles = db.select(Grant, Unit.path).outerjoin(Unit, Unit.id == Grant.unit_id).where(Grant.user_id == user_id)
    left, given = db.session.execute(homes).all(), db.session.execute(roles).all()
    if not all(row.is_ours for row, _path in (*left, *given)):
        return None
    found = [(path, dt.date.min, row.until) for row, path in left]
    found += [(path, row.starts_on, row.ends_on or dt.date.max) for row, path in given if path is not None and row.role in _OF_IT]
    if with_home:
        home = db.select(Unit.path).join(User, User.unit_id == Unit.id).where(User.id == user_id)
        found += [(path, dt.date.min, dt.date.max) for path in db.session.scalars(home)]
    return found
