"""Questions about accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Boolean, ColumnElement, Date, Select, and_, bindparam, false, literal, null, or_, true, union_all

from app.accounts.models import Delegation, Grant, User
from app.database import db
from app.fold import fold
from app.kept import while_unchanged
from app.permissions import GRANTS, GUARDED, PERSONAL, Permission, Reach, Role, Scope
from app.units.models import Unit
from app.units.rules import path_ids


def held_on(on: dt.date | BindParameter[Any]) -> tuple[ColumnElement[bool], ...]:
    """Say of a grant that it holds on that day."""
    return Grant.starts_on <= on, or_(Grant.ends_on.is_(None), Grant.ends_on >= on)


def standing_in_on(on: dt.date | BindParameter[Any]) -> tuple[ColumnElement[bool], ...]:
    """Say of a delegation that one stands in for the other on that day."""
    return Delegation.starts_on <= on, Delegation.ends_on >= on, Delegation.ended_at.is_(None)


# What nearly every request or letter asks is put together once: that takes five times as long as asking it.
_ON, _USER = bindparam("on", type_=Date), bindparam("user")
_VALID, _STANDING_IN = held_on(_ON), standing_in_on(_ON)

_GIVERS = db.select(Delegation.from_id).where(Delegation.to_id == _USER, *_STANDING_IN)
_DELEGATED: ColumnElement[bool] = bindparam("delegated", type_=Boolean)
_LENT = and_(_DELEGATED, Grant.user_id.in_(_GIVERS), Grant.role.not_in(GUARDED))
_SEALED = (Grant.user_id, Grant.unit_id, Grant.starts_on, Grant.ends_on, Grant.seal)
_GRANTS_HELD = union_all(
    db.select(Grant.role, Grant.everywhere, Grant.place_id, Unit.path, *_SEALED, literal("").label("said"), literal(0).label("to_id"))
    .outerjoin(Unit, Unit.id == Grant.unit_id)
    .where(or_(Grant.user_id == _USER, _LENT), *_VALID),
    # Without a role: the units of their account, and of those for whom they stand in.
    db.select(null(), User.active, null(), Unit.path, User.id, User.unit_id, null(), null(), User.seal, User.email, null())
    .join(Unit, User.unit_id == Unit.id)
    .where(or_(User.id == _USER, and_(_DELEGATED, User.id.in_(_GIVERS)))),
    # Without a path: for whom they stand in.
    db.select(
        null(), false(), null(), null(), Delegation.from_id, null(), Delegation.starts_on, Delegation.ends_on, Delegation.seal,
        Delegation.form, Delegation.to_id,
    ).where(_DELEGATED, Delegation.to_id == _USER, *_STANDING_IN),
)  # fmt: skip
_HOLDING = db.select(Grant.user_id, Grant.unit_id).where(
    Grant.role.in_(bindparam("roles", expanding=True)), Grant.unit_id.in_(bindparam("units", expanding=True)), *_VALID
)
_DEPUTIES = db.select(Delegation.from_id, Delegation.to_id).where(
    Delegation.from_id.in_(bindparam("givers", expanding=True)), *_STANDING_IN
)
_ACTIVE = db.select(User.id).where(User.active, User.id.in_(bindparam("ids", expanding=True)))
_HEARING = (
    db.select(User.id, User.unit_id, User.locale, User.preferences)
    .where(User.id.in_(bindparam("ids", expanding=True)))
    .order_by(User.name_sort, User.id)
)
_IN_SERVICE = db.select(User).where(User.active, User.id.in_(bindparam("ids", expanding=True))).order_by(User.name_sort, User.id)


def reach_of(user: User | Hearer, *, on: dt.date, delegated: bool = True) -> Reach:
    """Return what *user* may do on that day: their own roles and, unless not *delegated*, those of everyone they stand in for.

    A role, a delegation or an account that somebody wrote into the database, or changed there, gives nothing.
    """
    return _reach(user.id, user.unit_id, on, delegated)


@while_unchanged("app_user", "delegation", "role_grant", "unit")
def _reach(user_id: int, unit_id: int, on: dt.date, delegated: bool) -> Reach:  # noqa: FBT001 - they are what it is kept by
    rows = db.session.execute(_GRANTS_HELD, {"user": user_id, "on": on, "delegated": delegated}).all()
    ours = [row for row in rows if _is_ours(row)]
    doubtful = len(ours) < len(rows)
    homes = [row for row in ours if row.role is None and row.path is not None]
    if user_id not in {row.user_id for row in homes}:
        return Reach(user_id, unit_id, doubtful=True)
    whose = {user_id} | {row.user_id for row in ours if row.role is None and row.path is None}
    given = [row for row in ours if row.role is not None and row.user_id in whose]
    holds = tuple((Role(row.role), Scope(row.everywhere, row.path, row.place_id)) for row in given)
    return Reach(user_id, unit_id, holds, homes=tuple(sorted({row.path for row in homes if row.user_id in whose})), doubtful=doubtful)


def _is_ours(row: Any) -> bool:
    """Say whether this site wrote the row that *row* of _GRANTS_HELD was read from: a role, an account, or a delegation."""
    if row.role is not None:
        return Grant.is_ours.holds(Grant.__tablename__, row)
    model: Any = User if row.path is not None else Delegation
    account = {"id": row.user_id, "email": row.said, "active": row.everywhere}
    named = account if model is User else {"from_id": row.user_id, "form": row.said, "ended_at": None}
    return model.is_ours.holds(model.__tablename__, SimpleNamespace(**row._asdict() | named))


def user_by_email(email: str) -> User | None:
    """Return the account with that sign-in name."""
    return db.session.scalar(db.select(User).where(User.email == email.strip().lower()))


def holders(permission: Permission, unit: Unit, *, on: dt.date, above: bool = True) -> list[User]:
    """Return whom a notice for *unit* goes to: the active people who hold *permission* there, deputies included.

    Where nobody does, those of the nearest unit above, unless not *above*; never everybody up to the province's chairman.
    """
    ids = _holding(permission, tuple(path_ids(unit.path)) if above else (unit.id,), on)
    return list(db.session.scalars(_IN_SERVICE, {"ids": ids})) if ids else []


class Hearer(NamedTuple):
    """What a notice needs to know of an account in service."""

    id: int
    unit_id: int
    locale: str
    preferences: Mapping[str, Any]
    active: bool = True


def hearers(permission: Permission, unit: Unit, *, on: dt.date) -> tuple[Hearer, ...]:
    """Return the same people as :func:`holders`, as far as a notice needs to know them."""
    return _hearers(_holding(permission, tuple(path_ids(unit.path)), on))


@while_unchanged("app_user")
def _hearers(ids: tuple[int, ...]) -> tuple[Hearer, ...]:
    return tuple([Hearer(*row) for row in db.session.execute(_HEARING, {"ids": ids})]) if ids else ()


@while_unchanged("app_user", "delegation", "role_grant")
def _holding(permission: Permission, line: tuple[int, ...], on: dt.date) -> tuple[int, ...]:
    """Return the ids of who is in service and holds *permission* at the last unit of *line* where anybody does."""
    at = _held_at([permission], list(line), on)
    active = set(db.session.scalars(_ACTIVE, {"ids": list(set().union(*at.values()))}))
    return next((tuple(people) for unit_id in reversed(line) if (people := at[unit_id] & active)), ())


def staffed(permissions: Collection[Permission], units: Iterable[Unit], *, on: dt.date) -> set[int]:
    """Return the ids of the *units* where :func:`holders` finds somebody in the unit itself for one of *permissions*, of all at once."""
    at = _held_at(permissions, [unit.id for unit in units], on)
    active = {user.id for user in db.session.scalars(_IN_SERVICE, {"ids": list(set().union(*at.values()))})}
    return {unit_id for unit_id, people in at.items() if people & active}


def _held_at(permissions: Collection[Permission], unit_ids: list[int], on: dt.date) -> dict[int, set[int]]:
    """Return who holds one of *permissions* at each of the units, with who stands in for them, in service or not."""
    roles = [role for role, held in GRANTS.items() if not held.isdisjoint(permissions)]
    rows = db.session.execute(_HOLDING, {"roles": roles, "units": unit_ids, "on": on}).all()
    deputies = db.session.execute(_DEPUTIES, {"givers": [user_id for user_id, _ in rows], "on": on}).all()
    at: dict[int, set[int]] = {unit_id: {user_id for user_id, where in rows if where == unit_id} for unit_id in unit_ids}
    return {unit_id: here | {to for giver, to in deputies if giver in here} for unit_id, here in at.items()}


def granted(permission: Permission, *, on: dt.date, over: Unit | None = None) -> list[User]:
    """Return the active people who hold *permission* by a role of their own, in whatever scope, or in one with the unit *over* in it."""
    roles = [role for role, permissions in GRANTS.items() if permission in permissions]
    holding = db.select(Grant.user_id).where(Grant.role.in_(roles), *held_on(on))
    if over is not None:
        holding = holding.where(or_(Grant.everywhere, Grant.unit_id.in_(path_ids(over.path))))
    return list(db.session.scalars(db.select(User).where(User.active, User.id.in_(holding)).order_by(User.name_sort, User.id)))


def watchers(*, on: dt.date) -> list[User]:
    """Return who hears at once of a role that opens what is sealed: who has one, the auditors, and who leads or runs the whole install."""
    above_all = or_(Grant.everywhere, and_(Grant.unit_id.is_not(None), Unit.parent_id.is_(None)))
    watching = or_(Grant.role.in_([*PERSONAL, Role.AUDITOR]), and_(Grant.role.in_([Role.ADMINISTRATOR, Role.HEAD]), above_all))
    holding = db.select(Grant.user_id).outerjoin(Unit, Unit.id == Grant.unit_id).where(watching, *held_on(on))
    return list(db.session.scalars(db.select(User).where(User.active, User.id.in_(holding)).order_by(User.name_sort, User.id)))


def scopes_held(user: User, *, on: dt.date) -> list[Scope]:
    """Return where *user* holds a role of their own on that day or later: what somebody who takes the account would get."""
    rows = db.session.execute(
        db.select(Grant, Unit.path)
        .outerjoin(Unit, Unit.id == Grant.unit_id)
        .where(Grant.user_id == user.id, or_(Grant.ends_on.is_(None), Grant.ends_on >= on))
    )
    return [Scope(everywhere=grant.everywhere, unit_path=path, place_id=grant.place_id) for grant, path in rows]


def grants_of(user: User, *, on: dt.date) -> list[Grant]:
    """Return the roles of *user* that are not over on that day, the oldest first."""
    return list(
        db.session.scalars(
            db.select(Grant)
            .where(Grant.user_id == user.id, or_(Grant.ends_on.is_(None), Grant.ends_on >= on))
            .order_by(Grant.starts_on, Grant.id)
        )
    )


def delegations_of(user: User, *, on: dt.date) -> list[Delegation]:
    """Return the delegations from and to *user* that are not over on that day."""
    return list(
        db.session.scalars(
            db.select(Delegation)
            .where(or_(Delegation.from_id == user.id, Delegation.to_id == user.id), Delegation.ends_on >= on, Delegation.ended_at.is_(None))
            .order_by(Delegation.starts_on, Delegation.id)
        )
    )


def people(scopes: Iterable[Scope], *, words: str = "", active: bool | None = None, unit_path: str | None = None) -> Select[User]:
    """Return the statement for the people of the units that *scopes* cover, by given name; *words* match name or e-mail.

    *active* leaves only those (not) in service, *unit_path* only those of that unit and below.
    """
    statement = db.select(User).join(Unit, Unit.id == User.unit_id).where(unit_in(scopes)).order_by(User.name_sort, User.id)
    if active is not None:
        statement = statement.where(User.active.is_(active))
    if unit_path is not None:
        statement = statement.where(Unit.path.startswith(unit_path, autoescape=True))
    for word in fold(words).split():
        statement = statement.where(or_(User.name_folded.contains(word, autoescape=True), User.email.contains(word, autoescape=True)))
    return statement


def unit_in(scopes: Iterable[Scope]) -> ColumnElement[bool]:
    """Return the condition that a unit lies inside one of *scopes*."""
    listed = list(scopes)
    if any(scope.everywhere for scope in listed):
        return true()
    return or_(false(), *(Unit.path.startswith(scope.unit_path, autoescape=True) for scope in listed if scope.unit_path is not None))
