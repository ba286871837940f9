"""What part of the register a person comes back to."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.assignments.models import Assignment
from app.database import Base
from dialogues.models import ConclusionAssignment as ConclusionAssignment  # whose columns the index has
from feedback.models import FeedbackAssignment as FeedbackAssignment

#: What the register counts by and narrows by, so that a number of a million promises is read from here, in this order, and no row is.
COUNTED_BY = (
    "kind", "duty", "state", "unit_id", "place_id", "field_id", "session_id", "opened_on", "due_on", "closed_on", "feedback_id",
)  # fmt: skip
Index("ix_assignment_counted", *(Assignment.__table__.c[name] for name in COUNTED_BY))
#: The same for what fell due in some days, which units are ranked by.
DUE_BY = ("due_on", "duty", "kind", "state", "unit_id", "closed_on", "feedback_id")
Index("ix_assignment_due_counted", *(Assignment.__table__.c[name] for name in DUE_BY))


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
