"""Setting up an empty install: whose it is, its units, its fields, its opening. Each step may be done again; nothing is made twice."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from vietnam_provinces import ProvinceCode, Ward

from app import reference, settings
from app.access import require
from app.accounts.models import User
from app.accounts.queries import granted
from app.calendar import operations as calendar
from app.calendar.days import TermUnit
from app.calendar.models import CalendarYear, DeadlineRule
from app.calendar.queries import have_reply_term, rules_in_force
from app.calendar.rules import Evidence, PauseGround, Rule, Stage, StartEvent
from app.database import db
from app.fold import sort_key
from app.permissions import Permission
from app.units.models import Place, Unit, UnitKind
from app.units.operations import UnitFacts, create_field, create_unit, describe_root, set_signing_chain
from app.units.queries import SHORTEST_CHAIN, communes, fields, root_units, unit_by_code

STANDARD = Path(__file__).parent / "data" / "standard.toml"


#: Who has to be there for an item to be answered and signed.
HANDS = (Permission.FEEDBACK_HANDLE, Permission.FEEDBACK_APPROVE)
#: What the law sets no day for, or for some only: the install may promise one of its own, under this code.
PROMISED = ("report", "recommendation", "suggestion", "question")
OWN_TERM = "OWN_REPLY"


class NotReady(Exception):
    """Something is not there without which an item would be lost; the arguments name the steps."""


@dataclass(frozen=True)
class Step:
    """A step of set-up, which may wait for the one named by *after*.

    Without a *needed* one the site does not open: what people send would be lost.
    """

    done: Callable[[dt.date], bool]
    needed: bool = False
    after: str = ""


@cache
def standard() -> dict[str, Any]:
    """Return the fields and units that set-up offers."""
    return tomllib.loads(STANDARD.read_text("utf-8"))


def communes_of(province_code: str) -> dict[str, str]:
    """Return code and name of the communes of a province, loaded or not, by name."""
    rows = [(f"{ward.code.value:05}", ward.name) for ward in Ward.iter_by_province(ProvinceCode(int(province_code)))]
    return dict(sorted(rows, key=lambda row: sort_key(row[1])))


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
        raise NotReady("place")
    title = root.name.removeprefix("Ủy ban nhân dân ")
    made = 0
    for each in standard_units_left(root):
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


def standard_units_left(root: Unit) -> list[dict[str, Any]]:
    """Return those of the usual units of *root*'s place that are not there yet."""
    usual = [each for each in standard()[root.level] if each.get("only") in {None, root.place.kind if root.place else None}]
    there = set(db.session.scalars(db.select(Unit.code).where(Unit.code.in_([each["code"] for each in usual]))))
    return [each for each in usual if each["code"] not in there]


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


def units_without_people(today: dt.date) -> list[Unit]:
    """Return the units that answer feedback on that day and where nobody works, nor in a unit below."""
    there = Unit.handles_feedback, Unit.valid_from <= today, db.or_(Unit.valid_to.is_(None), Unit.valid_to >= today)
    homes = db.session.scalars(db.select(Unit.path).where(db.exists().where(User.unit_id == Unit.id, User.active))).all()
    return [unit for unit in db.session.scalars(db.select(Unit).where(*there)) if not any(home.startswith(unit.path) for home in homes)]


def has_own_term(today: dt.date) -> bool:
    """Say whether each of PROMISED has a day to be answered by: the law sets one for few of them."""
    return have_reply_term(PROMISED, today)


def set_own_term(amount: int, *, name: str, source: str, actor: Any, today: dt.date, now: dt.datetime) -> DeadlineRule:
    """Promise to answer each of PROMISED in *amount* working days from today on; the law's own terms go before it.

    :raise NotAllowed: :raise RuleAlreadyThere: where one begins today or later.
    """
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    rule = Rule(
        code=OWN_TERM,
        name=name,
        stage=Stage.REPLY,
        start_event=StartEvent.RECEIVED,
        amount=amount,
        unit=TermUnit.WORKING,
        source=source,
        article="",
        evidence=Evidence.SEEN,
        effective_from=today,
        applies_to={"kind": PROMISED, "sender": ("named",)},
        pause_grounds=(PauseGround.WAITING_FOR_SENDER,),
        local=True,
    )
    settings.change("no_own_term", False, actor=actor, now=now)
    before = db.session.scalar(db.select(DeadlineRule).where(DeadlineRule.code == OWN_TERM).order_by(DeadlineRule.effective_from.desc()))
    if before is None:
        return calendar.add_rule(rule, actor=actor, now=now)
    return calendar.change_rule(before, rule, actor=actor, now=now)


def set_no_own_term(*, actor: Any, now: dt.datetime) -> None:
    """Write down that no day is promised beyond the law's. :raise NotAllowed:."""
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    settings.change("no_own_term", True, actor=actor, now=now)


def _placed(_today: dt.date) -> bool:
    values = settings.all_values()
    return bool(values["province_name"] and values["code_prefix"])


def reception(today: dt.date) -> Unit | None:
    """Return the unit that gets what no rule routes, if there is one on that day."""
    chosen = settings.get("desk_unit_id")
    unit = db.session.get(Unit, chosen) if chosen is not None else None
    return unit if unit is not None and unit.exists_on(today) else None


def _received_by_somebody(today: dt.date) -> bool:
    unit = reception(today)
    return unit is not None and bool(granted(Permission.FEEDBACK_TRIAGE, on=today, over=unit))


#: In the order of the page; a domain adds its own. Needed: without a prefix no code, without somebody at a reception nobody sees the item.
STEPS: dict[str, Step] = {
    "place": Step(_placed, needed=True),
    "desk": Step(lambda today: reception(today) is not None, needed=True, after="place"),
    "receivers": Step(_received_by_somebody, needed=True, after="desk"),
    "fields": Step(lambda _today: bool(fields())),
    "people": Step(lambda today: all(granted(permission, on=today) for permission in HANDS)),
    "calendar": Step(lambda today: db.session.scalar(db.select(CalendarYear.id).where(CalendarYear.year == today.year)) is not None),
    "rules": Step(lambda today: bool(rules_in_force(today))),
    "own_term": Step(lambda today: has_own_term(today) or settings.get("no_own_term")),
}


def missing(today: dt.date) -> list[str]:
    """Return the steps that are not done, in their order."""
    return [name for name, step in STEPS.items() if not step.done(today)]


def finish(*, actor: Any, today: dt.date, now: dt.datetime) -> None:
    """Open the site. :raise NotAllowed: :raise NotReady:."""
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    if lacking := [name for name in missing(today) if STEPS[name].needed]:
        raise NotReady(*lacking)
    settings.change("set_up", True, actor=actor, now=now)
