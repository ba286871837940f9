"""Who asked for a code, and who came in with one. Addresses are ciphertext, found again by a blind index."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.crypto import Bound, Encrypted
from app.database import Base


class CitizenAccount(Base):
    """An e-mail address that somebody has shown to be theirs."""

    __tablename__ = "citizen_account"
    kind: ClassVar[str] = "citizen"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    email_index: Mapped[str] = mapped_column(unique=True)
    email_sealed: Mapped[bytes]
    made_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime]

    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have said whose address it is")

    email = Encrypted("email_sealed")
    is_ours = Bound("seal", "id", "email_index")


CitizenAccount.is_ours.by_itself(CitizenAccount)


class CitizenCode(Base):
    """A code that was asked for. Its digits are kept nowhere: they follow from its uid and the master key."""

    __tablename__ = "citizen_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, unique=True)
    email_sealed: Mapped[bytes]
    asked_at: Mapped[dt.datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used: Mapped[bool] = mapped_column(default=False)

    email = Encrypted("email_sealed")


class CitizenSignIn(Base):
    """A browser in which somebody is in; its cookie holds the key."""

    __tablename__ = "citizen_sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("citizen_account.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(unique=True, comment="of the key in the cookie")
    browser: Mapped[str] = mapped_column(comment="its kind; the cookie is no use in another")
    made_at: Mapped[dt.datetime]
    seal: Mapped[str | None] = mapped_column(comment="peppered, over the others: only this site can have let the browser in")

    account: Mapped[CitizenAccount] = relationship()
    is_ours = Bound("seal", "account_id", "digest", "browser", "made_at")


CitizenSignIn.is_ours.by_itself(CitizenSignIn)
