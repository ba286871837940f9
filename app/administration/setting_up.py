"""Setting up an empty install: whose it is, its units, its fields. Each step may be done again; nothing is made twice."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

from vietnam_provinces import ProvinceCode, Ward

from app import reference, settings
from app.access import require
from app.database import db
from app.fold import fold
from app.permissions import Permission
from app.units.models import Place, Unit, UnitKind
from app.units.operations import UnitFacts, create_field, create_unit, describe_root, set_signing_chain
from app.units.queries import SHORTEST_CHAIN, communes, fields, root_units, unit_by_code

STANDARD = Path(__file__).parent / "data" / "standard.toml"


class NotReady(Exception):
    """Set-up cannot end: *missing* names what is not there yet: place, desk, fields."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(*missing)
        self.missing = missing


@cache
def standard() -> dict[str, Any]:
    """Return the fields and units that set-up offers."""
    return tomllib.loads(STANDARD.read_text("utf-8"))


def communes_of(province_code: str) -> dict[str, str]:
    """Return code and name of the communes of a province, loaded or not, by name."""
    rows = [(f"{ward.code.value:05}", ward.name) for ward in Ward.iter_by_province(ProvinceCode(int(province_code)))]
    return dict(sorted(rows, key=lambda row: fold(row[1])))


def choose_place(province_code: str, commune_code: str | None, *, actor: Any, now: dt.datetime) -> Unit:
    """Make the install that of a province, or of one commune in it, and return the unit at its top, named for the place.

    :raise NotAllowed: :raise ProvinceUnknown:
    """
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    province = reference.load_communes(province_code)
    place = province if commune_code is None else db.session.execute(db.select(Place).where(Place.code == commune_code)).scalar_one()
    province_name = province_title(province)
    name = f"Ủy ban nhân dân {province_name if place is province else place.full_name}"
    root = root_units()[0]
    facts = UnitFacts(
        code="ubnd",
        name=name,
        short_name=name.replace("Ủy ban nhân dân", "UBND"),
        kind=UnitKind.GOVERNMENT,
        level="province" if place is province else "commune",
        place_id=place.id,
        valid_from=root.valid_from,
    )
    describe_root(root, facts, actor=actor, now=now)
    if not root.signing_chain:
        set_signing_chain(root, [str(step) for step in SHORTEST_CHAIN], actor=actor, now=now)
    prefix = "".join(word[0] for word in place.folded.split())[:3].upper()
    for setting, value in {"province_name": province_name, "authority_name": name, "code_prefix": prefix}.items():
        settings.change(setting, value, actor=actor, now=now)
    return root


def province_title(province: Place) -> str:
    """Return the province with its kind: "tỉnh Bắc Ninh", "thành phố Huế"."""
    return f"thành phố {province.name.removeprefix('Thành phố ')}" if province.name.startswith("Thành phố ") else f"tỉnh {province.name}"


def make_standard_units(*, actor: Any, today: dt.date, now: dt.datetime) -> int:
    """Make the usual units of the chosen place that are not there yet, and set who receives; return how many were made.

    A province gets its communes' People's Committees too. :raise NotAllowed: :raise NotReady:
    """
    root = root_units()[0]
    if root.place is None:
        raise NotReady(["place"])
    title = root.name.removeprefix("Ủy ban nhân dân ")
    made = 0
    for each in standard()[root.level]:
        if each.get("only") not in {None, root.place.kind} or unit_by_code(each["code"]) is not None:
            continue
        facts = UnitFacts(
            code=each["code"],
            name=each["name"].format(place=title),
            short_name=each["short_name"],
            kind=each["kind"],
            level=root.level,
            place_id=root.place_id if root.level == "commune" else None,
            is_reception=each.get("desk", False),
            valid_from=today,
        )
        unit = create_unit(facts, parent=None if each.get("top") else root, actor=actor, now=now)
        made += 1
        for flag, setting in (("desk", "desk_unit_id"), ("standing_body", "standing_body_id")):
            if each.get(flag):
                settings.change(setting, unit.id, actor=actor, now=now)
    if root.level == "province":
        made += sum(_committee(place, root, actor=actor, today=today, now=now) for place in communes())
    return made


def _committee(place: Place, root: Unit, *, actor: Any, today: dt.date, now: dt.datetime) -> bool:
    code = f"ubnd-{place.code}"
    if unit_by_code(code) is not None:
        return False
    facts = UnitFacts(
        code=code,
        name=f"Ủy ban nhân dân {place.full_name}",
        short_name=f"UBND {place.full_name}",
        kind=UnitKind.GOVERNMENT,
        level="commune",
        place_id=place.id,
        valid_from=today,
    )
    create_unit(facts, parent=root, actor=actor, now=now)
    return True


def make_standard_fields(codes: Collection[str], *, actor: Any, now: dt.datetime) -> int:
    """Make those of the standard fields that were chosen and are not there yet; return how many."""
    present = {field.code for field in fields(active=None)}
    chosen = [each for each in standard()["field"] if each["code"] in codes and each["code"] not in present]
    for each in chosen:
        create_field(
            code=each["code"],
            name=each["name"],
            hint=each["hint"],
            insider=each.get("insider", False),
            regulation=each.get("regulation", False),
            copied_to=None,
            actor=actor,
            now=now,
        )
    return len(chosen)


def missing() -> list[str]:
    """Return what set-up still lacks: place, desk, fields."""
    values = settings.all_values()
    roots = root_units()
    return [
        name
        for name, there in {
            "place": bool(roots and roots[0].place_id and values["code_prefix"]),
            "desk": values["desk_unit_id"] is not None,
            "fields": bool(fields()),
        }.items()
        if not there
    ]


def finish(*, actor: Any, now: dt.datetime) -> None:
    """Open the site. :raise NotAllowed: :raise NotReady:."""
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    if lacking := missing():
        raise NotReady(lacking)
    settings.change("set_up", True, actor=actor, now=now)
