"""The tables of the sealed register."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.crypto import Bound, DataKey, Encrypted
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
    accused_unit_id: int | None  # as the sender named it, then as sealed intake confirmed it
    accused_ids: tuple[int, ...] = ()  # accounts of the accused
    confirmed: bool = False
    kept: tuple[rules.Kept, ...] = ()  # named once, and taken away by one person alone


class SealedCase(Base):
    """One such piece of information."""

    __tablename__ = "sealed_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    code_index: Mapped[str] = mapped_column(unique=True, comment="blind index of the code: the code itself is ciphertext")
    key_digest: Mapped[str]
    key_seal: Mapped[str | None] = mapped_column(comment="peppered, over uid, code and digest: only this site can have given it this key")
    key_wrapped: Mapped[bytes | None] = mapped_column(comment="its own key, wrapped by the master key; empty: from before there were any")
    heading_sealed: Mapped[bytes] = mapped_column(comment="code, instant, channel and who is accused, as JSON")
    body_sealed: Mapped[bytes] = mapped_column(deferred=True, comment="everything the person wrote, as JSON")
    identity_sealed: Mapped[bytes | None] = mapped_column(deferred=True, comment="who wrote, as JSON; empty: from before it was kept apart")
    head_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="who decides what becomes of it")
    head_seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have named the head")
    received_month: Mapped[dt.date] = mapped_column(Date, comment="first day of the month: a finer date could name who wrote")
    submission_digest: Mapped[str | None] = mapped_column(unique=True)

    steps: Mapped[list[SealedCaseStep]] = relationship(back_populates="case", order_by="SealedCaseStep.id")
    head: Mapped[User | None] = relationship()

    key_is_ours = Bound("key_seal", "uid", "code_index", "key_digest")
    head_is_ours = Bound("head_seal", "uid", "head_id")
    key = DataKey("key_wrapped")
    body = Encrypted("body_sealed", purpose=PURPOSE, key_of=lambda case: case.key)
    _identity = Encrypted("identity_sealed", purpose=PURPOSE, key_of=lambda case: case.key)
    _heading = Encrypted("heading_sealed", purpose=PURPOSE, key_of=lambda case: case.key)

    @property
    def heading(self) -> Heading:
        kept = json.loads(self._heading)
        return Heading(
            kept["code"],
            dt.datetime.fromisoformat(kept["received_at"]),
            Channel(kept["channel"]),
            kept["accused_unit_id"],
            tuple(kept.get("accused_ids", ())),
            kept.get("confirmed", False),
            tuple(rules.Kept(*each) for each in kept.get("kept", ())),
        )

    @heading.setter
    def heading(self, heading: Heading) -> None:
        self._heading = json.dumps(vars(heading) | {"received_at": heading.received_at.isoformat()})

    @property
    def matter(self) -> dict[str, Any]:
        """What was written, without who wrote it."""
        written: dict[str, Any] = json.loads(self.body)
        written.pop("people", None)
        return written

    @property
    def people(self) -> list[dict[str, str]]:
        """Who wrote, and how to reach them: shown once two people agreed."""
        kept: list[dict[str, str]] = json.loads(self._identity) if self.identity_sealed else json.loads(self.body)["people"]
        return kept

    def write(self, written: dict[str, Any]) -> None:
        """Seal what was written, and who wrote it apart."""
        self.body = json.dumps({name: value for name, value in written.items() if name != "people"}, ensure_ascii=False)
        self._identity = json.dumps(written["people"], ensure_ascii=False)

    @property
    def taken(self) -> list[SealedCaseStep]:
        """The steps that this site wrote, the first one first; the check of the record names the others."""
        return [step for step in self.steps if step.is_ours]

    @property
    def looks(self) -> list[SealedCaseStep]:
        """Who opened it, when, the first look first."""
        return [step for step in self.taken if step.kind == rules.SealedStep.OPENED]

    @property
    def done(self) -> list[SealedCaseStep]:
        """What was done with it, the first step first."""
        return [step for step in self.taken if step.kind in rules.DONE]


SealedCase.head_is_ours.by_itself(SealedCase)


class SealedCaseStep(Base):
    """Somebody opened the case, or did something with it: who, when and to whom stand here, why and what are ciphertext."""

    __tablename__ = "sealed_case_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sealed_case.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    to_id: Mapped[int | None] = mapped_column(
        ForeignKey("app_user.id"), comment="whom it concerns: the head, who was granted the case, who asked"
    )
    at: Mapped[dt.datetime]
    kind: Mapped[str]
    said_sealed: Mapped[bytes] = mapped_column(comment="the reason of a look, the note of a step")
    seal: Mapped[str | None] = mapped_column(comment="peppered, over the others: only this site can have written who did what, where")

    case: Mapped[SealedCase] = relationship(back_populates="steps")
    user: Mapped[User] = relationship(foreign_keys=user_id)
    to: Mapped[User | None] = relationship(foreign_keys=to_id)

    said = Encrypted("said_sealed", purpose=PURPOSE, key_of=lambda step: step.case.key)
    is_ours = Bound("seal", "uid", "case_id", "user_id", "to_id", "at", "kind")


SealedCaseStep.is_ours.by_itself(SealedCaseStep)


class SealedGrant(Base):
    """Somebody needs to know of this one case until a day: the head grants it by name, and no delegation passes it on."""

    __tablename__ = "sealed_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sealed_case.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    given_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    given_at: Mapped[dt.datetime]
    until: Mapped[dt.date] = mapped_column(Date, comment="last day")
    extent: Mapped[str] = mapped_column(comment="whole, or the working copy only")
    declared_at: Mapped[dt.datetime | None] = mapped_column(comment="they declared that no interest of theirs is touched")
    ended_at: Mapped[dt.datetime | None]
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have written what it grants")

    case: Mapped[SealedCase] = relationship()
    user: Mapped[User] = relationship(foreign_keys=user_id)
    given_by: Mapped[User] = relationship(foreign_keys=given_by_id)

    is_ours = Bound("seal", "uid", "case_id", "user_id", "given_by_id", "until", "extent", "declared_at", "ended_at")


SealedGrant.is_ours.by_itself(SealedGrant)


class SealedReveal(Base):
    """Somebody asks to learn who wrote; somebody else agrees or refuses."""

    __tablename__ = "sealed_reveal"
    __table_args__ = (CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("sealed_case.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[dt.datetime]
    reason_sealed: Mapped[bytes]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[dt.datetime | None]
    agreed: Mapped[bool | None]
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have written who asked and who agreed")

    case: Mapped[SealedCase] = relationship()
    asked_by: Mapped[User] = relationship(foreign_keys=asked_by_id)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)

    reason = Encrypted("reason_sealed", purpose=PURPOSE, key_of=lambda reveal: reveal.case.key)
    is_ours = Bound("seal", "uid", "case_id", "asked_by_id", "decided_by_id", "decided_at", "agreed")


SealedReveal.is_ours.by_itself(SealedReveal)
