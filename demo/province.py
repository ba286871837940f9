"""Creates the demo province in an empty install: places, units, fields, people, delegations, routing rules, settings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from app import reference, settings
from app.access import SYSTEM
from app.accounts import operations as accounts
from app.accounts import passwords, rights
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.audit import record
from app.calendar.operations import load_shipped
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from app.units import operations as units
from app.units.models import Field, Place, Unit
from app.units.queries import communes
from demo import content
from feedback import queries
from feedback.models import RoutingRule

#: Two tiers of government since this day: the units of the demo are there from then on, and its people were entered then.
FOUNDED_ON = dt.date(2025, 7, 1)
FOUNDED = dt.datetime.combine(FOUNDED_ON, dt.time(8), LOCAL)

ADMINISTRATOR = "nguyen.tuan.kiet"
FORMS_OF_ADDRESS = {"male": "ông", "female": "bà"}


@dataclass(frozen=True)
class Province:
    """What was created, by the names the items use."""

    places: dict[str, Place]  # Phường Việt Yên
    units: dict[str, Unit]  # viet-yen
    fields: dict[str, Field]  # dat-dai
    users: dict[str, User]  # than.van.luong


def create(*, today: dt.date) -> Province:
    """Create everything but the items, delegations around *today*; app.reference must be loaded, and the caller commits."""
    with db.session.no_autoflush:  # each operation writes what it made
        load_shipped(local_rules=True, now=FOUNDED)
        places = _places()
        admin = _administrator(places)
        made = _units(places, admin)
        fields = _fields(made, admin)
        people = _people(made, admin, today=today)
        _routing(made, fields)
        _settings(made, admin)
    return Province(places, made, fields, people)


def _places() -> dict[str, Place]:
    reference.load_communes(str(content.PROVINCE_CODE))
    remote = set(content.read("units")["commune"]["remote"])
    by_code = {place.code: place for place in communes()}
    places = {commune.full_name: by_code[commune.code] for commune in content.communes()}
    for full_name in remote:
        places[full_name].remote = True
    return places


def _facts(row: content.UnitRow, places: dict[str, Place]) -> units.UnitFacts:
    commune = next((each for each in content.communes() if each.slug == row.commune), None)
    return units.UnitFacts(
        code=row.code,
        name=row.name,
        short_name=row.short_name,
        kind=row.kind,
        level=row.level,
        place_id=places[commune.full_name].id if commune else None,
        is_reception=row.reception,
        handles_feedback=row.handles,
        valid_from=FOUNDED_ON,
    )


def _administrator(places: dict[str, Place]) -> User:
    """Make the root unit and, as on any first start, the administrator who makes everything else."""
    rows = {row.code: row for row in content.units()}
    root = units.create_root(_facts(rows[content.read("units")["root"]], places), actor=SYSTEM, now=FOUNDED)
    who = next(user for user in content.read("users")["user"] if user["login"] == ADMINISTRATOR)
    admin = accounts.create_administrator(
        name=who["name"],
        email=content.email(who["login"]),
        form_of_address=FORMS_OF_ADDRESS[who["gender"]],
        digest=passwords.digest(content.read("users")["password"]),
        unit=root,
        actor=SYSTEM,
        now=FOUNDED,
    )
    admin.title = who["title"]
    admin.reach = reach_of(admin, on=FOUNDED_ON)
    return admin


def _units(places: dict[str, Place], admin: User) -> dict[str, Unit]:
    """Make every unit, at once those whose parent is there: each in its own savepoint, after its own questions, takes ten times as long."""
    made = {admin.unit.code: admin.unit}
    rows = content.units()
    while len(made) < len(rows):
        below = [row for row in rows if row.code not in made and (row.parent is None or row.parent in made)]
        level = [_below(made.get(row.parent or ""), _facts(row, places)) for row in below]
        db.session.add_all(level)
        db.session.flush()  # a path ends in the unit's own id
        for unit in level:
            unit.path += f"{unit.id}/"
            record(admin, "unit.created", unit, at=FOUNDED, parent_id=unit.parent_id)
            made[unit.code] = unit
    for row in rows:
        if row.signing_chain:
            units.set_signing_chain(made[row.code], row.signing_chain, actor=admin, now=FOUNDED)
    return made


def _below(parent: Unit | None, facts: units.UnitFacts) -> Unit:
    return Unit(**vars(facts), parent_id=parent.id if parent else None, path=parent.path if parent else "/", signing_chain=[])


def _fields(made: dict[str, Unit], admin: User) -> dict[str, Field]:
    return {
        row["code"]: units.create_field(
            code=row["code"],
            name=row["name"],
            hint=row["hint"],
            insider=row.get("insider", False),
            regulation=row.get("regulation", False),
            copied_to=made[row["copy_to"]] if "copy_to" in row else None,
            actor=admin,
            now=FOUNDED,
        )
        for row in content.read("fields")["field"]
    }


def _people(made: dict[str, Unit], admin: User, *, today: dt.date) -> dict[str, User]:
    data = content.read("users")
    people = {ADMINISTRATOR: admin}
    for row in data["user"]:
        if row["login"] != ADMINISTRATOR:
            people[row["login"]] = _person(row, made, admin)
    for row in data["delegation"]:
        rights.delegate(
            people[row["from"]],
            people[row["to"]],
            form=row["form"],
            starts_on=today + dt.timedelta(days=row["starts"]),
            ends_on=today + dt.timedelta(days=row["ends"]),
            actor=admin,
            today=FOUNDED_ON,
            now=FOUNDED,
        )
    return people


def _person(row: dict[str, Any], made: dict[str, Unit], admin: User) -> User:
    person = accounts.create_user(
        name=row["name"],
        email=content.email(row["login"]),
        form_of_address=FORMS_OF_ADDRESS[row["gender"]],
        title=row["title"],
        unit=made[row["unit"]],
        actor=admin,
        now=FOUNDED,
    )
    # One password for all is hashed once: sixty times would take two seconds of a first start.
    accounts.set_password(person, admin.password_hash or "", now=FOUNDED)
    for held in row["roles"]:
        unit = None if held["scope"] == "*" else made[held["scope"]]
        rights.give_role(person, Role(held["role"]), unit=unit, starts_on=FOUNDED_ON, actor=admin, today=FOUNDED_ON, now=FOUNDED)
    return person


def _routing(made: dict[str, Unit], fields: dict[str, Field]) -> None:
    data = content.read("routing")
    rows = [*data["rule"], {"name": "Mọi việc khác: bộ phận tiếp nhận của tỉnh phân loại", "to": data["default"]}]
    for position, row in enumerate(rows, start=1):
        rule = RoutingRule(
            position=position,
            name=row["name"],
            kinds=row.get("kinds", []),
            channels=row.get("channels", []),
            field_ids=[fields[code].id for code in row.get("fields", [])],
            words=row.get("words", []),
            direct=row.get("direct", True),
            unit=None if row["to"] == "commune" else made[row["to"]],
            to_place=row["to"] == "commune",
        )
        db.session.add(rule)
        db.session.flush()
        queries.as_route(rule)  # refuses what cannot work, as the administrator's form does


def _settings(made: dict[str, Unit], admin: User) -> None:
    data = content.read("units")
    values = {
        "province_name": "tỉnh Bắc Ninh",
        "authority_name": made[data["root"]].name,
        "code_prefix": data["code_prefix"],
        "desk_unit_id": made[data["reception"]].id,
        "standing_body_id": next(made[row["code"]].id for row in data["unit"] if row.get("standing_body")),
        "second_factor_roles": [],  # so that everybody can try everything
        "set_up": True,
    }
    for name, value in values.items():
        settings.change(name, value, actor=admin, now=FOUNDED)
