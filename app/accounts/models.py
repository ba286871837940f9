"""Accounts, the roles they hold, and who stands in for whom."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from flask_login import UserMixin
from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.database import Base
from app.fold import fold, name_sort_key
from app.permissions import Reach
from app.units.models import Place, Unit


class User(UserMixin, Base):
    """A person with an account. Never deleted: deactivated, so that what they did keeps its name."""

    __tablename__ = "app_user"
    __allow_unmapped__ = True  # for `reach`
    kind: ClassVar[str] = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True, comment="lower case; the sign-in name")
    name: Mapped[str]
    name_sort: Mapped[str] = mapped_column(comment="Vietnamese sort key: given name first")
    name_folded: Mapped[str] = mapped_column(comment="without diacritics, for search")
    form_of_address: Mapped[str] = mapped_column(comment="ông or bà")
    title: Mapped[str] = mapped_column(default="", comment="chức vụ, as written under a signature")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    password_hash: Mapped[str | None] = mapped_column(comment="argon2id; empty: invited, not yet chosen")
    session_salt: Mapped[str] = mapped_column(comment="in every session cookie; a new one ends all sessions")
    active: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str] = mapped_column(default="vi")
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="email: bool, digest: bool")
    created_at: Mapped[dt.datetime]
    last_sign_in_at: Mapped[dt.datetime | None]

    unit: Mapped[Unit] = relationship()
    grants: Mapped[list[Grant]] = relationship(back_populates="user", foreign_keys="Grant.user_id")

    #: What this person may do today; set by the user loader (app.accounts.queries.reach_of), once a request.
    reach: Reach

    @validates("name")
    def _name(self, _key: str, name: str) -> str:
        self.name_sort, self.name_folded = name_sort_key(name), fold(name)
        return name

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return f"{self.id}:{self.session_salt}"


class Grant(Base):
    """A role held in a scope between two days."""

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    role: Mapped[str]
    everywhere: Mapped[bool] = mapped_column(default=False)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    starts_on: Mapped[dt.date] = mapped_column(Date)
    ends_on: Mapped[dt.date | None] = mapped_column(Date)

    user: Mapped[User] = relationship(back_populates="grants")
    unit: Mapped[Unit | None] = relationship()
    place: Mapped[Place | None] = relationship()


class Delegation(Base):
    """Between two days one person signs and acts for another (cấp phó, người được ủy quyền)."""

    __tablename__ = "delegation"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    form: Mapped[str] = mapped_column(comment="how the signature begins: KT., TL. or TUQ.")
    starts_on: Mapped[dt.date] = mapped_column(Date)
    ends_on: Mapped[dt.date] = mapped_column(Date)
    ended_at: Mapped[dt.datetime | None]

    giver: Mapped[User] = relationship(foreign_keys=from_id)
    deputy: Mapped[User] = relationship(foreign_keys=to_id)
