"""What an administrator does to the routing table and to the words that letters start from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.access import require
from app.accounts.models import User
from app.audit import record
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from feedback import queries
from feedback.models import LetterTemplate, RoutingRule

#: What can be asked of an item; a rule that asks nothing and names a unit takes everything that is left. The committee of the
#: place is no such unit: an item may have no place, or one without a committee.
CONDITIONS = ("kinds", "field_ids", "place_ids", "channels", "words", "insider")


class TargetGone(Exception):
    """The unit that the rule names is not there today, or neither takes items nor sorts them."""


class DefaultTwice(Exception):
    """A second rule without conditions would never be reached."""


class DefaultNeeded(Exception):
    """The rule for everything that is left stays: last, in use, without conditions, to one unit."""


@dataclass(frozen=True, kw_only=True)
class RuleFacts:
    """What a routing rule says."""

    name: str
    kinds: Sequence[str] = ()
    field_ids: Sequence[int] = ()
    place_ids: Sequence[int] = ()
    channels: Sequence[str] = ()
    words: Sequence[str] = ()
    insider: bool | None = None
    unit_id: int | None = None
    to_place: bool = False
    direct: bool = True

    def values(self) -> dict[str, Any]:
        """Return the columns of the row."""
        return {name: list(value) if isinstance(value, (list, tuple)) else value for name, value in vars(self).items()}


def is_default(row: RoutingRule) -> bool:
    """Say whether *row* takes everything that reaches it: it asks nothing, not even where."""
    return not row.to_place and not any(getattr(row, name) not in ([], None) for name in CONDITIONS)


def all_rules() -> list[RoutingRule]:
    """Return every rule in its order, those not in use among them."""
    return list(db.session.scalars(db.select(RoutingRule).order_by(RoutingRule.position, RoutingRule.id)))


def default_rule(order: Sequence[RoutingRule] | None = None) -> RoutingRule | None:
    """Return the rule in use that takes everything that is left: the last one without conditions."""
    return next((each for each in reversed(all_rules() if order is None else order) if each.active and is_default(each)), None)


def check(facts: RuleFacts, *, today: dt.date) -> RoutingRule:
    """Return *facts* as a row that is in no session. A rule that cannot work cannot be saved, nor tried.

    :raise RuleCannotCompile: :raise TargetGone:
    """
    row = RoutingRule(position=0, active=True, **facts.values())
    queries.as_route(row)
    unit = db.session.get(Unit, facts.unit_id) if facts.unit_id is not None else None
    if facts.unit_id is not None and (unit is None or not unit.exists_on(today) or not (unit.handles_feedback or unit.is_reception)):
        raise TargetGone
    return row


def create(facts: RuleFacts, *, actor: User, today: dt.date, now: dt.datetime) -> RoutingRule:
    """Add a rule behind the others, before the one for everything that is left.

    :raise RuleCannotCompile: :raise TargetGone: :raise DefaultTwice: :raise NotAllowed:
    """
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    row = check(facts, today=today)
    order = all_rules()
    default = default_rule(order)
    if default is not None and is_default(row):
        raise DefaultTwice
    db.session.add(row)
    _number([*(each for each in order if each is not default), row, *([default] if default else [])])
    db.session.flush()
    record(actor, "routing.changed", row, at=now, changed=["created"])
    return row


def change(row: RoutingRule, facts: RuleFacts, *, actor: User, today: dt.date, now: dt.datetime) -> None:
    """Change what *row* says; what was routed before stays where it went.

    :raise RuleCannotCompile: :raise TargetGone: :raise DefaultTwice: :raise DefaultNeeded: :raise NotAllowed:
    """
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    new, default = check(facts, today=today), default_rule()
    if row is default and not is_default(new):
        raise DefaultNeeded
    if row is not default and default is not None and is_default(new):
        raise DefaultTwice
    values = facts.values()
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        record(actor, "routing.changed", row, at=now, changed=changed)
    db.session.flush()


def move(row: RoutingRule, *, up: bool, actor: User, now: dt.datetime) -> None:
    """Let *row* change places with the rule before or behind it; the one for everything that is left stays last.

    :raise NotAllowed:
    """
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    everything = all_rules()
    default = default_rule(everything)
    order = [each for each in everything if each is not default]
    if row is default:
        return
    here = order.index(row)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    _number([*order, *([default] if default else [])])
    record(actor, "routing.changed", row, at=now, changed=["position"])
    db.session.flush()


def switch(row: RoutingRule, *, active: bool, actor: User, today: dt.date, now: dt.datetime) -> None:
    """Use *row* or not.

    :raise DefaultNeeded: :raise DefaultTwice: :raise TargetGone: :raise RuleCannotCompile: :raise NotAllowed:
    """
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    default = default_rule()
    if row is default and not active:
        raise DefaultNeeded
    if active and not row.active:
        check(facts_of(row), today=today)
        if default is not None and is_default(row):
            raise DefaultTwice
    if row.active != active:
        row.active = active
        record(actor, "routing.changed", row, at=now, changed=["active"])
    db.session.flush()


def facts_of(row: RoutingRule) -> RuleFacts:
    """Return what *row* says."""
    return RuleFacts(**{name: getattr(row, name) for name in RuleFacts.__dataclass_fields__})


def _number(order: Sequence[RoutingRule]) -> None:
    for position, each in enumerate(order, start=1):
        each.position = position


# --- letters --------------------------------------------------------------------------------------------------------


def create_template(*, name: str, paper_type: str, field_id: int | None, body: str, actor: User, now: dt.datetime) -> LetterTemplate:
    """Add words to start a letter from. :raise NotAllowed:."""
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    row = LetterTemplate(name=name, paper_type=paper_type, field_id=field_id, body=body)
    db.session.add(row)
    db.session.flush()
    record(actor, "template.changed", row, at=now, changed=["created"])
    return row


def change_template(row: LetterTemplate, *, actor: User, now: dt.datetime, **values: Any) -> None:
    """Change a letter's words, or whether it is offered; letters begun from it stay as they are. :raise NotAllowed:."""
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        record(actor, "template.changed", row, at=now, changed=changed)
    db.session.flush()
