"""Reading who did what, when: each entry a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement

from app import heartbeat
from app.access import requires
from app.accounts.addresses import row_id
from app.accounts.models import User
from app.accounts.queries import unit_in
from app.administration import sentences
from app.administration.forms.days import DaysForm
from app.administration.views.pages import bp
from app.audit import ACTIONS, AuditEntry
from app.chain import queries as chain
from app.chain.jobs import CHECKER
from app.clock import LOCAL
from app.database import db
from app.fold import sort_key
from app.permissions import Permission
from app.units.models import Unit

PAGE = 100

#: Conditions on entries that no list shows, of domains: who reads what was said of a thing that was sealed learns that it was.
left_out: list[Callable[[], ColumnElement[bool]]] = []


@bp.get("/nhat-ky")
@requires(Permission.AUDIT_READ)
def audit() -> str:
    """Show entries, newest first, by action, person, thing and days."""
    action, person, subject = request.args.get("viec", ""), row_id("nguoi"), request.args.get("ve", "")
    days = DaysForm(request.args)
    days.validate()
    since, until = days.tu.data, days.den.data
    statement = _within(db.select(AuditEntry).where(AuditEntry.subject_type.not_in(sentences.SECRET)).order_by(AuditEntry.id.desc()))
    for condition in left_out:
        statement = statement.where(~condition())
    if action:
        statement = statement.where((AuditEntry.action == action) | AuditEntry.action.startswith(action + ".", autoescape=True))
    if person is not None:
        statement = statement.where(AuditEntry.actor_kind == "user", AuditEntry.actor_id == person)
    kind, _colon, number = subject.partition(":")
    if subject:
        fits = number.isascii() and number.isdecimal() and len(number) < 19  # noqa: PLR2004 - what a bigint holds
        statement = statement.where(AuditEntry.subject_type == kind, AuditEntry.subject_id == (int(number) if fits else -1))
    if since:
        statement = statement.where(AuditEntry.at >= dt.datetime.combine(since, dt.time(), LOCAL))
    if until:
        statement = statement.where(AuditEntry.at < dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), LOCAL))
    before = row_id("truoc")
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    rows = list(db.session.scalars(statement.limit(PAGE + 1)))
    here: dict[str, Any] = {name: value for name, value in request.args.items() if value and name in {"viec", "nguoi", "ve"}}
    here |= {field.name: field.data.isoformat() for field in days if field.data}
    return render_template(
        "administration/audit.html",
        lines=sentences.tell(rows[:PAGE]),
        sealed=chain.states(rows[:PAGE]),
        here=here,
        person=db.session.get(User, person) if person is not None else None,
        groups=_groups(),
        group_words=sentences.GROUPS,
        days=days,
        next_url=url_for(".audit", **here, truoc=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        first_url=url_for(".audit", **here) if before is not None else None,
    )


def _groups() -> list[str]:
    """Return the first parts of the actions, as people order what they are called."""
    named = {name.partition(".")[0] for name in ACTIONS} & sentences.GROUPS.keys()
    return sorted(named, key=lambda group: sort_key(str(sentences.GROUPS[group])))


@bp.get("/nhat-ky/moc")
@requires(Permission.AUDIT_READ)
def anchors() -> str:
    """Show the anchors, to print, and what the last check came to."""
    before = row_id("truoc")
    rows = chain.anchors(before=before, limit=PAGE + 1)
    return render_template(
        "administration/anchors.html",
        rows=rows[:PAGE],
        checked=heartbeat.last(CHECKER),
        next_url=url_for(".anchors", truoc=rows[PAGE - 1].seq) if len(rows) > PAGE else None,
        first_url=url_for(".anchors") if before is not None else None,
    )


def _within(statement: Any) -> Any:
    """Leave what the people of the reader's units did; all of it for a reader of the whole install."""
    scopes = current_user.reach.scopes(Permission.AUDIT_READ)
    if any(scope.everywhere for scope in scopes):
        return statement
    return statement.where(AuditEntry.actor_unit_id.in_(db.select(Unit.id).where(unit_in(scopes))))
