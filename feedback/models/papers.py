"""What the authority writes: letters with their points and the hands they pass through, and the words they begin with."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.assignments.models import Assignment
from app.database import Base
from app.files import StoredFile
from app.units.models import Unit
from feedback import rules
from feedback.models.item import Attachment, Feedback, FeedbackAssignment

_TO_KEEP = text("state = 'published' AND pdf_id IS NULL")
_UNDER_WAY = text("state IN ('submitted', 'approved')")


class Paper(Base):
    """A letter on its way: drafted, through the unit's chain of hands, signed, numbered, published."""

    __tablename__ = "paper"
    # NĐ 30/2020 Điều 15 (wording from memory): "Số và ký hiệu văn bản của cơ quan, tổ chức là duy nhất trong một năm".
    __table_args__ = (
        UniqueConstraint("unit_id", "numbered_year", "number"),
        Index("ix_paper_under_way", "unit_id", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
        Index("ix_paper_to_keep", "id", sqlite_where=_TO_KEEP, postgresql_where=_TO_KEEP),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id", ondelete="CASCADE"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"), index=True, comment="of a reply")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="whose paper it is")
    type: Mapped[str]
    state: Mapped[str] = mapped_column(default=rules.PaperState.DRAFT)
    round: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str | None] = mapped_column(comment="RefusalReason, or the name of the ground")
    recipient: Mapped[str] = mapped_column(default="", comment="of a forward: the body outside that is competent")
    body: Mapped[str] = mapped_column(default="", comment="plain text; of a reply: what stands before the points")
    chain: Mapped[list[str]] = mapped_column(default=list, comment="SigningStep in order, as it was when submitted")
    step: Mapped[int] = mapped_column(default=0, comment="which hand of the chain has it")
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[dt.datetime]
    submitted_at: Mapped[dt.datetime | None]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    signed_for: Mapped[str] = mapped_column(default="", comment="KT., TL., TUQ. when by delegation")
    signed_at: Mapped[dt.datetime | None]
    number: Mapped[str | None] = mapped_column(comment="entered by văn thư after signing")
    numbered_on: Mapped[dt.date | None] = mapped_column(Date)
    numbered_year: Mapped[int | None] = mapped_column(comment="numbers start anew each year")
    published_at: Mapped[dt.datetime | None]
    pdf_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), comment="as it was issued: the same bytes for ever")

    feedback: Mapped[Feedback] = relationship(back_populates="papers")
    assignment: Mapped[Assignment | None] = relationship()
    unit: Mapped[Unit] = relationship()
    drafted_by: Mapped[User] = relationship(foreign_keys=drafted_by_id)
    signed_by: Mapped[User | None] = relationship(foreign_keys=signed_by_id)
    pdf: Mapped[StoredFile | None] = relationship()
    points: Mapped[list[ReplyPoint]] = relationship(back_populates="paper", order_by="ReplyPoint.position", cascade="all, delete-orphan")
    steps: Mapped[list[PaperStep]] = relationship(back_populates="paper", order_by="PaperStep.id")

    @property
    def waiting_for(self) -> str | None:
        """The hand that has it now: a SigningStep, or None when it is nobody's turn."""
        if self.state not in {rules.PaperState.SUBMITTED, rules.PaperState.APPROVED} or self.step >= len(self.chain):
            return None
        return self.chain[self.step]


class SpentNumber(Base):
    """The number of a letter that went when its item was sealed: the unit gives it to nothing else. Of what it was is not told."""

    __tablename__ = "spent_number"
    __table_args__ = (UniqueConstraint("unit_id", "numbered_year", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    numbered_year: Mapped[int]
    number: Mapped[str]
    type: Mapped[str] = mapped_column(comment="PaperType: the book that it stands in")


class PaperStep(Base):
    """What one hand of the chain did."""

    __tablename__ = "paper_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id", ondelete="CASCADE"), index=True)
    step: Mapped[str] = mapped_column(comment="SigningStep, or submitted")
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    decision: Mapped[str] = mapped_column(comment="submitted, agreed, agreed_for, signed, numbered, sent_back")
    remarks: Mapped[str] = mapped_column(default="")
    at: Mapped[dt.datetime]

    paper: Mapped[Paper] = relationship(back_populates="steps")
    user: Mapped[User] = relationship()


class ReplyPoint(Base):
    """One point of an answer: done with proof, promised by a day, explained, or cannot and why."""

    __tablename__ = "reply_point"

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("paper.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    title: Mapped[str]
    text: Mapped[str]
    outcome: Mapped[str]
    promised_on: Mapped[dt.date | None] = mapped_column(Date)
    promise_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    act_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"), index=True, comment="the duty that its promise became")

    paper: Mapped[Paper] = relationship(back_populates="points")
    act: Mapped[FeedbackAssignment | None] = relationship(back_populates="point")
    promise_unit: Mapped[Unit | None] = relationship()
    proofs: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")


class LetterTemplate(Base):
    """Words to start a letter from, by type of paper and field; an administrator edits them."""

    __tablename__ = "letter_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    paper_type: Mapped[str]
    field_id: Mapped[int | None] = mapped_column(ForeignKey("field.id"))
    body: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
