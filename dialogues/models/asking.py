"""What was asked at a session, how it was answered, and what was promised."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assignments.models import Assignment
from app.crypto import Encrypted
from app.database import Base
from app.units.models import Unit
from dialogues import rules
from dialogues.models.session import Hall, Session
from feedback.models import Feedback
from feedback.rules import Status as ItemStatus


class Theme(Base):
    """Questions that belong together; some are chosen for the day."""

    __tablename__ = "question_theme"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    title: Mapped[str]

    session: Mapped[Session] = relationship(back_populates="themes")


class Question(Base):
    """The appearance of a matter at one session.

    Asked beforehand or deferred it *is* a Feedback, with code, clock and reply; answered on the floor it needs none.
    """

    __tablename__ = "question"
    __table_args__ = (Index("ix_question_session", "session_id", "state", "position"), UniqueConstraint("session_id", "feedback_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True, comment="made on the device where it was recorded there")
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"))
    feedback_id: Mapped[int | None] = mapped_column(ForeignKey("feedback.id"), index=True)
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("question_theme.id"))
    like_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"), comment="the same was asked: answered with that one")
    hall_id: Mapped[int | None] = mapped_column(ForeignKey("session_hall.id"))
    origin: Mapped[str] = mapped_column(comment="rules.Origin")
    state: Mapped[str] = mapped_column(default=rules.QuestionState.WAITING)
    refused_why: Mapped[str] = mapped_column(default="", comment="the asker reads it")
    for_the_day: Mapped[bool] = mapped_column(default=False, comment="chosen to be put on the day; all others are answered in writing")
    position: Mapped[int] = mapped_column(default=0, comment="order of speaking")
    asker_sealed: Mapped[bytes | None] = mapped_column(comment="who, as the secretary wrote it down")
    phone_sealed: Mapped[bytes | None] = mapped_column(comment="to be told of an answer in writing")
    comes_from: Mapped[str] = mapped_column(default="", comment="tổ dân phố, thôn, enterprise")
    text: Mapped[str]
    asked_at: Mapped[dt.datetime]
    called_at: Mapped[dt.datetime | None] = mapped_column(comment="given the floor; the last one called, until it is answered, speaks now")
    answer_kind: Mapped[str | None] = mapped_column(comment="rules.AnswerKind")
    answer: Mapped[str] = mapped_column(default="", comment="as it was said")
    answered_by: Mapped[str] = mapped_column(default="", comment="name and title of the delegate who answered")
    answered_at: Mapped[dt.datetime | None]
    rejected: Mapped[bool] = mapped_column(default=False, comment="the asker did not accept the answer")
    rejected_wants: Mapped[str] = mapped_column(default="", comment="what was asked for instead")
    promised_on: Mapped[dt.date | None] = mapped_column(Date, comment="deferred: the day that the chair promised the answer for")
    public_form: Mapped[str | None] = mapped_column(comment="deferred: rules.PublicForm of that answer")
    supporting_ids: Mapped[list[int] | None] = mapped_column(comment="deferred: unit.id of those who help to answer")
    public_text: Mapped[str | None] = mapped_column(comment="masked copy")
    public_answer: Mapped[str | None]
    result_text: Mapped[str | None] = mapped_column(comment="masked copy read for the result: public only with it")
    shown_at: Mapped[dt.datetime | None] = mapped_column(comment="moderated: may stand on the hall's screen and the phones")

    session: Mapped[Session] = relationship(back_populates="questions")
    feedback: Mapped[Feedback | None] = relationship()
    theme: Mapped[Theme | None] = relationship()
    like: Mapped[Question | None] = relationship(remote_side=id)
    hall: Mapped[Hall | None] = relationship()
    supports: Mapped[list[Support]] = relationship(back_populates="question")
    asker = Encrypted("asker_sealed")
    phone = Encrypted("phone_sealed")

    @property
    def may_be_told(self) -> bool:
        """Whether everyone may read what was asked, masked: it was asked before everybody, or its asker agreed."""
        return self.origin in rules.IN_THE_HALL or self.feedback is None or self.feedback.publish_consent

    @property
    def is_withdrawn(self) -> bool:
        """Whether its asker took it back: no answer is owed any more."""
        return self.feedback is not None and self.feedback.status == ItemStatus.WITHDRAWN

    @property
    def is_promised(self) -> bool:
        """Whether it was left open, and the chair named a day for its answer, which is owed still or was given."""
        return self.state in rules.RAISED and self.promised_on is not None and self.feedback is not None and not self.is_withdrawn

    @property
    def put_at(self) -> dt.datetime | None:
        """When it was put in the hall: asked there, or, sent beforehand, called or answered there; None: nobody put it."""
        if self.origin == rules.Origin.FLOOR:
            return self.asked_at
        return self.called_at or self.answered_at or (self.asked_at if self.answer_kind else None)


class Support(Base):
    """Somebody else wants to know it too: once a device."""

    __tablename__ = "question_support"
    __table_args__ = (UniqueConstraint("question_id", "device_digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)
    device_digest: Mapped[str]
    at: Mapped[dt.datetime]

    question: Mapped[Question] = relationship(back_populates="supports")


class ConclusionAssignment(Assignment):
    """What the chair's conclusion gives a unit to do, or to answer in public, by a day."""

    session_id: Mapped[int | None] = mapped_column(ForeignKey("dialogue_session.id"), index=True, nullable=True)
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"), index=True, nullable=True)
    public_form: Mapped[str | None] = mapped_column(comment="rules.PublicForm: how the public gets the answer", nullable=True)
    supporting_ids: Mapped[list[int] | None] = mapped_column(comment="unit.id of those who help", nullable=True)
    beyond: Mapped[str | None] = mapped_column(comment="the body beyond the chair's authority that is petitioned", nullable=True)
    outcome: Mapped[str | None] = mapped_column(comment="what the unit says was done, or why not", nullable=True)
    public_title: Mapped[str | None] = mapped_column(comment="masked copy of what is to be done", nullable=True)

    session: Mapped[Session] = relationship(back_populates="promises")
    question: Mapped[Question | None] = relationship()
    petition: Mapped[Petition | None] = relationship(back_populates="promise", foreign_keys="Petition.assignment_id")

    __mapper_args__ = {"polymorphic_identity": "conclusion"}

    @property
    def reference(self) -> str:
        return self.session.code

    @property
    def is_untold(self) -> bool:
        """Whether its title is the words of a question that may not be read: of a petition, and of what a body took over by it."""
        if self.question is None or self.question.may_be_told:
            return False
        return bool(self.beyond) or any(each.petition is not None and each.petition.taken is self for each in self.session.promises)

    @property
    def is_detail(self) -> bool:
        """Whether it is the petition without which its question cannot be answered: told together with that answer."""
        asked = self.question
        return bool(self.beyond) and asked is not None and asked.answer_kind == rules.AnswerKind.FORWARDED and asked.is_promised


class Petition(Base):
    """What is beyond the chair's authority was asked of a higher body in writing, and what that body said."""

    __tablename__ = "petition"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), unique=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True, comment="the body, where it is a unit of this site")
    number: Mapped[str] = mapped_column(comment="of the paper that petitions")
    sent_on: Mapped[dt.date] = mapped_column(Date)
    accepted: Mapped[bool | None] = mapped_column(comment="empty: nobody has answered")
    decided_on: Mapped[dt.date | None] = mapped_column(Date)
    said: Mapped[str] = mapped_column(default="", comment="who accepted it, by which paper; or why not")
    taken_id: Mapped[int | None] = mapped_column(
        ForeignKey("assignment.id"), comment="what that unit has to do since, with a clock of its own"
    )

    promise: Mapped[ConclusionAssignment] = relationship(back_populates="petition", foreign_keys=assignment_id)
    unit: Mapped[Unit | None] = relationship()
    taken: Mapped[ConclusionAssignment | None] = relationship(foreign_keys=taken_id)


class Follower(Base):
    """Who asked to be told what becomes of a session; the address is kept as ciphertext."""

    __tablename__ = "session_follower"
    __table_args__ = (UniqueConstraint("session_id", "email_index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("dialogue_session.id", ondelete="CASCADE"), index=True)
    email_sealed: Mapped[bytes]
    email_index: Mapped[str]
    locale: Mapped[str] = mapped_column(default="vi")
    link_digest: Mapped[str] = mapped_column(unique=True, comment="of the key in the link that confirms and ends it")
    at: Mapped[dt.datetime]
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(comment="whoever reads the address said yes; nobody is told before")

    session: Mapped[Session] = relationship()
    email = Encrypted("email_sealed")
