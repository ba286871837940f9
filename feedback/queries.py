"""Questions about items. Lists of the staff and the public are in modules beside this one when they grow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

from sqlalchemy import ColumnElement, bindparam

from app import crypto
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.assignments.rules import Duty
from app.database import db
from app.fold import fold
from app.units.models import Unit
from feedback import codes, rules
from feedback.models import ExternalRef, Feedback, ReceiptKey, RoutingRule
from feedback.routes import Matter, Route, compile_route


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


def not_accused(users: Iterable[User], standing: rules.Standing, *, on: dt.date) -> list[User]:
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


def routes() -> list[Route]:
    """Return the active routing rules, compiled, in order."""
    return [as_route(row) for row in db.session.scalars(_ROUTES)]


_ROUTES = db.select(RoutingRule).where(RoutingRule.active).order_by(RoutingRule.position, RoutingRule.id)


def is_direct(rule_id: int | None) -> bool:
    """Say whether what that rule takes goes to its unit at once, without a clerk looking first."""
    rule = db.session.get(RoutingRule, rule_id) if rule_id else None
    return rule is not None and rule.direct


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
        )
    )


def committee_of(place_id: int | None, on: dt.date) -> Unit | None:
    """Return the People's Committee of a commune."""
    if place_id is None:
        return None
    return db.session.scalar(
        db.select(Unit).where(
            Unit.place_id == place_id,
            Unit.kind == "government",
            Unit.valid_from <= on,
            (Unit.valid_to.is_(None)) | (Unit.valid_to >= on),
        )
    )


def desk_for(unit: Unit | None, default_id: int, accused: Unit | None = None) -> Unit:
    """Return the reception desk that *unit*'s items belong to: its own, else the nearest above, else the default.

    The desk of the accused would read it: another has it, as long as there is one.
    """
    # The default stays one whatever became of it: an item that nobody receives would be lost.
    desks = list(db.session.scalars(db.select(Unit).where((Unit.is_reception & Unit.valid_to.is_(None)) | (Unit.id == default_id))))
    default = next(desk for desk in desks if desk.id == default_id)
    if accused is not None:
        desks = [desk for desk in desks if not desk.path.startswith(accused.path)] or [default]
        default = default if default in desks else min(desks, key=lambda desk: (len(desk.path), desk.id))
    while unit is not None:
        below = [desk for desk in desks if desk.path.startswith(unit.path)]
        if below:
            return default if default in below else min(below, key=lambda desk: (len(desk.path), desk.id))
        unit = unit.parent
    return default
