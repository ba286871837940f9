"""Lists of sessions, each of what a person may read."""

from __future__ import annotations

from sqlalchemy import or_, true
from sqlalchemy.orm import joinedload

from app.database import db
from app.permissions import Permission, Reach
from app.units.models import Unit
from dialogues.models import Session

PAGE = 100


def sessions(reach: Reach) -> list[Session]:
    """Return the newest :data:`PAGE` sessions that *reach* may read."""
    scopes = reach.scopes(Permission.DIALOGUE_READ)
    within = [true()] if any(scope.everywhere for scope in scopes) else []
    within += [Unit.path.startswith(scope.unit_path) for scope in scopes if scope.unit_path]
    within += [Session.place_id == scope.place_id for scope in scopes if scope.place_id]
    query = db.select(Session).join(Session.unit).where(or_(*within)).options(joinedload(Session.unit), joinedload(Session.place))
    return list(
        db.session.scalars(query.order_by(Session.starts_at.is_(None).desc(), Session.starts_at.desc(), Session.id.desc()).limit(PAGE))
    )
