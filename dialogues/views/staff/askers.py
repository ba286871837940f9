"""Who asks, registers and comes, for the pages of those who may know; each person's look at a session is recorded once a day."""

from __future__ import annotations

from flask_login import current_user
from sqlalchemy import func

from app import clock
from app.audit import AuditEntry, record
from app.clock import local_date
from app.database import db, writing_first
from dialogues import asked
from dialogues.models import Session


def names(session: Session) -> dict[int, str]:
    """Return who sent what (question.id → name), as far as the reader may know; the look is recorded in a transaction of its own."""
    found = asked.senders(session, current_user)
    if found:
        look(session)
    return found


def look(session: Session) -> None:
    """Record, in a transaction of its own, that the reader sees who asks in *session*, registered for it or came."""
    if not _seen_today(session):
        with writing_first():
            record(current_user, "personal_data.seen", session, at=clock.now(), reason="contact")


def _seen_today(session: Session) -> bool:
    """Say whether it is recorded that this person looked at who asks: once a day, for the desk asks again every few seconds."""
    look = AuditEntry.subject_type == session.__tablename__, AuditEntry.subject_id == session.id, AuditEntry.action == "personal_data.seen"
    last = db.session.scalar(db.select(func.max(AuditEntry.at)).where(*look, AuditEntry.actor_id == current_user.id))
    return last is not None and local_date(last) == clock.today()
