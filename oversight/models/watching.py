"""What a person keeps an eye on: single promises with notes, parts of the register, and the news of a week that they were sent."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.assignments.models import Assignment
from app.database import Base
from app.units.models import Unit


class Watch(Base):
    """One person watches one promise."""

    __tablename__ = "watch"
    __table_args__ = (UniqueConstraint("user_id", "assignment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    since: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime] = mapped_column(comment="when they last looked: what happened after it is news")

    user: Mapped[User] = relationship()
    assignment: Mapped[Assignment] = relationship()


class WatchNote(Base):
    """What somebody wrote down about a promise, for themselves or for the people of their unit; stays when they watch it no more."""

    __tablename__ = "watch_note"
    __table_args__ = (Index("ix_watch_note_promise", "assignment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="of the writer when they wrote it; whose people read a shared one")
    shared: Mapped[bool] = mapped_column(default=False)
    body: Mapped[str]
    at: Mapped[dt.datetime]

    assignment: Mapped[Assignment] = relationship()
    user: Mapped[User] = relationship()
    unit: Mapped[Unit] = relationship()


class Subscription(Base):
    """A part of the register of which a person is sent the news once a week."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("user_id", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    address: Mapped[str] = mapped_column(comment="what stands behind ? in the register's address, in its one spelling")
    since: Mapped[dt.datetime]

    user: Mapped[User] = relationship()


class WeeklyNews(Base):
    """The news of a span of days that a person was sent in one week: its days only, what was new in them is read anew by each look."""

    __tablename__ = "weekly_news"
    __table_args__ = (UniqueConstraint("user_id", "week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    week: Mapped[str] = mapped_column(comment="ISO: 2026-W48; sent once")
    first_on: Mapped[dt.date] = mapped_column(Date)
    last_on: Mapped[dt.date] = mapped_column(Date)
    made_at: Mapped[dt.datetime]

    user: Mapped[User] = relationship()
