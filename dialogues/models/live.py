"""What happens in the hall: facts from the devices, who was there, hands shown, what people thought of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.crypto import Encrypted
from app.database import Base
from dialogues import rules
from dialogues.models.preparing import Invitation, Registration
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
    facts: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime] = mapped_column(comment="by the device's clock")
    received_at: Mapped[dt.datetime]
    state: Mapped[str] = mapped_column(comment="rules.EventState")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="who accepted or refused a late one")
    decided_at: Mapped[dt.datetime | None]

    session: Mapped[Session] = relationship()
    user: Mapped[User] = relationship(foreign_keys=user_id)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)


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
