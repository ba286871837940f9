"""What happens in the hall: facts from the devices, who was there, hands shown, what people thought of it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, event, inspect, or_, update
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm import Session as Unit

from app.accounts.models import User
from app.crypto import Encrypted
from app.database import Base, db
from dialogues import rules
from dialogues.models.asking import Question, Support
from dialogues.models.preparing import AgendaItem, Invitation, Registration
from dialogues.models.session import Hall, Session


class DeviceEvent(Base):
    """An immutable fact with an id made on the device. What it does is done on the server, once, in the order of its arrival."""

    __tablename__ = "device_event"
    __table_args__ = (Index("ix_device_event_session", "session_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(unique=True, comment="made on the device: sent twice, kept once")
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"))
    device: Mapped[str] = mapped_column(comment="made on the device when it first opened the desk")
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    kind: Mapped[str] = mapped_column(comment="rules.EventKind")
    subject: Mapped[uuid.UUID | None] = mapped_column(comment="uid of the question, item or person it is about")
    base: Mapped[list[str]] = mapped_column(comment="uids of what the device saw standing there before: what it replaces")
    facts_sealed: Mapped[bytes | None] = mapped_column(comment="JSON; among them who asks and who comes")
    at: Mapped[dt.datetime] = mapped_column(comment="by the device's clock; where that was plainly wrong, when it was received")
    received_at: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(comment="rules.EventState")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="who accepted or refused a late one")
    decided_at: Mapped[dt.datetime | None]

    session: Mapped[Session] = relationship()
    user: Mapped[User] = relationship(foreign_keys=user_id)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)
    _facts = Encrypted("facts_sealed")

    @property
    def facts(self) -> dict[str, Any]:
        """What was said; also `said_at` where the device's clock was wrong, and `why` where it was refused."""
        return json.loads(self._facts or "{}")

    @facts.setter
    def facts(self, facts: dict[str, Any]) -> None:
        self._facts = json.dumps(facts, ensure_ascii=False)


class Speaker(Base):
    """Somebody in the hall asks for the floor. What they then say is the question of the same uid."""

    __tablename__ = "session_speaker"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    hall_id: Mapped[int | None] = mapped_column(ForeignKey("session_hall.id"))
    name_sealed: Mapped[bytes | None]
    comes_from: Mapped[str] = mapped_column(default="")
    at: Mapped[dt.datetime]
    called_at: Mapped[dt.datetime | None] = mapped_column(comment="given the floor")

    session: Mapped[Session] = relationship(back_populates="speakers")
    hall: Mapped[Hall | None] = relationship()
    name = Encrypted("name_sealed")


class Attendance(Base):
    """Somebody came in: registered, invited, or neither."""

    __tablename__ = "attendance"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    hall_id: Mapped[int | None] = mapped_column(ForeignKey("session_hall.id"))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), unique=True)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id"), unique=True)
    name_sealed: Mapped[bytes | None] = mapped_column(comment="of somebody who is on neither list")
    comes_from: Mapped[str] = mapped_column(default="")
    people: Mapped[int] = mapped_column(default=1)
    at: Mapped[dt.datetime]

    session: Mapped[Session] = relationship(back_populates="attendances")
    hall: Mapped[Hall | None] = relationship()
    registration: Mapped[Registration | None] = relationship()
    invitation: Mapped[Invitation | None] = relationship()
    name = Encrypted("name_sealed")


class HandVote(Base):
    """A show of hands with its count: 33 of 101 households."""

    __tablename__ = "hand_vote"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str]
    public_subject: Mapped[str | None] = mapped_column(comment="masked copy")
    counted_in: Mapped[str] = mapped_column(default=rules.CountedIn.PEOPLE)
    agree: Mapped[int]
    disagree: Mapped[int | None]
    present: Mapped[int | None]
    at: Mapped[dt.datetime]

    session: Mapped[Session] = relationship(back_populates="hand_votes")


class Evaluation(Base):
    """What somebody present thought of it: once a device."""

    __tablename__ = "session_evaluation"
    __table_args__ = (UniqueConstraint("session_id", "device_digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    device_digest: Mapped[str]
    heard: Mapped[int] = mapped_column(comment="1 to 5: I could speak and was heard")
    answered: Mapped[int] = mapped_column(comment="1 to 5: answers went to the point")
    organised: Mapped[int] = mapped_column(comment="1 to 5")
    words: Mapped[str] = mapped_column(default="")
    at: Mapped[dt.datetime]

    session: Mapped[Session] = relationship()


#: What the live pages show: the desk, the hall's screen, the phones.
_SHOWN = (AgendaItem, Attendance, DeviceEvent, Hall, HandVote, Question, Speaker, Support)
_WATCHED = (Session, *_SHOWN)
#: What they show of the session itself.
_OF_SESSION = ("status", "topic", "starts_at")


@event.listens_for(db.session, "before_flush")
def _count_changes(unit: Unit, _context: Any, _instances: Any) -> None:
    """Let the version of a session go up, in the same transaction, with whatever its live pages show."""
    moved: set[int] = set()
    touched: set[int] = set()
    # Every flush of the site comes by here: whether a row was really changed is asked of ours alone.
    for row in (*unit.new, *(row for row in unit.dirty if isinstance(row, _WATCHED) and unit.is_modified(row)), *unit.deleted):
        if isinstance(row, Session):
            if row.id is not None and any(inspect(row).attrs[name].history.has_changes() for name in _OF_SESSION):
                moved.add(row.id)
        elif isinstance(row, _SHOWN):
            shown = (row.question or unit.get_one(Question, row.question_id)) if isinstance(row, Support) else row
            id_ = shown.session_id or (shown.session.id if shown.session else None)
            if id_ is not None:
                touched.add(id_)
    if not touched | moved:
        return
    # Before the day people only ask and support, hundreds at a time; they need not wait for each other at the session's row.
    looked_at = or_(Session.status.in_(rules.LIVE), Session.id.in_(moved))
    counted = update(Session).where(Session.id.in_(touched | moved), looked_at).values(live_version=Session.live_version + 1)
    unit.connection().execute(counted)
    for id_ in touched | moved:
        known = unit.identity_map.get(unit.identity_key(Session, id_))
        if known is not None:
            unit.expire(known, ["live_version"])
