"""Formal reminders and petitions: to whom, about which promises, and what each unit answered."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.assignments.models import Assignment
from app.database import Base
from app.files import StoredFile
from app.units.models import Unit
from oversight.models.papers import OversightPaper
from oversight.rules.letters import AnswerState


class Letter(Base):
    """One letter with one paper, to one unit or many."""

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_unit", "unit_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(comment="rules.letters.LetterKind")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), comment="who writes")
    reason: Mapped[str] = mapped_column(comment="what is asked for and why, as it was first typed")
    answer_by: Mapped[dt.date | None] = mapped_column(Date, comment="typed; empty: as the rule says when it is numbered")
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    created_at: Mapped[dt.datetime]
    token: Mapped[str] = mapped_column(unique=True, comment="of the form it was begun with: pressed twice, begun once")

    unit: Mapped[Unit] = relationship()
    drafted_by: Mapped[User | None] = relationship()
    paper: Mapped[OversightPaper] = relationship(back_populates="letter")
    to: Mapped[list[LetterTo]] = relationship(back_populates="letter", order_by="LetterTo.id", cascade="all, delete-orphan")
    about: Mapped[list[LetterAbout]] = relationship(back_populates="letter", order_by="LetterAbout.id", cascade="all, delete-orphan")
    duties: Mapped[list[LetterAssignment]] = relationship(back_populates="letter", order_by="LetterAssignment.id")


class LetterTo(Base):
    """A unit that a letter is addressed to."""

    __tablename__ = "letter_to"
    __table_args__ = (UniqueConstraint("letter_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))

    letter: Mapped[Letter] = relationship(back_populates="to")
    unit: Mapped[Unit] = relationship()


class LetterAbout(Base):
    """A promise that a letter is about."""

    __tablename__ = "letter_about"
    __table_args__ = (UniqueConstraint("letter_id", "assignment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)

    letter: Mapped[Letter] = relationship(back_populates="about")
    assignment: Mapped[Assignment] = relationship(foreign_keys=assignment_id)


class LetterAssignment(Assignment):
    """What a unit owes the sender of a letter: an answer, by a clock of its own.

    Where the letter names a day there is no clock of the answer: the day is as given, in the paper that was signed, so that no change of
    the calendar moves it and no pause stops it. The clock of taking it runs in any case; once the sender called the answer insufficient,
    the short second term is a clock, by its rule.
    """

    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letter.id"), index=True, nullable=True)

    letter: Mapped[Letter] = relationship(back_populates="duties")
    answers: Mapped[list[LetterAnswer]] = relationship(back_populates="duty", order_by="LetterAnswer.id")

    __mapper_args__ = {"polymorphic_identity": "letter"}

    @property
    def reference(self) -> str:
        return self.letter.paper.number or ""

    @property
    def waiting(self) -> LetterAnswer | None:
        """The answer on which the head of the unit has still to decide."""
        return next((each for each in self.answers if each.state == AnswerState.PROPOSED), None)


class LetterAnswer(Base):
    """What a unit says to a letter; every one stays, with what became of it."""

    __tablename__ = "letter_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    state: Mapped[str] = mapped_column(default=AnswerState.PROPOSED, comment="rules.letters.AnswerState")
    text: Mapped[str]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    written_at: Mapped[dt.datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="the head of the unit")
    decided_at: Mapped[dt.datetime | None]
    remarks: Mapped[str] = mapped_column(default="", comment="why it was sent back, or is insufficient")
    judged_at: Mapped[dt.datetime | None] = mapped_column(comment="the sender called it insufficient")

    duty: Mapped[LetterAssignment] = relationship(back_populates="answers")
    written_by: Mapped[User] = relationship(foreign_keys=written_by_id)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)
    files: Mapped[list[LetterAnswerFile]] = relationship(back_populates="answer", order_by="LetterAnswerFile.id")


class LetterAnswerFile(Base):
    """A paper or picture that goes with an answer."""

    __tablename__ = "letter_answer_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("letter_answer.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))

    answer: Mapped[LetterAnswer] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship()
