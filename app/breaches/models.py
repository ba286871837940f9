"""A breach as it is written down."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.crypto import Encrypted
from app.database import Base


class Breach(Base):
    """What came into other hands, whose it is, what was done; its words are ciphertext: they may name people."""

    __tablename__ = "breach"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    found_at: Mapped[dt.datetime]
    report_by: Mapped[dt.datetime | None] = mapped_column(comment="by the rule in force then; empty: no rule")
    what_sealed: Mapped[bytes]
    whose_sealed: Mapped[bytes] = mapped_column(comment="whose data, how many people")
    done_sealed: Mapped[bytes | None] = mapped_column(comment="what was done against it")
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    noted_at: Mapped[dt.datetime]
    reported_at: Mapped[dt.datetime | None]
    reported_to: Mapped[str] = mapped_column(default="", comment="the authority, number and date of the paper")
    closed_at: Mapped[dt.datetime | None]

    noted_by: Mapped[User] = relationship()
    what = Encrypted("what_sealed")
    whose = Encrypted("whose_sealed")
    done = Encrypted("done_sealed")
