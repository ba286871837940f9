"""The sealed register: information with the content of a denunciation (Luật Tố cáo 2018 Điều 25), as ciphertext.

Neither Feedback nor Assignment; in no list, index, statistic or log, and no notice names a case. A code of it answers as unknown.
Whoever may not know of a case meets nothing that counts it: no running number, no total.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import crypto
from app.accounts.models import User
from app.accounts.queries import granted, reach_of
from app.crypto import Encrypted
from app.database import Base, db
from app.permissions import Permission
from app.units.models import Unit
from feedback import codes, rules

PURPOSE = "sealed-case"


@dataclass(frozen=True)
class Heading:
    """What the register shows of a case before anybody opens it, and what decides who may."""

    code: str
    received_at: dt.datetime
    channel: rules.Channel
    accused_unit_id: int | None


class SealedCase(Base):
    """One such piece of information."""

    __tablename__ = "sealed_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    code_index: Mapped[str] = mapped_column(unique=True, comment="blind index of the code: the code itself is ciphertext")
    key_digest: Mapped[str]
    heading_sealed: Mapped[bytes] = mapped_column(comment="code, instant, channel and accused unit, as JSON")
    body_sealed: Mapped[bytes] = mapped_column(deferred=True, comment="everything the person wrote, as JSON")
    received_month: Mapped[dt.date] = mapped_column(Date, comment="first day of the month: a finer date could name who wrote")
    submission_digest: Mapped[str | None] = mapped_column(unique=True)

    steps: Mapped[list[SealedCaseStep]] = relationship(back_populates="case", order_by="SealedCaseStep.id")

    body = Encrypted("body_sealed", purpose=PURPOSE)
    _heading = Encrypted("heading_sealed", purpose=PURPOSE)

    @property
    def heading(self) -> Heading:
        kept = json.loads(self._heading)
        return Heading(
            kept["code"], dt.datetime.fromisoformat(kept["received_at"]), rules.Channel(kept["channel"]), kept["accused_unit_id"]
        )

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

    said = Encrypted("said_sealed", purpose=PURPOSE)


def all_is_readable(*, on: dt.date) -> bool:
    """Say whether every case has a reader, whatever unit it is about: two for the whole install, and no top unit is above both."""
    trees = []
    for reader in granted(Permission.SEALED_READ, on=on):
        reach = reach_of(reader, on=on)
        if reach.may(Permission.SEALED_READ):
            trees.append({path.split("/")[1] for path in (reader.unit.path, *reach.serves())})
    return bool(trees) and not set.intersection(*trees)


def open_to(reader: User, *, before: SealedCase | None = None, unopened: bool = False) -> Iterator[SealedCase]:
    """Yield the cases that *reader* may know of, the newest first: those older than *before*, or those nobody has opened."""
    query = db.select(SealedCase).order_by(SealedCase.id.desc())
    if before is not None:
        query = query.where(SealedCase.id < before.id)
    if unopened:
        query = query.where(~SealedCase.steps.any(SealedCaseStep.kind == rules.SealedStep.OPENED))
    cases = db.session.scalars(query).all()
    paths = dict(db.session.execute(db.select(Unit.id, Unit.path)).all()) if cases else {}
    for case in cases:
        if may_open(reader, case, paths.get(case.heading.accused_unit_id)):
            yield case


def may_open(reader: User, case: SealedCase, accused_path: str | None = None) -> bool:
    """Say whether *reader* may know of *case*; the path of the accused unit is looked up unless given."""
    unit_id = case.heading.accused_unit_id
    if accused_path is None and unit_id is not None:
        accused_path = db.session.scalar(db.select(Unit.path).where(Unit.id == unit_id))
    return rules.may_open_sealed(reader.reach, accused_path=accused_path, own_path=reader.unit.path)


def by_uid(uid: uuid.UUID, reader: User) -> SealedCase | None:
    """Return that case; None alike where there is none and where *reader* may not know of it."""
    case = db.session.scalar(db.select(SealedCase).where(SealedCase.uid == uid))
    return case if case is not None and may_open(reader, case) else None


def by_code_and_key(code: str, key: str, reader: User) -> SealedCase | None:
    """Return the case whose slip carries both; None alike for a wrong code, a wrong key and a case not for *reader*."""
    try:
        index = crypto.blind_index(f"sealed:{codes.read_code(code)}")
    except codes.CodeInvalid:
        return None
    case = db.session.scalar(db.select(SealedCase).where(SealedCase.code_index == index))
    if case is None or not crypto.digest_matches(codes.read_key(key), case.key_digest):
        return None
    return case if may_open(reader, case) else None
