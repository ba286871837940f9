"""Things to test with: plain functions with defaults. They flush; the caller commits where another session must see it."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
from collections.abc import Iterable
from typing import Any

from app import clock
from app.accounts import passwords, sessions
from app.accounts.models import Grant, User
from app.accounts.queries import reach_of
from app.database import db
from app.fold import fold, sort_key
from app.permissions import Role
from app.units.models import Field, Place, Unit, UnitKind

_number = itertools.count(1)

#: Before every day a test plays on.
LONG_AGO = dt.date(2020, 1, 1)


def make_place(**over: Any) -> Place:
    """Return a stored ward."""
    number = next(_number)
    values: dict[str, Any] = {"code": f"P{number:05}", "name": f"Việt Yên {number}", "kind": "ward"} | over
    values |= {"folded": fold(values["name"]), "sort_key": sort_key(values["name"])}
    return _stored(Place(**values))


def make_unit(*, parent: Unit | None = None, **over: Any) -> Unit:
    """Return a stored unit, below *parent* or at the top."""
    number = next(_number)
    name = over.get("name", f"Sở thử số {number}")
    values: dict[str, Any] = {
        "code": f"don-vi-{number}",
        "name": name,
        "short_name": name,
        "kind": UnitKind.DEPARTMENT,
        "level": "province",
        "valid_from": LONG_AGO,
        "path": "",
    } | over
    unit = _stored(Unit(parent_id=None if parent is None else parent.id, **values))
    unit.path = f"{parent.path if parent else '/'}{unit.id}/"
    db.session.flush()
    return unit


def make_user(
    *,
    unit: Unit | None = None,
    roles: Iterable[Role | tuple[Role, Unit | Place | None]] = (),
    password: str | None = None,
    **over: Any,
) -> User:
    """Return a stored person with `reach` set for today.

    Each of *roles* holds over the person's own unit; (role, unit) over that unit, (role, place) in that area,
    (role, None) everywhere. Hashing a *password* costs 30 ms: give one only to who signs in.
    """
    number = next(_number)
    name = over.pop("name", f"Nguyễn Văn Thử {number}")
    home = unit or make_unit()
    values: dict[str, Any] = {
        "email": f"nguoi.{number}@bacninh.example",
        "form_of_address": "ông",
        "invitation_salt": secrets.token_hex(16),
        "password_hash": passwords.digest(password) if password else None,
        "preferences": {},
        "created_at": clock.now(),
    } | over
    user = _stored(User(name=name, unit_id=home.id, **values))
    for each in roles:
        role, scope = each if isinstance(each, tuple) else (each, home)
        db.session.add(
            Grant(
                user_id=user.id,
                role=role,
                everywhere=scope is None,
                unit_id=scope.id if isinstance(scope, Unit) else None,
                place_id=scope.id if isinstance(scope, Place) else None,
                starts_on=LONG_AGO,
            )
        )
    db.session.flush()
    user.reach = reach_of(user, on=clock.today())
    return user


def make_field(**over: Any) -> Field:
    """Return a stored field of public business."""
    number = next(_number)
    return _stored(Field(**({"code": f"linh-vuc-{number}", "name": f"Lĩnh vực {number}", "position": number} | over)))


def _stored(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


#: The kinds of browser that tests sign people in to: the client that asks without one, and the one that shows pages.
IN_CLIENT, IN_CHROMIUM = "other/other", "chrome/linux"


def sign_in(client: Any, user: User, *, browser: str = IN_CLIENT) -> None:
    """Make *client* the signed-in *user*, without the form: what the form does is tested where it lives."""
    sessions.begin(user, browser=browser, now=clock.now())
    db.session.commit()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user.get_id(), True
