"""Who at another provider is whom here."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.crypto import Bound
from app.database import Base


class Identity(Base):
    """An account at another provider that opens an account here: by the provider's own name for it, which never changes."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)
    kind: ClassVar[str] = "identity"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str] = mapped_column(comment="the provider's own name for the account")
    name: Mapped[str] = mapped_column(default="", comment="as the provider shows it: so that its person knows which one it is")
    linked_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have linked the two")

    user: Mapped[User] = relationship()

    is_ours = Bound("seal", "user_id", "issuer", "subject")


Identity.is_ours.by_itself(Identity)
