"""Questions about accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import or_

from app.accounts.models import Delegation, Grant, User
from app.database import db
from app.permissions import GRANTS, Permission, Reach, Role, Scope
from app.units.models import Unit


def reach_of(user: User, *, on: dt.date) -> Reach:
    """Return what *user* may do on that day: their own roles, and those of everyone they stand in for."""
    givers = db.select(Delegation.from_id).where(
        Delegation.to_id == user.id, Delegation.starts_on <= on, Delegation.ends_on >= on, Delegation.ended_at.is_(None)
    )
    rows = db.session.execute(
        db.select(Grant, Unit.path)
        .outerjoin(Unit, Unit.id == Grant.unit_id)
        .where(
            or_(Grant.user_id == user.id, Grant.user_id.in_(givers)),
            Grant.starts_on <= on,
            or_(Grant.ends_on.is_(None), Grant.ends_on >= on),
        )
    )
    holds = tuple(
        (Role(grant.role), Scope(everywhere=grant.everywhere, unit_path=path, place_id=grant.place_id)) for grant, path in rows
    )
    return Reach(user_id=user.id, unit_id=user.unit_id, holds=holds)


def user_by_email(email: str) -> User | None:
    """Return the account with that sign-in name."""
    return db.session.scalar(db.select(User).where(User.email == email.strip().lower()))


def holders(permission: Permission, *, units: Iterable[Unit], on: dt.date) -> list[User]:
    """Return the active people who hold *permission* over one of *units*, deputies included: whom a notice goes to."""
    roles = [role for role, permissions in GRANTS.items() if permission in permissions]
    # The unit itself and those above it: a grant there covers it.
    above = {int(step) for unit in units for step in unit.path.strip("/").split("/")}
    own = db.select(Grant.user_id).where(
        Grant.role.in_(roles), Grant.unit_id.in_(above), Grant.starts_on <= on, or_(Grant.ends_on.is_(None), Grant.ends_on >= on)
    )
    deputies = db.select(Delegation.to_id).where(
        Delegation.from_id.in_(own), Delegation.starts_on <= on, Delegation.ends_on >= on, Delegation.ended_at.is_(None)
    )
    return list(
        db.session.scalars(
            db.select(User).where(User.active, or_(User.id.in_(own), User.id.in_(deputies))).order_by(User.name_sort, User.id)
        )
    )
