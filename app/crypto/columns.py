"""What a model says of its sealed columns. Rotation finds each by these, so that no ciphertext is forgotten."""

from __future__ import annotations

import base64
import datetime as dt
import json
import unicodedata
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, event, inspect, select
from sqlalchemy.orm.attributes import set_committed_value

from app.crypto.ciphers import decrypt, digest_matches, encrypt, key_digest, new_key, unwrap, wrap


def bound_to(row: Any, column: str) -> str:
    """Return what ciphertext in *column* of *row* is bound to. The model has a ``uid`` (uuid) column."""
    if row.uid is None:
        row.uid = uuid.uuid4()
    return f"{row.__tablename__}:{column}:{row.uid}"


class Encrypted:
    """A model attribute that is ciphertext in its column: ``name = Encrypted("name_sealed")``.

    Sealed by the master key, or by the data key that *key_of* returns of the row:
    ``said = Encrypted("said_sealed", key_of=lambda step: step.case.key)``. It is read as None where *only_if* says no of the row.
    """

    def __init__(
        self,
        column: str,
        *,
        purpose: str = "personal-data",
        key_of: Callable[[Any], bytes | None] | None = None,
        only_if: Callable[[Any], bool] | None = None,
    ) -> None:
        self.column, self.purpose, self.key_of, self.only_if = column, purpose, key_of, only_if

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        return None if self.only_if is not None and not self.only_if(row) else self.opened(row)

    def opened(self, row: Any) -> str | None:
        """Return the text, wherever the row stands now."""
        sealed = getattr(row, self.column)
        if sealed is None:
            return None
        return decrypt(sealed, bound_to=bound_to(row, self.column), purpose=self.purpose, key=self._key(row))

    def __set__(self, row: Any, text: str | None) -> None:
        place = bound_to(row, self.column)
        setattr(row, self.column, encrypt(text, bound_to=place, purpose=self.purpose, key=self._key(row)) if text else None)

    def _key(self, row: Any) -> bytes | None:
        return None if self.key_of is None else self.key_of(row)


class DataKey:
    """A key of a row's own, wrapped by the master key in its column: ``key = DataKey("key_wrapped")``.

    It is made when a new row first asks for it. A row stored before there were such keys has None, and its texts the master key, until
    the next rotation: two people at once would make two.
    """

    def __init__(self, column: str) -> None:
        self.column = column

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        wrapped = getattr(row, self.column)
        if wrapped is not None:
            return unwrap(wrapped, bound_to=bound_to(row, self.column))
        return self.make(row) if row.id is None else None

    def make(self, row: Any) -> bytes:
        """Give *row* a new key, whatever it had; what that sealed is lost."""
        key = new_key()
        setattr(row, self.column, wrap(key, bound_to=bound_to(row, self.column)))
        return key

    def wrap_anew(self, row: Any) -> None:
        """Wrap the row's key by the current master."""
        place = bound_to(row, self.column)
        setattr(row, self.column, wrap(unwrap(getattr(row, self.column), bound_to=place), bound_to=place))


class EncryptedFact:
    """The same inside a JSON column: ``content = EncryptedFact("facts")`` is the ciphertext in ``facts["sealed"]``."""

    NAME = "sealed"

    def __init__(self, column: str) -> None:
        self.column = column

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        facts = getattr(row, self.column)
        if facts is None or self.NAME not in facts:
            return None
        return decrypt(base64.b64decode(facts[self.NAME]), bound_to=bound_to(row, self.column))

    def __set__(self, row: Any, text: str) -> None:
        sealed = base64.b64encode(encrypt(text, bound_to=bound_to(row, self.column))).decode()
        setattr(row, self.column, (getattr(row, self.column) or {}) | {self.NAME: sealed})


class Bound:
    """What only this site can have written together: ``is_ours = Bound("seal", "uid", "digest")`` says whether it did.

    After ``Model.is_ours.by_itself(Model)`` the site seals what it writes without being told.

    Whoever has only the database can copy the digest of a key of their own into another's row; the seal over both they cannot make.
    Over ``id``, two rows cannot change places either; the row is then sealed just after it got its number.
    """

    def __init__(self, column: str, *over: str) -> None:
        self.column, self.over = column, over

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        if row.id is None:
            return True  # it is being made
        return self.holds(row.__tablename__, row) or self._held(row)

    def _held(self, row: Any) -> bool:
        """Say whether this site wrote *row* as it was before the changes that are not stored yet."""
        state = inspect(row)
        before = {name: state.committed_state[name] for name in self.over if name in state.committed_state}
        if not before:
            return False
        was = {name: before.get(name, getattr(row, name)) for name in self.over}
        return self.holds(row.__tablename__, SimpleNamespace(**was, **{self.column: getattr(row, self.column)}))

    def holds(self, table: str, row: Any) -> bool:
        """Say whether this site wrote *row* of *table*: an object, or what was read of it."""
        return digest_matches(self.said(table, row), getattr(row, self.column) or "")

    def seal(self, row: Any) -> None:
        """Say of *row*, as it stands, that this site wrote it."""
        if "uid" in self.over:
            bound_to(row, self.column)  # gives it its uid
        setattr(row, self.column, key_digest(self.said(row.__tablename__, row)))

    def said(self, table: str, row: Any) -> str:
        """Return what is sealed of *row* of *table*."""
        return ":".join((table, self.column, *(plain(getattr(row, name)) for name in self.over)))

    def by_itself(self, model: Any) -> None:
        """Seal new rows of *model*, and anew those that the site changes; one that was not ours before does not become ours by that."""
        if "id" in self.over:
            event.listen(model, "after_insert", self._seal_numbered)
        else:
            event.listen(model, "before_insert", self._seal_first)
        event.listen(model, "before_update", self._seal_anew)

    def _seal_first(self, _mapper: Any, _connection: Connection, row: Any) -> None:
        for name in self.over:
            default = row.__table__.c[name].default
            if getattr(row, name) is None and default is not None and default.is_scalar:
                setattr(row, name, default.arg)
        self.seal(row)

    def _seal_numbered(self, _mapper: Any, connection: Connection, row: Any) -> None:
        table = row.__table__
        seal = key_digest(self.said(table.name, row))
        connection.execute(table.update().where(table.c.id == row.id).values({self.column: seal}))
        set_committed_value(row, self.column, seal)

    def _seal_anew(self, _mapper: Any, connection: Connection, row: Any) -> None:
        if not any(inspect(row).attrs[name].history.has_changes() for name in self.over):
            return
        table = row.__table__
        was = connection.execute(
            select(table.c[self.column], *(table.c[name] for name in self.over)).where(table.c.id == row.id)
        ).one_or_none()
        if was is not None and self.holds(table.name, was):
            self.seal(row)


def plain(value: Any) -> str:
    """Return *value* as it is sealed: the same before it is stored and after."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, sort_keys=True)
    return unicodedata.normalize("NFC", str(value))
