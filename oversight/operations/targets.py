"""A unit declares how it stands with a target and shows a paper for it; the standing body confirms or returns that."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.access import require
from app.accounts.models import User
from app.accounts.queries import holders
from app.audit import record
from app.clock import local_date
from app.database import db, lock
from app.files import StoredFile
from app.outbox import notify_users
from app.permissions import Permission
from app.units.models import Unit
from dialogues.duties import binds
from oversight import reports
from oversight.models import TargetDeclaration
from oversight.reports import targets
from oversight.rules import targets as rules
from oversight.rules.targets import Outcome, State

TEMPLATE = "oversight/notices/target"


class NotBound(Exception):
    """No target of that code binds the unit in that year, or it is counted and nobody declares it."""


class AlreadyDeclared(Exception):
    """A declaration stands: it is withdrawn first."""


class NoEvidence(Exception):
    """Met is shown by a paper: its number and date, or a file."""


class YearAhead(Exception):
    """The year has not begun."""


@dataclass(frozen=True)
class Said:
    """What a unit says."""

    outcome: Outcome
    paper_number: str = ""
    paper_on: dt.date | None = None
    note: str = ""
    file: StoredFile | None = None


def declare(unit: Unit, code: str, year: int, said: Said, *, actor: User, now: dt.datetime) -> TargetDeclaration:
    """Declare how *unit* stands. :raise NotAllowed: :raise NotBound: :raise AlreadyDeclared: :raise NoEvidence: :raise YearAhead:"""
    require(rules.may_declare(actor.reach, unit))
    if year > local_date(now).year:
        raise YearAhead
    lock(unit)  # two people of the unit at once: the second finds the first
    target = next((each for each in targets.of_year(year) if each.code == code), None)
    if target is None or target.counted_by == rules.DIALOGUE or not binds(target, unit):
        raise NotBound
    if any(each.state in rules.STANDING for each in targets.declarations(unit, code, year)):
        raise AlreadyDeclared
    if said.outcome == Outcome.MET and said.file is None and not (said.paper_number and said.paper_on):
        raise NoEvidence
    row = TargetDeclaration(
        unit=unit, code=code, year=year, outcome=said.outcome, paper_number=said.paper_number, paper_on=said.paper_on, note=said.note,
        file=said.file, declared_by=actor, declared_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    record(actor, "target.declared", row, at=now, unit_id=unit.id, code=code, year=year, outcome=str(said.outcome))
    body = reports.standing_body()
    if body is not None:
        _tell(holders(Permission.OVERSIGHT_REMIND, body, on=local_date(now), above=False), row, "declared", actor, now)
    return row


def confirm(row: TargetDeclaration, *, actor: User, now: dt.datetime) -> None:
    """The standing body confirms it. :raise NotAllowed: :raise IllegalTransition:"""
    _decide(row, State.CONFIRMED, "", actor, now)
    record(actor, "target.confirmed", row, at=now, unit_id=row.unit_id, code=row.code, year=row.year)


def send_back(row: TargetDeclaration, why: str, *, actor: User, now: dt.datetime) -> None:
    """The standing body returns it and says why. :raise NotAllowed: :raise IllegalTransition:"""
    _decide(row, State.RETURNED, why, actor, now)
    record(actor, "target.returned", row, at=now, unit_id=row.unit_id, code=row.code, year=row.year)


def withdraw(row: TargetDeclaration, why: str, *, actor: User, now: dt.datetime) -> None:
    """The unit takes back what it declared, confirmed or not, and says why. :raise NotAllowed: :raise IllegalTransition:"""
    lock(row)
    require(rules.may_declare(actor.reach, row.unit))
    rules.check(State(row.state), State.WITHDRAWN)
    row.state, row.reason = State.WITHDRAWN, why
    db.session.flush()
    record(actor, "target.withdrawn", row, at=now, unit_id=row.unit_id, code=row.code, year=row.year)


def _decide(row: TargetDeclaration, to: State, why: str, actor: User, now: dt.datetime) -> None:
    lock(row)
    require(rules.may_confirm(actor.reach, row.unit, reports.standing_body()))
    rules.check(State(row.state), to)
    row.state, row.reason, row.decided_by, row.decided_at = to, why, actor, now
    db.session.flush()
    _tell([row.declared_by], row, str(to), actor, now)


def _tell(people: list[User], row: TargetDeclaration, what: str, actor: User, now: dt.datetime) -> None:
    others = [user for user in people if user.id != actor.id]
    notify_users(
        others, TEMPLATE, row, f"{what}:{now.isoformat()}", now=now,
        what=what, unit_id=row.unit_id, unit=row.unit.short_name, code=row.code, year=row.year,
    )  # fmt: skip
