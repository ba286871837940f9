"""What everyone may see of sessions: those that were announced, and of their questions the masked copies only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func
from sqlalchemy.orm import joinedload

from app import crypto
from app.database import db
from app.units.models import Place, Unit
from dialogues import queries, rules
from dialogues.models import Question, Session, Support
from dialogues.rules import SHOWN, Status

#: The day that was told still holds, or was kept; postponed, the old one does not and the new one is told by a new announcement.
DAY_STANDS = frozenset({*rules.SUPPORTED_IN, Status.HELD, Status.CONCLUDED, Status.PUBLISHED, Status.ARCHIVED})
#: What lies ahead: on the list above, the nearest first.
AHEAD = frozenset({*rules.SUPPORTED_IN, Status.POSTPONED, Status.PLANNED})


def by_code(code: str) -> Session | None:
    """Return the session with that code, if it was ever announced."""
    found = queries.by_code(code)
    return found if found is not None and found.announced_at is not None else None


def day_stands(session: Session) -> bool:
    """Say whether day and hour may be told."""
    return session.status in DAY_STANDS


def last_told(session: Session) -> tuple[dt.datetime, dt.datetime | None]:
    """Return when *session*, which has an hour, begins and ends as everyone was told: an hour that it was put off to is told later."""
    assert session.starts_at is not None
    assert session.announced_at is not None
    if session.status in {Status.POSTPONED, Status.CANCELLED}:
        put_off = queries.put_off(session)
        told = put_off.facts.get("starts_at") if put_off is not None else None
        if told and dt.datetime.fromisoformat(told) != session.starts_at:
            return dt.datetime.fromisoformat(told), None
    return session.starts_at, session.ends_at


def takes_questions(session: Session, now: dt.datetime) -> bool:
    """Say whether a question may be sent beforehand now."""
    last = min((each for each in (session.questions_until, session.starts_at) if each is not None), default=None)
    return session.status in rules.ASKED_IN and last is not None and now < last


def takes_support(session: Session) -> bool:
    """Say whether others may still say that they want to know it, too."""
    return session.status in rules.SUPPORTED_IN


def is_shown(question: Question) -> bool:
    """Say whether everyone may read the masked copy of *question*."""
    return bool(question.public_text) and question.state in SHOWN


def untold(session: Session) -> list[Question]:
    """Return what was put at *session* and may not be read: once the result is out everyone sees only how it was answered."""
    if session.status not in rules.OUT:
        return []
    return [question for question in queries.raised(session) if not (question.public_text or question.may_be_told)]


def questions(session: Session) -> list[Question]:
    """Return the questions that everyone may read: those for the day in their order, then the others as they came."""
    shown = [question for question in session.questions if is_shown(question)]
    return sorted(shown, key=lambda question: (not question.for_the_day, question.position, question.id))


def supports(session: Session) -> dict[int, int]:
    """Return how many others want to know it, of each question of *session* (by its id) that anybody supports."""
    query = db.select(Support.question_id, func.count()).join(Support.question).where(Question.session_id == session.id)
    return dict(db.session.execute(query.group_by(Support.question_id)).all())


def support_digest(question: Question, device: str) -> str:
    """Return what is kept of *device*. Bound to the question: nobody can read from the table what one device supported."""
    return crypto.blind_index(f"support:{question.id}:{device}")


def supported(session: Session, device: str | None) -> frozenset[int]:
    """Return the questions of *session* (by their ids) that *device* supports."""
    if device is None:
        return frozenset()
    digests = [support_digest(question, device) for question in session.questions]
    return frozenset(db.session.scalars(db.select(Support.question_id).where(Support.device_digest.in_(digests))))


def ahead(*, place: Place | None = None, unit: Unit | None = None, limit: int = 100) -> Sequence[Session]:
    """Return the announced sessions that are still to come or being held, the nearest first, those put off last."""
    put_off = Session.status.in_([Status.POSTPONED, Status.PLANNED])
    return db.session.scalars(_announced(AHEAD, place, unit).order_by(put_off, Session.starts_at, Session.id).limit(limit)).all()


def past(
    *, place: Place | None = None, unit: Unit | None = None, before: tuple[dt.datetime, int] | None = None, limit: int = 20
) -> Sequence[Session]:
    """Return the sessions that were held or called off, the newest first, from behind the keyset *before* (starts_at, id)."""
    query = _announced(frozenset(Status) - AHEAD, place, unit)
    if before is not None:
        at, id_ = before
        query = query.where((Session.starts_at < at) | ((Session.starts_at == at) & (Session.id < id_)))
    return db.session.scalars(query.order_by(Session.starts_at.desc(), Session.id.desc()).limit(limit)).all()


def _announced(statuses: frozenset[Status], place: Place | None, unit: Unit | None) -> db.Select[tuple[Session]]:
    query = db.select(Session).where(Session.announced_at.is_not(None), Session.starts_at.is_not(None), Session.status.in_(statuses))
    if place is not None:
        query = query.where(Session.place_id == place.id)
    if unit is not None:
        query = query.where(Session.unit_id == unit.id)
    return query.options(joinedload(Session.unit), joinedload(Session.place), joinedload(Session.field))
