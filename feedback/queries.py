"""Questions about items. Lists of the staff and the public are in modules beside this one when they grow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, bindparam

from app import crypto
from app.accounts.models import User
from app.accounts.queries import Hearer, reach_of
from app.assignments.rules import Duty
from app.database import db
from app.fold import fold
from app.kept import while_unchanged
from app.units.models import Unit, UnitKind
from feedback import codes, rules
from feedback.models import ExternalRef, Feedback, ReceiptKey, RoutingRule
from feedback.routes import Destination, Matter, Route, compile_route, route


def by_code(code: str) -> Feedback | None:
    """Return the item with that public code (as stored)."""
    return db.session.scalar(_BY_CODE, {"code": code})


_BY_CODE = db.select(Feedback).where(Feedback.code == bindparam("code"))


def by_reference(source: str, number: str) -> Feedback | None:
    """Return the item that has *number* in the other system *source*."""
    known = db.select(Feedback).join(ExternalRef, ExternalRef.feedback_id == Feedback.id)
    return db.session.scalar(known.where(ExternalRef.source == source, ExternalRef.number == number))


def key_of(feedback: Feedback, typed_key: str) -> ReceiptKey | None:
    """Return the receipt key that *typed_key* is, if it opens *feedback*; a part opens with the key of the whole."""
    digest = crypto.key_digest(codes.read_key(typed_key))
    key = the_key(ReceiptKey.feedback_id.in_([feedback.id, feedback.parent_id or 0]), ReceiptKey.digest == digest)
    return key if key is not None and feedback.is_ours else None  # of the right key only: a wrong one and an unknown code cost the same


def the_key(*where: ColumnElement[bool]) -> ReceiptKey | None:
    """Return the receipt key of which that is so; None too where somebody wrote it, or changed it, by hand in the database."""
    row = db.session.scalar(db.select(ReceiptKey).where(*where))
    return row if row is not None and row.is_ours else None


def standing_of(feedback: Feedback) -> rules.Standing:
    """Return what deciding needs to know of *feedback*."""
    open_ = [each for each in feedback.assignments if each.is_open]
    answering = [each for each in open_ if each.duty == Duty.ANSWER]
    return rules.Standing(
        status=rules.Status(feedback.status),
        kind=rules.Kind(feedback.kind),
        place_id=feedback.place_id,
        desk_path=feedback.desk_unit.path,
        unit_paths=tuple(each.unit.path for each in feedback.assignments),
        open_unit_paths=tuple(each.unit.path for each in answering),
        officer_ids=frozenset(each.officer_id for each in open_ if each.officer_id),
        identity_scope=rules.IdentityScope(feedback.identity_scope),
        insider=feedback.is_insider,
        accused_unit_path=feedback.accused_unit.path if feedback.accused_unit else None,
        copied_path=feedback.field.copied_to.path if feedback.field and feedback.field.copied_to else None,
        entered_by_id=feedback.entered_by_id,
        act_unit_paths=tuple(each.unit.path for each in open_ if each.duty == Duty.ACT),
    )


Anyone = TypeVar("Anyone", User, Hearer)


def not_accused(users: Iterable[Anyone], standing: rules.Standing, *, on: dt.date) -> list[Anyone]:
    """Return those of *users* who may hear of the item: none of the accused does, not even as the superior or with a role at the desk."""
    if standing.accused_unit_path is None:
        return list(users)
    return [user for user in users if not standing.concerns(*reach_of(user, on=on).paths)]


def matter_of(feedback: Feedback) -> Matter:
    """Return what routing looks at in *feedback*."""
    return Matter(
        kind=rules.Kind(feedback.kind),
        field_id=feedback.field_id,
        place_id=feedback.place_id,
        folded_text=fold(f"{feedback.title} {feedback.body}"),
        channel=rules.Channel(feedback.channel),
        insider=feedback.is_insider,
        accused_unit_path=feedback.accused_unit.path if feedback.accused_unit else None,
    )


@while_unchanged("routing_rule")
def routes() -> tuple[Route, ...]:
    """Return the active routing rules, compiled, in order."""
    return tuple([as_route(row) for row in db.session.scalars(_ROUTES)])


_ROUTES = db.select(RoutingRule).where(RoutingRule.active).order_by(RoutingRule.position, RoutingRule.id)


_keyword = lru_cache(maxsize=10_000)(fold)  # the same few hundred for every letter


def as_route(row: RoutingRule) -> Route:
    """Return the rule of a row; :raise RuleCannotCompile:."""
    return compile_route(
        Route(
            id=row.id,
            position=row.position,
            kinds=frozenset(rules.Kind(kind) for kind in row.kinds),
            field_ids=frozenset(row.field_ids),
            place_ids=frozenset(row.place_ids),
            channels=frozenset(rules.Channel(channel) for channel in row.channels),
            words=tuple(map(_keyword, row.words)),
            insider=row.insider,
            unit_id=row.unit_id,
            to_place=row.to_place,
            direct=row.direct,
        )
    )


def destination(matter: Matter, on: dt.date) -> Destination:
    """Return where the rules send *matter* on that day."""
    path_of, unit_of_place = _takers(on)
    return route(matter, routes(), unit_of_place=unit_of_place, path_of=path_of)


@while_unchanged("unit")
def _takers(on: dt.date) -> tuple[Mapping[int, str], Mapping[int, int]]:
    """Return the path of each unit that a rule may name, and the People's Committee of each commune.

    A rule whose unit takes nothing any more is passed by: intake never stops for it.
    """
    units = [unit for unit in db.session.scalars(db.select(Unit).order_by(Unit.id.desc())) if unit.exists_on(on)]
    takers = {unit.id: unit.path for unit in units if unit.handles_feedback or unit.is_reception}
    return takers, {unit.place_id: unit.id for unit in units if unit.place_id and unit.kind == UnitKind.GOVERNMENT}


def desk_for(unit: Unit | None, default_id: int, accused: Unit | None = None) -> Unit:
    """Return the reception desk that *unit*'s items belong to: its own, else the nearest above, else the default.

    The desk of the accused would read it: another has it, as long as there is one.
    """
    desks = _desks(default_id)
    default = next(desk for desk in desks if desk.id == default_id)
    if accused is not None:
        desks = tuple([desk for desk in desks if not desk.path.startswith(accused.path)]) or (default,)
        default = default if default in desks else min(desks, key=lambda desk: (len(desk.path), desk.id))
    while unit is not None:
        below = [desk for desk in desks if desk.path.startswith(unit.path)]
        if below:
            default = default if default in below else min(below, key=lambda desk: (len(desk.path), desk.id))
            break
        unit = unit.parent
    return db.session.get_one(Unit, default.id)


class _Desk(NamedTuple):
    id: int
    path: str


@while_unchanged("unit")
def _desks(default_id: int) -> tuple[_Desk, ...]:
    # The default stays one whatever became of it: an item that nobody receives would be lost.
    wanted = (Unit.is_reception & Unit.valid_to.is_(None)) | (Unit.id == default_id)
    return tuple([_Desk(*row) for row in db.session.execute(db.select(Unit.id, Unit.path).where(wanted))])
