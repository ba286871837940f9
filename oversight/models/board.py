"""What part of the register a person comes back to."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Base


class SavedView(Base):
    """An address of the register under a name of its own. It narrows and shows; what it shows is what its reader may see."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    name: Mapped[str]
    page: Mapped[str] = mapped_column(comment="register or picture")
    address: Mapped[str] = mapped_column(comment="what stands behind ? in the address, in its one spelling")
    shared: Mapped[bool] = mapped_column(default=False, comment="with the people of the owner's unit")
    made_at: Mapped[dt.datetime]

    user: Mapped[User] = relationship()
