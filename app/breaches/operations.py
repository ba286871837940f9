"""Writing a breach down, that it was reported, and that it is over."""

from __future__ import annotations

import datetime as dt

from app.access import require
from app.accounts.models import User
from app.audit import record
from app.breaches import rules
from app.breaches.models import Breach
from app.calendar.queries import rules_in_force
from app.calendar.rules import Facts, Stage, choose
from app.clock import local_date
from app.database import db, lock
from app.permissions import Permission


class InTheFuture(Exception):
    """Nothing is found, or reported, later than now."""


class ReportedBeforeFound(Exception):
    """It cannot have been reported before somebody noticed it."""


class NotReported(Exception):
    """It is not over before the authority has been told."""


def note(*, found_at: dt.datetime, what: str, whose: str, done: str, actor: User, now: dt.datetime) -> Breach:
    """Write down a breach; its clock runs from the hour it was found. :raise NotAllowed: :raise InTheFuture:."""
    _require(actor)
    if found_at > now:
        raise InTheFuture
    on = local_date(found_at)
    rule = choose(rules_in_force(on, Stage.BREACH_REPORT), Facts(kind="data_breach"), Stage.BREACH_REPORT, on)
    breach = Breach(found_at=found_at, report_by=rules.report_by(found_at, rule.amount) if rule else None, noted_by=actor, noted_at=now)
    breach.what, breach.whose, breach.done = what, whose, done
    db.session.add(breach)
    db.session.flush()
    record(actor, "breach.noted", breach, at=now, report_by=breach.report_by and breach.report_by.isoformat())
    return breach


def report(breach: Breach, *, at: dt.datetime, to: str, actor: User, now: dt.datetime) -> None:
    """Write down that the authority was told; once. :raise InTheFuture: :raise ReportedBeforeFound:."""
    _require(actor)
    lock(breach)
    if at > now:
        raise InTheFuture
    if at < breach.found_at:
        raise ReportedBeforeFound
    if breach.reported_at is None:
        breach.reported_at, breach.reported_to = at, to
        record(actor, "breach.reported", breach, at=now, on=local_date(at).isoformat())
        db.session.flush()


def close(breach: Breach, *, actor: User, now: dt.datetime) -> None:
    """It is over. :raise NotReported:."""
    _require(actor)
    lock(breach)
    if breach.report_by is not None and breach.reported_at is None:
        raise NotReported
    if breach.closed_at is None:
        breach.closed_at = now
        record(actor, "breach.closed", breach, at=now)
        db.session.flush()


def _require(actor: User) -> None:
    require(actor.reach.may(Permission.SETTINGS_MANAGE))
