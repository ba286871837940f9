"""What is made ready before the day: the checklist, the agenda, who is asked to come and who registered."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Date, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.assignments.models import Assignment
from app.crypto import Encrypted
from app.database import Base
from app.units.models import Unit
from dialogues import rules
from dialogues.models.session import Hall, Session


class PreparationTask(Base):
    """A row of the checklist, its day counted back from the session's."""

    __tablename__ = "preparation_task"
    __table_args__ = (UniqueConstraint("session_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    code: Mapped[str]
    title: Mapped[str]
    due_on: Mapped[dt.date | None] = mapped_column(Date)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    done_at: Mapped[dt.datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    note: Mapped[str] = mapped_column(default="")

    session: Mapped[Session] = relationship(back_populates="tasks")
    owner: Mapped[User | None] = relationship(foreign_keys=owner_id)
    done_by: Mapped[User | None] = relationship(foreign_keys=done_by_id)


class AgendaItem(Base):
    """One item of the programme, planned in minutes, and when it really ran."""

    __tablename__ = "agenda_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    part: Mapped[str] = mapped_column(comment="rules.Part: the seed's order")
    title: Mapped[str]
    presenter: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int]
    begun_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]

    session: Mapped[Session] = relationship(back_populates="agenda")


class Invitation(Base):
    """A person, a unit or a group asked to come; answered by a link of their own."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(comment="rules.GuestKind")
    name: Mapped[str] = mapped_column(comment="as the paper prints it: Ông …, Sở …, Các hộ dân tổ dân phố 4")
    title: Mapped[str] = mapped_column(default="", comment="chức vụ, đơn vị")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    seats: Mapped[int] = mapped_column(default=1)
    email_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    link_digest: Mapped[str] = mapped_column(unique=True, comment="of the key in the link to answer by")
    check_in_code: Mapped[str] = mapped_column(comment="typed or scanned at the door")
    issued_at: Mapped[dt.datetime | None]
    answer: Mapped[str | None] = mapped_column(comment="rules.GuestAnswer")
    answer_note: Mapped[str] = mapped_column(default="", comment="who comes instead")
    answered_at: Mapped[dt.datetime | None]

    session: Mapped[Session] = relationship(back_populates="invitations")
    unit: Mapped[Unit | None] = relationship()
    email = Encrypted("email_sealed")
    phone = Encrypted("phone_sealed")


class Registration(Base):
    """A citizen who wants a seat."""

    __tablename__ = "registration"
    __table_args__ = (UniqueConstraint("session_id", "check_in_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    hall_id: Mapped[int | None] = mapped_column(ForeignKey("session_hall.id"))
    name_sealed: Mapped[bytes | None]
    phone_sealed: Mapped[bytes | None]
    email_sealed: Mapped[bytes | None]
    comes_from: Mapped[str] = mapped_column(default="", comment="village, group, enterprise")
    needs: Mapped[str] = mapped_column(default="", comment="wheelchair, sign language, interpreter")
    people: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(default=rules.RegistrationState.SEATED)
    check_in_code: Mapped[str] = mapped_column(comment="typed or scanned at the door; opens nothing else")
    link_digest: Mapped[str] = mapped_column(unique=True, comment="of the key with which it is changed or cancelled")
    token_digest: Mapped[str | None] = mapped_column(unique=True, comment="of the form's token: sent twice, registered once")
    locale: Mapped[str] = mapped_column(default="vi")
    created_at: Mapped[dt.datetime]

    session: Mapped[Session] = relationship(back_populates="registrations")
    hall: Mapped[Hall | None] = relationship()
    name = Encrypted("name_sealed")
    phone = Encrypted("phone_sealed")
    email = Encrypted("email_sealed")


class Override(Base):
    """A step taken although something was missing: which guard, why, and the head who approved."""

    __tablename__ = "session_override"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    guard: Mapped[str]
    reason: Mapped[str]
    approved_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[dt.datetime]

    session: Mapped[Session] = relationship(back_populates="overrides")
    approved_by: Mapped[User] = relationship()


class EarlierPromise(Base):
    """A promise of this unit's earlier sessions, as it stood when this session became ready: done, or not done and why."""

    __tablename__ = "earlier_promise"
    __table_args__ = (UniqueConstraint("session_id", "assignment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    title: Mapped[str]
    unit_name: Mapped[str]
    due_on: Mapped[dt.date | None] = mapped_column(Date)
    done: Mapped[bool]
    done_on: Mapped[dt.date | None] = mapped_column(Date)
    why_not: Mapped[str] = mapped_column(default="", comment="still open counts as not done: the reason")

    session: Mapped[Session] = relationship(back_populates="earlier")
    assignment: Mapped[Assignment] = relationship()
