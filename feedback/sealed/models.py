"""The tables of the sealed register."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass

from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.crypto import DataKey, Encrypted
from app.database import Base
from feedback.rules import Channel
from feedback.sealed import rules

PURPOSE = "sealed-case"


@dataclass(frozen=True)
class Heading:
    """What the register shows of a case before anybody opens it, and what decides who may."""

    code: str
    received_at: dt.datetime
    channel: Channel
    accused_unit_id: int | None


class SealedCase(Base):
    """One such piece of information."""

    __tablename__ = "sealed_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    code_index: Mapped[str] = mapped_column(unique=True, comment="blind index of the code: the code itself is ciphertext")
    key_digest: Mapped[str]
    key_wrapped: Mapped[bytes | None] = mapped_column(comment="its own key, wrapped by the master key; empty: from before there were any")
    heading_sealed: Mapped[bytes] = mapped_column(comment="code, instant, channel and accused unit, as JSON")
    body_sealed: Mapped[bytes] = mapped_column(deferred=True, comment="everything the person wrote, as JSON")
    received_month: Mapped[dt.date] = mapped_column(Date, comment="first day of the month: a finer date could name who wrote")
    submission_digest: Mapped[str | None] = mapped_column(unique=True)

    steps: Mapped[list[SealedCaseStep]] = relationship(back_populates="case", order_by="SealedCaseStep.id")

    key = DataKey("key_wrapped")
    body = Encrypted("body_sealed", purpose=PURPOSE, key_of=lambda case: case.key)
    _heading = Encrypted("heading_sealed", purpose=PURPOSE, key_of=lambda case: case.key)

    @property
    def heading(self) -> Heading:
        kept = json.loads(self._heading)
        return Heading(kept["code"], dt.datetime.fromisoformat(kept["received_at"]), Channel(kept["channel"]), kept["accused_unit_id"])

    @heading.setter
    def heading(self, heading: Heading) -> None:
        self._heading = json.dumps(vars(heading) | {"received_at": heading.received_at.isoformat()})

    @property
    def looks(self) -> list[SealedCaseStep]:
        """Who opened it, when, the first look first."""
        return [step for step in self.steps if step.kind == rules.SealedStep.OPENED]

    @property
    def done(self) -> list[SealedCaseStep]:
        """What was done with it, the first step first."""
        return [step for step in self.steps if step.kind != rules.SealedStep.OPENED]


class SealedCaseStep(Base):
    """Somebody opened the case, or did something with it: who and when stand here, why and what are ciphertext."""

    __tablename__ = "sealed_case_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sealed_case.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[dt.datetime]
    kind: Mapped[str]
    said_sealed: Mapped[bytes] = mapped_column(comment="the reason of a look, the note of a step")

    case: Mapped[SealedCase] = relationship(back_populates="steps")
    user: Mapped[User] = relationship()

    said = Encrypted("said_sealed", purpose=PURPOSE, key_of=lambda step: step.case.key)
