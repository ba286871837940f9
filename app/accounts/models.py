"""Accounts, the roles they hold, and who stands in for whom."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from flask_login import UserMixin
from sqlalchemy import Connection, Date, ForeignKey, event, inspect, update
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates
from sqlalchemy.orm.attributes import set_committed_value

from app.crypto import Bound, Encrypted, digest_matches, key_digest
from app.database import Base
from app.fold import fold, name_sort_key
from app.permissions import Reach
from app.units.models import Place, Unit


class User(UserMixin, Base):
    """A person with an account. Never deleted: deactivated, so that what they did keeps its name."""

    __tablename__ = "app_user"
    __allow_unmapped__ = True  # for `reach` and `sign_in`
    kind: ClassVar[str] = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True, comment="lower case; the sign-in name")
    name: Mapped[str]
    name_sort: Mapped[str] = mapped_column(comment="Vietnamese sort key: given name first")
    name_folded: Mapped[str] = mapped_column(comment="without diacritics, for search")
    form_of_address: Mapped[str] = mapped_column(comment="ông or bà")
    title: Mapped[str] = mapped_column(default="", comment="chức vụ, as written under a signature")
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    _password: Mapped[str | None] = mapped_column("password_hash", comment="argon2id; empty: invited, not yet chosen")
    password_seal: Mapped[str | None] = mapped_column(comment="peppered, over id and hash: only this site can have set the password")
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have written where letters go, and where they belong")
    invitation_salt: Mapped[str] = mapped_column(comment="in every invitation; a new one ends all that were made")
    active: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str] = mapped_column(default="vi")
    preferences: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="email: bool, digest: bool")
    created_at: Mapped[dt.datetime]
    last_sign_in_at: Mapped[dt.datetime | None]

    unit: Mapped[Unit] = relationship()
    grants: Mapped[list[Grant]] = relationship(back_populates="user", foreign_keys="Grant.user_id")

    is_ours = Bound("seal", "id", "email", "unit_id", "active")

    #: What this person may do today; set by the user loader (app.accounts.queries.reach_of), once a request.
    reach: Reach
    #: By which this request came, and, in the request that signs in, what its cookie is to hold (app.accounts.signing_in).
    sign_in: SignIn
    token: str = ""
    #: Their role needs a second factor, and they have none yet: then `reach` is empty.
    lacks_a_factor: bool = False

    @validates("name")
    def _name(self, _key: str, name: str) -> str:
        self.name_sort, self.name_folded = name_sort_key(name), fold(name)
        return name

    @property
    def password_hash(self) -> str | None:
        """The digest of the password that this site set; None too where somebody wrote one, or changed the account, in the database."""
        return self._password if self.password_is_ours and self.is_ours else None

    @password_hash.setter
    def password_hash(self, digest: str | None) -> None:
        self._password = digest

    @property
    def password_is_ours(self) -> bool:
        """Say whether this site set the password; with none there is nothing to doubt."""
        return self._password is None or (self.password_seal is not None and digest_matches(self._sealed(), self.password_seal))

    def seal_password(self) -> str | None:
        """Return what `password_seal` has to be."""
        return None if self._password is None else key_digest(self._sealed())

    def _sealed(self) -> str:
        return f"password:{self.id}:{self._password}"

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return f"{self.id}:{self.token}"


@event.listens_for(User, "after_insert")
def _seal_first_password(_mapper: Any, connection: Connection, user: User) -> None:
    if user._password is not None:  # noqa: SLF001 - the row has its id only now
        seal = user.seal_password()
        connection.execute(update(User).where(User.id == user.id).values(password_seal=seal))
        set_committed_value(user, "password_seal", seal)


@event.listens_for(User, "before_update")
def _seal_password(_mapper: Any, _connection: Connection, user: User) -> None:
    if inspect(user).attrs._password.history.has_changes():  # noqa: SLF001
        user.password_seal = user.seal_password()


User.is_ours.by_itself(User)


class Grant(Base):
    """A role held in a scope between two days."""

    __tablename__ = "role_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    role: Mapped[str]
    everywhere: Mapped[bool] = mapped_column(default=False)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    starts_on: Mapped[dt.date] = mapped_column(Date)
    ends_on: Mapped[dt.date | None] = mapped_column(Date)
    seal: Mapped[str | None] = mapped_column(comment="peppered, over the others: only this site can have given the role")

    user: Mapped[User] = relationship(back_populates="grants")
    unit: Mapped[Unit | None] = relationship()
    place: Mapped[Place | None] = relationship()

    is_ours = Bound("seal", "user_id", "role", "everywhere", "unit_id", "place_id", "starts_on", "ends_on")


Grant.is_ours.by_itself(Grant)


class Delegation(Base):
    """Between two days one person signs and acts for another (cấp phó, người được ủy quyền)."""

    __tablename__ = "delegation"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    form: Mapped[str] = mapped_column(comment="how the signature begins: KT., TL. or TUQ.")
    starts_on: Mapped[dt.date] = mapped_column(Date)
    ends_on: Mapped[dt.date] = mapped_column(Date)
    ended_at: Mapped[dt.datetime | None]
    seal: Mapped[str | None] = mapped_column(comment="peppered, over the others: only this site can have let one stand in for the other")

    giver: Mapped[User] = relationship(foreign_keys=from_id)
    deputy: Mapped[User] = relationship(foreign_keys=to_id)

    is_ours = Bound("seal", "from_id", "to_id", "form", "starts_on", "ends_on", "ended_at")


Delegation.is_ours.by_itself(Delegation)


class SignIn(Base):
    """A browser in which somebody is signed in; its cookie holds the key. Deleted when it ends: that it was stands in the record."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True, comment="of the key in the cookie")
    browser: Mapped[str] = mapped_column(comment="its kind: chrome/windows; the cookie is no use in another")
    factor: Mapped[str] = mapped_column(default="", comment="rules.Factor; empty: the password alone")
    made_at: Mapped[dt.datetime] = mapped_column(comment="SESSION_HOURS count from here")
    seen_at: Mapped[dt.datetime] = mapped_column(comment="written once a minute; SESSION_IDLE_MINUTES count from here")
    confirmed_at: Mapped[dt.datetime] = mapped_column(comment="when the person last proved that it is them")


class Totp(Base):
    """The secret that somebody's app makes codes from."""

    __tablename__ = "totp"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, comment="the secret is bound to it")
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), unique=True)
    secret_sealed: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(comment="the half minute of the last code that was taken: none counts twice")
    made_at: Mapped[dt.datetime]
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have given the app to its person")

    secret = Encrypted("secret_sealed")
    is_ours = Bound("seal", "uid", "user_id")


Totp.is_ours.by_itself(Totp)


class RecoveryCode(Base):
    """A code on paper, for the day the telephone is gone; good once."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    digest: Mapped[str]
    used_at: Mapped[dt.datetime | None]


class Passkey(Base):
    """A key that a telephone, a computer or a stick keeps for somebody (WebAuthn)."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    name: Mapped[str] = mapped_column(comment="as its owner calls it")
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(comment="goes up with each use, unless the key does not count; back: somebody copied it")
    made_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have given the key to its person")

    is_ours = Bound("seal", "user_id", "credential_id", "public_key")


Passkey.is_ours.by_itself(Passkey)


class UsedChallenge(Base):
    """What a passkey has signed: an answer to it counts once."""

    __tablename__ = "used_challenge"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)


class FactorReset(Base):
    """An administrator asked that somebody's second factors end; another one agrees, or not."""

    __tablename__ = "factor_reset"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    reason: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[dt.datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[dt.datetime | None]
    agreed: Mapped[bool | None]

    user: Mapped[User] = relationship(foreign_keys=user_id)
    asked_by: Mapped[User] = relationship(foreign_keys=asked_by_id)


class RoleRequest(Base):
    """Somebody asked that a person hold a role that two have to give; a second one agrees, or not."""

    __tablename__ = "role_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    role: Mapped[str]
    everywhere: Mapped[bool] = mapped_column(default=False)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    starts_on: Mapped[dt.date] = mapped_column(Date)
    ends_on: Mapped[dt.date | None] = mapped_column(Date)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[dt.datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), comment="empty: at the terminal")
    decided_at: Mapped[dt.datetime | None]
    agreed: Mapped[bool | None]
    seal: Mapped[str | None] = mapped_column(comment="peppered: only this site can have written who asked for what")

    user: Mapped[User] = relationship(foreign_keys=user_id)
    asked_by: Mapped[User] = relationship(foreign_keys=asked_by_id)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)
    unit: Mapped[Unit | None] = relationship()
    place: Mapped[Place | None] = relationship()

    is_ours = Bound("seal", "user_id", "role", "everywhere", "unit_id", "place_id", "starts_on", "ends_on", "asked_by_id", "asked_at")


RoleRequest.is_ours.by_itself(RoleRequest)
