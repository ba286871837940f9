"""The list of sessions, and the first page of one: where it stands and what the next step lacks."""

from __future__ import annotations

from flask import render_template
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.access import requires
from app.permissions import Permission
from dialogues import lists, queries, rules
from dialogues.rules import Status
from dialogues.views.staff.pages import add_room, bp, load

add_room("dialogue_staff.session", _l("Tổng quan"), 0)

#: The way a session goes when nothing is put off.
WAY = (
    Status.DRAFT,
    Status.PLANNED,
    Status.ANNOUNCED,
    Status.READY,
    Status.IN_SESSION,
    Status.HELD,
    Status.CONCLUDED,
    Status.PUBLISHED,
    Status.ARCHIVED,
)


@bp.get("/")
@requires(Permission.DIALOGUE_READ)
def sessions() -> str:
    """Show the sessions of the person's units, what comes next first."""
    return render_template("dialogues/staff/sessions.html", rows=lists.sessions(current_user.reach), today=clock.today())


@bp.get("/<code>")
@requires(Permission.DIALOGUE_READ)
def session(code: str) -> str:
    """Show one session: where it stands, and what its next step lacks."""
    found, today = load(code), clock.today()
    following = next((status for status in WAY if status in rules.TRANSITIONS[Status(found.status)]), None)
    return render_template(
        "dialogues/staff/session.html",
        session_=found,
        way=WAY,
        following=following,
        lacks=rules.lacks(following, queries.facts_of(found, today)) if following else [],
        late=queries.is_late(found, today),
        may_prepare=rules.may_prepare(current_user.reach, queries.standing_of(found)),
    )
