"""What an administrator set for this install: the province's name, the prefix of codes, the desk of last resort.

Environment variables (config.py) say how the site runs; these rows say whose site it is.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from app import audit
from app.access import Actor
from app.crypto import Bound
from app.database import Base, db
from app.kept import while_unchanged

#: name → what holds until an administrator says otherwise
DEFAULTS: dict[str, Any] = {
    "province_name": "",
    "authority_name": "",  # as the footer says it: "Ủy ban nhân dân tỉnh Bắc Ninh"
    "code_prefix": "",  # first letters of every receipt code: BN
    "desk_unit_id": None,  # the reception desk that gets what no rule routes
    "standing_body_id": None,  # copied on what insiders write
    "rating_days": 15,  # calendar days after the answer in which it may be rated or reopened
    "league_least": 10,  # units with fewer cases than this are listed apart, not ranked
    "public_least": 5,  # what is told to everyone of fewer cases than this is hidden
    "anchor_address": "",  # e-mail that gets each anchor of the record (app.chain); empty: none is mailed
    "no_own_term": False,  # decided: no day to answer by but those the law sets
    # Who signs in with more than a password: who hands out rights, reads what everybody did, reads denunciations, or signs for a whole
    # unit and says who may read them. With the others a stolen password opens the work of one desk.
    "second_factor_roles": ["administrator", "auditor", "sealed_intake", "head"],
    # Forms that everybody may send ask for a proof of work (app.proof): when it is "needed", "always" or "never".
    "proof": "needed",
    "proof_sent": 100,  # times a form was sent in ten minutes by everybody, from which on it is needed
    "proof_tries": 20,  # times one network sent any of them in an hour, likewise
    "set_up": False,  # False: the public pages say that the site is being prepared (app.opening)
    "closed_because": "",  # the reason visitors read while nothing new is taken; empty: open
}


#: What protects holds as here where somebody wrote it into the database by hand: a guard is not switched off without the keys.
STRICT: dict[str, Any] = {
    "set_up": True,
    **{name: DEFAULTS[name] for name in ("second_factor_roles", "proof", "proof_sent", "proof_tries")},
}


class SettingUnknown(KeyError):
    """No setting has that name."""


class Setting(Base):
    """One named value."""

    __tablename__ = "setting"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    value: Mapped[Any] = mapped_column(JSON)
    seal: Mapped[str | None] = mapped_column(comment="peppered, over the others: only this site can have set it")

    is_ours = Bound("seal", "name", "value")


Setting.is_ours.by_itself(Setting)


_ALL = db.select(Setting.name, Setting.value, Setting.seal)


def get(name: str) -> Any:
    """Return the value of setting *name*; :raise SettingUnknown:."""
    if name not in DEFAULTS:
        raise SettingUnknown(name)
    return all_values()[name]


def all_values() -> dict[str, Any]:
    """Return every setting, read once in a transaction unless it changes one."""
    return _read()


@while_unchanged("setting")
def _read() -> dict[str, Any]:
    rows = db.session.execute(_ALL).all()
    ours = Setting.is_ours
    return DEFAULTS | {
        row.name: row.value if row.name not in STRICT or ours.holds(Setting.__tablename__, row) else STRICT[row.name] for row in rows
    }


def change(name: str, value: Any, *, actor: Actor, now: dt.datetime) -> None:
    """Set *name*; :raise SettingUnknown:."""
    if name not in DEFAULTS:
        raise SettingUnknown(name)
    row = db.session.scalar(db.select(Setting).where(Setting.name == name))
    if row is None:
        row = Setting(name=name)
        db.session.add(row)
    row.value = value
    db.session.flush()
    audit.record(actor, "setting.changed", row, at=now, name=name)
